"""Requests over HTTP: web addresses only, one clock for the whole exchange, bounded answers.

What the service sends is never trusted: a redirect is checked as the first address was, and the
clock runs over the look-up of the name, the connection, the headers and the body, whatever the
status. Proxies are those of the environment (``https_proxy``, ``no_proxy``, …), as for curl.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from typing import Any, Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from calcinosis.errors import UsageError

LARGEST: Final = 1 << 28
"""Bytes of an answer."""

_BEGINNING: Final = 1 << 16  # of the body of an error, which is shown in part
_HEADERS: Final = 1 << 16
_CHUNK: Final = 1 << 16
_HOPS: Final = 5
_BARE: Final = (204, 304)  # these have no body, whatever size they tell
_MOVED: Final = (301, 302, 303, 307, 308)
_LONGEST: Final = 2000
_LABEL: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_PROXY: Final = re.compile(r"(https?://)?[\x21-.0-~]+/?", re.IGNORECASE)
# Two standards encode these differently, so that one name would lead to two hosts.
_AMBIGUOUS: Final = "\u00df\u03c2\u200c\u200d"
_KEPT: Final = "!$&'()*+,;=:@/%-._~"
_WEB: Final = "Give it as https://…/sparql"


class AnswerError(Exception):
    """What came is not taken: what it is, and the cure."""

    def __init__(self, what: str, cure: str) -> None:
        self.what = what
        self.cure = cure
        super().__init__(what)


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer of any status.

    ``framed`` says that the service told where the body ends. Of a body that belongs to an error
    only the beginning is kept.
    """

    status: int
    reason: str
    headers: Message
    body: bytes
    framed: bool


# -- addresses ---------------------------------------------------------------------------


def address(url: str) -> str:
    """A web address as it is sent: an ASCII host, other characters percent-encoded.

    UsageError if it is none, or holds a name or password, which are neither sent nor shown.
    """
    try:
        return _address(url)
    except ValueError as error:
        raise UsageError(f"the address {error}", "--endpoint", _WEB) from error


def _address(url: str) -> str:
    if len(url) > _LONGEST:
        raise ValueError(f"is longer than {_LONGEST:,} characters")
    if not all(c.isprintable() and not c.isspace() for c in url):
        raise ValueError("holds a blank or a character that cannot be seen")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError("has no host and port that can be read") from error
    if "@" in parts.netloc:
        raise ValueError("holds a user name or password, which would not be sent")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is no web address")
    if "#" in url:
        raise ValueError("goes on with #, where no query can stand")
    if port == 0:
        raise ValueError("has no host and port that can be read")
    netloc = _host(parts.hostname) + (f":{port}" if port else "")
    path, query = quote(parts.path or "/", _KEPT), quote(parts.query, _KEPT + "?")
    return SplitResult(parts.scheme, netloc, path, query, "").geturl()


def _host(name: str) -> str:
    if ":" in name:
        return f"[{_ipv6(name)}]"
    if any(c in name for c in _AMBIGUOUS):
        raise ValueError("has a host that two standards read differently: write it as xn--…")
    labels: list[str] = []
    if len(name) <= 253:
        with suppress(UnicodeError):
            labels = name.encode("idna").decode("ascii").removesuffix(".").split(".")
    if not labels or len(".".join(labels)) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError("has no host that can be read")
    return ".".join(labels)


def _ipv6(text: str) -> str:
    if "%" in text:
        raise ValueError("has a host with a zone, which is known to one machine only")
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError as error:
        raise ValueError("has no host that can be read") from error


# -- exchanges ---------------------------------------------------------------------------


def exchanged(request: urllib.request.Request, timeout: float, most: int = LARGEST) -> Response:
    """The answer to a request, after redirects, within ``timeout`` seconds and ``most`` bytes.

    TimeoutError if it takes longer; OSError or HTTPException if it breaks off; AnswerError if it
    is too large, packed or led elsewhere.
    """
    exchange = _Exchange(time.monotonic() + timeout, most)
    answer: Future[Response] = Future()
    # A look-up of a name can be bounded from outside only; so all of it is.
    threading.Thread(target=_run, args=(exchange, request, answer), daemon=True).start()
    try:
        return answer.result(timeout)
    except BaseException:
        exchange.give_up()
        raise


def _run(exchange: _Exchange, request: urllib.request.Request, answer: Future[Response]) -> None:
    try:
        answer.set_result(exchange.followed(request))
    except BaseException as error:  # noqa: BLE001 (it is raised where the answer is waited for)
        answer.set_exception(error)


