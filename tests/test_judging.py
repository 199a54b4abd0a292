"""A choice among several reasons, one case each: what is needed, which cause, over all repairs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import calcinosis
from calcinosis import names
from calcinosis.errors import OntologyError
from calcinosis.facts.case import Case, Fact, Remark
from calcinosis.reasoning import shares
from calcinosis.reasoning.classify import _ignored
from calcinosis.reasoning.defaults import Situation
from calcinosis.reasoning.fragment import And, Axiom, Formula, Named, Not, Or, Some
from calcinosis.reasoning.judging import Judging, over_repairs
from calcinosis.reasoning.verdict import JudgedCriterion, SubtypeVerdict
from tests.shared import cases_of
from tests.test_fragment import compiled
from tests.test_rules import ISC, NORMAL, of, verdict
from tests.test_rules_found import assumptions

Kg = calcinosis.KnowledgeGraph
SKIN = "calcinosis cutis"
VESSELS = "calcification of small skin vessels"


def situation(kg: Kg, **given: Any) -> tuple[Case, Situation]:
    """A case and its only situation."""
    raw: dict[str, Any] = {"id": "a", **given}
    (case,) = cases_of(kg, raw)
    assert isinstance(case, Case)
    (found,) = kg.classifier.known(case).situations
    return case, found


def judging(kg: Kg, **given: Any) -> Judging:
    return Judging(kg.classifier, *situation(kg, **given))


# -- what is needed --------------------------------------------------------------------

TRAUMA, ACNE = (Some(names.HAS_CONDITION, names.CC + name) for name in ("Trauma", "Acne"))
DAMAGE, VESSEL = (
    Named(names.CC + name) for name in ("WithTissueDamage", "WithSkinVesselCalcification")
)


@pytest.mark.parametrize(
    ("formula", "wanted", "needed"),
    [
        (TRAUMA, True, ["trauma"]),
        (Or((TRAUMA, ACNE)), True, ["trauma or acne"]),
        (Or((TRAUMA, ACNE)), False, ["trauma", "acne"]),
        (And((TRAUMA, ACNE)), True, ["trauma", "acne"]),
        (And((TRAUMA, ACNE)), False, ["trauma or acne"]),
        (Not(Or((TRAUMA, ACNE))), True, ["trauma", "acne"]),
        (Or((TRAUMA, ACNE, TRAUMA)), True, ["trauma or acne"]),
        (Or((And((TRAUMA, ACNE)), ACNE)), True, ["trauma and acne or acne"]),
        (And((TRAUMA, And(()))), True, ["trauma"]),  # that it is a case needs no finding out
        # Of what the case says already, nothing is needed, or it can never be met.
        (Or((VESSEL, TRAUMA)), True, []),
        (And((VESSEL, TRAUMA)), True, ["trauma"]),
        (And((DAMAGE, TRAUMA)), True, None),
        (Or((DAMAGE, TRAUMA)), True, ["trauma"]),
        (Or((DAMAGE, TRAUMA)), False, ["trauma"]),
        (Or((DAMAGE, DAMAGE)), True, None),
        (Not(VESSEL), True, None),
        (Not(DAMAGE), True, []),
    ],
)
def test_what_a_formula_still_needs(
    kg: Kg, formula: Formula, wanted: bool, needed: list[str] | None
) -> None:
    about = judging(kg, findings=[VESSELS], excluded=["tissue damage"])
    assert about._needed_for(formula, wanted=wanted) == needed


def test_a_criterion_without_a_question_is_asked_for_by_its_name(kg: Kg) -> None:
    iri = names.CC + "WithMineralDisturbance"
    assert kg.classifier.criterion(iri).asks is None
    label = kg.ontology.terms.label(iri)
    assert kg.classifier.question_for(iri, ()) == label
    about, other = ((names.CC + word,) for word in ("Hypercalcaemia", "Trauma"))
    remarks = [Remark("calcium 9", "", "", "its unit", about), Remark("x", "", "", "y", other)]
    asked = kg.classifier.question_for(iri, [*remarks, replace(remarks[0], what="calcium 8")])
    assert asked == f"{label} (for calcium 9: its unit; for calcium 8: its unit)"


def test_a_calcinosis_is_there_or_not_by_what_is_stated_or_follows(kg: Kg) -> None:
    known: dict[str, list[dict[str, Any]]] = {
        "present": [{"calcinosis": "present"}, {"conditions": [SKIN]}, {"findings": [VESSELS]}],
        "absent": [{"calcinosis": "absent"}, {"excluded": [SKIN]}],
        "unknown": [{}, {"conditions": ["acne"]}],
    }
    for said, cases in known.items():
        found = [verdict(kg, **{"calcinosis": "unknown", **case}) for case in cases]
        assert [case.calcinosis for case in found] == [said] * len(cases)


@pytest.mark.parametrize(
    ("criterion", "parts"),
    [
        ("WithRaisedMineralLevel", ["WithHypercalcaemia", "WithHyperphosphataemia"]),
        (
            "WithTissueDamageAndAbnormalMineralLevel",
            ["WithTissueDamage", "WithAbnormalMineralLevel"],
        ),
        ("WithoutRaisedMineralLevel", []),  # what is denied is no part
        ("WithTissueDamage", []),
    ],
)
def test_the_parts_of_a_criterion_are_the_criteria_of_its_definition(
    kg: Kg, criterion: str, parts: list[str]
) -> None:
    found = kg.classifier.criterion(names.CC + criterion)
    assert [names.local(iri) for iri in found.parts] == parts
    open_ = {one.id: one for s in verdict(kg).subtypes for one in s.criteria}.get(criterion)
    assert open_ is None or [part.id for part in open_.parts] == parts


# -- which cause -----------------------------------------------------------------------


def test_another_cause_stays_where_one_is_denied(kg: Kg) -> None:
    ruled_out = {"term": "acne", "cause": False}
    found = of(verdict(kg, conditions=[ruled_out, "acne scar"]), "dystrophic")
    assert (found.basis, found.basis_facts) == ("association", ("acne scar",))
    assert found.needed == ()  # that is told where the defining cause is there
    alone = of(verdict(kg, conditions=[ruled_out]), "dystrophic")
    assert (alone.basis, alone.basis_facts) == (None, ())
    denied = verdict(kg, conditions=["acne"], excluded=[{"term": "acne", "cause": True}])
    assert of(denied, "dystrophic").basis is None


def test_what_has_no_role_lacks_nothing(kg: Kg) -> None:
    words = ("acute kidney injury", "endocrine disorder", "acne", "acute kidney failure")
    case = verdict(kg, conditions=list(words))
    said = {remark.what: remark for remark in case.without_role}
    assert said["acute kidney injury"].reason == "known, without a role here"
    assert said["endocrine disorder"].cure == "Name the kind, if the case does"
    assert said["acne"].cure.startswith("Say at_deposit: true")
    assert "acute kidney failure" not in said
    stated = {"term": "acne", "at_deposit": False}
    assert not verdict(kg, conditions=[stated]).without_role


# -- what a name says, and what holds it back ------------------------------------------


def test_only_the_reasons_that_hold_a_name_back_are_told(kg: Kg) -> None:
    case = verdict(kg, conditions=[ISC, {"term": "trauma", "at_deposit": True}])
    (flag,) = of(case, "idiopathic").flags
    assert "tissue damage" in flag
    case = verdict(kg, conditions=[ISC, "end-stage kidney disease"])
    (flag,) = of(case, "idiopathic").flags
    assert "end-stage kidney disease may raise" in flag


def test_supposing_more_takes_a_name_at_its_word_anew(kg: Kg) -> None:
    case, found = situation(kg, calcinosis="present", conditions=[ISC])
    literal = kg.classifier.compiled.literal
    damage, idiopathic = (literal(names.CC + n) for n in ("WithTissueDamage", "IdiopathicCase"))
    assert kg.classifier.supposing(case, found, []).holds(idiopathic)
    assert not kg.classifier.supposing(case, found, [damage]).holds(idiopathic)
    against = kg.classifier.supposing(case, found, [damage, damage ^ 1])
    assert not against.consistent


def test_what_is_not_linked_may_meet_a_criterion_by_either_link(kg: Kg) -> None:
    _, found = situation(kg, conditions=["arterial calcification due to CD73 deficiency"])
    (item,) = found.items
    criterion = kg.classifier.compiled.literal(names.CC + "WithMineralDisturbance")
    meets = kg.classifier._defaults._meets
    assert meets(item, ("AsCause",), criterion)  # a disorder of minerals disturbs them as a cause
    assert not meets(item, ("AtDeposit",), criterion)
    assert meets(item, ("AtDeposit", "AsCause"), criterion)
    assert meets(item, ("AsCause", "AtDeposit"), criterion)


@pytest.mark.parametrize("said", [{"at_deposit": False}, {"cause": False}])
def test_what_is_stated_of_a_link_leaves_nothing_to_meet(kg: Kg, said: dict[str, bool]) -> None:
    workup = ["tissue damage"]
    case = verdict(kg, conditions=[{"term": "burn scar", **said}], workup_complete=workup)
    assert case.workup_ignored == ()
    open_ = verdict(kg, conditions=["burn scar"], workup_complete=workup)
    assert open_.workup_ignored == (("tissue damage", "burn scar may meet it"),)


def test_work_up_is_ignored_where_every_repair_ignores_it(kg: Kg) -> None:
    _, found = situation(kg, calcinosis="present")
    one = replace(found, ignored=(("damage", "met"), ("vessels", "met")))
    two = replace(found, ignored=(("vessels", "met"), ("damage", "not understood")))
    assert _ignored([one, two]) == (("vessels", "met"),)
    assert _ignored([one]) == one.ignored
    assert _ignored([]) == ()


# -- over repairs ----------------------------------------------------------------------


def criterion(status: Any, *facts: str, parts: tuple[JudgedCriterion, ...] = ()) -> JudgedCriterion:
    return JudgedCriterion("c", "c", status, facts, tuple(f"of-{f}" for f in facts), parts)


@dataclass(frozen=True)
class Claim:
    """What is used of a claim."""

    references: tuple[str, ...]


K, L = Claim(("k",)), Claim(("l", "k"))


def judged(**given: Any) -> SubtypeVerdict:
    plain: dict[str, Any] = {"verdict": "undetermined", "basis": "association"}
    plain |= {"needed": ("levels",), "editorial": False, "readings": (), "flags": ()}
    plain |= {"criteria": (criterion("met", "one"),), **given}
    return SubtypeVerdict("s", "s", **plain)


def test_repairs_that_agree_keep_what_they_agree_on() -> None:
    one = judged(flags=("a", "b"), readings=("r",), basis_facts=("x",), basis_claims=(K,))
    two = judged(flags=("b", "c"), readings=("r", "q"), basis_facts=("y", "x"), basis_claims=(L,))
    two = replace(two, criteria=(criterion("met", "two", "one"),))
    found = over_repairs([one, two])
    assert (found.verdict, found.basis, found.needed) == (
        "undetermined",
        "association",
        ("levels",),
    )
    assert (found.flags, found.readings, found.editorial) == (("b",), ("r", "q"), True)
    assert (found.basis_facts, found.basis_references) == (("x", "y"), ("k", "l"))
    assert found.criteria == (criterion("met", "one", "two"),)
    assert found.presumed is None
    assert over_repairs([judged(), judged()]).editorial is False


def test_repairs_with_another_verdict_are_conflicting() -> None:
    one = judged(readings=("r",), basis_facts=("x",), basis_claims=(K,))
    found = over_repairs([one, replace(one, verdict="entailed")])
    assert (found.verdict, found.basis, found.needed) == ("conflicting", None, ())
    assert (found.readings, found.editorial) == ((), False)
    assert (found.basis_facts, found.basis_references) == ((), ())


def test_repairs_with_another_basis_have_none() -> None:
    one = judged(basis_facts=("x",), basis_claims=(K,))
    other = judged(basis="criterion")
    found = over_repairs([one, other])
    assert (found.verdict, found.basis, found.needed) == ("undetermined", None, ())
    assert (found.basis_facts, found.basis_references) == ((), ())
    by_criterion = over_repairs([other, replace(other, needed=("biopsy",))])
    assert (by_criterion.basis, by_criterion.needed) == ("criterion", ())
    assert by_criterion.basis_facts == ()


def test_a_criterion_is_conflicting_where_repairs_differ_and_so_are_its_parts() -> None:
    met, open_ = criterion("met", "one"), criterion("unknown")
    apart = judged(criteria=(met,)), judged(criteria=(criterion("violated", "two"),))
    assert over_repairs([*apart]).criteria == (criterion("conflicting"),)
    whole = [judged(criteria=(criterion("unknown", parts=(p, met)),)) for p in (met, open_)]
    (found,) = over_repairs(whole).criteria
    assert found == criterion("unknown", parts=(criterion("conflicting"), met))
    (without,) = over_repairs(
        [judged(criteria=(criterion(s, parts=(met,)),)) for s in ("met", "violated")]
    ).criteria
    assert without.parts == ()


# -- what follows if an assumption is false --------------------------------------------


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ({"D": "entailed"}, "D follows"),
        ({"D": "entailed", "M": "entailed"}, "D and M follow"),
        ({"D": "refuted"}, "D is ruled out"),
        ({"D": "refuted", "M": "refuted", "I": "refuted"}, "D, M and I are ruled out"),
        ({"D": "refuted", "M": "entailed"}, "M follows and D is ruled out"),
        (
            {"D": "refuted", "M": "refuted", "I": "entailed"},
            "I follows, and D and M are ruled out",
        ),
        ({"M": "entailed"}, "M follows and D is open again"),
        ({"M": "entailed", "I": "entailed"}, "M and I follow, and D is open again"),
        ({}, "D is open again"),
    ],
)
def test_an_outcome_in_words(kg: Kg, verdicts: dict[str, Any], said: str) -> None:
    ids = {
        "D": "DystrophicCalcinosisCutis",
        "M": "MetastaticCalcinosisCutis",
        "I": "IatrogenicCalcinosisCutis",
    }
    labels = {one.subtype: one.label for one in kg.classifier.case_classes}
    found = judging(kg)._outcome({ids[k]: v for k, v in verdicts.items()}, ids["D"])
    for letter, subtype in ids.items():
        found = found.replace(labels[subtype], letter)
    assert found == said


# -- what is assumed -------------------------------------------------------------------


def test_a_link_is_assumed_where_a_claim_gives_a_role_at_the_deposit(kg: Kg) -> None:
    found = {}
    for word in ("acne scar", "cellulitis"):  # a claim names either; only the first has a role
        _, made = assumptions(kg, conditions=[word], labs=NORMAL)
        found[word] = [one.rule.code for one in made]
    assert found == {"acne scar": ["A3"], "cellulitis": []}


def test_a_denied_criterion_is_about_those_that_could_meet_it(kg: Kg) -> None:
    label = kg.ontology.terms.label
    damage, vessels = (
        Fact(False, None, names.CC + name, label(names.CC + name), "", "")
        for name in ("WithTissueDamage", "WithSkinVesselCalcification")
    )
    denies = kg.classifier._candidates.denies
    assert denies(damage, [names.CC + "AcneScar"])
    assert denies(damage, [names.CONDITION, names.CC + "AcneScar"])
    assert not denies(vessels, [names.CC + "AcneScar"])
    assert not denies(damage, [])


def test_a_claim_that_gives_a_basis_bears_on_verdicts(kg: Kg) -> None:
    basis = {claim.iri for found in kg.classifier.causes.values() for claim, _ in found}
    axioms = {claim for axiom in kg.classifier.fragment.axioms for claim in axiom.rests_on}
    rules = {claim for rule in kg.classifier.rules.all for claim in rule.claims}
    for claims in (basis, axioms, rules):
        assert claims
        assert claims <= kg.classifier.bearing


# -- small ontologies ------------------------------------------------------------------


def test_a_contradiction_names_the_fewest_facts_of_both_sides(tmp_path: Path) -> None:
    found = compiled(tmp_path)
    names_of = ("A", "B")
    a, b = (found.literal(Some(names.HAS_CONDITION, names.CC + name)) for name in names_of)
    none, sick = (found.literal(names.CC + name) for name in ("WithNone", "Sick"))
    clash = found.clash(found.evaluate([a, b, sick ^ 1]))
    assert clash is not None
    assert clash[0].facts | clash[1].facts == {a, b, sick ^ 1}
    clash = found.clash(found.evaluate([b, none]))
    assert clash is not None
    assert {frozenset({b}), frozenset({none})} == {side.facts for side in clash}
    assert found.clash(found.evaluate([a])) is None


def test_of_two_that_are_open_neither_follows(tmp_path: Path) -> None:
    """The first atom of an ontology, which has the literal 0, is open like any other."""
    restriction = "[ a owl:Restriction ; owl:onProperty calc:{} ; owl:someValuesFrom calc:{} ]"
    parts = [restriction.format(*of) for of in (("hasCondition", "Condition"), ("hasFinding", "F"))]
    union = f"[ a owl:Class ; owl:unionOf ( {' '.join(parts)} ) ]"
    found = compiled(
        tmp_path, f"calc:Any rdfs:subClassOf calc:Case ; owl:equivalentClass {union} ."
    )
    condition = found.literal(Some(names.HAS_CONDITION, names.CONDITION))
    finding = found.literal(Some(names.HAS_FINDING, names.CC + "F"))
    assert condition == 0
    state = found.evaluate([found.literal(names.CC + "Any")])
    assert not any(state.holds(one) for one in (condition, finding, condition ^ 1, finding ^ 1))
    assert found.evaluate([found.literal(names.CC + "Any"), finding ^ 1]).holds(condition)
    assert found.evaluate([found.literal(names.CC + "Any"), condition ^ 1]).holds(finding)


@pytest.mark.parametrize("member", ["[ a owl:Class ; owl:complementOf calc:ShowsB ]", "owl:Thing"])
def test_a_union_of_more_than_names_is_called_so(member: str, tmp_path: Path) -> None:
    more = f"calc:C owl:equivalentClass [ owl:unionOf ( calc:A {member} ) ] ."
    with pytest.raises(OntologyError, match="has a union of more than named classes"):
        compiled(tmp_path, more)


def test_an_axiom_that_only_places_a_class_of_cases_is_no_axiom_of_medicine(
    tmp_path: Path,
) -> None:
    axioms = compiled(tmp_path).axioms
    placing = [one.left for one in axioms if one.is_placing]
    classes = ("ShowsA", "ShowsB", "WithEither", "WithNone", "Sick")
    assert placing == [Named(names.CC + name) for name in classes]  # each is a class of cases


# -- what axioms rest on ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "more", "kind"),
    [
        ("a word", {"editorial": "so we read it"}, "placed"),
        ("a word", {}, "bare"),
        ("a word", {"rests_on": ("claim",)}, "cited"),
        (DAMAGE, {"taken": "default", "rests_on": ("claim",)}, "taken"),
        (DAMAGE, {"rests_on": ("claim",)}, "cited"),
        (DAMAGE, {"rests_on": ("claim",), "editorial": "so we read it"}, "reading"),
        (DAMAGE, {"editorial": "so we read it"}, "editorial"),
        (DAMAGE, {}, "bare"),
    ],
)
def test_what_an_axiom_rests_on_has_one_name(
    left: Formula | str, more: dict[str, Any], kind: str
) -> None:
    assert shares._kind(Axiom("subclass", left, VESSEL, **more)) == kind
    assert kind in shares.KINDS


def test_the_shares_of_a_viewpoint_count_what_bears_a_verdict() -> None:
    one = shares.Share("v", Counter({"placed": 5, "cited": 2, "bare": 1}))
    assert one.bearing == 3
    found = {share.viewpoint: share.counts for share in shares.shares()}
    for counts in found.values():
        assert set(counts) <= set(shares.KINDS)
        assert counts["cited"]
        assert not counts["bare"]
