"""Leaving references and readings out: what falls, what changes, and what makes the difference."""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import calcinosis
from calcinosis import Settings, names
from calcinosis.api.graph import by_settings
from calcinosis.errors import InputError, UsageError
from calcinosis.graph.claims import Citation, Reference
from calcinosis.graph.locate import data
from calcinosis.graph.ontology import viewpoints
from calcinosis.graph.settings import READ
from calcinosis.output.words.comparison import comparison_text
from calcinosis.reasoning.owl import Authority
from calcinosis.reasoning.verdict import CONFLICTING, UNDETERMINED, CaseVerdict
from calcinosis.study.compare import Comparison
from tests.shared import cases_of, examples, few, graph
from tests.terminal import run

CASES = [str(data("examples") / name) for name in ("published", "patients.yaml")]
WEIGHTIEST = "choudhary-2023"
"""The reference without which most verdicts on the shipped cases change."""
ALONE = "balin-2012"
"""A reference that alone says that a disease damages tissue, and a case that hangs on it."""
HANGS_ON_IT = {
    "id": "alone",
    "calcinosis": "present",
    "conditions": ["undifferentiated connective tissue disease"],
}
SETTINGS = [
    Settings(without=(WEIGHTIEST,)),
    Settings(before=2000),
    Settings(min_read="text"),
    Settings(without_study_type=("review", "case report")),
    Settings(without_editorial=True),
]


@cache
def carrying() -> list[str]:
    """The references that an axiom rests on."""
    kg = graph()
    axioms = kg.classifier.fragment.axioms
    claims = (iri for axiom in axioms for iri in axiom.rests_on)
    return sorted({key for iri in claims for key in kg.ontology.claims.references(iri)})


def verdicts(case: CaseVerdict) -> dict[str, tuple[str, str | None]]:
    return {one.id: (one.standing, one.basis) for one in case.subtypes}


def classified(kg: calcinosis.KnowledgeGraph, cases: Any = CASES) -> dict[str, Any]:
    result = kg.classify(cases)
    assert not result.refused
    return {case.case.id: verdicts(case) for case in result.cases}


@cache
def whole() -> dict[str, Any]:
    return classified(graph())


@cache
def compared(other: Settings) -> Comparison:
    return graph().compare(other, CASES)


