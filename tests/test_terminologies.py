"""Words that HPO and ICD-10-CM know and we do not: here with small ones of the same make."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

import pytest

from calcinosis.errors import Problem
from calcinosis.facts import terminologies
from calcinosis.facts.read import reader_of, vocabulary_of
from calcinosis.facts.vocabulary import Resolved
from tests.typed import graph


@dataclass(frozen=True)
class _Term:
    id: str
    name: str
    up: tuple[str, ...] = ()
    is_obsolete: bool = False

    @property
    def parents(self) -> list[_Term]:
        return [one for one in _TERMS if one.id in self.up]


_TERMS = (
    _Term("HP:9000001", "Odd knot of the toe", ("HP:9000002",)),
    _Term("HP:9000002", "Odd knot", ("HP:0200042",)),
    _Term("HP:0200042", "Skin ulcer"),
    _Term("HP:9000003", "Odd gait", ("HP:9000004",)),
    _Term("HP:9000004", "Abnormality of nothing here"),
    _Term("HP:9000005", "Former knot", ("HP:0200042",), is_obsolete=True),
    _Term("HP:9000006", "Odd calcium", ("HP:9000004",)),
)
_CODES = {
    "X99": ("Odd states", (), ""),
    "X99.1": ("Odd state of the moon", ("Moonstruck state",), "X99"),
    "M34": ("Systemic sclerosis", (), ""),
    "M34.77": ("Odd sclerosis", (), "M34"),
}


class _Ontology:
    loads = 0

    def __call__(self) -> None:
        self.loads += 1

    def __iter__(self) -> Iterator[_Term]:
        return iter(_TERMS)

    def version(self) -> str:
        return "2025-11-24"


def _forget() -> None:
    terminologies._hpo.cache_clear()
    terminologies._icd.cache_clear()


@pytest.fixture
def ontology(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Ontology]:
    hpo, icd, found = ModuleType("pyhpo"), ModuleType("simple_icd_10_cm"), _Ontology()
    vars(hpo).update(Ontology=found)
    vars(icd).update(
        get_all_codes=lambda: list(_CODES),
        is_category_or_subcategory=lambda _code: True,
        get_description=lambda code: _CODES[code][0],
        get_inclusion_term=lambda code: list(_CODES[code][1]),
        get_parent=lambda code: _CODES[code][2],
    )
    monkeypatch.setitem(sys.modules, "pyhpo", hpo)
    monkeypatch.setitem(sys.modules, "simple_icd_10_cm", icd)
    _forget()
    yield found
    _forget()


@pytest.fixture
def nothing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "pyhpo", None)
    monkeypatch.setitem(sys.modules, "simple_icd_10_cm", None)
    _forget()
    yield
    _forget()


def _read(text: str, kind: str = "finding") -> Resolved | Problem:
    return vocabulary_of(graph().ontology).resolve(text, kind, "")


@pytest.mark.parametrize(
    ("typed", "meant", "by"),
    [
        ("odd knot of the toe", "skin ulcer", "HPO 2025-11-24"),
        ("HP:9000001", "skin ulcer", "HPO 2025-11-24"),
        ("HP:9000001 ! Odd knot of the toe", "skin ulcer", "HPO 2025-11-24"),
        ("Odd sclerosis", "systemic sclerosis", "ICD-10-CM"),
    ],
)
def test_what_is_below_ours_is_a_kind_of_it(
    ontology: _Ontology, typed: str, meant: str, by: str
) -> None:
    found = _read(typed)
    assert isinstance(found, Resolved)
    assert (found.label, found.said.narrower, found.guessed) == (meant, True, True)
    assert found.read_by.startswith(by)
    assert ontology.loads == 1


def test_the_case_says_who_read_the_word(ontology: _Ontology) -> None:
    raw = {"id": "a", "findings": ["odd knot"], "excluded": ["odd knot of the toe"]}
    case = reader_of(graph().ontology).read(raw, "here")
    assert case.read_as[0].reason == "read as a kind of skin ulcer; by HPO 2025-11-24"
    assert [fact.affirmed for fact in case.facts] == [True]  # what is narrower denies less


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("odd gait", "HPO 2025-11-24 knows it as 'Odd gait' (HP:9000003)"),
        ("moonstruck state", "'Odd state of the moon' (ICD10CM:X99.1)"),
    ],
)
def test_what_is_known_without_a_term_holds_back_as_before(
    ontology: _Ontology, typed: str, known: str
) -> None:
    raw = {"id": "a", "calcinosis": "present", "conditions": [typed]}
    case = reader_of(graph().ontology).read(raw, "here")
    assert [one.what for one in case.not_understood] == [typed]
    found = _read(typed, "condition")
    assert isinstance(found, Problem)
    assert known in found.cure


def test_a_finding_that_may_be_of_a_level_is_still_about_it(ontology: _Ontology) -> None:
    found = _read("odd calcium")
    assert isinstance(found, Problem)
    assert found.about


def test_what_is_ours_loads_nothing(ontology: _Ontology) -> None:
    for typed in ("dermatomyositis", "stage 5 CKD", "HP:0025520"):
        assert isinstance(_read(typed, "condition"), Resolved)
    assert ontology.loads == 0


def test_an_obsolete_term_is_not_known(ontology: _Ontology) -> None:
    assert terminologies.known("former knot") is None


@pytest.mark.usefixtures("nothing")
def test_without_the_extra_nothing_is_known() -> None:
    found = _read("odd knot of the toe")
    assert isinstance(found, Problem)
    assert found.what == "the term 'odd knot of the toe' is unknown"
    assert "HPO" not in found.cure
