"""The viewpoints beside the default one: verdicts by hand, HermiT, and how they are shown."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest

import calcinosis
from calcinosis import names
from calcinosis.errors import MissingProgramError, UsageError
from calcinosis.graph import viewpoints as shown
from calcinosis.graph.ontology import viewpoints
from calcinosis.reasoning.owl import Authority
from calcinosis.reasoning.verdict import CaseVerdict
from calcinosis.release.check import check
from tests import golden
from tests.shared import cases_of, graph
from tests.terminal import run

SUBTYPES = {
    **golden.SUBTYPES,
    "mixed": "MixedCalcinosisCutis",
    "joint": "CalciphylaxisOrIatrogenicCalcinosisCutis",
}


@dataclass(frozen=True)
class Row:
    """One row of ``viewpoint_cases.tsv``; the column ``why`` of the file is the reason."""

    viewpoint: str
    case: dict[str, Any]
    verdicts: dict[str, str]
    basis: dict[str, str]
    flags: set[str]


def pairs(cell: str) -> dict[str, str]:
    found = dict(part.split("=") for part in filter(None, cell.split("; ")))
    return {SUBTYPES[name]: value for name, value in found.items()}


def rows() -> list[Row]:
    path = Path(__file__).with_name("viewpoint_cases.tsv")
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            Row(
                row["viewpoint"],
                golden.case_file(
                    f"{row['viewpoint']}-{row['case']}", row["asserted"], row["excluded"]
                ),
                {k: golden.VERDICTS[v] for k, v in pairs(row["verdicts"]).items()},
                pairs(row["basis of the open ones"]),
                {SUBTYPES[name] for name in filter(None, row["flags"].split("; "))},
            )
            for row in csv.DictReader(lines, delimiter="\t")
        ]


ROWS = rows()


@pytest.fixture
def show(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What ``calcinosis show`` writes."""

    def shows(*arguments: str) -> str:
        code, out, err = run(["show", *arguments], capsys)
        assert (code, err) == (0, "")
        return out

    return shows


@pytest.fixture(scope="module")
def views(kg: calcinosis.KnowledgeGraph) -> tuple[shown.Viewpoint, ...]:
    return shown.read(kg.ontology)


# -- verdicts ------------------------------------------------------------------------------


def test_every_viewpoint_without_a_sheet_of_its_own_has_rows() -> None:
    assert {row.viewpoint for row in ROWS} == {*viewpoints()} - {names.DEFAULT_VIEWPOINT}
    assert len(ROWS) >= 40


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.case["id"])
def test_verdicts_bases_and_flags(row: Row) -> None:
    result = graph(row.viewpoint).classify(row.case)
    assert not result.refused, result.refused
    agrees(row, result.cases[0])


def agrees(row: Row, case: CaseVerdict) -> None:
    """AssertionError where a case comes out otherwise than its row says."""
    assert {s.id: s.verdict for s in case.subtypes} == row.verdicts
    open_ones = {s.id: s.basis for s in case.subtypes if s.verdict == "undetermined" and s.basis}
    assert open_ones == row.basis
    assert {s.id for s in case.subtypes if s.flags} == row.flags


@pytest.mark.java
@pytest.mark.parametrize("viewpoint", viewpoints())
def test_hermit_gives_the_same_verdicts(viewpoint: str) -> None:
    kg = graph(viewpoint)
    try:
        authority = Authority(kg.ontology, kg.classifier)
    except MissingProgramError as error:
        pytest.skip(f"{error.what}: {error.cure}")
    assert authority.consistent()
    assert authority.unsatisfiable() == []
    assert authority.profile_violations() == []
    every = [*(row.case for row in ROWS), *(row.case for row in golden.rows())]
    for case in cases_of(kg, every):  # one row has a word that nothing resolves
        assert not isinstance(case, Exception), case
        assert authority.classify(case).to_dict() == kg.classifier.classify(case).to_dict()
    for row in ROWS:
        if row.viewpoint == viewpoint:
            (case,) = cases_of(kg, row.case)
            assert not isinstance(case, Exception), case
            found = authority.classify(case)
            assert {s.id: s.verdict for s in found.subtypes} == row.verdicts


