"""The laboratory module: units and factors, names of tests, intervals by age, and its faults."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import Any

import pint
import pytest

import calcinosis
from calcinosis import names
from calcinosis.errors import OntologyError
from calcinosis.facts.case import LabResult
from calcinosis.facts.laboratory import Analyte, Laboratory
from calcinosis.facts.levels import Levels
from calcinosis.facts.quantity import Interval, Unit
from calcinosis.facts.read import reader_of
from calcinosis.graph.triples import Triples
from calcinosis.release.meaning import interval_findings
from tests.shared import graph

Kg = calcinosis.KnowledgeGraph


def laboratory() -> Laboratory:
    return graph().laboratory


def analytes() -> list[Analyte]:
    return list(laboratory().analytes.values())


# -- units -----------------------------------------------------------------------------

ENZYMES = {"U/L": "enzyme_unit/L", "[IU]/L": "enzyme_unit/L", "ukat/L": "microkatal/L"}


@cache
def registry() -> pint.UnitRegistry[Any]:
    return pint.UnitRegistry()


def _factor_by_pint(analyte: Analyte, unit: Unit) -> float:
    """The factor to the canonical unit, by pint and the molar mass in g/mol."""
    if unit.ucum == "meq/L":
        return 0.5  # one millimole of a divalent ion is two milliequivalents
    here, there = (registry()(ENZYMES.get(u, u)) for u in (unit.ucum, analyte.canonical))
    if here.check("[mass]/[volume]") and there.check("[substance]/[volume]"):
        mass = laboratory()._t.text(analyte.iri, names.CC + "molarMass")
        here = here / registry().Quantity(float(mass or "nan"), "g/mol")
    return float(here.to(there.units).magnitude)


def test_every_factor_agrees_with_pint() -> None:
    for analyte in analytes():
        for unit in analyte.units.values():
            by_pint = pytest.approx(_factor_by_pint(analyte, unit), rel=1e-8)
            assert unit.factor == by_pint, (analyte.label, unit.ucum)


def test_no_spelling_stands_for_two_units() -> None:
    for analyte in analytes():
        triples = laboratory()._t
        for node in triples.iris(analyte.iri, names.CC + "unit"):
            code = triples.text(node, names.CC + "ucum")
            for spelling in (code or "", *triples.texts(node, names.SYNONYM)):
                found = analyte.unit(spelling)
                assert found is not None
                assert found.ucum == code, spelling
                assert analyte.unit(f" {spelling} ") == found
        assert analyte.unit(analyte.canonical) is not None, analyte.label
        assert analyte.unit("furlong") is None


@pytest.mark.parametrize(
    ("test", "mass", "substance"),
    [
        ("calcium", (9.0, "mg/dL"), (2.246, "mmol/L")),
        ("phosphate", (4.0, "mg/dL"), (1.291, "mmol/L")),
        ("creatinine", (1.0, "mg/dL"), (88.4, "umol/L")),
        ("parathyroid hormone", (100.0, "pg/mL"), (10.61, "pmol/L")),
        ("25-hydroxyvitamin D", (20.0, "ng/mL"), (49.92, "nmol/L")),
    ],
)
def test_mass_and_substance_both_ways(
    test: str, mass: tuple[float, str], substance: tuple[float, str]
) -> None:
    (analyte,) = laboratory().find(test)
    here, there = analyte.unit(mass[1]), analyte.unit(substance[1])
    assert here is not None
    assert there is not None
    assert mass[0] * here.factor / there.factor == pytest.approx(substance[0], rel=1e-3)
    assert substance[0] * there.factor / here.factor == pytest.approx(mass[0], rel=1e-3)


# -- tests and their names -------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "label"),
    [
        ("Calcium", "total serum calcium"),
        ("total  calcium", "total serum calcium"),
        ("calc:TotalCalcium", "total serum calcium"),
        ("2000-8", "total serum calcium"),
        ("LOINC:17861-6", "total serum calcium"),
        ("http://loinc.org/2000-8", "total serum calcium"),
        ("ionized calcium", "ionised calcium"),
        ("corrected calcium", "albumin-corrected calcium"),
        ("loinc:2777-1", "serum phosphate"),
        ("PTH", "intact parathyroid hormone"),
        ("LOINC:1751-7", "serum albumin"),
    ],
)
def test_a_test_by_name_or_loinc_code(word: str, label: str) -> None:
    assert [analyte.label for analyte in laboratory().find(word)] == [label]


def test_every_name_of_a_test_is_its_own() -> None:
    for analyte in analytes():
        assert laboratory().find(analyte.label) == [analyte]
        for code in laboratory()._t.texts(analyte.iri, names.CC + "loinc"):
            assert laboratory().find(f"LOINC:{code}") == [analyte]


def test_every_test_leads_to_findings_of_the_graph(kg: Kg) -> None:
    for analyte in analytes():
        terms = kg.ontology.terms
        for finding in (analyte.high, analyte.low, analyte.abnormal):
            assert terms.kind(finding) == "finding"
            assert finding in laboratory().level_findings
        assert analyte.abnormal in terms.ancestors(analyte.high) & terms.ancestors(analyte.low)


# -- intervals -------------------------------------------------------------------------


def test_sourced_intervals_judge_their_own_ages() -> None:
    correction = laboratory().correction
    corrected = correction.gives if correction else ""
    for analyte in analytes():
        for start, end, sex, interval in laboratory()._intervals.get(analyte.iri, []):
            assert sex is None
            assert interval.references
            assert interval.unit in analyte.units.values()
            last = start + 10_000 if math.isinf(end) else end - 0.001
            for days, of_age in ((start, "female"), (last, None)):
                found = laboratory().intervals(analyte.iri, days, of_age)
                assert interval in found or (analyte.iri == corrected and days >= 365)
            assert interval not in laboratory().intervals(analyte.iri, end, None)


def test_intervals_overlap_only_where_sources_dispute_each_other() -> None:
    two = laboratory().intervals(names.CC + "Phosphate", 800.0, None)
    assert len({interval.references for interval in two}) == 2
    assert not list(interval_findings(laboratory()._t))


# -- other modules ---------------------------------------------------------------------

SMALL = """
@prefix calc: <https://w3id.org/calcinosis/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
calc:Potion a calc:Analyte ; rdfs:label "potion" ; calc:highFinding calc:Up ;
  calc:lowFinding calc:Down ;
  calc:abnormalFinding calc:Odd ; calc:canonicalUnit "g/L" ; calc:unit [ calc:ucum "g/L" ;
    calc:factor 1.0 ] .
