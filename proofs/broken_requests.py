"""Requests that are none, and clients that dawdle: each is refused or dropped, and delays nobody.

Bytes are sent as they are: lines, headers, lengths and chunks that HTTP does not know, addresses
and bodies that no page expects. What may come back is a status below 500, "not implemented" or
"version not supported"; who sends half a request may be hung up on.
"""

from __future__ import annotations

import random
import re
import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from itertools import cycle, islice
from typing import Final

from proofs.clients import Asked, asking, faults, slowness, slowness_beside

LATE: Final = 1.0
"""Seconds that others wait at most, on a machine with no other work."""

_SILENT: Final = 0.4
"""Seconds after which a client that gets no more hangs up."""
_ANSWERED: Final = 15.0
"""Seconds within which a whole request is answered."""
_PAUSE: Final = 0.5
_DAWDLERS: Final = 100
_STATUS: Final = re.compile(rb"^HTTP/1\.[01] (\d{3})", re.MULTILINE)
_TELLS: Final = re.compile(rb"Traceback \(|site-packages|\.py\b.{0,20}line \d")
_FINE: Final = {*range(200, 500), 501, 505}
_END: Final = b"\r\n\r\n"
_STRANGE: Final = (
    *(b"\x00", b"\r", b"\n", b"\r\n", b"\x7f", b"\xff\xfe", b"\xed\xa0\x80", b"%", b"%zz", b"%00"),
    *(b"%c0%ae/", b"../" * 9, b"\\", b"{", b"<script>", b"'", b'"', b"\xe2\x80\xae", b"-1", b""),
    *(b"9" * 400, b"1e9", b"0x1f", b"+1", b" 1", b"1,1", b"\xb2", b"nan", b"*;q=nan", b",,;;=="),
)
_PATHS: Final = (
    *(
        b"/",
        b"/sparql",
        b"/sparql?query=ASK%7B%7D",
        b"/api/search?q=x",
        b"/api/classify",
        b"/cohort",
    ),
    *(b"/api/query/subtypes", b"/patient", b"/associations", b"/references", b"/assets/site.css"),
)
_METHODS: Final = (
    b"GET",
    b"HEAD",
    b"POST",
    b"PUT",
    b"DELETE",
    b"OPTIONS",
    b"PATCH",
    b"TRACE",
    b"get",
)
_TYPES: Final = (
    *(b"application/sparql-query", b"application/x-www-form-urlencoded", b"application/json"),
    *(b"multipart/form-data; boundary=x", b"multipart/form-data", b"text/csv", b"a/b/c", b";"),
    *(
        b"application/json; charset=utf-7",
        b"text/html; charset=\xff",
        b"multipart/form-data; boundary=",
    ),
)
_FORM: Final = (
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\n%s\r\n--x--\r\n'
)
_BODIES: Final = (
    *(b"query=SELECT", b"query=ASK%7B%7D&query=ASK%7B%7D", b"query=%ff%fe", b"q" * 99_999, b"=&=;"),
    *(b"{", b"[" * 50_000, b'{"id": NaN}', b'{"id": 1e999}', b'"\\ud800"', b"null", b"[[]]", b"7"),
    *(
        b'{"id": "a", "calcinosis": [[]], "conditions": {"a": null}}',
        b"\xef\xbb\xbf{}",
        b"\x1f\x8b\x08",
    ),
    *(b"--x\r\n", b"--x--", b"--x\r\nContent-Disposition: form-data; name=\r\n\r\n\r\n--x--"),
    *(_FORM % (b"../../a.csv", b","), _FORM % (b"a.xlsx", b"PK\x03\x04"), _FORM % (b"", b"\x00")),
    *(b"SELECT * { ?s ?p", b"ASK {" + b"{" * 5_000, b"DROP ALL", b"LOAD <file:///etc/passwd>"),
)
_POST: Final = b"POST /%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/%s\r\n%s\r\n\r\n"
_SLOW: Final = (
    b"",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-",
    _POST % (b"sparql", b"sparql-query", b"Content-Length: 100000") + b"ASK {",
    _POST % (b"api/classify", b"json", b"Transfer-Encoding: chunked") + b"1\r\n{\r\nff",
)
"""How clients begin that send the rest a byte at a time."""


