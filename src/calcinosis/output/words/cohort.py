"""A cohort as text for people: the answer first, then each patient in a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from calcinosis.errors import counted, listed
from calcinosis.output.wording import STEPS, VERDICT, short, wrapped
from calcinosis.output.words.table import grid
from calcinosis.output.words.verdicts import COLOURS, Style, plain
from calcinosis.reasoning.verdict import (
    CONFLICTING,
    ENTAILED,
    PRESUMED,
    STANDINGS,
    UNDETERMINED,
    Standing,
)
from calcinosis.study.cohort import Cohort, Missing, Need, Patient, SubtypeCounts, Unread
from calcinosis.study.intervals import Share
from calcinosis.study.persons import HOW, LEADING

MANY: Final = 10
"""Lines of one kind; the tables and JSON have all."""
_LONGEST_ID: Final = 20
_PERCENT: Final = "\u00a0%"  # at which no line ends
_NAMED: Final[tuple[Standing, ...]] = (ENTAILED, PRESUMED, CONFLICTING)


def percent(share: Share) -> str:
    """An interval in whole per cent; a dash of nobody."""
    if share.interval is None:
        return "\u2013"
    low, high = share.interval
    return f"{low * 100:.0f}\u2013{high * 100:.0f} %"


def _whole(share: Share) -> str:
    return f"{100 * (share.value or 0):.0f} %, {percent(share)}"


def summary_text(cohort: Cohort, *, width: int = 80, style: Style = plain) -> str:
    """What the patients come to, what is missing and what was not understood."""
    return "\n".join(_Summary(cohort, max(40, width), style).lines()) + "\n"


def patient_lines(cohort: Cohort, *, width: int = 80, style: Style = plain) -> Iterator[str]:
    """Each row in one line: what follows or is presumed of it, else why all is open."""
    labels = {subtype.id: short(subtype.label) for subtype in cohort.subtypes}
    room = min(_LONGEST_ID, max((len(patient.id) for patient in cohort.rows), default=0))
    for patient in cohort.rows:
        kind = leading(patient)
        start = f"{_cut(patient.id, room):<{room}}  "
        word = f"{VERDICT[kind].upper():<9} "
        end = _unknown(patient)
        text = _cut(_told(patient, kind, labels), width - len(start) - len(word) - len(end))
        yield f"{start}{style(word, COLOURS[kind])}{text}{end}".rstrip() + "\n"


LINES: Final = "Patients (of an open one, what it lacks; words?: not understood)"
"""What stands above the lines of the patients."""


def leading(patient: Patient) -> Standing:
    """The standing that says most of a patient."""
    return next(kind for kind in LEADING if kind in patient.standings)


def _told(patient: Patient, kind: Standing, labels: Mapping[str, str]) -> str:
    """What has the standing, and why nothing more is known."""
    if kind == UNDETERMINED and patient.needs:
        needs = patient.needs.items()
        return "; ".join(
            f"{labels[one]} needs {', '.join(map(_brief, found))}" for one, found in needs
        )
    pairs = zip(labels.values(), patient.standings, strict=True)
    named = [label for label, standing in pairs if standing == kind]
    return ", ".join(filter(None, (listed(named) if kind in _NAMED else "", patient.why)))


def _brief(need: Need) -> str:
    return f"{need.asks} ({need.lacks})" if need.lacks else need.asks


def _unknown(patient: Patient) -> str:
    count = len(patient.not_understood)
    return f"; {counted(count, 'word')}?" if count else ""


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: max(0, room - 1)]}\u2026"


class _Summary:
    def __init__(self, cohort: Cohort, width: int, style: Style) -> None:
        self._cohort = cohort
        self._width = width
        self._style = style

    def lines(self) -> list[str]:
        parts = (
            self._answer(),
            self._first(),
            self._subtypes(),
            self._nothing(),
            self._missing(),
            self._conditions(),
            self._contradictory(),
            self._unread("Not understood", self._cohort.not_understood),
            self._unread("Not interpreted", self._cohort.not_interpreted, are_values=True),
            self._flags(),
        )
        found: list[str] = []
        for part in filter(None, parts):
            found += ["", *part] if found else part
        return found

    def _wrapped(self, text: str, indent: int = 0, hang: int = 2) -> list[str]:
        lines = wrapped(text.replace(" %", _PERCENT), self._width, indent, hang)
        return [line.replace(_PERCENT, " %") for line in lines]

    def _titled(self, title: str, items: Sequence[str], total: int) -> list[str]:
        more = total - len(items)
        tail = [f"  and {more} more, in -f json and -f xlsx"] if more > 0 else []
        lines = [line for item in items for line in self._wrapped(item, 2)]
        return [self._style(title, "bold"), *lines, *tail]

    def _answer(self) -> list[str]:
        cohort, count = self._cohort, len(self._cohort)
        refused = len(cohort.refused)
        also = [f"{counted(refused, 'input')} refused"] if refused else []
        if not count:
            return self._wrapped("; ".join(["No patients", *also]) + ".")
        following, presumed = cohort.following, cohort.presumed
        nothing = count - following.count - presumed.count
        told = [
            f"a subtype follows in {following.count} ({_whole(following)})",
            f"in {presumed.count} more one is presumed ({_whole(presumed)})",
            f"in {nothing} neither",
            *also,
        ]
        told_people = cohort.people
        head = f"{told_people}: {'; '.join(told)}. Intervals are 95 %, {following.author}."
        first, *rest = self._wrapped(head)
        how = self._wrapped(HOW, 0, 0) if len(cohort.rows) > count else []
        return [self._style(told_people, "bold") + first.removeprefix(told_people), *rest, *how]

    def _first(self) -> list[str]:
        found = self._cohort.first
        items = [f"{one.patients}: {one}" for one in found]
        return self._titled("Mend first (patients: what)", items, len(found)) if found else []

    def _subtypes(self) -> list[str]:
        if not self._cohort.patients:
            return []
        rows = [[short(one.label), *_cells(one)] for one in self._cohort.subtypes]
        heads = ["subtype", *(VERDICT[standing] for standing in STANDINGS)]
        return grid(heads, rows, self._width, self._style, dense=True)

    def _nothing(self) -> list[str]:
        found = self._cohort.nothing
        if not found:
            return []
        items = [f"{count}: {why}" for why, count in list(found.items())[:MANY]]
        return self._titled("Neither follows nor is presumed, because", items, len(found))

    def _missing(self) -> list[str]:
        found, plan = self._cohort.missing, self._cohort.plan
        if not found:
            return []
        known = plan[-1].of if plan else 0
        title = f"What would settle most (open, with a known cause: {known})"
        needed = {one.asks: one for one in found}
        items = [
            f"{'then ' * bool(number)}{step.asks}: settled {step.settled} of {step.of}"
            f" ({_needed(needed[step.asks])})"
            for number, step in enumerate(plan[:MANY])
        ]
        return self._titled(title, items, len(plan))

    def _conditions(self) -> list[str]:
        found = [one for one in self._cohort.conditions if one.patients][:MANY]
        if not found:
            return []
        columns = [
            place
            for place in range(len(self._cohort.subtypes))
            if any(_claims(one.subtypes[place]) for one in self._cohort.conditions)
        ]
        heads = ["condition, as stated", "patients"]
        heads += [short(self._cohort.subtypes[place].label) for place in columns]
        rows = [
            [one.label, str(one.patients), *(_claims(one.subtypes[place]) for place in columns)]
            for one in found
        ]
        more = len(self._cohort.conditions) - len(found)
        note = "Under a subtype: in how many it follows, + in how many it is presumed."
        tail = f" And {more} more, in -f json and -f xlsx." if more > 0 else ""
        return [
            *grid(heads, rows, self._width, self._style, dense=True),
            *self._wrapped(note + tail, 0, 0),
        ]

    def _contradictory(self) -> list[str]:
        found = self._cohort.contradictory
        if not found:
            return []
        named = [one.id for one in found[:MANY]]
        rows = " rows" if len(self._cohort.rows) > len(self._cohort) else ""
        title = f"Contradictory facts in {len(found)}{rows}"
        return self._titled(title, [listed(named)], len(found) - len(named) + 1)

    def _unread(
        self, title: str, found: Sequence[Unread], *, are_values: bool = False
    ) -> list[str]:
        """What was not read; why is left out of a word where the reason only names it."""
        if not found:
            return []
        blocks = {one.id: short(one.label) for one in self._cohort.subtypes} | STEPS
        items = []
        for one in found[:MANY]:
            near = f"; did you mean {listed(one.suggestions, 'or')}?" if one.suggestions else ""
            held = listed([blocks.get(block, block) for block in one.blocks])
            back = f"; holds back {held}" if held else ""
            is_told = one.what in one.reason and not are_values
            reason = "" if is_told else f", {one.reason}"
            items.append(f"{one.patients}: {one.what}{reason}{near}{back}")
        return self._titled(f"{title} (patients: what)", items, len(found))

    def _flags(self) -> list[str]:
        found = notes(self._cohort)
        items = [f"{patients}: {on}: {words}" for words, on, patients in found[:MANY]]
        return self._titled("Notes (patients: subtype)", items, len(found)) if found else []


def notes(cohort: Cohort) -> list[tuple[str, str, int]]:
    """Each note, the subtypes on which as many patients have it, and how many; most first."""
    alike: dict[tuple[str, int], list[str]] = {}
    for one in cohort.flags:
        alike.setdefault((one.words, one.patients), []).append(short(one.label))
    return [(words, listed(labels), patients) for (words, patients), labels in alike.items()]


def _cells(one: SubtypeCounts) -> Iterator[str]:
    for standing, share in one.standings.items():
        has_interval = standing in (ENTAILED, PRESUMED) and share.count
        yield f"{share.count} ({percent(share)})" if has_interval else str(share.count)


def _claims(counts: Mapping[Standing, int]) -> str:
    """In how many a subtype follows, and in how many it is presumed; empty where in none."""
    follows, presumed = counts.get(ENTAILED, 0), counts.get(PRESUMED, 0)
    if not (follows or presumed):
        return ""
    return f"{follows} + {presumed}" if presumed else str(follows)


def _needed(one: Missing) -> str:
    given = f", {one.given} of them have a value that lacks something" if one.given else ""
    return f"needed by {one.patients}{given}"
