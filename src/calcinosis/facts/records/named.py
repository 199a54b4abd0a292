"""What codes and a text of a record name: the first that is understood, and what disagrees.

The same things are named again and again, so what they come to is remembered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from calcinosis.facts import limits
from calcinosis.facts.case import LISTS
from calcinosis.facts.vocabulary import Resolved

if TYPE_CHECKING:
    from calcinosis.facts.records.codings import Coding
    from calcinosis.facts.vocabulary import Vocabulary

Remarks = list[tuple[str, str]]

_TAG: Final = re.compile(r"\s*\([a-z /]+\)\Z", re.IGNORECASE)
_REMEMBERED: Final = 20_000
# Questions about relatives, by which records ask without a label beside them.
_FAMILY: Final = frozenset(
    ("LOINC:10157-6", "LOINC:54114-4", "LOINC:8670-2", "SNOMEDCT:57177007", "SNOMEDCT:416471007",
     "SNOMEDCT:416128008", "OMOP:4167217", "OMOP:4051104")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """The words that are read, and the term that they name, if any.

    ``remarks`` are what does not agree with them, each with the reason.
    """

    text: str
    term: Resolved | None
    remarks: tuple[tuple[str, str], ...] = ()


class Names:
    """Reads codes and texts by a vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._resolve = vocabulary.resolve
        self._site = vocabulary.site
        self._terms = vocabulary.terms
        self._of_another = lru_cache(_REMEMBERED)(vocabulary.is_of_another)
        self._known: dict[tuple[tuple[Coding, ...], str, str], Named] = {}

    def read(self, codings: tuple[Coding, ...], text: str, key: str) -> Named:
        """The first code that is understood, else the text, else a label.

        ``key`` is the list of a case in which what is named stands.
        """
        known = codings, text, key
        found = self._known.get(known)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[known] = self._read(codings, text, key)
        return found

    def is_of_another(self, codings: Iterable[Coding], text: str, *, fully: bool = True) -> bool:
        """Whether a code, a text or a label speaks of another person, such as of the family.

        If ``fully``, only where it is known what that person has.
        """
        found = tuple(codings)
        if any(one.id in _FAMILY for one in found):
            return True
        words = [word for word in _words(found, text) if 0 < len(word) <= limits.WORD_CHARACTERS]
        return any(self._of_another(word, fully=fully) for word in words)

    def understood(self, text: str, key: str = "", *, fully: bool = False) -> Resolved | None:
        """The term of a name or a code; only if ``fully``, also of what has to be made out."""
        if not text or len(text) > limits.WORD_CHARACTERS:
            return None
        if not (fully or self._terms.find(text)):
            return None
        found = self._resolve(text, LISTS.get(key, "excluded"), "")
        return found if isinstance(found, Resolved) else None

    def site(self, code: Coding) -> str:
        """What the anatomical site of a code is called; empty where it is not known to be one."""
        return "" if code.is_misspelt else self._site(code.id, code.label)

    def _read(self, codings: tuple[Coding, ...], text: str, key: str) -> Named:
        remarks: Remarks = [
            (str(coding), "the id is none that its vocabulary can have")
            for coding in codings
            if coding.is_misspelt
        ]
        found = [(one, self.understood(one.id, key)) for one in codings if one.id]
        understood = [(one, term) for one, term in found if term is not None]
        if understood:
            remarks += self._disagreeing(understood, text, key)
            coding, term = understood[0]
            return Named(coding.id, term, tuple(remarks))
        for word in _words(codings, text):
            by_word = self.understood(word, key)
            if by_word is not None:
                remarks += _by_label(codings, word)
                return Named(word, by_word, tuple(remarks))
        whole = next(map(str, codings), "") or text
        for word in dict.fromkeys((whole, text)):
            made_out = self.understood(word, key, fully=True)
            if made_out is not None:
                return Named(word, made_out, tuple(remarks))
        return Named(whole, None, tuple(remarks))

    def _disagreeing(
        self, understood: list[tuple[Coding, Resolved]], text: str, key: str
    ) -> Iterator[tuple[str, str]]:
        """Where a label, the text or another code names something else than the code read."""
        coding, term = understood[0]
        for word in _words((coding,), text):
            other = self.understood(word, key)
            if other is not None and not self._are_akin(other.iri, term.iri):
                reason = f"{word!r} is {other.label!r}, but the id is {term.label!r}: the id counts"
                yield f"{coding.id} ! {word}", reason
        for further, other in understood[1:]:
            if not self._are_akin(other.iri, term.iri):
                reason = f"it is {other.label!r}, but {coding.id} beside it is {term.label!r}"
                yield str(further), f"{reason}: the first counts"

    def _are_akin(self, one: str, other: str) -> bool:
        above = self._terms.ancestors
        return one == other or one in above(other) or other in above(one)


def _by_label(codings: tuple[Coding, ...], word: str) -> Remarks:
    codes = ", ".join(one.id or one.given for one in codings if one.id or one.given)
    return [(f"{codes} ! {word}", "read by its label, not by its id")] if codes else []


def _words(codings: tuple[Coding, ...], text: str) -> Iterator[str]:
    """The text and the labels, each also without a tag of SNOMED CT, such as ``(disorder)``."""
    for word in dict.fromkeys((text, *(one.label for one in codings))):
        yield word
        bare = _TAG.sub("", word)
        if bare != word:
            yield bare
