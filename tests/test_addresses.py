"""Addresses of endpoints, times to wait and who asks: checked once, sent as ASCII."""

from __future__ import annotations

import socket

import pytest

from calcinosis.errors import UsageError
from calcinosis.graph import transport
from calcinosis.graph.remote import CONTACT
from calcinosis.graph.results import Table
from tests.endpoints import ASKED, PREFIXES, endpoint, refused
from tests.servers import Raw, reply
from tests.terminal import run

pytestmark = pytest.mark.usefixtures("no_proxy")


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("http://[::1]:7878/query", "http://[::1]:7878/query"),
        ("http://[0:0::1]/", "http://[::1]/"),
        ("https://Bücher.example/sparql", "https://xn--bcher-kva.example/sparql"),
        ("https://日本.example:443/", "https://xn--wgv71a.example:443/"),
        ("https://example.org./sparql", "https://example.org/sparql"),
        ("https://example.org", "https://example.org/"),
        ("https://example.org:/sparql", "https://example.org/sparql"),
        ("HTTPS://EXAMPLE.org/Äpfel?q=ü%20x", "https://example.org/%C3%84pfel?q=%C3%BC%20x"),
        ("http://my_store:3030/a;b,c/sparql?x=/?", "http://my_store:3030/a;b,c/sparql?x=/?"),
    ],
)
def test_an_address_is_sent_in_its_ascii_form(given: str, sent: str) -> None:
    assert endpoint(given).url == transport.address(given) == sent


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://", "no web address"),
        ("http:///sparql", "no web address"),
        ("http://:80/", "no web address"),
        ("ftp://example.org/", "no web address"),
        ("file:///etc/passwd", "no web address"),
        ("data:,x", "no web address"),
        ("", "no web address"),
        ("http://[::1/", "no host and port"),
        ("http://[::g]/", "no host"),
        ("http://[fe80::1%25eth0]/", "zone"),
        ("http://example.org:99999/", "no host and port"),
        ("http://example.org:0/", "no host and port"),
        ("http://example.org:-1/", "no host and port"),
        ("http://example.org:８０/", "no host and port"),
        ("http://example.org:x/", "no host and port"),
        ("http://a..b/", "no host that can be read"),
        ("http://-a.example/", "no host that can be read"),
        ("http://a%2eb/", "no host that can be read"),
        ("http://a\\b/", "no host that can be read"),
        (f"http://{'a' * 64}.example/", "no host that can be read"),
        (f"http://{'a.' * 150}example/", "no host that can be read"),
        ("http://\ud800.example/", "cannot be seen"),
        ("http://straße.example/", "two standards"),
        ("http://exa mple.org/", "blank"),
        ("http://example.org/\n", "blank"),
        ("http://example.org/\x00", "cannot be seen"),
        ("http://example.org/\u202e", "cannot be seen"),
        ("http://example.org/\u00a0x", "blank"),
        ("http://example.org/sparql#x", "goes on with #"),
        ("http://example.org/" + "x" * 3000, "longer than 2,000"),
    ],
)
def test_what_is_no_address_is_refused_at_the_option(
    url: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        endpoint(url)
    assert caught.value.where == "--endpoint"
    assert str(caught.value).isprintable()


def test_a_name_and_password_are_neither_sent_nor_shown(
    server: Raw, capsys: pytest.CaptureFixture[str]
) -> None:
    port = server.answers(reply()).partition("127.0.0.1")[2]
    for secret in ("alice:s3cret@", "alice@", "@", "alice:s3cret@[::1", "al%20ice:s3cret@"):
        code, out, errors = run(
            ["sparql", ASKED, "--endpoint", f"http://{secret}127.0.0.1{port}"], capsys
        )
        assert (code, out, errors.count("\n")) == (2, "", 1), secret
        assert "alice" not in errors
        assert "s3cret" not in errors
    assert not server.asked


def test_a_key_in_the_address_is_sent_and_not_shown(server: Raw) -> None:
    said = refused(server.answers(reply(403)) + "?apikey=s3cret")
    assert "s3cret" not in said
    assert server.asked[0].startswith(b"POST /sparql?apikey=s3cret HTTP")


def test_an_ipv6_endpoint_is_asked() -> None:
    if not socket.has_ipv6:
        pytest.fail("this Python has no IPv6")
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as probe:
        port = probe.getsockname()[1]
    assert "cannot be reached" in refused(f"http://[::1]:{port}/sparql")


@pytest.mark.parametrize("timeout", ["nan", "inf", "-inf", "-1", "0", "1e400", "1e9", "-0.0"])
def test_a_time_that_cannot_be_waited_is_refused(
    timeout: str, server: Raw, capsys: pytest.CaptureFixture[str]
) -> None:
    url = server.answers(reply())
    with pytest.raises(UsageError, match="no time to wait"):
        endpoint(url, float(timeout))
    code, _, errors = run(["sparql", ASKED, "--endpoint", url, "--timeout", timeout], capsys)
    assert code == 2
    assert "--timeout" in errors
    assert "Traceback" not in errors
    assert not server.asked


@pytest.mark.parametrize(
    ("contact", "sent"),
    [
        ("müller@example.org", "(+m%C3%BCller@example.org)"),
        ("日本", "(+%E6%97%A5%E6%9C%AC)"),
        ("a@b\r\nX-Bad: 1", "(+a@b X-Bad: 1)"),
        ("a\x00b\x7f", "(+a%00b%7F)"),
        ("\udcff", "(+%FF)"),
        ("x" * 10_000, f"(+{'x' * 200})"),
        (" \n ", "(+https://w3id.org/calcinosis/)"),
    ],
)
def test_any_contact_is_sent_as_ascii_in_one_line(
    server: Raw, contact: str, sent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.environ", {CONTACT: contact, "NO_PROXY": "*"})
    assert endpoint(server.answers(reply())).answer(ASKED, PREFIXES) == Table(("x",), ())
    assert sent.encode() in server.asked[0]


def test_half_a_character_is_not_asked(server: Raw) -> None:
    url = server.answers(reply())
    with pytest.raises(UsageError, match="character 14 is no character"):
        endpoint(url).answer('SELECT ?x { "\ud800" ?p ?x }', PREFIXES)
    assert not server.asked
