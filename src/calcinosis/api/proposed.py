"""Facts that a sentence of a report may state, as proposals; each is to be confirmed.

A sentence is read whole by the same reading as a case; where that says nothing its parts are, and
where these do not the names in them. In a part that denies, doubts or speaks of another person no
name is looked for. What no proposal covers is told as not understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from calcinosis import names
from calcinosis.errors import CaseError, UsageError
from calcinosis.facts.case import Case
from calcinosis.facts.read import reader_of
from calcinosis.graph.phrasing import is_doubted

if TYPE_CHECKING:
    from calcinosis.api.graph import KnowledgeGraph

LONGEST: Final = 5_000
_WINDOW: Final = 7  # words of a name that is looked for in a part
_SENTENCE: Final = re.compile(r"[^.;\n]+(?:\.(?=\S)[^.;\n]*)*")
_PART: Final = re.compile(r"(?:[^,]|,(?=\d))+")
_JOINED: Final = re.compile(r"\s+(?:and|with|but|plus)\s+", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\s,;:()\[\]]+")
_TURNED: Final = re.compile(
    r"\b(?:no|not|non|nor|never|without|den(?:y|ies|ied)|absent|absence|negative|excluded|"
    r"family|father|mother|brother|sister|son|daughter|aunt|uncle|"
    r"possibl[ey]|probabl[ey]|suspected|suspicion|rule|risk|unlikely|query)\b",
    re.IGNORECASE,
)
_AGE: Final = re.compile(
    r"\b(\d{1,3})[ -](year|month|week|day)s?[ -]old\b(?:\s+(\w+))?", re.IGNORECASE
)
_SEX: Final = {
    **dict.fromkeys(("woman", "female", "girl", "lady"), "female"),
    **dict.fromkeys(("man", "male", "boy", "gentleman"), "male"),
}
_MEASURED: Final = re.compile(
    r"(?P<test>[A-Za-z][\w ,'()-]*?)\s*(?::|=|\bwas\b|\bis\b|\bof\b|\bat\b)?\s*"
    r"(?P<value>[<>]?\s?\d+(?:[.,]\d+)?)\s*(?P<unit>[A-Za-zµμ%][A-Za-zµμ%/·^*0-9-]*)\Z"
)
_LISTS: Final = {"condition": "conditions", "intervention": "interventions"}


@dataclass(frozen=True, slots=True)
class _Span:
    """A piece of the text, and where it stands."""

    text: str
    start: int

    @classmethod
    def of(cls, text: str, start: int, end: int) -> _Span:
        """A piece without blanks at its ends."""
        piece = text[start:end]
        left = len(piece) - len(piece.lstrip(" \t\r\n:-"))
        return cls(piece.strip(" \t\r\n:-."), start + left)

    def split(self, pattern: re.Pattern[str]) -> Iterator[_Span]:
        """The pieces that a pattern finds."""
        for found in pattern.finditer(self.text):
            yield self.part(found.start(), found.end())

    def apart(self, pattern: re.Pattern[str]) -> Iterator[_Span]:
        """The pieces between what a pattern finds."""
        start = 0
        for found in pattern.finditer(self.text):
            yield self.part(start, found.start())
            start = found.end()
        yield self.part(start, len(self.text))

    def part(self, start: int, end: int) -> _Span:
        """A piece of this piece."""
        found = _Span.of(self.text, start, end)
        return _Span(found.text, self.start + found.start)

    def told(self) -> dict[str, Any]:
        """Text and place, for programs."""
        return {"text": self.text, "start": self.start, "end": self.start + len(self.text)}


def proposals(kg: KnowledgeGraph, text: str) -> dict[str, Any]:
    """Plain values: ``proposed``, each an item for a list of a case, and ``not_understood``.

    A proposal has ``text``, ``start`` and ``end`` in the text, the ``list`` of the case format and
    the ``item`` for it, and in ``reads`` what it would be read as. UsageError for a long text.

    >>> import calcinosis
    >>> found = proposals(calcinosis.load(), "Total calcium was 12.1 mg/dL.")["proposed"][0]
    >>> found["list"], found["item"]
    ('labs', {'test': 'Total calcium', 'value': 12.1, 'unit': 'mg/dL'})
    """
    if len(text) > LONGEST:
        raise UsageError(f"the text is longer than {LONGEST:,} letters", "", "Paste a part of it")
    reading = _Reading(kg)
    for found in _SENTENCE.finditer(text):
        reading.sentence(_Span.of(text, found.start(), found.end()))
    return {"proposed": reading.proposed, "not_understood": reading.unknown}


class _Reading:
    """The reading of one text."""

    def __init__(self, kg: KnowledgeGraph) -> None:
        self._reader = reader_of(kg.ontology)
        self._terms = kg.ontology.terms
        self._words = kg.ontology.words
        self.proposed: list[dict[str, Any]] = []
        self.unknown: list[dict[str, Any]] = []

    def sentence(self, span: _Span) -> None:
        """Read a sentence: its person, then all of it, its parts, the names in them."""
        span = self._person(span)
        if not span.text or self._read(span) or self._denied(span):
            return
        for part in span.split(_PART):
            if not part.text or self._read(part) or self._denied(part):
                continue
            pieces = list(part.apart(_JOINED))
            if len(pieces) > 1 and not _TURNED.search(part.text):
                for piece in pieces:
                    if piece.text and not self._read(piece):
                        self._names_in(piece)
            else:
                self._names_in(part)

    def _person(self, span: _Span) -> _Span:
        """The sentence without the age and sex at its beginning, which are proposed."""
        found = _AGE.search(span.text)
        if found is None or _TURNED.search(span.text[: found.start()]):
            return span
        number, unit, who = found.groups()
        place = span.part(found.start(), found.end())
        self._propose(place, "age", f"{number} {unit.casefold()}s", [f"{number} {unit}s"])
        sex = _SEX.get((who or "").casefold())
        if sex:
            self._propose(place, "sex", sex, [sex])
        end = found.end() if sex else found.end(2)
        rest = re.sub(r"^s?[ -]old\b", "", span.text[end:]) if not sex else span.text[end:]
        left = len(span.text) - len(rest)
        left += len(rest) - len(re.sub(r"^\s*(?:with|had|has|who had|presented with)\s+", "", rest))
        return span.part(left, len(span.text))

    # -- one piece -----------------------------------------------------------------------

    def _read(self, span: _Span) -> bool:
        """Whether a piece is an item as it stands, which is proposed."""
        return self._measured(span) or self._term(span)

    def _measured(self, span: _Span) -> bool:
        found = _MEASURED.match(span.text)
        if found is None:
            return False
        text = found["value"].replace(" ", "").replace(",", ".")
        value: Any = float(text) if text[0].isdigit() else text
        item = {"test": found["test"].strip(" ,"), "value": value, "unit": found["unit"]}
        case = self._case("labs", item)
        if case is None or case.not_understood or not (case.facts or case.uninterpreted):
            return False
        self._propose(span, "labs", item, _read_as(case) or [span.text])
        return True

    def _term(self, span: _Span) -> bool:
        case = self._case("conditions", span.text)
        if case is None or case.not_understood or not (case.facts or case.workup):
            return False
        self._propose(span, self._list_of(case), span.text, _read_as(case))
        return True

    def _list_of(self, case: Case) -> str:
        """The list of a case in which such an item stands, by the first fact that it states."""
        for fact in case.facts:
            if fact.term == names.CALCINOSIS:
                return "calcinosis"
            if fact.term:
                return _LISTS.get(self._terms.kind(fact.term), "findings")
        return "conditions"

    def _denied(self, span: _Span) -> bool:
        """Whether a piece is a list of denials, each of which is proposed, or told."""
        words = self._reader.vocabulary.denied(span.text)
        for word in words:
            place = span.text.find(word)
            part = span.part(place, place + len(word)) if place >= 0 else span
            case = self._case("excluded", word)
            if case is None or case.not_understood or not (case.facts or case.workup):
                self._tell(part, case)
            else:
                self._propose(part, "excluded", word, _read_as(case))
        return bool(words)

    def _names_in(self, span: _Span) -> None:
        """Propose the names that stand in a piece; nothing where the piece may turn them."""
        if _TURNED.search(span.text) or is_doubted(span.text):
            self._tell(span, self._case("conditions", span.text))
            return
        words, place, found = list(_WORD.finditer(span.text)), 0, False
        while place < len(words):
            taken = self._name_at(span, words, place)
            found = found or taken > 0
            place += taken or 1
        if not found:
            self._tell(span, self._case("conditions", span.text))

    def _name_at(self, span: _Span, words: list[re.Match[str]], place: int) -> int:
        """Of how many words the longest name is that begins there; it is proposed."""
        for size in range(min(_WINDOW, len(words) - place), 0, -1):
            piece = span.part(words[place].start(), words[place + size - 1].end())
            if len(piece.text) > 2 and self._is_name(piece.text) and self._term(piece):
                return size
        return 0

    def _is_name(self, text: str) -> bool:
        return bool(self._terms.find(text)) or self._words.read(text) is not None

    def _case(self, key: str, item: Any) -> Case | None:
        try:
            return self._reader.read({"id": "proposed", key: [item]}, "")
        except CaseError:
            return None

    # -- what comes of it ----------------------------------------------------------------

    def _propose(self, span: _Span, key: str, item: Any, reads: list[str]) -> None:
        if key == "calcinosis":
            item = "present"
        self.proposed.append({**span.told(), "list": key, "item": item, "reads": reads})

    def _tell(self, span: _Span, case: Case | None) -> None:
        remarks = (*case.not_understood, *case.set_aside) if case is not None else ()
        remark = remarks[0] if remarks else None
        said = {
            "what": remark.reason if remark else "it states nothing that is known here",
            "suggestions": list(remark.suggestions) if remark else [],
        }
        self.unknown.append({**span.told(), **said})


def _read_as(case: Case) -> list[str]:
    """What a case states, in words."""
    facts = (*case.facts, *case.workup)
    words = (fact.label if fact.affirmed else f"no {fact.label}" for fact in facts)
    remarks = (f"{one.what}: {one.reason}" for one in case.uninterpreted)
    return list(dict.fromkeys((*words, *remarks)))
