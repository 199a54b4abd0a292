"""Cases judged without the paper that they come from: it supports no claim that decides them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from calcinosis.facts.case import Case
from calcinosis.facts.raw import RawCase
from calcinosis.facts.read import Reader, reader_of
from calcinosis.graph.claims import Reference
from calcinosis.graph.ontology import Ontology
from calcinosis.reasoning.classify import Classifier
from calcinosis.reasoning.verdict import CaseVerdict, Standing

Decide = Callable[[Case], CaseVerdict]
_DOI: Final = re.compile(r"10\.\d{4,9}/(?:[^\s;,]|[;,](?=\S))+")  # old ones hold semicolons
_PMID: Final = re.compile(r"\bpmid:?\s*(\d+)", re.IGNORECASE)
_PMCID: Final = re.compile(r"\bpmc:?\s*(\d+)", re.IGNORECASE)


class Sources:
    """The references of the graph by what cases and labels may call them."""

    def __init__(self, library: Mapping[str, Reference]) -> None:
        self._keys = {key.casefold(): key for key in library}
        self._keys |= {r.doi.casefold(): key for key, r in library.items() if r.doi}
        self._keys |= {f"pmid{r.pmid}": key for key, r in library.items() if r.pmid}
        for key, one in library.items():
            if one.pmcid:
                self._keys[f"pmc{one.pmcid.casefold().removeprefix('pmc')}"] = key

    def find(self, text: str) -> str | None:
        """The key of the reference that a text names by key, DOI, PMID or PMC number, or None."""
        names = [text.strip().removeprefix("ref:").rsplit("/reference/", 1)[-1]]
        names += [found.rstrip(".)") for found in _DOI.findall(text)]
        names += [f"pmid{found}" for found in _PMID.findall(text)]
        names += [f"pmc{found}" for found in _PMCID.findall(text)]
        keys = (self._keys.get(name.casefold()) for name in names)
        return next((key for key in keys if key is not None), None)


@dataclass(frozen=True, slots=True)
class Change:
    """A verdict that its own source decided: with the source, and without it."""

    case: str
    reference: str
    subtype: str
    kept: Standing
    left_out: Standing

    def to_dict(self) -> dict[str, Any]:
        """The change for JSON."""
        return {key: getattr(self, key) for key in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class OwnSource:
    """What was done about the cases' own sources.

    ``is_kept`` says that nothing was left out for them. ``known`` are the cases whose source is a
    reference of the graph, ``bearing`` those of them that hold a claim or an interval up alone,
    ``changes`` what changes in their verdicts without it.
    """

    is_kept: bool
    known: tuple[str, ...]
    bearing: tuple[str, ...]
    changes: tuple[Change, ...]

    def to_dict(self) -> dict[str, Any]:
        """It for JSON."""
        return {
            "kept": self.is_kept,
            "known": list(self.known),
            "bearing": list(self.bearing),
            "changes": [one.to_dict() for one in self.changes],
        }


class WithoutOwn:
    """Judges each case with one more reference left out, where that could matter."""

    def __init__(
        self, classifier: Classifier, decide: Decide, decide_by: Callable[[Ontology], Decide]
    ) -> None:
        """``decide`` judges by everything, ``decide_by`` gives what judges by another ontology."""
        self._ontology = classifier.ontology
        self._bearing = classifier.bearing
        self._decide, self._decide_by = decide, decide_by
        self._alone = frozenset(_alone(classifier))
        self._known: dict[str, tuple[Reader | None, Decide] | None] = {}
        self.sources = Sources(self._ontology.library.bibliography)

    def judge(self, raw: RawCase, case: Case, own: str | None) -> tuple[CaseVerdict, CaseVerdict]:
        """The verdicts without the own source, and with it: the same where nothing rests on it."""
        whole = self._decide(case)
        found = None if own is None else self.without(own)
        if found is None:
            return whole, whole
        reader, decide = found
        return decide(case if reader is None else raw.read(reader)), whole

    def without(self, own: str) -> tuple[Reader | None, Decide] | None:
        """What reads and judges without a reference; None where nothing rests on it alone."""
        if own not in self._known:
            self._known[own] = self._leaving_out(own)
        return self._known[own]

    def _leaving_out(self, own: str) -> tuple[Reader | None, Decide] | None:
        settings = self._ontology.settings
        if own not in self._alone:  # the quick answer for most
            return None
        other = self._ontology.leaving_out(replace(settings, without=(*settings.without, own)))
        fallen = other.claims.fallen - self._ontology.claims.fallen
        same_levels = other.readings.fallen == self._ontology.readings.fallen
        if same_levels and self._bearing.isdisjoint(fallen):
            return None
        return (None if same_levels else reader_of(other)), self._decide_by(other)


def _alone(classifier: Classifier) -> Iterator[str]:
    """The references that hold up, each alone, what a verdict can rest on."""
    ontology = classifier.ontology
    held = [ontology.claims.references(iri) for iri in classifier.bearing]
    held += [ontology.readings.references(iri) for iri in ontology.laboratory.by_subject]
    yield from (keys[0] for keys in held if len({*keys}) == 1)


def changes(case: str, own: str, found: CaseVerdict, whole: CaseVerdict) -> list[Change]:
    """What leaving the own source out changes in the verdicts on a case."""
    if found is whole:
        return []
    pairs = ((one, whole.verdict(one.id).standing) for one in found.subtypes)
    return [
        Change(case, own, one.id, kept, one.standing) for one, kept in pairs if kept != one.standing
    ]