class _Exchange:
    """One request with its redirects, and the connection that is open now."""

    def __init__(self, end: float, most: int) -> None:
        self._end = end
        self._most = most
        self._connection: http.client.HTTPConnection | None = None
        self._opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(_proxies()),
            urllib.request.UnknownHandler(),
            _Plain(self._opened(http.client.HTTPConnection)),
            _Secure(self._opened(http.client.HTTPSConnection)),
        ):
            self._opener.add_handler(handler)

    def _opened(self, kind: type[http.client.HTTPConnection]) -> Callable[..., Any]:
        def connection(*args: Any, **settings: Any) -> http.client.HTTPConnection:
            self._connection = kind(*args, **settings)
            return self._connection

        return connection

    def give_up(self) -> None:
        """Let a thread that still waits for headers find its connection closed."""
        sock = self._connection.sock if self._connection else None
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(2)

    def followed(self, request: urllib.request.Request) -> Response:
        """The answer where redirects end."""
        for _ in range(_HOPS + 1):
            with self._opener.open(request, timeout=self._left()) as raw:
                response = self._whole(raw)
            location = response.headers.get("Location")
            if response.status not in _MOVED or not location:
                return response
            request = _onward(request, response.status, location)
        raise AnswerError(f"its redirects lead to no answer ({response.status})", _CHECK)

    def _left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _whole(self, raw: http.client.HTTPResponse) -> Response:
        if sum(len(name) + len(value) for name, value in raw.headers.items()) > _HEADERS:
            raise AnswerError(f"its headers are larger than {_HEADERS >> 10} KiB", _CHECK)
        packed = raw.headers.get("Content-Encoding", "identity").strip().lower()
        if packed != "identity":
            raise AnswerError("its answer is packed, which was not asked for", _CHECK)
        length = None if raw.chunked else _length(raw.headers)
        if raw.status in _BARE:
            length = 0
        body = self._body(raw, length, fine=raw.status == 200)
        return Response(
            raw.status, raw.reason, raw.headers, body, raw.chunked or length is not None
        )

    def _body(self, raw: http.client.HTTPResponse, length: int | None, *, fine: bool) -> bytes:
        most = self._most if fine else _BEGINNING
        if length is not None and length > self._most:
            raise _too_large(self._most)
        wanted = most + 1 if length is None else min(length, most + 1)
        body = bytearray()
        while len(body) < wanted:
            self._left()
            part = raw.read1(min(_CHUNK, wanted - len(body)))
            if not part:
                break
            body += part
        if length is not None and len(body) < wanted:
            raise http.client.IncompleteRead(b"", length - len(body))
        if fine and len(body) > most:
            raise _too_large(most)
        return bytes(body[:most])


def _proxies() -> dict[str, str]:
    """The proxies of the environment by scheme; AnswerError if one is none."""
    found = urllib.request.getproxies()
    for scheme in ("http", "https"):
        if scheme in found and not _PROXY.fullmatch(found[scheme]):
            said = f"{scheme}_proxy of the environment is no address of a proxy"
            raise AnswerError(said, "Give it as http://host:port, or unset it")
    return {scheme: found[scheme] for scheme in ("http", "https") if scheme in found}


class _Plain(urllib.request.HTTPHandler):
    def __init__(self, opened: Callable[..., Any]) -> None:
        super().__init__()
        self._made = opened

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._made, req)


class _Secure(urllib.request.HTTPSHandler):
    def __init__(self, opened: Callable[..., Any]) -> None:
        super().__init__()
        self._made = opened

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._made, req, context=ssl.create_default_context())


_CHECK: Final = "Check the address"


def _too_large(most: int) -> AnswerError:
    said = f"its answer is larger than {most >> 20} MiB"
    return AnswerError(said, "Ask for less, or give it more with --memory")


def _length(headers: Message) -> int | None:
    """The size that a service tells; AnswerError if it tells none that can be."""
    told = {value.strip() for value in headers.get_all("Content-Length", [])}
    if not told:
        return None
    size = told.pop()
    if told or not re.fullmatch(r"[0-9]{1,18}", size):
        raise AnswerError("its header Content-Length is no size", "Ask again later")
    return int(size)


def _onward(request: urllib.request.Request, status: int, location: str) -> urllib.request.Request:
    """The request that a redirect asks for; a posted query is posted again or not sent on."""
    to = _redirected(request.full_url, location)
    if request.type == "https" and urlsplit(to).scheme != "https":
        raise AnswerError("it redirects from https to http", _CHECK)
    posted = request.data is not None
    if posted and status not in (303, 307, 308):
        shown = to.partition("?")[0]
        raise AnswerError(f"it has moved ({status}) to {shown}", "Give that address")
    kept = dict(request.header_items())
    kept.pop("Host", None)
    if not posted or status == 303:
        kept = {k: v for k, v in kept.items() if not k.startswith("Content-")}
        return urllib.request.Request(to, headers=kept)  # noqa: S310 (checked above)
    kept.pop("Content-length", None)
    return urllib.request.Request(to, request.data, kept)  # noqa: S310


def _redirected(base: str, location: str) -> str:
    with suppress(UnicodeError):  # headers are read as Latin-1, and often sent as UTF-8
        location = location.encode("latin-1").decode("utf-8")
    try:
        return _address(urljoin(base, location).partition("#")[0])
    except ValueError as error:
        raise AnswerError(f"it redirects to what {error}", _CHECK) from error