@pytest.mark.parametrize("viewpoint", viewpoints())
def test_a_diagnosis_of_any_subtype_is_recorded_and_never_a_fact(viewpoint: str) -> None:
    kg = graph(viewpoint)
    for subtype in SUBTYPES.values():
        (case,) = cases_of(
            kg, {"id": "a", "conditions": [kg.lookups.term(f"calc:{subtype}").label]}
        )
        assert not isinstance(case, Exception), case
        assert not case.facts, f"{subtype} under {viewpoint}"


def test_the_joint_types_are_placed_where_their_authority_is_loaded() -> None:
    above = {
        view: set(graph(view).ontology.terms.ancestors(names.CC + child))
        for view, child in (
            ("visualdx", "MixedCalcinosisCutis"),
            (names.DEFAULT_VIEWPOINT, "MixedCalcinosisCutis"),
            ("tristano-2006", "Calciphylaxis"),
            ("minars", "Calciphylaxis"),
        )
    }
    dystrophic, metastatic = (names.CC + SUBTYPES[n] for n in ("dystrophic", "metastatic"))
    assert metastatic in above["visualdx"]
    assert dystrophic not in above["visualdx"], "it asks for levels that are not abnormal"
    assert not {dystrophic, metastatic} & above[names.DEFAULT_VIEWPOINT]
    assert names.CC + SUBTYPES["joint"] in above["tristano-2006"]
    assert names.CC + SUBTYPES["joint"] not in above["minars"]


def test_explain_refuses_a_subtype_that_the_viewpoint_does_not_define() -> None:
    with pytest.raises(UsageError, match="not a subtype of the viewpoint minars") as caught:
        graph("minars").explain({"id": "a"}, "calciphylaxis")[0]
    assert "idiopathic calcinosis cutis" in caught.value.cure


# -- how they are shown --------------------------------------------------------------------


def test_all_are_read_in_their_order(views: tuple[shown.Viewpoint, ...]) -> None:
    assert {view.name for view in views} == {*viewpoints()}
    assert [view.name for view in views if view.default] == [names.DEFAULT_VIEWPOINT]
    assert views[0].default
    for view in views:
        defined = [s.subtype for s in graph(view.name).classifier.case_classes]
        assert [one.id for one in view.subtypes] == defined


def test_the_default_takes_nothing_and_each_other_something(
    views: tuple[shown.Viewpoint, ...],
) -> None:
    for view in views:
        assert bool(view.grounds.taken) != view.default


def test_every_axiom_is_counted_once(views: tuple[shown.Viewpoint, ...]) -> None:
    owl = "PREFIX owl: <http://www.w3.org/2002/07/owl#> PREFIX calc: <https://w3id.org/calcinosis/>"
    count = f"{owl} SELECT ?a {{ ?a a owl:Axiom ; owl:annotatedTarget ?t FILTER(?t != calc:Case) }}"
    for view in views:
        store = pyoxigraph.Store()
        path = graph().ontology.folder / "viewpoints" / f"{view.name}.ttl"
        store.load(path=str(path), format=pyoxigraph.RdfFormat.TURTLE)
        solutions = store.query(count)
        assert isinstance(solutions, pyoxigraph.QuerySolutions)
        assert view.grounds.axioms == len(list(solutions))


def test_the_heel_stick_moves_as_the_authorities_say(views: tuple[shown.Viewpoint, ...]) -> None:
    under = {v.name: s.under.split()[0] for v in views for s in v.sides if s.id == "HeelStick"}
    assert under == {
        "minars": "dystrophic",
        "seed-reiter-2011": "iatrogenic",
        "tristano-2006": "iatrogenic",
        "visualdx": "dystrophic",
        "walsh-fairley-1995": "iatrogenic",
    }
    marked = {v.name for v in views for s in v.sides if s.id == "HeelStick" and s.taken}
    assert marked == {"tristano-2006", "walsh-fairley-1995"}


