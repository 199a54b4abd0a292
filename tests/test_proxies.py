"""The proxies of ``examples/serving``, run as shipped but for what a reader puts in."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.serving import Reply
from tests.started import Served, eventually, served

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parent.parent / "examples" / "serving"
HOST = "graph.example.org"
CASE = {"id": "a", "calcinosis": "present", "conditions": ["MONDO:0016367"]}
NGINX = pytest.param("nginx", marks=pytest.mark.external("nginx"))
CADDY = pytest.param("caddy", marks=pytest.mark.external("caddy"))


def free() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def said(*words: str) -> str:
    """What a program writes."""
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


def changed(name: str, *changes: tuple[str, str]) -> str:
    """A file of the examples with what a reader puts in; each stands there."""
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def nginx(folder: Path, port: int, behind: int) -> list[str]:
    """nginx as Debian has it, with a certificate and a user of its own."""
    pem, key, users = folder / "cert.pem", folder / "key.pem", folder / "users"
    said("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", f"/CN={HOST}", "-keyout", str(key), "-out", str(pem))  # fmt: skip
    users.write_text(f"clinic:{said('openssl', 'passwd', '-apr1', 'secret')}\n", encoding="utf-8")
    users.chmod(0o644)
    text = changed(
        "nginx.conf",
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        (f"/etc/ssl/{HOST}.pem", f'"{pem}"'),
        (f"/etc/ssl/{HOST}.key", f'"{key}"'),
        ("/etc/nginx/graph.users", f'"{users}"'),
        ("/var/log/nginx/graph.log", f'"{folder / "graph.log"}"'),
        ("/var/log/nginx/graph.error.log", f'"{folder / "graph.error.log"}"'),
        ("127.0.0.1:8000", f"127.0.0.1:{behind}"),
    )
    temporary = "\n".join(
        f'{kind}_temp_path "{folder}/{kind}";'
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    root = "user root;" if os.geteuid() == 0 else ""  # whose folder no other user reads
    (folder / "whole.conf").write_text(
        f'{root}daemon off; pid "{folder}/pid"; events {{}}\nhttp {{\n{temporary}\n{text}\n}}\n',
        encoding="utf-8",
    )
    return ["nginx", "-p", str(folder), "-c", str(folder / "whole.conf"), "-e", "stderr"]


def caddy(folder: Path, port: int, behind: int) -> list[str]:
    """Caddy as Debian has it, with a certificate that it makes itself."""
    said_hash = said("caddy", "hash-password", "--plaintext", "secret")
    text = changed(
        "Caddyfile",
        (f"{HOST} {{\n", f"https://{HOST}:{port} {{\n\ttls internal\n"),
        ("$2a$14$replace.this.by.what.caddy.hash-password.says", said_hash),
        ("127.0.0.1:8000", f"127.0.0.1:{behind}"),
    )
    head = (
        "{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n"
        f'\tstorage file_system "{folder}/kept"\n}}\n'
    )
    (folder / "Caddyfile").write_text(head + text, encoding="utf-8")
    return ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


@contextmanager
def before(server: Served, kind: str, folder: Path) -> Iterator[int]:
    """The port of a proxy that runs before a server."""
    port = free()
    made = {"nginx": nginx, "caddy": caddy}[kind](folder, port, server.port)
    with (folder / "said").open("w") as log:
        process = subprocess.Popen(made, cwd=folder, stdout=log, stderr=log)
        try:
            answers = eventually(lambda: answered(port), 20)
            assert answers, (folder / "said").read_text(encoding="utf-8")
            yield port
        finally:
            process.terminate()
            process.wait(20)


def answered(port: int) -> bool:
    """Whether a proxy talks TLS yet."""
    try:
        ask(port, "/")
    except OSError:
        return False
    return True


def ask(port: int, path: str, body: bytes | None = None, user: str = "", **headers: str) -> Reply:
    """Ask the proxy by the name that it has for its users."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = HTTPSConnection("127.0.0.1", port, timeout=60, context=context)
    with (
        socket.create_connection(("127.0.0.1", port), 60) as plain,
        context.wrap_socket(plain, server_hostname=HOST) as connection.sock,
    ):
        told = {"Host": HOST, **{name.replace("_", "-"): text for name, text in headers.items()}}
        if user:
            told["Authorization"] = f"Basic {base64.b64encode(user.encode()).decode()}"
        connection.request("GET" if body is None else "POST", path, body, told)
        answer = connection.getresponse()
        return Reply(answer.status, answer.headers, answer.read())


