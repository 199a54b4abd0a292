"""XML of a stream, parsed a piece at a time: the one place where the parser is set up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol
from xml.parsers import expat

from calcinosis.errors import InputError
from calcinosis.facts import limits

_CHUNK: Final = 1 << 16
XmlError = expat.ExpatError


class Handler(Protocol):
    """What is called with the parts of an XML text."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def characters(self, data: str) -> None:
        """Text stands in an element."""


def pieces(
    read: Callable[[int], bytes], handler: Handler, clock: limits.Clock, where: str, cure: str
) -> Iterator[None]:
    """Parse what ``read`` gives, with a stop after each piece, but not the end of it.

    XmlError for what is no XML; InputError for a document type, which could stand for any text,
    for a tag without an end, and where it takes too long.
    """

    def doctype(*_declared: Any) -> None:
        raise InputError("a part of it declares a document type", where, cure)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.characters
    parser.StartDoctypeDeclHandler = doctype
    fed = 0
    while chunk := read(_CHUNK):
        clock.check()
        parser.Parse(chunk)
        fed += len(chunk)
        if fed - parser.CurrentByteIndex > limits.TAG_BYTES:
            raise limits.exceeded("a tag has", limits.TAG_BYTES, "bytes", where, cure)
        yield
    if fed:
        parser.Parse(b"", True)
    yield
