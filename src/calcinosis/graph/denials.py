"""Lists of denials as they are dictated, in which one word denies all that follow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, cached_property, lru_cache
from typing import Final

from calcinosis import names
from calcinosis.graph.locate import PACKAGE
from calcinosis.graph.phrasing import WORD, listed
from calcinosis.graph.triples import Triples

_REMEMBERED: Final = 4096
_WORD: Final = re.compile(r"[\u2191\u2193\u2b06\u2b07]|[^\W_]+(?:/[^\W_]+)?")
_FLAG: Final = re.compile(r"[\s(\[](?:HH?|LL?|N|AA?)[)\]]?\Z")


@cache
def words_by_kind(name: str) -> dict[str, frozenset[str]]:
    """The words and phrases of a table of the package's folder ``words``, by their kinds."""
    path = PACKAGE / "words" / f"{name}.words.tsv"
    found: dict[str, set[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        kind, word = line.split("\t")
        found.setdefault(kind, set()).add(word)
    return {kind: frozenset(words) for kind, words in found.items()}


def are_bare(parts: Sequence[str]) -> bool:
    """Whether the parts of a list, the first of them denied, are names that share its denial.

    A level or a verb beside a later one may say that it is there.

    >>> are_bare(["no lumps", "spots"]), are_bare(["no lumps", "spots present"])
    (True, False)
    """
    said = [set(_WORD.findall(part.casefold())) for part in parts]
    known = words_by_kind("denied")  # tells: states a thing by itself; turns: ends a denial
    if any(words & known["turns"] for words in said):
        return False
    flagged = any(_FLAG.search(part) for part in parts[1:])
    return not flagged and not any(words & known["tells"] for words in said[1:])


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
        """The words that a dictated list denies; none where it is no denial, or says more.

        >>> import calcinosis
        >>> words = calcinosis.load().ontology.words
        >>> words.denied("Neither lumps, spots nor knots"), words.denied("not excluded: knots")
        (('lumps', 'spots', 'knots'), ())
        """
        rest = self._after(" ".join(text.split()).removesuffix("."))
        if not rest or self._denying.match(rest):
            return ()
        parts = listed(rest)
        sharing = [word for word in parts[1:] if not self._denying.match(word)]
        if not are_bare([*parts[:1], *sharing]):
            return ()
        return tuple(self._after(word) or word for word in parts)
