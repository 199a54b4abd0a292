"""The checks of a release: the published data has no error, each check has a failing example."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import NamedNode, Quad, Store

import calcinosis
from calcinosis import names
from calcinosis.cli.main import main
from calcinosis.errors import MissingProgramError
from calcinosis.explain.links import Links
from calcinosis.graph.locate import data
from calcinosis.graph.ontology import load, viewpoints
from calcinosis.graph.triples import Triples
from calcinosis.reasoning.shares import shares
from calcinosis.release.check import case_findings, check, modules
from calcinosis.release.finding import ERROR, INFO, SEVERITIES, Finding
from calcinosis.release.meaning import interval_findings, reasoner_findings, viewpoint_findings
from calcinosis.release.modules import (
    catalog_findings,
    header_findings,
    import_findings,
    module_import_findings,
    trace_findings,
    version_findings,
)
from calcinosis.release.rules import SHAPE, fill, query_checks, run_query, shape_findings
from calcinosis.release.version import vanished_findings
from tests import faults

ONTOLOGY = data("ontology")
SHAPES = ONTOLOGY / "shapes"
CHECKS = {one.name: one for one in query_checks()}


def rules(found: list[Finding]) -> set[str]:
    return {finding.rule for finding in found}


# -- the published data ----------------------------------------------------------------


@pytest.mark.slow
def test_the_release_has_no_error() -> None:
    wrong = [str(finding) for finding in check(reasoner=False) if finding.severity == ERROR]
    assert not wrong, "\n".join(wrong)


# -- rules that are files ----------------------------------------------------------------


@pytest.fixture(scope="module")
def quads() -> list[Quad]:
    store = Store()
    assert not fill(store, ONTOLOGY, modules(ONTOLOGY))
    return list(store)


def faulty(quads: list[Quad], *wrong: faults.Fault) -> Store:
    store = Store()
    store.bulk_extend(quads)
    for fault in wrong:
        store.update(fault.update())
    return store


def test_every_query_check_has_a_fault_and_a_full_header() -> None:
    assert set(CHECKS) == set(faults.QUERIES)
    assert all(one.severity in SEVERITIES and one.title and one.cure for one in CHECKS.values())


@pytest.fixture(scope="module")
def whole(quads: list[Quad]) -> Store:
    """What is published; who changes it puts it back."""
    return faulty(quads)


@contextmanager
def made(fault: faults.Fault, whole: Store, quads: list[Quad]) -> Iterator[None]:
    """A fault in the store, taken out again afterwards."""
    graph = None if fault.removed else NamedNode(f"{names.ONTOLOGY}/{fault.module}")
    was = {quad for quad in quads if graph in (None, quad.graph_name)}
    whole.update(fault.update())
    try:
        yield
    finally:
        now = set(whole.quads_for_pattern(None, None, None, graph))
        for quad in now - was:
            whole.remove(quad)
        whole.extend(was - now)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_query_check_finds_its_fault(name: str, whole: Store, quads: list[Quad]) -> None:
    fault = faults.QUERIES[name]
    before = {finding.subject for finding in run_query(whole, CHECKS[name])}
    with made(fault, whole, quads):
        after = {finding.subject for finding in run_query(whole, CHECKS[name])}
    assert fault.entity in after - before
    assert len(whole) == len(quads)


@pytest.mark.parametrize(
    ("viewpoint", "said", "found"),
    [
        ("minars", "Wording not read in the Minars textbook; another is taken.", True),
        ("minars", "How each type is worded was not read.", True),
        ("visualdx", "Wording not read in VisualDx or the later chapter.", True),
        ("tristano-2006", "Wording not read in Tristano 2006.", True),
        ("walsh-fairley-1995", "Walsh and Fairley 1995 was not read on this point.", True),
        ("walsh-fairley-1995", "The abstract is silent on what the type needs.", False),
        ("seed-reiter-2011", "The seed review was not read on this point.", True),
    ],
)
def test_no_viewpoint_calls_a_reference_unread_that_a_claim_has_read(
    quads: list[Quad], viewpoint: str, said: str, found: bool
) -> None:
    wrong = faults.Fault(
        viewpoint, f'[] calc:taken "{said}"@en .', module=f"viewpoints/{viewpoint}"
    )
    findings = run_query(faulty(quads, wrong), CHECKS["read_called_unread"])
    assert {finding.subject for finding in findings} == ({viewpoint} if found else set())


def shapes_with_words() -> dict[str, bool]:
    graph = rdflib.Graph()
    for path in SHAPES.glob("*.ttl"):
        graph.parse(path)
    shacl = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    return {
        str(shape).removeprefix(SHAPE): (shape, shacl.description)
        in set(graph.subject_predicates())
        for shape in graph.subjects(shacl.message)
    }


def test_every_shape_has_a_fault_and_a_cure() -> None:
    shapes = shapes_with_words()
    assert set(shapes) == set(faults.SHAPES)
    assert all(shapes.values())


@pytest.mark.slow
def test_each_shape_finds_its_fault(quads: list[Quad]) -> None:
    found = shape_findings(faulty(quads, *faults.SHAPES.values()), SHAPES)
    pairs = {(finding.rule, finding.subject) for finding in found}
    wanted = {(rule, fault.entity) for rule, fault in faults.SHAPES.items()}
    assert wanted <= pairs, sorted(wanted - pairs)


# -- the files of a release ----------------------------------------------------------------


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = tmp_path / "ontology"
    shutil.copytree(ONTOLOGY, folder)
    return folder


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def file_rules(folder: Path) -> set[str]:
    store, files = Store(), modules(folder)
    assert not fill(store, folder, files)
    quads = store.quads_for_pattern(None, NamedNode(names.CC + "subject"), None, None)
    claims = {names.local(q.subject.value) for q in quads if isinstance(q.subject, NamedNode)}
    return rules(
        [
            *header_findings(store, folder, files),
            *import_findings(store, folder, files),
            *version_findings(store, folder, files),
            *vanished_findings(store, folder),
            *module_import_findings(store, folder, files),
            *catalog_findings(store, folder, files),
            *trace_findings(folder, claims),
        ]
    )


Mutation = Callable[[Path], object]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mutate", "rule"),
    [
        (lambda f: change(f / "genes.ttl", "ontology/genes>", "ontology/jeans>"), "module_header"),
        (lambda f: (f / "genes.ttl").unlink(), "root_imports"),
        (lambda f: shutil.copy(f / "genes.ttl", f / "more.ttl"), "root_imports"),
        (
            lambda f: change(f / "genes.ttl", "ontology/schema>", "ontology/genes>"),
            "module_imports",
        ),
        (lambda f: change(f / "words.ttl", "ontology/interventions>", "x:x>"), "module_imports"),
        (lambda f: change(f / "findings.ttl", "ontology/subtypes>", "x:x>"), "module_imports"),
        (
            lambda f: change(f / "subtypes.ttl", "ontology/references>", "ontology/associations>"),
            "module_imports",
        ),
        (lambda f: change(f / "calcinosis.ttl", "releases/2026-", "releases/26-"), "root_version"),
        (lambda f: change(f / "calcinosis.ttl", "-dev/", "/"), "root_version"),
        (
            lambda f: change(f / "calcinosis.ttl", "status/draft", "status/published"),
            "root_version",
        ),
        (lambda f: change(f / "genes.ttl", "-dev/", "/"), "module_version"),
        (lambda f: change(f / "released.txt", "AcneScar\n", "AcneScar\nNoTerm\n"), "vanished_term"),
        (lambda f: change(f / "catalog-v001.xml", '"genes.ttl"', '"jeans.ttl"'), "catalog"),
        (lambda f: (f / "catalog-v001.xml").write_text("<"), "catalog"),
        (lambda f: change(f / "trace.tsv", "E001\t", "E999\t"), "trace"),
        (lambda f: change(f / "trace.tsv", "E001\t", "E001\tno-such-claim;"), "trace"),
        (lambda f: change(f / "trace.tsv", "E002\t", "E001\t"), "trace"),
        (lambda f: (f / "trace.tsv").unlink(), "trace"),
    ],
)
def test_a_release_with_a_fault(mutate: Mutation, rule: str, release: Path) -> None:
    assert not file_rules(release)
    mutate(release)
    assert rule in file_rules(release)


def test_a_broken_module_is_a_finding_and_ends_the_graph_checks(release: Path) -> None:
    with (release / "genes.ttl").open("a", encoding="utf-8") as file:
        file.write(":broken")
    found = check(release)
    assert [finding.rule for finding in found] == ["unreadable_module", "not_checked"]
    assert "genes.ttl, line" in found[0].subject


@pytest.mark.slow
def test_faults_of_different_kinds_are_found_at_once(release: Path) -> None:
    (release / "interventions.ttl").unlink()
    with (release / "genes.ttl").open("a", encoding="utf-8") as file:
        file.write("# a comment at the wrong place\n")
    change(release / "catalog-v001.xml", '"anatomy.ttl"', '"anatomies.ttl"')
    found = check(release)
    assert {"unreadable_module", "canonical_form", "catalog", "root_imports"} <= rules(found)
    assert [f.severity for f in found] == sorted((f.severity for f in found), key=SEVERITIES.index)


# -- meaning -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("added", "rule"),
    [
        ("calc:Acne rdfs:subClassOf [ a owl:Class ] .", "viewpoint_outside_fragment"),
        (
            "calc:Acne rdfs:subClassOf calc:RecognisedIdiopathicEntity ,"
            " calc:SystemicTissueDamagingCondition .",
            "contradictory_term",
        ),
        (
            "calc:Acne rdfs:subClassOf calc:RecognisedIdiopathicEntity ,"
            " calc:LocalTissueDamagingCondition .",
            "contradictory_term",
        ),
        (
            "calc:Acne rdfs:subClassOf calc:RecognisedIdiopathicEntity ,"
            " calc:MineralDisorderAgainstIdiopathic .",
            "contradictory_term",
        ),
        (
            "calc:WithAcne rdfs:subClassOf calc:Criterion ; owl:disjointWith"
            " calc:WithHypercalcaemia ;"
            " owl:equivalentClass [ owl:intersectionOf ( calc:Case [ a owl:Restriction ;"
            " owl:onProperty calc:hasCondition ; owl:someValuesFrom calc:Acne ] ) ] ."
            " calc:Acne rdfs:subClassOf calc:ConditionImplyingHypercalcaemia .",
            "contradictory_term",
        ),
        (
            "calc:WithNothing a owl:Class ; rdfs:subClassOf calc:Criterion ; owl:equivalentClass"
            " [ owl:intersectionOf ( calc:Case calc:WithHypercalcaemia"
            " calc:WithHypocalcaemia ) ] .",
            "unsatisfiable_class",
        ),
        (
            "calc:LooseCase a owl:Class ; rdfs:subClassOf calc:Case , calc:WithCalcinosis ;"
            " calc:caseOf calc:CalcinosisCutis .",
            "never_entailed",
        ),
    ],
)
def test_a_viewpoint_with_a_fault(added: str, rule: str, release: Path) -> None:
    assert not list(viewpoint_findings(load(folder=release)))
    with (release / "viewpoints" / f"{names.DEFAULT_VIEWPOINT}.ttl").open("a") as file:
        file.write(faults.PREFIXES + added)
    assert rule in rules(list(viewpoint_findings(load(folder=release))))


def test_a_viewpoint_without_case_classes(release: Path) -> None:
    path = release / "viewpoints" / f"{names.DEFAULT_VIEWPOINT}.ttl"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"calc:caseOf", "calc:about", text), encoding="utf-8")
    assert "viewpoint_empty" in rules(list(viewpoint_findings(load(folder=release))))


@pytest.mark.java
@pytest.mark.parametrize("name", viewpoints(ONTOLOGY))
def test_hermit_finds_no_fault(name: str) -> None:
    assert not list(reasoner_findings(load(name)))


@pytest.mark.java
@pytest.mark.parametrize(
    ("added", "rule"),
    [
        ("calc:Acne rdfs:subClassOf calc:Nowhere .", "owl_profile"),
        ("calc:x a calc:WithHypercalcaemia , calc:WithHypocalcaemia .", "inconsistent"),
        (
            "calc:WithNothing a owl:Class ;"
            " rdfs:subClassOf calc:WithHypercalcaemia , calc:WithHypocalcaemia .",
            "unsatisfiable_class",
        ),
    ],
)
def test_hermit_finds_a_fault(added: str, rule: str, release: Path) -> None:
    with (release / "viewpoints" / f"{names.DEFAULT_VIEWPOINT}.ttl").open("a") as file:
        file.write(faults.PREFIXES + added)
    assert rule in rules(list(reasoner_findings(load(folder=release))))


def test_without_java_the_check_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise MissingProgramError("no Java", "", "Install it")

    monkeypatch.setattr("calcinosis.reasoning.owl.java", missing)
    (found,) = reasoner_findings(load())
    assert (found.severity, found.rule, found.cure) == (INFO, "not_checked", "Install it")


def test_intervals_that_overlap(tmp_path: Path) -> None:
    path = tmp_path / "laboratory.ttl"
    path.write_text(
        faults.PREFIXES + "interval:a a calc:ReferenceInterval ; calc:analyte calc:X ;"
        ' calc:ageFrom "P0D" ; calc:ageTo "P2Y" .'
        ' interval:b a calc:ReferenceInterval ; calc:analyte calc:X ; calc:ageFrom "P18M" .',
        encoding="utf-8",
    )
    triples = Triples()
    triples.read(path)
    assert rules(list(interval_findings(triples))) == {"interval_overlap"}


def test_intervals_may_overlap_where_each_disputes_the_other_s_source(tmp_path: Path) -> None:
    path = tmp_path / "laboratory.ttl"
    sides = {"a": ("one", "two"), "b": ("two", "one")}
    text = "".join(
        f'interval:{node} a calc:ReferenceInterval ; calc:analyte calc:X ; calc:ageFrom "P0D" ;'
        f" cito:citesAsEvidence ref:{cited} ; cito:disputes ref:{disputed} .\n"
        for node, (cited, disputed) in sides.items()
    )
    path.write_text(faults.PREFIXES + text, encoding="utf-8")
    triples = Triples()
    triples.read(path)
    assert not list(interval_findings(triples))
    one_sided = text.replace("disputes ref:one", "disputes ref:three")
    path.write_text(faults.PREFIXES + one_sided, encoding="utf-8")
    triples = Triples()
    triples.read(path)
    assert rules(list(interval_findings(triples))) == {"interval_overlap"}


# -- a user's cases ------------------------------------------------------------------------


def test_all_faults_of_case_files_are_found_at_once(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(
        "- {id: a, sex: none, conditions: [nonesuch]}\n"
        "- {id: b, calcinosis: present}\n"
        "- {id: b, calcinosis: present}\n",
        encoding="utf-8",
    )
    found = list(case_findings(ONTOLOGY, [str(path)]))
    *found, told = found
    assert len(found) == 3
    assert all(one.severity == ERROR and one.cure for one in found)
    assert (told.rule, told.subject) == ("cases_read", str(path))
    assert "given to an earlier case" in found[2].message
    assert str(path) in str(found[0])


def test_good_case_files_and_none() -> None:
    published = str(data("examples") / "published")
    (told,) = case_findings(ONTOLOGY, [published])
    assert (told.rule, told.message) == ("cases_read", "63 cases read")
    assert not list(case_findings(ONTOLOGY, []))


def test_cases_cannot_be_read_with_a_broken_ontology(tmp_path: Path) -> None:
    assert rules(list(case_findings(tmp_path, ["a.yaml"]))) == {"unreadable_module"}


@pytest.mark.slow
def test_the_shares_are_of_every_axiom_that_bears_a_verdict(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = {share.viewpoint: share for share in shares()}
    assert sorted(found) == sorted(viewpoints())
    for name, share in found.items():
        kg = calcinosis.load(name)
        links = Links(kg.ontology, kg.classifier.compiled.axioms)
        axioms = [a for a in enumerate(kg.classifier.compiled.axioms) if not a[1].is_placing]
        kinds = Counter(links.link(number).kind for number, _ in axioms)
        assert share.counts["placed"] == kinds["meaning"]
        assert share.bearing == len(axioms) - kinds["meaning"]
        assert not share.counts["bare"]
        ours = share.counts["reading"] + share.counts["cited"] + share.counts["taken"]
        assert ours + share.counts["editorial"] == share.bearing
    with pytest.raises(SystemExit):
        main(["check", "--no-reasoner", "-q"])
    said = " ".join(capsys.readouterr().out.split())
    for name, share in found.items():
        assert f"{name}: {share.bearing}: cited {share.counts['cited']} (" in said


def test_of_a_named_file_only_what_was_read_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calcinosis.release.check._graph_findings", None)  # not to be asked
    monkeypatch.setattr("calcinosis.release.check._viewpoint", None)
    file = tmp_path / "two.yaml"
    file.write_text("- {id: a, calcinosis: present}\n- {id: b, calcinosis: absent}\n")
    with pytest.raises(SystemExit) as ended:
        main(["check", "-q", str(file)])
    assert ended.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"REMARK cases_read: {file}"
    assert lines[1] == "  2 cases read. Nothing is to be asked."
    assert lines[2].startswith("no faults, no warnings, 1 remark")
    assert len(lines) == 3
    file.write_text("- {id: a, calcinosis: present}\n- {id: b, calcinosis: maybe}\n")
    (told,) = [one for one in check(None, [str(file)]) if one.rule == "cases_read"]
    assert told.message == "1 of 2 cases read"
