"""Lists of denials as they are dictated, in which one word denies all that follow."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import Final

from calcinosis import names
from calcinosis.graph.phrasing import WORD, listed
from calcinosis.graph.triples import Triples

_REMEMBERED: Final = 4096


class Denials:
    """What denies, by the module of words."""

    def __init__(self, triples: Triples) -> None:
        self._t = triples
        self.denied = lru_cache(_REMEMBERED)(self._denied)

    @cached_property
    def _denying(self) -> re.Pattern[str]:
        """What a denial begins with, the longest first."""
        leaves, denied = names.CC + "leaves", names.CC + "DeniedThing"
        nodes = [iri for iri, _ in self._t.subjects(leaves) if self._t.iri(iri, leaves) == denied]
        words = (re.escape(word) for node in nodes for word in self._t.texts(node, WORD))
        return re.compile(rf"(?:{'|'.join(sorted(words, key=len, reverse=True))})\b", re.IGNORECASE)

    def _after(self, text: str) -> str:
        """What stands after a denial at the start; empty where there is none."""
        match = self._denying.match(text)
        return text[match.end() :].strip() if match else ""

    def _denied(self, text: str) -> tuple[str, ...]:
        """The words that a dictated list denies; none where the text is no denial.

        >>> import calcinosis
        >>> words = calcinosis.load().ontology.words
        >>> words.denied("Neither lumps, spots nor knots"), words.denied("not excluded: knots")
        (('lumps', 'spots', 'knots'), ())
        """
        rest = self._after(" ".join(text.split()).removesuffix("."))
        if not rest or self._denying.match(rest):
            return ()
        return tuple(self._after(word) or word for word in listed(rest))
