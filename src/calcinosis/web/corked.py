"""Sending the head of an answer together with what follows: who reads it is woken once."""

from __future__ import annotations

import asyncio
from typing import Any, Final

_HEAD: Final = b"HTTP/1.1 "
_INTERIM: Final = b"1"
_SHORT: Final = 65_536


class Corked:
    """A transport to which HTTP is written; it holds a head back until the next is written.

    That is the body, or nothing at all where there is none. What is longer is not copied for it.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._held = b""
        # These are asked at each request; what else there is comes by __getattr__.
        self.is_closing = transport.is_closing
        self.get_write_buffer_size = transport.get_write_buffer_size

    def write(self, data: bytes) -> None:
        """Send, or hold the head of an answer."""
        held, self._held = self._held, b""
        if not (held or data):
            return
        if not held and data.startswith(_HEAD) and not data.startswith(_INTERIM, len(_HEAD)):
            self._held = data
        elif len(data) < _SHORT:
            self._transport.write(held + data)
        else:
            self._transport.write(held)
            self._transport.write(data)

    def close(self) -> None:
        """Send what is held, and close."""
        if self._held:
            self.write(b"")
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
