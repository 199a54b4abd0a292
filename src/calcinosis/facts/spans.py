"""Pieces of a text, each with its place in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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

    def of_words(self, words: Sequence[re.Match[str]]) -> Span:
        """What some of its words stand in, with the bracket that closes one of them."""
        start, end = words[0].start(), words[-1].end()
        inside = self.text[start:end]
        is_open = inside.rfind("(") > inside.rfind(")") and self.text[end : end + 1] == ")"
        return self.part(start, end + is_open)

    def around(self, found: Sequence[Span]) -> list[str]:
        """The texts before, between and after what was found in it, in order."""
        starts = [self.start, *(one.start + len(one.text) for one in found)]
        stops = [*(one.start for one in found), self.start + len(self.text)]
        pairs = zip(starts, stops, strict=True)
        return [self.text[start - self.start : stop - self.start] for start, stop in pairs]

    def told(self) -> dict[str, Any]:
        """Text and place, for programs."""
        return {"text": self.text, "start": self.start, "end": self.start + len(self.text)}