def _whole(chance: random.Random, *headers: bytes, body: bytes = b"") -> bytes:
    """A request as it should be, but for what stands in it."""
    lines = [
        b"%s %s HTTP/1.1" % (chance.choice(_METHODS), chance.choice(_PATHS)),
        b"Host: 127.0.0.1",
        b"Connection: close",
        *headers,
    ]
    return b"\r\n".join(lines) + _END + body


def _body(chance: random.Random) -> bytes:
    """A body that is not what its page takes, or not what it says that it is."""
    body = chance.choice(_BODIES)
    length = b"Content-Length: %d" % len(body)
    return _whole(chance, b"Content-Type: " + chance.choice(_TYPES), length, body=body)


def _address(chance: random.Random) -> bytes:
    """An address with what no address has."""
    first, _, rest = _whole(chance).partition(b" HTTP")
    return first + chance.choice(_STRANGE) + chance.choice(_STRANGE) + b" HTTP" + rest


def _header(chance: random.Random) -> bytes:
    """A header with a strange value, or a strange header."""
    names = (
        b"Host",
        b"Accept",
        b"Content-Length",
        b"Transfer-Encoding",
        b"Range",
        b"If-None-Match",
    )
    more = (b"Expect", b"Upgrade", b"Content-Encoding", b"Accept-Encoding", b"Origin", b"Cookie")
    name = chance.choice(
        (*names, *more, b"If-Modified-Since", b"Authorization", b"X\x00", b" a", b"")
    )
    return _whole(chance, name + b": " + chance.choice(_STRANGE) + chance.choice(_STRANGE))