calc:bound a calc:ReferenceInterval ; calc:analyte calc:Potion ; calc:upperBound 5 ;
  calc:inUnit "g/L" .
"""
FORMULA = """
calc:formula a calc:AlbuminCorrectionFormula ; calc:corrects calc:Potion ;
  calc:correctedBy calc:Potion ;
  calc:inUnit "g/L" ; calc:albuminUnit "g/L" .
"""


def module(folder: Path, text: str) -> Laboratory:
    """The laboratory of a module with this text."""
    path = folder / "laboratory.ttl"
    path.write_text(text, encoding="utf-8")
    triples = Triples()
    triples.read(path)
    return Laboratory(triples, {})


def test_a_module_may_leave_out_ages_bounds_and_a_correction(tmp_path: Path) -> None:
    laboratory = module(tmp_path, SMALL)
    (potion,) = laboratory.find("potion")
    assert (potion.precedence, potion.minimum, potion.maximum) == (1, 0.0, math.inf)
    assert laboratory.correction is None
    interval = laboratory.interval(potion.iri, 0.0, "female")
    assert str(interval) == "up to 5 g/L, bound"
    (reading,) = Levels(laboratory, None, None).judge([LabResult(potion, "", "", level="low")])
    assert reading.findings == [(True, potion.low)]


def read_all(laboratory: Laboratory) -> None:
    assert laboratory.find("potion")
    assert laboratory.interval(names.CC + "Potion", 0.0, None)
    assert laboratory.correction


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SMALL.replace("factor 1.0", 'factor "one"'), "has 'one' for factor"),
        (SMALL + 'calc:Potion calc:precedence "first" .', "Potion has 'first' for precedence"),
        (SMALL + 'calc:bound calc:lowerBound "none" .', "bound has 'none' for lowerBound"),
        (SMALL + 'calc:bound calc:ageFrom "18" .', "bound has '18' for ageFrom"),
        (SMALL.replace('inUnit "g/L"', 'inUnit "mg"'), "bound has 'mg' for inUnit"),
        (SMALL.replace(' ;\n  calc:inUnit "g/L"', ""), "bound has None for inUnit"),
        (SMALL + FORMULA.replace('albuminUnit "g/L"', "x 1"), "formula has None for albuminUnit"),
        (SMALL + FORMULA.replace("corrects calc:Potion", "x 1"), "formula has 'g/L' for inUnit"),
    ],
)
def test_what_a_module_states_wrongly_is_named(tmp_path: Path, text: str, said: str) -> None:
    laboratory = module(tmp_path, text)
    with pytest.raises(OntologyError) as caught:
        read_all(laboratory)
    assert said in str(caught.value)
    assert caught.value.where == str(tmp_path / "laboratory.ttl")
    assert caught.value.exit_code == 3


# -- which interval --------------------------------------------------------------------

BANDS = (
    SMALL
    + """
