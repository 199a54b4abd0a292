"""Facts that a sentence of a report may state, as proposals; each is to be confirmed.

A name is proposed as a fact only where the words around it, in its part of the sentence, are of the
few that state, and as ruled out where they deny it in a way that is understood. Beside any other
word it is told as read but not proposed. What no proposal covers is told as not understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from calcinosis import names
from calcinosis.errors import CaseError, UsageError
from calcinosis.facts.aged import aged, names_age
from calcinosis.facts.case import LIST_OF, Case, Remark
from calcinosis.facts.read import reader_of
from calcinosis.facts.reported import names_of_tests, reported
from calcinosis.facts.spans import Span
from calcinosis.facts.stating import (
    beside,
    ends_in_denial,
    is_heading,
    is_joining,
    is_reporting,
    is_stating,
    only_turns,
    sentences,
    turns,
    without_start,
)
from calcinosis.graph.phrasing import is_doubted, is_qualified, joined

if TYPE_CHECKING:
    from calcinosis.api.graph import KnowledgeGraph

LONGEST: Final = 5_000
_WINDOW: Final = 7  # words of a name that is looked for in a part
_PART: Final = re.compile(r"(?:[^,]|,(?=\d))+")
_JOINED: Final = re.compile(r"\s+(?:and|with|but|plus)\s+", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\s,;:()\[\]]+")
_GOES_ON: Final = re.compile(r"[\s,]*(?:(?:and|or|as well as)\s+)?", re.IGNORECASE)
_CHANGED: Final = "it is read, but not proposed: what stands beside it may change it"
_TEST: Final = "it names a test, and is not read: give its value with the unit, or its level alone"
_OF_ALL: Final = frozenset(("condition", "intervention", "finding", "treatment"))


class _Hit(NamedTuple):
    """What may be proposed: its place, the list of a case, the item, what it is read as."""

    span: Span
    key: str
    item: Any
    reads: list[str]


def proposals(kg: KnowledgeGraph, text: str) -> dict[str, Any]:
    """Plain values: ``proposed``, each an item for a list of a case, and ``not_understood``.

    A proposal has ``text``, ``start`` and ``end`` in the text, the ``list`` of the case format and
    the ``item`` for it, and in ``reads`` what it would be read as. What was not understood has
    ``suggestions``, and where these could stand in a case the same as ``means``, each with ``list``
    and ``item``. UsageError for a long text.

    >>> import calcinosis
    >>> found = proposals(calcinosis.load(), "Total calcium was 12.1 mg/dL.")["proposed"][0]
    >>> found["list"], found["item"]
    ('labs', {'test': 'Total calcium', 'value': 12.1, 'unit': 'mg/dL'})
    """
    if len(text) > LONGEST:
        raise UsageError(f"the text is longer than {LONGEST:,} letters", "", "Paste a part of it")
    reading = _Reading(kg, text)
    for found in sentences(text):
        reading.heading(text[: found.start])
        reading.sentence(found)
    return {"proposed": reading.proposed, "not_understood": reading.unknown}


class _Reading:
    """The reading of one text."""

    def __init__(self, kg: KnowledgeGraph, text: str) -> None:
        self._text = text
        self._reader = reader_of(kg.ontology)
        self._terms = kg.ontology.terms
        self._words = kg.ontology.words
        self.proposed: list[dict[str, Any]] = []
        self.unknown: list[dict[str, Any]] = []
        self._before = 0  # how many were proposed before the sentence before
        self._told_before = 0
        self._held = False  # the part before was not proposed: a bare list goes on with it
        self._early = ("", 0)  # what says that a thing was there before, and where that thing ends
        self._turned = False  # a part may change the whole sentence
        self._is_headed = False  # a heading above may say that it is of another
        self._unsure = False  # a part says what is not known to state
        self._denying: list[Span] = []  # the parts that deny, of which each word is understood

    def heading(self, before: str) -> None:
        """Take in what stands between two sentences and before: whose it is, or of when."""
        *above, rest = before.split("\n")
        if rest.strip(" \t-*\u2022"):  # the line goes on
            return
        last = next((line for line in reversed(above) if line.strip()), "")
        if last.rstrip().endswith(":"):
            self._is_headed = not is_heading(last)
        elif above and not above[-1].strip():
            self._is_headed = False

    def sentence(self, span: Span) -> None:
        """Read a sentence: its person, then all of it, its parts, the names in them."""
        if self._is_of_before(span.text):
            self._turn()
            self._tell(span, None)
            return
        self._before = len(self.proposed)
        self._told_before = len(self.unknown)
        is_list = self._text[: span.start].rstrip().endswith(";")
        is_going_on = is_list and self._held
        self._held = is_going_on or (is_list and bool(self._denying))
        self._early = ("", 0)
        self._turned = self._unsure = False
        self._denying = []
        rest = self._person(span)
        if rest is None or self._is_headed:  # it may be of another
            self._turn()
            self._change(span, ())
            return
        stated = len(self.proposed)
        if not rest.text or self._whole(rest):
            return
        for part in () if self._denied(rest) else rest.split(_PART):
            self._part(part, is_first=part.start == rest.start)
        if self._turned:
            self._turn()
        elif (is_going_on and self._held) or self._unsure or self._is_level_of_then(rest, stated):
            self._hold(stated)
        elif self._denying:
            self._held = False

    def _is_of_before(self, text: str) -> bool:
        """Whether a sentence without a thing of its own denies or doubts what the one before said.

        So does "ruled out" after a semicolon or a full stop.
        """
        return ends_in_denial(text) or only_turns(text, self._words)

    def _part(self, part: Span, *, is_first: bool) -> None:
        if not part.text:
            return
        if ends_in_denial(part.text) and not is_first:  # of what stands before it
            self._held = self._turned = True
            self._tell(part, None)
        elif not self._denied(part):
            self._unsure = self._unsure or bool(self._denying)  # it may be denied as well
            if not self._whole(part):
                self._names_in(part)

    def _whole(self, part: Span) -> bool:
        """Whether a part is an item, or reports tests, and goes on with nothing that was held."""
        return not self._held and (self._read(part) or self._reported(part))

    def _turn(self) -> None:
        """Take back all that a sentence may mean."""
        for told in self.unknown[self._told_before :]:
            told.pop("means", None)
        self._hold(self._before)

    def _hold(self, before: int) -> None:
        """Take back what was proposed, which another part of the sentence may change."""
        for one in self.proposed[before:]:
            place = {key: one[key] for key in ("text", "start", "end")}
            self.unknown.append({**place, "what": _CHANGED, "suggestions": []})
        del self.proposed[before:]

    def _is_level_of_then(self, span: Span, before: int) -> bool:
        """Whether a level was proposed beside words that may tell of another time, place or fluid.

        Beside a level each word has to be known as one that reports it.
        """
        found = self.proposed[before:]
        ends = [(one["start"], one["end"]) for one in found]
        ends += [(one.start, one.start + len(one.text)) for one in self._denying]
        left = [
            word.group()
            for word in _WORD.finditer(span.text)
            if not any(start <= word.start() + span.start < end for start, end in ends)
        ]
        is_stated = all(is_reporting(word) for word in left)
        is_denied = all(is_reporting(word, denied=True) for word in left)
        for one in found:
            key, item = one["list"], one["item"]
            is_sure = is_denied if key == "excluded" else is_stated
            if key not in ("labs", "excluded") and not self._terms.find(item):
                is_sure = False  # it has words of its own
            if not is_sure and self._is_of_test(key, item):
                return True
        return False

    def _is_of_test(self, key: str, item: Any) -> bool:
        """Whether an item is a level of a test, or was read of words of which a test is one."""
        if key == "labs":
            return True
        case, laboratory = self._case(key, item), self._reader.laboratory
        found = [fact.term or "" for fact in case.facts] if case is not None else []
        if not laboratory.level_findings.isdisjoint(found):
            return True
        is_finding = any(self._terms.kind(one) == "finding" for one in found)
        if self._terms.find(item):
            return False
        if any(len(word) > len("HH") and laboratory.level(word) for word in item.split()):
            return True
        return is_finding and bool(names_of_tests(item, laboratory))

    def _person(self, span: Span) -> Span | None:
        """The sentence without the age and sex at its beginning, which are proposed.

        None where an age in it may be that of another.
        """
        found = aged(span.text, self._words)
        if found is None:
            return None if names_age(span.text) else span
        place = span.part(found.start, found.end)
        self._propose(place, "age", found.age, [found.age])
        if found.sex:
            self._propose(place, "sex", found.sex, [found.sex])
        return span.part(found.rest, len(span.text))

    # -- one piece -----------------------------------------------------------------------

    def _read(self, span: Span) -> bool:
        """Whether a piece is an item as it stands, which is proposed."""
        found = self._measured(span) or self._stated(span)
        if found is not None:
            self._propose(*found)
        return found is not None

    def _reported(self, span: Span) -> bool:
        """Whether a piece reports tests alone: what is sure is proposed, the rest told."""
        found = reported(span.text, self._reader.laboratory, self._words)
        for one in found or ():
            place = span.part(one.start, one.end)
            hit = None if one.item is None else self._lab(place, one.item)
            if hit is not None:
                self._propose(*hit)
            else:
                self.unknown.append({**place.told(), "what": one.why, "suggestions": []})
        return bool(found)

    def _lab(self, span: Span, item: Any) -> _Hit | None:
        case = self._case("labs", item)
        if case is None or case.not_understood or not (case.facts or case.uninterpreted):
            return None
        return _Hit(span, "labs", item, _read_as(case) or [span.text])

    def _measured(self, span: Span) -> _Hit | None:
        """A test with its value and unit, or its level, and nothing else that is not sure."""
        found = reported(span.text, self._reader.laboratory, self._words) or []
        if len(found) != 1 or not found[0].item:
            return None
        return self._lab(span.part(found[0].start, found[0].end), found[0].item)

    def _stated(self, span: Span) -> _Hit | None:
        """A piece that is a name, a code or a phrase of reports, with nothing beside it."""
        is_name = bool(self._terms.find(span.text))
        if not is_name and self._is_of_test("conditions", span.text):
            return None  # its words may tell of another time
        return self._term(span) if is_name or self._words.read(span.text) is None else None

    def _term(self, span: Span) -> _Hit | None:
        case = self._case("conditions", span.text)
        if case is None or case.not_understood or not (case.facts or case.workup):
            return None
        return _Hit(span, self._list_of(case), span.text, _read_as(case))

    def _list_of(self, case: Case) -> str:
        """The list of a case in which such an item stands, by the first fact that it states."""
        for fact in case.facts:
            if fact.term == names.CALCINOSIS:
                return "calcinosis"
            if fact.term:
                return LIST_OF.get(self._terms.kind(fact.term), "findings")
        return "conditions"

    def _denied(self, span: Span) -> bool:
        """Whether a piece is a list of denials, each of which is proposed, or told."""
        denied = self._reader.vocabulary.denied
        words = denied(span.text) or denied(without_start(span.text))
        for word in words:
            place = span.text.find(word)
            part = span.part(place, place + len(word)) if place >= 0 else span
            case = self._case("excluded", word)
            if case is None or case.not_understood or not (case.facts or case.workup):
                self._unsure = True
                self._tell(part, case)
            elif is_qualified(word) or not self._is_bare(part):  # it is denied for a time only
                self._change(part, ())
            else:
                self._propose(part, "excluded", word, _read_as(case))
        self._denying += [span] if words else []
        return bool(words)

    def _is_bare(self, span: Span) -> bool:
        """Whether what is denied of a test is a name, or its level and no more."""
        is_name = bool(self._terms.find(span.text))
        return is_name or not self._is_of_test("excluded", span.text) or bool(self._measured(span))

    def _names_in(self, span: Span) -> None:
        """Propose the names that stand in a piece as the words around them say."""
        hits = self._hits(span)
        texts, items = span.around([one.span for one in hits]), (one.item for one in hits)
        around = beside(texts, self._words, names=items)
        bare = {"and", "or"}.issuperset(map(str.casefold, _WORD.findall(" ".join(texts))))
        if not hits:
            was_held = self._held
            self._note(span)
            self._tell(span, self._case("conditions", span.text), is_alone=not was_held)
        elif around.standing == "changed" or is_doubted(span.text) or (bare and self._held):
            self._change(span, around.words)
        elif self._may_share_a_level(hits):
            self._change(span, ())
        elif around.standing == "stated":
            self._held = False
            for hit in hits:
                self._propose(*hit)
        else:
            self._rule_out(span, hits)

    def _may_share_a_level(self, hits: list[_Hit]) -> bool:
        """Whether a level may be said of another name too, which is that of a test as well."""
        found, others = self._reader.laboratory, [one.item for one in hits if one.key != "labs"]
        is_test = any(found.asked(one) or found.find(one) for one in others)
        return is_test and len(others) < len(hits)

    def _note(self, span: Span) -> None:
        """Keep in mind that a piece was not proposed, and whether it may change others."""
        self._held = self._unsure = True
        self._turned = self._turned or turns(span.text, self._words)

    def _change(self, span: Span, words: tuple[str, ...]) -> None:
        """Tell names and values beside which words stand that may change them."""
        self._note(span)
        said = f"{_CHANGED}: {' '.join(words)}" if words else _CHANGED
        self.unknown.append({**span.told(), "what": said, "suggestions": []})

    def _rule_out(self, span: Span, hits: list[_Hit]) -> None:
        """Propose as ruled out the one name that a piece denies; of several it is not known."""
        case = self._case("excluded", hits[0].span.text)
        if len(hits) > 1 or case is None or case.not_understood or not (case.facts or case.workup):
            self._change(span, ())
        else:
            self._propose(hits[0].span, "excluded", hits[0].span.text, _read_as(case))

    def _hits(self, span: Span) -> list[_Hit]:
        """The values and names that stand in a piece, in their order."""
        found: list[_Hit] = []
        for piece in span.apart(_JOINED):
            value = self._measured(piece) if piece.text else None
            found += [value] if value else self._names(piece)
        return found

    def _names(self, span: Span) -> Iterator[_Hit]:
        words, place = list(_WORD.finditer(span.text)), 0
        while place < len(words):
            size, hit = self._name_at(span, words, place)
            if hit is not None:
                yield hit
            place += size

    def _name_at(
        self, span: Span, words: list[re.Match[str]], place: int
    ) -> tuple[int, _Hit | None]:
        """Of how many words the longest name is that begins there, and that name alone."""
        following = [word.group() for word in words[place : place + _WINDOW + 1]]
        most = next((n for n, pair in enumerate(pairwise(following)) if is_joining(pair)), _WINDOW)
        if not most:
            return 2, None
        for size in range(min(most, _WINDOW, len(words) - place), 0, -1):
            piece = span.of_words(words[place : place + size])
            if len(piece.text) > 2 and self._is_name(piece.text) and self._term(piece):
                return size, self._term(self._alone(piece))
        return 1, None

    def _alone(self, span: Span) -> Span:
        """A name without the words at its ends that change nothing in what it is read as.

        Those that belong to it, as "syndrome" may, stay.
        """
        words = list(_WORD.finditer(span.text))
        ends = [(1, len(words)), *((0, last) for last in range(len(words) - 1, 0, -1))]
        for first, last in ends[: 1 if self._ends_in_name(span, words) else None]:
            if first < last and self._is_idle([*words[:first], *words[last:]]):
                piece = span.of_words(words[first:last])
                if self._same(span, piece):
                    return self._alone(piece)
        return span

    def _ends_in_name(self, span: Span, words: list[re.Match[str]]) -> bool:
        """Whether the last words, two at least, are a name: none of them stands beside one.

        What stands in brackets belongs to the name before them.
        """
        if span.text.endswith(")"):
            return True
        ends = (span.part(one.start(), len(span.text)) for one in words[:-1])
        return any(self._terms.find(end.text) for end in ends)

    def _is_idle(self, words: list[re.Match[str]]) -> bool:
        """Whether words state only, or say nothing of the kind and the place of a thing."""
        return all(is_stating(one.group()) or not self._narrows(one.group()) for one in words)

    def _narrows(self, word: str) -> bool:
        said = self._words.says(word)
        return said.narrower or said.at_deposit

    def _same(self, one: Span, other: Span) -> bool:
        """Whether two texts are read as the same, and say alike that it was before."""
        if len(other.text) <= 2 or not self._is_name(other.text):
            return False
        return self._meant(one.text) == self._meant(other.text)

    def _meant(self, text: str) -> object:
        case = self._case("conditions", text)
        if case is None or case.not_understood:
            return None
        reading = None if self._terms.find(text) else self._words.read(text)
        earlier = reading is not None and reading.said.earlier
        facts = {(f.affirmed, f.property, f.term, f.when) for f in (*case.facts, *case.workup)}
        return facts, earlier

    def _is_name(self, text: str) -> bool:
        if self._terms.find(text):
            return True
        reading = self._words.read(text)
        if reading is None or not reading.said.is_plain or reading.unread:
            return False
        return len(reading.things) < 2 or len(joined(text)) < 2

    def _case(self, key: str, item: Any) -> Case | None:
        try:
            return self._reader.read({"id": "proposed", key: [item]}, "")
        except CaseError:
            return None

    # -- what comes of it ----------------------------------------------------------------

    def _propose(self, span: Span, key: str, item: Any, reads: list[str]) -> None:
        if _OF_ALL.issuperset(reads):  # a heading
            return
        if key == "calcinosis":
            item = "present"
        item = self._as_early(span, item.strip(" :")) if isinstance(item, str) else item
        self.proposed.append({**span.told(), "list": key, "item": item, "reads": reads})

    def _as_early(self, span: Span, item: str) -> str:
        """An item with the words of before that stand at the start of the list that it is in."""
        words, end = item.split(), span.start + len(span.text)
        for size in range(1, len(words)):
            before = " ".join(words[:size])
            if self._words.says(before).earlier and self._is_name(" ".join(words[size:])):
                self._early = (before, end)
                return item
        (before, last), reading = self._early, self._words.read(item)
        is_bare = reading is not None and not reading.said.beside
        if not (before and is_bare and _GOES_ON.fullmatch(self._text[last : span.start])):
            return item
        self._early = (before, end)
        return f"{before} {item}"

    def _tell(self, span: Span, case: Case | None, *, is_alone: bool = True) -> None:
        remarks = (*case.not_understood, *case.set_aside) if case is not None else ()
        remark = remarks[0] if remarks else None
        tests = names_of_tests(span.text, self._reader.laboratory)
        what = remark.reason if remark else "it states nothing that is known here"
        is_told = remark is not None and remark.suggestions
        said: dict[str, Any] = {
            "what": f"{_TEST}: {', '.join(tests)}" if tests and not is_told else what,
            "suggestions": list(remark.suggestions) if remark else [],
        }
        if remark and remark.suggestions and is_alone and not is_doubted(span.text):
            said["means"] = list(self._meanings(remark))
        self.unknown.append({**span.told(), **said})

    def _meanings(self, remark: Remark) -> Iterator[dict[str, str]]:
        """Each suggestion as an item of the list in which it would stand."""
        for label in remark.suggestions:
            case = self._case("conditions", label)
            if remark.kind == "excluded":
                yield {"list": "excluded", "item": label}
            elif case is not None and case.facts:
                yield {"list": self._list_of(case), "item": label}


def _read_as(case: Case) -> list[str]:
    """What a case states, in words."""
    facts = (*case.facts, *case.workup)
    words = (fact.label if fact.affirmed else f"no {fact.label}" for fact in facts)
    remarks = (f"{one.what}: {one.reason}" for one in case.uninterpreted)
    return list(dict.fromkeys((*words, *remarks)))