@pytest.fixture
def ranked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ranking tries every reference: a second one by the same settings is the first again."""
    rank, known = calcinosis.KnowledgeGraph.rank, {}

    def once(self: calcinosis.KnowledgeGraph, cases: Any, **more: Any) -> Any:
        asked = str((self.ontology.folder, self.ontology.settings, list(map(str, cases))))
        if asked not in known:
            known[asked] = rank(self, cases, **more)
        return known[asked]

    monkeypatch.setattr(calcinosis.KnowledgeGraph, "rank", once)


# -- what is left out ------------------------------------------------------------------


def reference(**fields: Any) -> Reference:
    empty: dict[str, Any] = dict.fromkeys(Reference.__slots__, "")
    people = {"authors": (), "editors": (), "more_authors": False, "more_editors": False}
    known = {"year": None, "seed_number": None, "retracted": False}
    return Reference(**{**empty, **people, **known, "key": "a", **fields})


@pytest.mark.parametrize(
    ("settings_", "kept", "dropped"),
    [
        (Settings(without=("b",)), {"key": "a"}, {"key": "b"}),
        (Settings(before=2000), {"year": 1999}, {"year": 2000}),
        (Settings(before=2000), {"year": 1950}, {"year": None}),
        (
            Settings(without_study_type=("review",)),
            {"study_type": "cohort"},
            {"study_type": "review"},
        ),
        (Settings(), {"retracted": False}, {"retracted": True}),
    ],
)
def test_which_references_count(
    settings_: Settings, kept: dict[str, Any], dropped: dict[str, Any]
) -> None:
    for fields, counts in ((kept, True), (dropped, False)):
        one = reference(**fields)
        assert settings_.keeps(Citation(one.key, "text"), one) is counts
    assert Settings(with_retracted=True).keeps(Citation("a", "text"), reference(retracted=True))
    assert Settings(without=("b",)).keeps(Citation("a", "text"), None)
    assert not Settings(before=2000).keeps(Citation("a", "text"), None)


@pytest.mark.parametrize("least", READ)
def test_only_what_was_read_far_enough_counts(least: str) -> None:
    kept = [
        read for read in (*READ, "") if Settings(min_read=least).keeps(Citation("a", read), None)
    ]
    assert kept == list(READ[: READ.index(least) + 1])


def test_what_differs_from_the_whole_is_said() -> None:
    assert Settings("walsh-fairley-1995").is_whole
    assert not str(Settings())
    assert not Settings().to_dict()
    assert all(str(one) and one.to_dict() and not one.is_whole for one in SETTINGS)
    assert Settings(without=("a", "b"), before=1990).to_dict() == {
        "without": ["a", "b"],
        "before": 1990,
    }


@pytest.mark.parametrize(
    ("settings_", "said"),
    [
        (
            Settings(without=("boulman-2004",)),
            "--without: there is no reference 'boulman-2004'. Did",
        ),
        (Settings(without_study_type=("revieww",)), "Did you mean review"),
        (Settings(min_read="skimmed"), "Known: text, abstract"),
    ],
)
def test_what_could_leave_nothing_out_is_an_error(settings_: Settings, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        calcinosis.load(settings=settings_)
    with pytest.raises(UsageError, match=said):
        by_settings(graph(), settings_)


# -- what falls ------------------------------------------------------------------------


@pytest.mark.java
@pytest.mark.parametrize("settings_", SETTINGS, ids=str)
def test_the_owl_reasoner_gives_the_same_verdicts(settings_: Settings) -> None:
    kg = calcinosis.load(settings=settings_)
    authority = Authority(kg.ontology, kg.classifier)
    cases = [case for case in cases_of(kg, CASES) if not isinstance(case, InputError)]
    changed = 0
    for number, case in enumerate(cases):
        mine = verdicts(kg.classifier.classify(case))
        changes = mine != verdicts(graph().classifier.classify(case))
        if changes or number % 3 == 0:
            assert verdicts(authority.classify(case)) == mine
        changed += changes
    assert changed


@pytest.mark.slow
@given(st.data())
@settings(max_examples=examples(25), deadline=None)
def test_leaving_out_more_settles_nothing_more(case_data: st.DataObject) -> None:
    """Verdicts rest on axioms: with fewer, what was open stays open, and the rest may open."""
    few = case_data.draw(st.sets(st.sampled_from(carrying()), max_size=30), label="few")
    more = few | case_data.draw(st.sets(st.sampled_from(carrying()), max_size=30), label="more")
    one, two = (by_settings(graph(), Settings(without=tuple(sorted(keys)))) for keys in (few, more))
    cases = [case for case in cases_of(graph(), CASES) if not isinstance(case, InputError)]
    for case in cases[:: case_data.draw(st.integers(5, 20))]:
        before, after = one.classifier.classify(case), two.classifier.classify(case)
        for left, right in zip(before.subtypes, after.subtypes, strict=True):
            if left.verdict != CONFLICTING:
                assert right.verdict in (left.verdict, UNDETERMINED)


@pytest.fixture(scope="module")
def retracting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ontology with one reference marked as retracted."""
    from shutil import copytree

    folder = tmp_path_factory.mktemp("retracting") / "ontology"
    copytree(data("ontology"), folder)
    path = folder / "references.ttl"
    text = path.read_text(encoding="utf-8")
    status = f"ref:{WEIGHTIEST} <{names.BIBO}status> <{names.RETRACTED}> .\n"
    path.write_text(text + status, encoding="utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.usefixtures("ranked_once")
def test_comparing_says_what_is_left_out_as_retracted(
    retracting: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    one = tmp_path / "one.yaml"
    one.write_text("id: a\ncalcinosis: present\nconditions: [dermatomyositis]\n", encoding="utf-8")
    label = "seed review with Reiter 2011 (seed-reiter-2011)"
    without = f"{label}, without {WEIGHTIEST} (retracted)"
    asked = ["compare", str(one), "--ontology", str(retracting)]
    out = " ".join(run([*asked, "--with-retracted"], capsys)[1].split())
    assert out.startswith(f"Left: {without}. Right: {label}, with retracted references. ")
    ranking = run([*asked, "--each-reference"], capsys)[1]
    assert " ".join(ranking.split()).startswith(f"By {without}. ")
    assert run([*asked, "--each-reference", "-f", "markdown"], capsys)[1].startswith(
        f"By {without}"
    )
    both = json.loads(run([*asked, "--without", "deen-2020", "-f", "json"], capsys)[1])
    for side in ("left", "right"):
        assert both[side]["retracted"] == [WEIGHTIEST]
    ranked = json.loads(run([*asked, "--each-reference", "-f", "json"], capsys)[1])
    assert ranked["retracted"] == [WEIGHTIEST]


@pytest.mark.slow
def test_a_retracted_reference_is_marked_where_it_is_written(
    retracting: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"doi:{graph().ontology.library.bibliography[WEIGHTIEST].doi}."
    for asked in (["cite", WEIGHTIEST], ["show", WEIGHTIEST]):
        whole = " ".join(run([*asked, "--ontology", str(retracting)], capsys)[1].split())
        assert f"{address} (retracted)" in whole
        assert "(retracted)" not in run(asked, capsys)[1]
    asked = ["cite", WEIGHTIEST, "--ontology", str(retracting)]
    for more in (["--style", "apa"], ["-f", "bibtex"], ["-f", "ris"], ["-f", "csl-json"]):
        assert "retracted" in run([*asked, *more], capsys)[1].casefold()


@pytest.mark.slow
def test_an_address_is_not_broken_over_lines(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["compare", CASES[0], "--viewpoint", "seed-reiter-2011", "--viewpoint", "visualdx"]
    found = graph().compare(Settings("visualdx"), CASES[0])
    cited = {key for change in found.changes for reason in change.reasons for key in reason.cited}
    addresses = {graph().ontology.library.bibliography[key].uri for key in cited} - {""}
    out = run(asked, capsys)[1]
    assert addresses
    assert all(address in out for address in addresses)


@pytest.mark.slow
def test_a_retracted_paper_is_left_out_and_said(
    retracting: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = retracting
    kg = calcinosis.load(ontology=folder)
    assert kg.ontology.retracted == (WEIGHTIEST,)
    assert classified(kg) == classified(by_settings(graph(), Settings(without=(WEIGHTIEST,))))
    assert classified(kg) != whole()
    assert kg.classify(CASES[1]).to_dict()["left_out"] == {"retracted": [WEIGHTIEST]}
    _, out, _ = run(["classify", CASES[1], "--ontology", str(folder)], capsys)
    assert out.startswith(f"By seed review with Reiter 2011, without {WEIGHTIEST} (retracted).")
    kept = calcinosis.load(ontology=folder, settings=Settings(with_retracted=True))
    assert classified(kept) == whole()
    _, out, _ = run(["check", "--ontology", str(folder)], capsys)
    assert out.count("FAULT") == out.count("FAULT canonical_form: references.ttl") == 1


# -- side by side ----------------------------------------------------------------------


@pytest.fixture(
    scope="module",
    params=few(
        [*SETTINGS, *(Settings(v) for v in viewpoints() if v != names.DEFAULT_VIEWPOINT)],
        *(SETTINGS[0], Settings("minars")),
    ),
    ids=lambda s: str(s) or s.viewpoint,
)
def comparison(request: pytest.FixtureRequest) -> Comparison:
    return compared(request.param)


def test_the_comparison_is_what_both_sides_say(comparison: Comparison) -> None:
    left, right = whole(), classified(by_settings(graph(), comparison.right))
    assert comparison.cases == len(left) == len(right)
    both = [
        (case, subtype, left[case].get(subtype, (None,))[0], right[case].get(subtype, (None,))[0])
        for case in left
        for subtype in dict.fromkeys((*left[case], *right[case]))
    ]
    table: dict[tuple[str, str | None, str | None], int] = {}
    for _, subtype, one, two in both:
        table[subtype, one, two] = table.get((subtype, one, two), 0) + 1
    assert comparison.table == table
    defined = [b for b in both if None not in b[2:] or "entailed" in b[2:]]
    assert [(c.case, c.subtype, c.left, c.right) for c in comparison.changes] == [
        b for b in defined if b[2] != b[3]
    ]
    assert comparison.changes


def test_every_change_has_its_reason(comparison: Comparison) -> None:
    """A settled verdict that the other side has not rests on what the other side has not."""
    gone = {link.words for link in comparison.lost}
    new = {link.words for link in comparison.gained}
    for change in comparison.changes:
        settled = {"left": change.left, "right": change.right}
        sides = [s for s, v in settled.items() if v not in (None, UNDETERMINED)]
        assert [reason.side for reason in change.reasons] == sides
        for reason in change.reasons:
            assert reason.links or reason.facts
            assert {link.words for link in reason.links} <= (gone if reason.side == "left" else new)


def test_without_a_reference_its_axioms_are_named() -> None:
    found = graph().compare(Settings(without=(ALONE,)), [HANGS_ON_IT])
    assert [{s.reference for s in link.sources} for link in found.lost] == [{ALONE}]
    assert not found.gained
    assert found.changes
    assert {reason.cited for change in found.changes for reason in change.reasons} == {(ALONE,)}


@pytest.mark.slow
def test_each_reference_is_ranked_by_what_falls_with_it() -> None:
    found = graph().rank(CASES)
    assert found[0].reference == WEIGHTIEST
    assert [len(w.changes) for w in found] == sorted((len(w.changes) for w in found), reverse=True)
    for weight in found:
        changes = compared(Settings(without=(weight.reference,))).changes
        assert weight.changes == tuple((c.case, c.subtype) for c in changes)
    ranked = {w.reference for w in found}
    for key in sorted(set(carrying()) - ranked)[::8]:
        assert not graph().compare(Settings(without=(key,)), CASES).changes


def test_an_interval_falls_with_its_reference() -> None:
    laboratory = graph().laboratory
    days = 40 * 365.25
    (analyte,) = laboratory.find("phosphate")
    (interval,) = laboratory.intervals(analyte.iri, days, None)
    keys = interval.references
    lab = {"test": analyte.label, "value": analyte.maximum, "unit": analyte.canonical}
    case = {"id": "a", "calcinosis": "present", "age": "40 years", "labs": [lab]}
    found = graph().compare(Settings(without=keys), case)
    (one,) = cases_of(by_settings(graph(), Settings(without=keys)), case)
    assert not isinstance(one, InputError)
    assert "its sourced interval was left out" in one.uninterpreted[0].reason
    # All intervals and formulas that only this reference states fall, and each is named.
    assert {key for judging in found.lost_intervals for key in judging.references} == set(keys)
    assert not found.gained_intervals
    asked = found.to_dict()["intervals_lost"]
    assert [one["id"] for one in asked] == [one.id for one in found.lost_intervals]
    text = comparison_text(found, graph().ontology.library.bibliography)
    assert all(judging.label in " ".join(text.split()) for judging in found.lost_intervals[:6])
    assert found.changes
    for change in found.changes:
        (reason,) = change.reasons
        assert reason.facts
        assert set(reason.cited) == set(keys)


# -- the command -----------------------------------------------------------------------


@pytest.mark.slow
def test_the_command_in_all_forms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = tmp_path / "alone.json"
    case.write_text(json.dumps(HANGS_ON_IT), encoding="utf-8")
    cases = [*CASES, str(case)]
    asked = ["compare", *cases, "--without", ALONE]
    found = graph().compare(Settings(without=(ALONE,)), cases)
    assert found.changes
    code, out, err = run(asked, capsys)
    assert (code, err) == (0, "")
    assert all(len(line) <= 80 for line in out.splitlines())
    label = "seed review with Reiter 2011 (seed-reiter-2011)"
    assert f"Left: {label}. Right: {label}, without {ALONE}." in " ".join(out.split())
    assert "1 axiom loses its last support on the right:" in out
    for change in found.changes:
        assert f"{change.case}: {change.label}" in out
    assert json.loads(run([*asked, "-f", "json"], capsys)[1]) == json.loads(
        json.dumps(found.to_dict())
    )
    rows = list(csv.DictReader(io.StringIO(run([*asked, "-f", "csv"], capsys)[1])))
    assert [(r["case"], r["subtype"], r["references"]) for r in rows] == [
        (c.case, c.subtype, ALONE) for c in found.changes
    ]
    assert {(r["left_by"], r["right_by"]) for r in rows} == {(label, f"{label}, without {ALONE}")}
    assert "| subtype |" in run([*asked, "-f", "markdown"], capsys)[1]
    target = tmp_path / "out.csv"
    assert run([*asked, "-f", "csv", "-o", str(target)], capsys)[0] == 0
    assert target.is_file()


@pytest.mark.slow
@pytest.mark.usefixtures("ranked_once")
def test_the_ranking_in_all_forms(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["compare", CASES[1], "--each-reference"]
    found = graph().rank(CASES[1:])
    code, out, err = run(asked, capsys)
    assert (code, err) == (0, "")
    assert out.startswith("By seed review with Reiter 2011 (seed-reiter-2011).\n")
    assert all(len(line) <= 80 for line in out.splitlines())
    assert [
        line.split(":")[0].strip()
        for line in out.splitlines()
        if line.startswith("  ") and line[2] != " "
    ] == [w.reference for w in found]
    ranked = json.loads(run([*asked, "-f", "json"], capsys)[1])["references"]
    assert ranked == json.loads(json.dumps([w.to_dict() for w in found]))
    rows = list(csv.DictReader(io.StringIO(run([*asked, "-f", "csv"], capsys)[1])))
    assert [(r["reference"], int(r["verdicts"])) for r in rows] == [
        (w.reference, len(w.changes)) for w in found
    ]
    assert run([*asked, "-f", "markdown"], capsys)[1].count("\n| ") == len(found) + 2


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ([], "both sides are the same"),
        (["--viewpoint", "walsh-fairley-1995"], "both sides are the same"),
        (["--viewpoint", "a", "--viewpoint", "b", "--viewpoint", "c"], "more than two viewpoints"),
        (
            ["--viewpoint", "walsh-fairley-1994", "--before", "2000"],
            "Did you mean walsh-fairley-1995",
        ),
        (["--without", "nobody-1900"], "there is no reference 'nobody-1900'"),
        (["--each-reference", "--viewpoint", "a", "--viewpoint", "b"], "one viewpoint is ranked"),
    ],
)
def test_wrong_settings_are_told(
    given_: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(["compare", *CASES, *given_], capsys)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


@pytest.mark.slow
def test_a_refused_case_does_not_stop_the_comparison(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(
        '{"id": "a", "sex": "x"}\n{"id": "b", "calcinosis": "absent"}\n', encoding="utf-8"
    )
    for more in (["--without", "fernandez-2015"], ["--each-reference"]):
        code, out, err = run(["compare", str(path), *more, "-f", "json"], capsys)
        assert code == 3
        assert json.loads(out)
        assert err.startswith("Refused: ")
    assert len(graph().compare(Settings(before=2000), path).refused) == 1


@pytest.mark.slow
@pytest.mark.parametrize("command", ["classify", "explain"])
def test_other_commands_take_the_same_settings(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [command, CASES[1], "--before", "2000", "--without", "deen-2020", "-f", "json"]
    document = json.loads(run(asked, capsys)[1])
    assert document["left_out"] == {"without": ["deen-2020"], "before": 2000}
    if command == "classify":
        resource = files("calcinosis") / "schemas" / "result.schema.json"
        Draft202012Validator(json.loads(resource.read_text("utf-8"))).validate(document)
    assert "left_out" not in json.loads(run([command, CASES[1], "-f", "json"], capsys)[1])