calc:adult a calc:ReferenceInterval ; calc:analyte calc:Potion ; calc:lowerBound 1 ;
  calc:upperBound 9 ;
  calc:inUnit "g/L" ; calc:ageFrom "P18Y" ; calc:sex "female" .
calc:child a calc:ReferenceInterval ; calc:analyte calc:Potion ; calc:upperBound 8 ;
  calc:inUnit "g/L" ;
  calc:ageFrom "P1Y" ; calc:ageTo "P18Y" .
"""
)
YEAR = 365.2425
POTION = names.CC + "Potion"


def uppers(found: tuple[Interval, ...]) -> list[float]:
    return sorted(one.high or 0 for one in found)


@pytest.mark.parametrize(
    ("age", "sex", "judging", "ordinary"),
    [
        (0.0, None, [5], [5]),
        (YEAR - 1, "female", [5], [5]),
        (YEAR, None, [5, 8], [5, 8]),
        (18 * YEAR - 1, "female", [5, 8], [5, 8]),
        (18 * YEAR, "female", [5, 9], [5, 9]),
        (18 * YEAR, "male", [5], [5]),
        (18 * YEAR, None, [5], [5]),
        (None, "female", [], [5, 9]),  # without an age none judges; adults' tell what is ordinary
        (None, "male", [], [5]),
        (None, None, [], [5]),
    ],
)
def test_an_interval_is_that_of_the_age_and_sex(
    tmp_path: Path, age: float | None, sex: str | None, judging: list[float], ordinary: list[float]
) -> None:
    laboratory = module(tmp_path, BANDS)
    found = laboratory.intervals(POTION, age, sex)
    assert uppers(found) == judging
    assert uppers(laboratory.expected(POTION, age, sex)) == ordinary
    assert laboratory.interval(POTION, age, sex) == (found[0] if found else None)
    assert laboratory.intervals(names.CC + "Other", age, sex) == ()


def test_what_is_left_out_is_said_to_be(tmp_path: Path) -> None:
    module(tmp_path, BANDS)
    triples = Triples()
    triples.read(tmp_path / "laboratory.ttl")

    def left_out(*nodes: str) -> list[bool]:
        found = Laboratory(triples, {}, frozenset(names.CC + node for node in nodes))
        ages = (None, YEAR, 18 * YEAR)
        return [found.is_left_out(POTION, age, None) for age in ages]

    assert left_out() == [False, False, False]
    assert left_out("child") == [False, True, False]
    assert left_out("bound", "adult", "child") == [True, True, True]
    assert left_out("bound", "child") == [False, True, True]


def test_a_name_of_a_test_by_its_words(tmp_path: Path) -> None:
    more = SMALL[: SMALL.index("calc:bound")].replace("Potion", "Elixir").replace("Up", "More")
    text = SMALL + more.partition("\n@prefix rdfs")[2].partition("\n")[2]
    text = text.replace(
        'label "potion" ; calc:highFinding calc:More',
        'label "strong elixir" ; calc:highFinding calc:More',
    )
    laboratory = module(tmp_path, text)
    local = [
        [names.local(i) for i in laboratory.may_mean(w)]
        for w in ("an elixir", "potions", "Potion!")
    ]
    assert local == [["More", "Down", "Odd"], [], ["Up", "Down", "Odd"]]
    assert laboratory.nearest("potoin") == ["potion"]
    assert laboratory.nearest("xyzzy") == []
    assert [one.label for one in laboratory.find("calc:Elixir")] == ["strong elixir"]


def test_the_parts_of_a_correction(tmp_path: Path) -> None:
    formula = FORMULA.replace(
        " .", " ; calc:slope 0.5 ; calc:referenceAlbumin 4 ; calc:ageFrom 'P2Y' ."
    )
    found = module(tmp_path, SMALL + formula + "calc:formula calc:gives calc:Draught .").correction
    assert found is not None
    assert (found.slope, found.reference, found.age_from) == (0.5, 4.0, 2 * YEAR)
    assert (found.of, found.by, names.local(found.gives)) == (POTION, POTION, "Draught")
    assert [found.covers(age) for age in (None, 2 * YEAR - 1, 2 * YEAR)] == [True, False, True]
    plain = module(tmp_path, SMALL + FORMULA).correction
    assert plain is not None
    assert (plain.slope, plain.reference, plain.gives, plain.age_from) == (0.0, 0.0, "", 0.0)


def test_a_number_is_usual_in_another_unit_where_its_own_is_odd(tmp_path: Path) -> None:
    two = 'calc:unit [ calc:ucum "g/dL" ; calc:factor 10.0 ] , [ calc:ucum "g/L"'
    text = SMALL.replace('calc:unit [ calc:ucum "g/L"', two)
    laboratory = module(
        tmp_path, text.replace("upperBound 5", "lowerBound 20 ; calc:upperBound 40")
    )
    (potion,) = laboratory.find("potion")
    gram, ten = potion.units["g/l"], potion.units["g/dl"]
    assert laboratory.usual_units(potion, Interval(2.0, 4.0, gram, "own")) == (ten,)
    assert laboratory.usual_units(potion, Interval(20.0, 40.0, gram, "own")) == ()
    assert laboratory.usual_units(potion, Interval(2.0, 4.0, ten, "own")) == ()
    assert laboratory.usual_units(potion, Interval(200.0, 400.0, gram, "own")) == ()
    assert laboratory.is_foreign(POTION, Interval(2.0, None, gram, "own")) is False
    assert laboratory.is_foreign(POTION, Interval(1.0, None, gram, "own"))  # 10 in the other
    assert potion.other_units(gram) == (ten,)
    assert potion.example(gram) == potion.example()


# -- a judged value --------------------------------------------------------------------


def judged(kg: Kg, *labs: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    """How the values of a case were judged, as plain values."""
    case = reader_of(kg.ontology).read({"id": "a", "labs": [*labs], **more}, "")
    return [fact.judged.to_dict() for fact in case.facts if fact.judged is not None]


def test_a_judged_value_has_its_unit_and_its_interval(kg: Kg) -> None:
    value = {"test": "calcium", "value": 9, "unit": "mg/dL"}
    own = {"low": 8.5, "high": 10.5, "unit": "mg/dL", "source": "the case's own interval"}
    (found,) = judged(kg, {**value, "interval": [8.5, 10.5]})
    assert found == {**value, "interval": {**own, "references": []}}
    assert judged(kg, {"test": "calcium", "level": "high"}) == [
        {"test": "calcium", "level": "high"}
    ]


def test_a_judged_value_shows_its_interval_in_its_unit_and_as_printed(kg: Kg) -> None:
    value = {"test": "calcium", "value": 3.0, "unit": "mmol/L"}
    (found,) = judged(kg, value, age="40 years")
    interval = found.pop("interval")
    assert found == value
    assert (interval["low"], interval["high"], interval["unit"]) == (2.12, 2.62, "mmol/L")
    assert interval["printed"] == {"low": 8.5, "high": 10.5, "unit": "mg/dL"}


def test_a_corrected_value_says_from_what_to_what(kg: Kg) -> None:
    value = {"test": "calcium", "value": 9, "unit": "mg/dL"}
    albumin = {"test": "albumin", "value": 2.0, "unit": "g/dL"}
    (found,) = judged(kg, value, albumin, age="40 years")
    corrected = found["corrected"]
    assert (corrected["value"], corrected["unit"]) == (10.6, "mg/dL")  # 9 + 0.8 x (4 - 2)
    assert corrected["words"].endswith("to 10.6 mg/dL")
    assert corrected["references"]
    (found,) = judged(kg, value, {**albumin, "value": "<2"}, age="40 years")
    assert found["corrected"]["value"] == "10.6\u201312.2"  # of albumin from 0 to 2


def test_a_word_is_said_to_be_unused_once_and_only_where_there_is_one(kg: Kg) -> None:
    def reason(**more: Any) -> str:
        calcium = {"test": "calcium", "unit": "mg/dL", **more}
        (remark,) = reader_of(kg.ontology).read({"id": "a", "labs": [calcium]}, "").uninterpreted
        return remark.reason

    across = {"value": ">8", "interval": [8.5, 10.5]}
    assert reason(value=9) == "it comes without an interval, and no age is given"
    assert reason(**across).endswith("the case's own interval)")
    assert reason(**across, level="low").endswith("own interval), so the word 'low' is not used")
    slip = {"value": 2.3, "interval": [8.5, 10.5]}
    assert reason(**slip) == "it is low as written, but 2.3 would be usual in mmol/L"
    assert reason(**slip, level="high").endswith("in mmol/L, so the word 'high' is not used")