def _giant(chance: random.Random) -> bytes:
    """A line, a header, an address or so many headers that are larger than any of people."""
    size = chance.choice((9_000, 70_000, 1_000_000))
    return chance.choice(
        (
            b"GET /" + b"a" * size + b" HTTP/1.1\r\nHost: a" + _END,
            b"GET /sparql?query=" + b"%20" * (size // 3) + b" HTTP/1.1\r\nHost: a" + _END,
            _whole(chance, b"X-A: " + b"a" * size),
            _whole(chance, *[b"X-%d: a" % number for number in range(size // 10)]),
            b"a" * size,
        )
    )


def _chunked(chance: random.Random) -> bytes:
    """Chunks that are wrong, or a length beside them."""
    chunks = (
        *(b"zz\r\na\r\n", b"-1\r\na\r\n", b"5\r\na", b"f" * 40 + b"\r\na", b"1;" + b"x" * 70_000),
        *(
            b"1\r\nab\r\n0\r\n\r\n",
            b"\r\n",
            b"0\r\nX: y\r\n\r\n",
            b"0x1\r\na\r\n0\r\n\r\n",
            b"1 \na\n",
        ),
    )
    beside = ((), (b"Content-Length: 3",), (b"Transfer-Encoding: gzip",))
    headers = (b"Transfer-Encoding: chunked", *chance.choice(beside))
    return _whole(chance, *headers, body=chance.choice(chunks))


def _no_http(chance: random.Random) -> bytes:
    """Other languages, and noise."""
    return chance.choice(
        (
            chance.randbytes(chance.randint(1, 400)),
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + chance.randbytes(200),
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"GET /\r\n\r\n",
            b"GET / HTTP/%s\r\n\r\n" % chance.choice((b"0.9", b"1.2", b"2", b"9.9", b"", b"1.1.1")),
            b"\r\n" * chance.randint(1, 5_000),
            b"SSH-2.0-OpenSSH_9\r\n",
            b"GET http://example.org/ HTTP/1.1\r\nHost: example.org" + _END,
            b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org" + _END,
            b"GET * HTTP/1.1\r\nHost: a\r\nHost: b" + _END,
        )
    )


def _hurt(chance: random.Random) -> bytes:
    """Any of the others with some bytes changed, or cut off."""
    said = bytearray(chance.choice((_body, _address, _header, _chunked))(chance))
    for _ in range(chance.randint(1, 6)):
        said[chance.randrange(len(said))] = chance.randrange(256)
    return bytes(said[: chance.choice((len(said), chance.randint(1, len(said))))])


_KINDS: Final = (_body, _body, _address, _header, _giant, _chunked, _no_http, _hurt)


def broken(port: int, count: int, seed: int, asked: Sequence[Asked]) -> list[str]:
    """Send so many; what was wrong with the answers, or with those to others meanwhile."""

    def send(number: int) -> str:
        chance = random.Random(f"{seed} {number}")
        make = chance.choice(_KINDS)
        said = make(chance)
        heard = _exchange(port, said, is_whole=make in (_body, _address))
        return _fault(f"{make.__name__} {number}", said, *heard)

    with _others(port, asked) as wrong, ThreadPoolExecutor(16) as pool:
        found = [fault for fault in pool.map(send, range(count)) if fault]
    return [*found, *wrong]


def _fault(name: str, said: bytes, answer: bytes, seconds: float) -> str:
    statuses = [int(status) for status in _STATUS.findall(answer)]
    shown = f"{name}: {said[:200]!r} → {answer[:300]!r}"
    if any(status not in _FINE and status >= 200 for status in statuses) or _TELLS.search(answer):
        return shown
    if not statuses and (answer or name.startswith(_body.__name__)):
        return f"no answer in HTTP: {shown}"
    return f"{seconds:.0f} s: {shown}" if seconds > _ANSWERED else ""


def _exchange(port: int, said: bytes, *, is_whole: bool) -> tuple[bytes, float]:
    """All that a server says until it hangs up or falls silent, and how long that took."""
    began = time.monotonic()
    heard = bytearray()
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        with suppress(OSError):  # hung up on before all was sent: what it said may still come
            connection.sendall(said)
        connection.settimeout(_ANSWERED + 5 if is_whole else _SILENT)
        while part := connection.recv(1 << 16):
            heard += part
    return bytes(heard), time.monotonic() - began


def dawdling(port: int, seconds: float, asked: Sequence[Asked], kinds: int = 4) -> list[str]:
    """Clients that send a byte at a time; what was wrong for others, and who hangs at the end.

    ``kinds`` 2 are those that never come to the end of a head, 4 also those that never come to the
    end of a body.
    """
    with ExitStack() as stack, _others(port, asked) as wrong:
        starts = islice(cycle(_SLOW[:kinds]), _DAWDLERS)
        left = [stack.enter_context(_slow(port, start)) for start in starts]
        end = time.monotonic() + seconds
        while left and time.monotonic() < end:
            left = [connection for connection in left if _goes_on(connection)]
            time.sleep(_PAUSE)
        hanging = len(left)
    return [*wrong, *([f"{hanging} slow clients hang after {seconds:.0f} s"] if hanging else [])]


def _slow(port: int, start: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sendall(start)
    connection.setblocking(False)
    return connection


def _goes_on(connection: socket.socket) -> bool:
    """Send another byte; whether the server still listens."""
    try:
        connection.send(b"a")
        return connection.recv(1 << 16) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


@contextmanager
def _others(port: int, asked: Sequence[Asked]) -> Iterator[list[str]]:
    """Ask as others do meanwhile; at the end the list has what was wrong or late."""
    wrong: list[str] = []
    with asking(port, asked, 1, 0) as others, ThreadPoolExecutor(1) as pool:
        meanwhile = pool.submit(slowness_beside, 1.0)
        yield wrong
    bound = LATE * max(slowness(), meanwhile.result())
    late = [one for one in others.seen if one.done - one.sent > bound]
    wrong += faults(others.seen)
    wrong += [f"{one.kind}: {one.done - one.sent:.1f} s beside broken ones" for one in late]
    if not others.seen:
        wrong.append("nobody asked beside them")
