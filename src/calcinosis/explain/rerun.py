"""Cases run again without some of their items, or without some references."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from calcinosis.errors import CaseError
from calcinosis.facts.case import Case
from calcinosis.facts.read import Reader, reader_of
from calcinosis.reasoning.classify import Classifier
from calcinosis.reasoning.verdict import CaseVerdict

_REMEMBERED = 64
_ITEM = re.compile(r"(\w+)\[(\d+)\]\Z")


class Reruns:
    """Runs cases again under one classifier, or under it without some references."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self._under = lru_cache(_REMEMBERED)(self._without)

    def verdicts(self, case: Case, items: frozenset[str], keys: frozenset[str]) -> CaseVerdict:
        """The verdicts when items are taken out of the case and references away.

        The case is read anew from what it was read from, so that a word or another value takes
        the place of one that is lost. A case that was not read from anything loses the facts.
        """
        classifier, reader = self._under(keys)
        again = _read_without(case, items, reader) if case.raw is not None else None
        if again is None:
            again = _facts_without(case, items, keys)
        return classifier.classify(again)

    def _without(self, keys: frozenset[str]) -> tuple[Classifier, Reader]:
        classifier = self._classifier
        if keys:
            settings = classifier.ontology.settings
            wider = replace(settings, without=(*settings.without, *sorted(keys)))
            classifier = Classifier(classifier.ontology.leaving_out(wider), classifier)
        return classifier, reader_of(classifier.ontology)


def _read_without(case: Case, items: frozenset[str], reader: Reader) -> Case | None:
    """The case read anew without some items; None where nothing can be read."""
    if not isinstance(case.raw, Mapping):
        return None
    raw: dict[str, Any] = dict(case.raw)
    gone: dict[str, set[int]] = {}
    for item in items:
        match = _ITEM.match(item)
        if match is None:
            raw.pop(item, None)
        else:
            gone.setdefault(match[1], set()).add(int(match[2]))
    for key, numbers in gone.items():
        raw[key] = [one for number, one in enumerate(raw[key]) if number not in numbers]
    try:
        return reader.read(raw, "")
    except CaseError:
        return None


def _facts_without(case: Case, items: frozenset[str], keys: frozenset[str]) -> Case:
    """The case without the facts of some items, or that only some references judged."""
    return replace(
        case,
        facts=tuple(
            fact
            for fact in case.facts
            if fact.item not in items and not (fact.references and keys.issuperset(fact.references))
        ),
        workup=tuple(fact for fact in case.workup if fact.item not in items),
    )
