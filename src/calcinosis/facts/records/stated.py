"""What the parts of a record state, before a word or code is understood, and what it comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from calcinosis.facts.case import Remark, When
from calcinosis.facts.records.codings import Coding
from calcinosis.facts.records.times import Time


@dataclass(frozen=True, slots=True)
class Stated:
    """One thing that is stated of the patient, or (``excluded``) stated absent.

    ``key`` is the list of a case that it stands in where its term is not understood; ``where`` its
    place in the document. ``codings`` and ``text`` name it, ``sites`` where it was seen.
    ``at_deposit`` and ``cause`` say how it is linked to the deposit. ``modifiers`` are codes beside
    its term, which may be of sites, ``effects`` codes of what it brought about. What is
    ``concluded`` is no more than the level of a measurement of the same document.
    """

    key: str
    where: str
    codings: tuple[Coding, ...]
    text: str = ""
    excluded: bool = False
    when: When = "at"
    notes: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    at_deposit: bool | None = None
    cause: bool | None = None
    modifiers: tuple[Coding, ...] = ()
    effects: tuple[Coding, ...] = ()
    concluded: bool = False

    def __str__(self) -> str:
        return next(map(str, self.codings), "") or self.text

    @property
    def links(self) -> dict[str, bool]:
        """What is stated of the link to the deposit, as an item of a case has it."""
        said = {"at_deposit": self.at_deposit, "cause": self.cause}
        return {key: value for key, value in said.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Measured:
    """One thing that was measured or looked for.

    ``value`` is a number or a bound such as ``>60``, ``units`` the spellings of its unit, best
    first, ``interval`` the range that the document gives for it; ``level`` a word for it, and
    ``words`` what may be one, which counts before it.
    ``answers`` are codes that stand for a value, ``present`` whether what was looked for was there.
    ``said`` is the value in words.
    """

    where: str
    codings: tuple[Coding, ...]
    text: str = ""
    value: object = None
    units: tuple[str, ...] = ()
    interval: tuple[object, object] | None = None
    level: str | None = None
    words: tuple[str, ...] = ()
    answers: tuple[Coding, ...] = ()
    present: bool | None = None
    said: str = ""
    time: Time | None = None
    when: When = "at"
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What was measured, in words."""
        return next((one.label for one in self.codings if one.label), "") or self.text or str(self)

    def __str__(self) -> str:
        return next(map(str, self.codings), "") or self.text


@dataclass
class Settled:
    """A record in the case format; ``places`` are those of its parts in the document.

    ``set_aside`` and ``uninterpreted`` are remarks on what it holds besides.
    """

    case: dict[str, Any]
    places: dict[str, str] = field(default_factory=dict)
    set_aside: list[Remark] = field(default_factory=list)
    uninterpreted: list[Remark] = field(default_factory=list)

    def add(self, key: str, item: object, where: str) -> None:
        """Put an item into a list of the case."""
        items = self.case.setdefault(key, [])
        self.places[f"{key}[{len(items)}]"] = where
        items.append(item)

    def remark(self, what: str, where: str, reason: str) -> None:
        """Note what gives no fact, or what does not fit together."""
        self.set_aside.append(Remark(what, where, reason))


class Unread:
    """Counts what was not read, by its kind, for one remark on all of it."""

    def __init__(self) -> None:
        self._found: Counter[str] = Counter()

    def add(self, what: str, times: int = 1) -> None:
        """Count one thing more."""
        self._found[what] += times

    def fields(self, item: Mapping[str, Any], known: Iterable[str], kind: str = "") -> None:
        """Count the fields of an item that are not among the known ones."""
        for key in item:
            if key not in known:
                self._found[f"{kind}.{key}" if kind else str(key)] += 1

    def remarks(self, reason: str, where: str = "") -> tuple[Remark, ...]:
        """The remark, with the counts; none where nothing was counted."""
        if not self._found:
            return ()
        said = (name if n == 1 else f"{name} ({n})" for name, n in self._found.items())
        return (Remark(", ".join(said), where, reason),)
