"""Pieces of a text, each with its place in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the text, and where it stands."""

    text: str
    start: int

    @classmethod
    def of(cls, text: str, start: int, end: int) -> Span:
        """A piece without blanks at its ends."""
        piece = text[start:end]
        left = len(piece) - len(piece.lstrip(" \t\r\n:-"))
        return cls(piece.strip(" \t\r\n:-."), start + left)

    def split(self, pattern: re.Pattern[str]) -> Iterator[Span]:
        """The pieces that a pattern finds."""
        for found in pattern.finditer(self.text):
            yield self.part(found.start(), found.end())

    def apart(self, pattern: re.Pattern[str]) -> Iterator[Span]:
        """The pieces between what a pattern finds."""
        start = 0
        for found in pattern.finditer(self.text):
            yield self.part(start, found.start())
            start = found.end()
        yield self.part(start, len(self.text))

    def part(self, start: int, end: int) -> Span:
        """A piece of this piece."""
        found = Span.of(self.text, start, end)
        return Span(found.text, self.start + found.start)

    def told(self) -> dict[str, Any]:
        """Text and place, for programs."""
        return {"text": self.text, "start": self.start, "end": self.start + len(self.text)}