def test_side_by_side(views: tuple[shown.Viewpoint, ...], show: Callable[..., str]) -> None:
    done = show("viewpoints")
    lines = done.splitlines()
    assert max(len(line) for line in lines if "://" not in line) <= 80
    for number, view in enumerate(views, 1):
        assert f"{number} {view.name}: {view.label}" in done
    (row,) = [line for line in lines if line.startswith("  calcium and phosphate not raised")]
    assert row.split()[-5:] == ["●", "·", "·", "○", "·"]
    (row,) = [line for line in lines if line.startswith("  normal calcium and phosphate")]
    assert row.split()[-5:] == ["·", "·", "●", "·", "·"]
    (row,) = [line for line in lines if line.startswith("  skin-vessel calcification *")]
    assert row.split()[-1] == "●"
    assert len(row) < 76, "only the first viewpoint has the subtype"
    for need in shown.criteria(views).values():
        assert need.definition.split()[-1] in done


@pytest.mark.slow
def test_the_forms_say_the_same(
    views: tuple[shown.Viewpoint, ...], show: Callable[..., str]
) -> None:
    several = json.loads(show("viewpoints", "-f", "json"))
    assert [one["name"] for one in several] == [view.name for view in views]
    for one, view in zip(several, views, strict=True):
        assert one["grounds"]["axioms"] == view.grounds.axioms
        assert json.loads(show(view.name, "-f", "json")) == one
    table = show("viewpoints", "-f", "markdown")
    numbers = " | ".join(str(view.grounds.taken) for view in views)
    assert f"| taken from the default viewpoint | {numbers} |" in table
    for line in (line for line in table.splitlines() if line.startswith("| **")):
        assert line.count("|") == len(views) + 2


@pytest.mark.parametrize("name", ["tristano-2006", "TRISTANO-2006", "Tristano 2006"])
def test_one_viewpoint(name: str, show: Callable[..., str]) -> None:
    page = " ".join(show(*name.split()).split())
    assert "(viewpoint, tristano-2006)" in page
    assert "The abstract of Tristano 2006 names the type and is silent on what it needs" in page
    assert "Depositing intervention or skin-vessel calcification (names the cause)" in page
    keys = "contemporary-pediatrics-heel-nodule, dermnet-calcinosis-cutis"
    assert f"Heel stick: iatrogenic calcinosis cutis [{keys}]" in page
    told = show(*name.split(), "-f", "markdown")
    assert told.startswith("# Tristano 2006\n")
    assert "  - Taken: The abstract of Tristano 2006 names the" in told


# -- adding one ----------------------------------------------------------------------------


@pytest.mark.slow
def test_the_viewpoint_of_the_document_is_whole(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    folder = tmp_path / "ontology"
    shutil.copytree(kg.ontology.folder, folder)
    root = Path(__file__).parent.parent
    written = re.compile(r"^ *```turtle\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
    (module,) = written.findall((root / "docs" / "viewpoints.md").read_text(encoding="utf-8"))
    reference, *_ = written.findall((root / "ontology" / "README.md").read_text(encoding="utf-8"))
    prefixes, _, _ = (folder / "viewpoints" / "minars.ttl").read_text().partition("\n\n")
    (folder / "viewpoints" / "doe-2024.ttl").write_text(f"{prefixes}\n{module}", encoding="utf-8")
    with (folder / "references.ttl").open("a", encoding="utf-8") as references:
        references.write(reference)
    catalog = folder / "catalog-v001.xml"
    name = "viewpoints/doe-2024"
    entry = f'<uri name="{names.ONTOLOGY}/{name}" uri="{name}.ttl"/></catalog>'
    catalog.write_text(catalog.read_text().replace("</catalog>", entry))
    found = [finding for finding in check(folder, reasoner=False) if finding.severity == "ERROR"]
    # make knowledge restores the form, and the stamp of the release gives it its version
    assert {finding.rule for finding in found} <= {"canonical_form", "module_version"}, found
    theirs = calcinosis.load("doe-2024", ontology=folder)
    at_deposit = {"term": "heel stick", "at_deposit": True}
    case = {"id": "a", "calcinosis": "present", "interventions": [at_deposit]}
    (verdict,) = theirs.classify(case).cases[0].subtypes
    assert (verdict.id, verdict.verdict) == (SUBTYPES["dystrophic"], "entailed")
    view = shown.named(theirs.ontology, "doe-2024")
    assert view is not None
    assert view.grounds == shown.Grounds(cited=2, read=0, ours=1, taken=1)