@pytest.fixture(scope="module", params=[NGINX, CADDY])
def proxy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[int, Path]]:
    """A proxy with a server behind it, and its folder."""
    folder = tmp_path_factory.mktemp("a folder with blanks")
    folder.chmod(0o755)
    with (
        served(folder, "--allow-host", HOST) as server,
        before(server, request.param, folder) as port,
    ):
        yield port, folder


def test_who_has_no_login_sees_nothing(proxy: tuple[int, Path]) -> None:
    port, _ = proxy
    for user in ("", "clinic:wrong", "other:secret"):
        assert ask(port, "/", user=user).status == 401
        assert ask(port, "/api/classify", json.dumps(CASE).encode(), user).status == 401


def test_pages_queries_and_cases_come_through(proxy: tuple[int, Path]) -> None:
    port, _ = proxy
    user = "clinic:secret"
    home = ask(port, "/", user=user, Accept="text/html")
    assert (home.status, home.kind) == (200, "text/html")
    found = ask(port, f"/sparql?query={quote('ASK { ?s ?p ?o }')}", user=user)
    assert (found.status, found.json()["boolean"]) == (200, True)
    headers = {"Content_Type": "application/json", "Accept": "application/json"}
    judged = ask(port, "/api/classify", json.dumps(CASE).encode(), user, **headers)
    assert judged.status == 200
    assert judged.json()["cases"][0]["id"] == "a"
    packed = ask(port, "/references", user=user, Accept_Encoding="gzip", Accept="text/html")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert b"</html>" in gzip.decompress(packed.body)


def test_addresses_in_answers_are_those_of_the_proxy(proxy: tuple[int, Path]) -> None:
    told = ask(proxy[0], "/sparql", user="clinic:secret", Accept="text/turtle").text
    assert f"<https://{HOST}/sparql>" in told
    assert "127.0.0.1" not in told


def test_a_long_address_is_passed_on_as_far_as_the_server_takes_it(
    proxy: tuple[int, Path],
) -> None:
    for length, status in ((30_000, 200), (33_000, 414)):
        query = quote(f"ASK {{}} # {'x' * length}")[:length]
        assert ask(proxy[0], f"/sparql?query={query}", user="clinic:secret").status == status


def test_a_body_of_ten_megabytes_is_passed_on_and_no_more(proxy: tuple[int, Path]) -> None:
    line = json.dumps({**CASE, "note": "x" * 900_000}).encode() + b"\n"
    user, headers = "clinic:secret", {"Content_Type": "application/x-ndjson"}
    assert ask(proxy[0], "/api/classify", line * 9, user, **headers).status in (200, 422)
    assert ask(proxy[0], "/api/classify", line * 13, user, **headers).status == 413


def test_nothing_that_was_asked_stands_in_a_log(proxy: tuple[int, Path]) -> None:
    port, folder = proxy
    ask(port, f"/search?q={quote('secretword')}", user="clinic:secret")
    ask(port, "/api/classify", json.dumps({**CASE, "id": "secretword"}).encode(), "clinic:secret")
    logs = [path for path in folder.iterdir() if path.is_file() and path.suffix in (".log", "")]
    assert logs
    for path in logs:
        assert "secretword" not in path.read_text(encoding="utf-8", errors="replace"), path.name
    if (folder / "graph.log").exists():
        assert re.search(r"GET /search 200", (folder / "graph.log").read_text(encoding="utf-8"))
