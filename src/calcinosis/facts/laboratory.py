"""Laboratory values: units, reference intervals, albumin correction, and the level they give.

All medicine is read from ``ontology/laboratory.ttl``: analytes, accepted units with factors
from molar masses, plausible ranges, and intervals, each with the source that was read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from calcinosis import names
from calcinosis.errors import OntologyError
from calcinosis.facts import age
from calcinosis.facts.quantity import (
    FAR,
    LEVEL_WORDS,
    Interval,
    LevelWord,
    Unit,
    decimals,
    of_three,
    spell,
)
from calcinosis.graph.folding import tokens
from calcinosis.graph.likeness import is_slip
from calcinosis.graph.phrasing import WORD, Alike
from calcinosis.graph.triples import Triples

_REMEMBERED = 4096
_Band = tuple[float, float, str | None, "Interval"]  # ages from and to in days, sex
_CHARGE = re.compile("[+\u207a]")
_WORD = re.compile(r"[^\W\d_]+")
_LOINC = ("", "LOINC:", "http://loinc.org/", "https://loinc.org/")


@dataclass(frozen=True, slots=True)
class Analyte:
    """One measured quantity.

    ``high``, ``low`` and ``abnormal`` are the IRIs of its level findings. Analytes of one
    ``group`` measure one level; the one with the lowest ``precedence`` is believed. ``units``
    are by spelling; ``minimum`` and ``maximum``, in the ``canonical`` unit, bound what is
    taken for real.
    """

    iri: str
    label: str
    high: str
    low: str
    abnormal: str
    group: str
    precedence: int
    canonical: str
    units: dict[str, Unit]
    minimum: float
    maximum: float

    def unit(self, text: str) -> Unit | None:
        """The accepted unit that ``text`` spells, or None."""
        return self.units.get(spell(text))

    def other_units(self, unit: Unit) -> tuple[Unit, ...]:
        """The accepted units in which a number means something else than in this one."""
        found = dict.fromkeys(self.units.values())
        return tuple(one for one in found if one.factor != unit.factor)

    @property
    def levels(self) -> tuple[str, str, str]:
        """The IRIs of the findings that its values may state."""
        return self.high, self.low, self.abnormal

    def example(self, unit: Unit | None = None) -> str:
        """A bound that could be measured, such as ``>8``, in a unit or in the canonical one."""
        factor = 1.0 if unit is None else unit.factor
        middle = math.sqrt(self.minimum * self.maximum) / factor
        return f">{float(f'{middle:.2g}'):.12g}"


@dataclass(frozen=True, slots=True)
class Correction:
    """The correction of one analyte by another: value + slope x (reference - the other).

    ``of`` and ``by`` are the IRIs of the corrected and the correcting analyte, ``gives`` that of
    what comes out; ``slope`` is in ``unit`` for each ``by_unit``, ``reference`` in ``by_unit``.
    It holds from an age in days on.
    """

    of: str
    by: str
    slope: float
    reference: float
    unit: Unit
    by_unit: Unit
    references: tuple[str, ...]
    gives: str = ""
    age_from: float = 0.0

    def covers(self, age_days: float | None) -> bool:
        """Whether it may be applied at an age.

        It may where no age is given: such a case is taken for an adult's, as wherever a value is
        read here, and only its own interval or a word can judge its values at all.
        """
        return age_days is None or age_days >= self.age_from


def _covering(
    bands: Iterable[_Band], age_days: float | None, sex: str | None
) -> tuple[Interval, ...]:
    """The intervals for an age in days and a sex; none without an age."""
    if age_days is None:
        return ()
    return tuple(
        interval
        for start, end, for_sex, interval in bands
        if start <= age_days < end and for_sex in (None, sex)
    )


class Laboratory:
    """The analytes, intervals and the correction of a loaded laboratory module.

    ``cited`` holds the keys of the references that each interval or formula cites. What the
    module states wrongly, such as a word for a number, is an OntologyError when it is read.
    """

    def __init__(
        self,
        triples: Triples,
        cited: dict[str, tuple[str, ...]],
        left_out: frozenset[str] = frozenset(),
    ) -> None:
        """``cited`` gives the references of intervals and formulas; ``left_out`` are not used."""
        self._t = triples
        self._cited = cited
        self._left_out = left_out
        # A laboratory prints the same intervals case after case.
        self.is_foreign = lru_cache(_REMEMBERED)(self._is_foreign)
        self.printed_decimals = lru_cache(_REMEMBERED)(self._printed_decimals)
        self.may_mean = lru_cache(_REMEMBERED)(self._may_mean)

    @cached_property
    def analytes(self) -> dict[str, Analyte]:
        """The analytes by IRI."""
        return {iri: self._analyte(iri) for iri in self._t.instances(names.CC + "Analyte")}

    def _number(self, subject: str, predicate: str) -> float | None:
        text = self._t.text(subject, names.CC + predicate)
        if text is None:
            return None
        try:
            return float(text)
        except ValueError as error:
            raise self._fault(subject, predicate, text) from error

    def _fault(self, subject: str, predicate: str, text: str | None) -> OntologyError:
        return OntologyError(
            f"{names.local(subject)} has {text!r} for {predicate}, which cannot be",
            self._t.modules.get("laboratory", "the laboratory module"),
            "Mend it there",
        )

    def _days(self, subject: str, predicate: str, default: float) -> float:
        text = self._t.text(subject, names.CC + predicate)
        if text is None:
            return default
        found = age.days(text)
        if found is None:
            raise self._fault(subject, predicate, text)
        return found

    def _unit_at(self, subject: str, predicate: str, analyte: str) -> Unit:
        """The unit that a node names, which must be one that its analyte accepts."""
        text = self._t.text(subject, names.CC + predicate)
        found = self.analytes[analyte].unit(text or "") if analyte in self.analytes else None
        if found is None:
            raise self._fault(subject, predicate, text)
        return found

    def _analyte(self, iri: str) -> Analyte:
        t = self._t
        units: dict[str, Unit] = {}
        for node in t.iris(iri, names.CC + "unit"):
            code = t.text(node, names.CC + "ucum") or ""
            unit = Unit(code, self._number(node, "factor") or math.nan)
            for word in (code, *t.texts(node, names.SYNONYM)):
                units[spell(word)] = unit
        return Analyte(
            iri=iri,
            label=t.text(iri, names.LABEL) or names.local(iri),
            high=t.iri(iri, names.CC + "highFinding") or "",
            low=t.iri(iri, names.CC + "lowFinding") or "",
            abnormal=t.iri(iri, names.CC + "abnormalFinding") or "",
            group=t.iri(iri, names.CC + "levelOf") or iri,
            precedence=int(self._number(iri, "precedence") or 1),
            canonical=t.text(iri, names.CC + "canonicalUnit") or "",
            units=units,
            minimum=self._number(iri, "plausibleMinimum") or 0.0,
            maximum=self._number(iri, "plausibleMaximum") or math.inf,
        )

    @cached_property
    def _level_words(self) -> dict[str, LevelWord]:
        known = {word: word for word in LEVEL_WORDS}
        found: dict[str, LevelWord] = {}
        for node in self._t.instances(names.CC + "LevelWord"):
            text = self._t.text(node, names.CC + "statesLevel")
            if text not in known:
                raise self._fault(node, "statesLevel", text)
            for word in (*self._t.texts(node, names.LABEL), *self._t.texts(node, names.SYNONYM)):
                found[names.bare(word)] = known[text]
        return found

    def level(self, text: str) -> LevelWord | None:
        """The level that a word or sign of a report states, in any case; None if it is none."""
        return self._level_words.get(names.bare(text))

    @cached_property
    def level_findings(self) -> frozenset[str]:
        """The IRIs of the findings that are levels of an analyte."""
        return frozenset(iri for a in self.analytes.values() for iri in a.levels)

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        index: dict[str, list[str]] = {}
        for iri in self.analytes:
            codes = self._t.texts(iri, names.CC + "loinc")
            words = {
                names.normal(names.local(iri)),
                names.normal("calc:" + names.local(iri)),
                *(names.normal(w) for w in self._t.texts(iri, names.LABEL)),
                *(names.normal(w) for w in self._t.texts(iri, names.SYNONYM)),
                *(names.normal(base + code) for code in codes for base in _LOINC),
            }
            for word in words:
                index.setdefault(word, []).append(iri)
        return index

    def find(self, text: str) -> list[Analyte]:
        """The analytes that a test's name, class name or LOINC code stands for.

        Case, spelling and order of the words make no difference, nor do words that any test may
        have beside it, such as "serum", written apart or in one word with it.
        """
        found = self._by_name.get(names.normal(text)) or self._by_words.get(self._key(text))
        if not found and (parted := self._parted(text)) != text:
            found = self._by_words.get(self._key(parted))
        return [self.analytes[iri] for iri in found or ()]

    def _parted(self, text: str) -> str:
        """A name without the words that stand in one word with it, as German has them."""
        return " ".join(self._compound.sub("", word) for word in tokens(text))

    @cached_property
    def _compound(self) -> re.Pattern[str]:
        ends = "|".join(sorted(re.escape(word) for word in self._beside if len(word) > 3))
        return re.compile(rf"\A(?:{ends})(?=\w{{3}})|(?<=\w{{3}})(?:{ends})\Z")

    def asked(self, text: str) -> tuple[str, ...]:
        """What a test's name may mean, where it is no name of one test alone; else nothing."""
        key = self._key(text)
        for node in self._t.instances(names.CC + "AmbiguousWord"):
            if key in [self._key(word) for word in self._t.texts(node, WORD)]:
                ours = self._t.iris(node, names.CC + "mayMean")
                labels = [self.analytes[iri].label for iri in ours if iri in self.analytes]
                return (*labels, *self._t.texts(node, names.CC + "mayAlsoMean"))
        return ()

    @cached_property
    def _alike(self) -> Alike:
        return Alike(self._t)

    @cached_property
    def _beside(self) -> frozenset[str]:
        nodes = self._t.instances(names.CC + "SmallWords")
        return frozenset(t for node in nodes for w in self._t.texts(node, WORD) for t in tokens(w))

    def _key(self, text: str) -> tuple[str, ...]:
        """The words of a test's name that tell it from others, in any order."""
        words = self._alike.form(tokens(text))
        return tuple(sorted({word for word in words if word not in self._beside}))

    @cached_property
    def _by_words(self) -> dict[tuple[str, ...], list[str]]:
        index: dict[tuple[str, ...], list[str]] = {}
        for iri in self.analytes:
            named = (names.LABEL, names.SYNONYM, names.HIDDEN)
            words = (word for predicate in named for word in self._t.texts(iri, predicate))
            # The charge of an ion is no word: Ca2+ is not calcium of any kind.
            plain = (word for word in words if not _CHARGE.search(word))
            for key in {self._key(word) for word in plain} - {()}:
                index.setdefault(key, []).append(iri)
        return index

    def _may_mean(self, text: str) -> tuple[str, ...]:
        """The level findings (IRIs) of the analytes that share a word with an unknown test."""
        words = {*_WORD.findall(names.normal(text))}
        found = (
            self.analytes[iri].levels
            for name, iris in self._by_name.items()
            if words.intersection(_WORD.findall(name))
            for iri in iris
        )
        return tuple(dict.fromkeys(iri for levels in found for iri in levels))

    def nearest(self, text: str) -> list[str]:
        """The tests of which a misspelt name is a slip of a letter or two; never another test."""
        asked = "".join(tokens(text))
        found: dict[str, None] = {}
        for name, iris in self._by_name.items():
            if is_slip(asked, "".join(tokens(name))):
                found |= dict.fromkeys(self.analytes[iri].label for iri in iris)
        return list(found)[:3]

    @cached_property
    def _intervals(self) -> dict[str, list[_Band]]:
        return self._bands(left_out=False)

    @cached_property
    def _intervals_left_out(self) -> dict[str, list[_Band]]:
        return self._bands(left_out=True)

    def _bands(self, *, left_out: bool) -> dict[str, list[_Band]]:
        t = self._t
        found: dict[str, list[_Band]] = {}
        for node in t.instances(names.CC + "ReferenceInterval"):
            if (node in self._left_out) is not left_out:
                continue
            analyte = t.iri(node, names.CC + "analyte") or ""
            found.setdefault(analyte, []).append(
                (
                    self._days(node, "ageFrom", 0.0),
                    self._days(node, "ageTo", math.inf),
                    t.text(node, names.CC + "sex"),
                    Interval(
                        self._number(node, "lowerBound"),
                        self._number(node, "upperBound"),
                        self._unit_at(node, "inUnit", analyte),
                        (t.text(node, names.LABEL) or names.local(node)).rpartition(", ")[2],
                        self._cited.get(node, ()),
                        (
                            t.text(node, names.CC + "ageFrom"),
                            t.text(node, names.CC + "ageTo"),
                        ),
                        self._decimals_of(node),
                    ),
                )
            )
        return found

    def _decimals_of(self, node: str) -> int:
        ends = (self._t.text(node, names.CC + bound) for bound in ("lowerBound", "upperBound"))
        return max((decimals(end) for end in ends if end is not None), default=0)

    def _printed_decimals(self, analyte: str, interval: Interval) -> int:
        """With how many decimals a laboratory would have printed an interval of its own.

        A file does not tell 9 from 9.0: so at least as many as the sourced intervals have in its
        unit, or as show three figures in another.
        """
        known = [sourced for *_, sourced in self._intervals.get(analyte, ())]
        printed = [one.decimals for one in known if one.unit == interval.unit]
        there = [one.in_unit(interval.unit) for one in known] or [interval]
        ends = [one.high or one.low or 0.0 for one in there]
        own = max(decimals(repr(end)) for end in (interval.low or 0, interval.high or 0))
        return max(own, *printed) if printed else max(own, of_three(max(ends)))

    def _is_foreign(self, analyte: str, interval: Interval) -> bool:
        """Whether an interval is far from every sourced one of its analyte, whatever the age.

        So is one that reaches absurdly far on one side, unless it is usual in another unit.
        """
        known = [sourced for *_, sourced in self._intervals.get(analyte, ())]
        if not known:
            return False
        if all(interval.is_far_from(sourced) for sourced in known):
            return True
        if self.usual_units(self.analytes[analyte], interval):
            return False
        there = [sourced.in_unit(interval.unit) for sourced in known]
        low, high = interval.low or math.inf, interval.high or 0.0
        return all(one.low is not None and FAR * low < one.low for one in there) or all(
            one.high is not None and high > FAR * one.high for one in there
        )

    def is_usual(self, analyte: Analyte, interval: Interval) -> bool:
        """Whether an interval is, but for a tenth of each bound, a published one of a test."""
        known = (sourced for *_, sourced in self._intervals.get(analyte.iri, ()))
        return any(interval.is_nearly(sourced) for sourced in known)

    def usual_units(self, analyte: Analyte, interval: Interval) -> tuple[Unit, ...]:
        """The other units in which the bounds of an interval would be usual; none if it is so."""
        known = [sourced for *_, sourced in self._intervals.get(analyte.iri, ())]
        if any(interval.is_near(sourced) for sourced in known):
            return ()
        return tuple(
            unit
            for unit in analyte.other_units(interval.unit)
            if any(replace(interval, unit=unit).is_near(sourced) for sourced in known)
        )

    def _judging(self, analyte: str, age_days: float | None) -> tuple[str, ...]:
        """The analytes whose intervals judge one, best first.

        Where the correction holds, what it gives is an estimate of what it corrects: one quantity
        has one interval, whether a laboratory or this program corrected it. Elsewhere a corrected
        value was corrected by the laboratory's own rule, and only its own interval fits.
        """
        formula = self.correction
        if formula is None or analyte != formula.gives or not formula.covers(age_days):
            return (analyte,)
        return formula.of, analyte

    def intervals(
        self, analyte: str, age_days: float | None, sex: str | None
    ) -> tuple[Interval, ...]:
        """The sourced intervals for an age in days and a sex: none of another age.

        Several are printed by sources that disagree.
        """
        for one in self._judging(analyte, age_days):
            found = _covering(self._intervals.get(one, ()), age_days, sex)
            if found:
                return found
        return ()

    def interval(self, analyte: str, age_days: float | None, sex: str | None) -> Interval | None:
        """The first sourced interval for an age in days and a sex, or None."""
        return next(iter(self.intervals(analyte, age_days, sex)), None)

    def expected(
        self, analyte: str, age_days: float | None, sex: str | None
    ) -> tuple[Interval, ...]:
        """The intervals that tell which reading of a value is ordinary.

        Those of the age, else those of adults, which are the ones without an end. They judge
        nothing.
        """
        found = self.intervals(analyte, age_days, sex)
        if found:
            return found
        bands = [
            band for one in self._judging(analyte, None) for band in self._intervals.get(one, ())
        ]
        return tuple(
            i for _, end, for_sex, i in bands if math.isinf(end) and for_sex in (None, sex)
        )

    def is_left_out(self, analyte: str, age_days: float | None, sex: str | None) -> bool:
        """Whether only an interval that is left out covers an age; without one, whether all are."""
        bands = self._intervals_left_out.get(analyte, ())
        if age_days is None:
            return bool(bands) and not self.has_interval(analyte)
        return bool(_covering(bands, age_days, sex))

    def has_interval(self, analyte: str) -> bool:
        """Whether there is a sourced interval of an analyte for any age."""
        return bool(self._intervals.get(analyte))

    @cached_property
    def correction(self) -> Correction | None:
        """The albumin correction formula, or None if the module has none."""
        for node in self._t.instances(names.CC + "AlbuminCorrectionFormula"):
            if node in self._left_out:
                continue
            of = self._t.iri(node, names.CC + "corrects") or ""
            by = self._t.iri(node, names.CC + "correctedBy") or ""
            return Correction(
                of,
                by,
                self._number(node, "slope") or 0.0,
                self._number(node, "referenceAlbumin") or 0.0,
                self._unit_at(node, "inUnit", of),
                self._unit_at(node, "albuminUnit", by),
                self._cited.get(node, ()),
                self._t.iri(node, names.CC + "gives") or "",
                self._days(node, "ageFrom", 0.0),
            )
        return None
