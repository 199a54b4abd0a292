"""Answers packed with gzip for who takes them so, whichever route they come from (RFC 9110)."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, MutableMapping
from typing import Any, Final

import anyio
from starlette.datastructures import MutableHeaders

from calcinosis.web.negotiate import wants_gzip

Message = MutableMapping[str, Any]
_FROM: Final = 1400
"""Bytes: what fits into one packet comes no sooner if it is packed."""
_LONG: Final = 100_000
"""What is longer is packed in a thread, so that other requests go on."""
_LEVEL: Final = 5
_TEXTS: Final = (
    *("text/", "application/json", "application/x-ndjson", "application/fhir+ndjson"),
    *("application/yaml", "application/xml", "application/x-bibtex"),
    "application/x-research-info-systems",
)
_ENCODING: Final = "Accept-Encoding"


class Packing:
    """Packs one answer: its first message is held back until its body is there.

    An answer that has an encoding, or a strong tag that vouches for its bytes, goes as it is; so do
    one that is no text, one that is short, and one that comes in parts.
    """

    def __init__(self, accepted: str) -> None:
        self._accepted = accepted
        self._held: Message | None = None

    async def passed(self, message: Message) -> list[Message]:
        """What is to be sent for a message of the answer."""
        if message["type"] == "http.response.start":
            if not _is_free(message["headers"]):
                return [message]
            headers = MutableHeaders(raw=message["headers"])
            if not (message["status"] == 304 or _is_text(headers)):
                return [message]
            _vary(headers)
            if not _is_long(headers) or not wants_gzip(self._accepted):
                return [message]
            self._held = message
            return []
        start, self._held = self._held, None
        if start is None:
            return [message]
        if message.get("more_body"):
            return [start, message]
        body = await _packed(message.get("body", b""))
        headers = MutableHeaders(raw=start["headers"])
        headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(body))
        return [start, {**message, "body": body}]


def _is_free(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether it has no encoding, and no tag that says more than what it means."""
    return not any(
        name == b"content-encoding" or (name == b"etag" and value.startswith(b'"'))
        for name, value in headers
    )


def _is_text(headers: MutableHeaders) -> bool:
    kind = headers.get("content-type", "").partition(";")[0]
    return kind.startswith(_TEXTS) or kind.endswith(("+json", "+xml"))


def _is_long(headers: MutableHeaders) -> bool:
    return int(headers.get("content-length", "0")) >= _FROM


def _vary(headers: MutableHeaders) -> None:
    if _ENCODING.casefold() not in headers.get("vary", "").casefold():
        headers.add_vary_header(_ENCODING)


async def _packed(body: bytes) -> bytes:
    if len(body) < _LONG:
        return _gzip(body)
    return await anyio.to_thread.run_sync(_gzip, body)


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, _LEVEL, mtime=0)
