"""The checks of a release: the published data has no error, each check has a failing example."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable
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
from calcinosis.release.mappings import mapping_findings, read_mappings
from calcinosis.release.meaning import interval_findings, reasoner_findings, viewpoint_findings
from calcinosis.release.modules import (
    catalog_findings,
    header_findings,
    import_findings,
    trace_findings,
)
from calcinosis.release.rules import SHAPE, fill, query_checks, run_query, shape_findings
from tests import faults

ONTOLOGY = data("ontology")
SHAPES = ONTOLOGY / "shapes"
CHECKS = {one.name: one for one in query_checks()}


def rules(found: list[Finding]) -> set[str]:
    return {finding.rule for finding in found}


# -- the published data ----------------------------------------------------------------


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


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_query_check_finds_its_fault(name: str, quads: list[Quad]) -> None:
    fault = faults.QUERIES[name]
    before = {finding.subject for finding in run_query(faulty(quads), CHECKS[name])}
    after = {finding.subject for finding in run_query(faulty(quads, fault), CHECKS[name])}
    assert fault.entity in after - before


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
    wrong = faults.Fault(viewpoint, f'[] cc:taken "{said}"@en .', module=f"viewpoints/{viewpoint}")
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


def test_each_shape_finds_its_fault(quads: list[Quad]) -> None:
    found = shape_findings(faulty(quads, *faults.SHAPES.values()), SHAPES)
    pairs = {(finding.rule, finding.subject) for finding in found}
    wanted = {(rule, fault.entity) for rule, fault in faults.SHAPES.items()}
    assert wanted <= pairs, sorted(wanted - pairs)


# -- mappings ----------------------------------------------------------------------------

HEAD = """#mapping_set_id: "https://example.org/m"
#license: "https://creativecommons.org/licenses/by/4.0/"
#curie_map:
#  cc: "https://w3id.org/calcinosis/"
#  X: "http://example.org/"
#  MEDDRA: "http://example.org/meddra/"
#  skos: "http://www.w3.org/2004/02/skos/core#"
#  semapv: "https://w3id.org/semapv/vocab/"
subject_id\tsubject_label\tpredicate_id\tobject_id\tmapping_justification\tconfidence\tcomment
"""
GOOD = "cc:Acne\tacne\tskos:exactMatch\tX:1\tsemapv:ManualMappingCuration\t0.9\tseen\n"
OTHER = "cc:Scar\tscar\tskos:exactMatch\tX:2\tsemapv:ManualMappingCuration\t0.9\tseen\n"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (HEAD + GOOD, None),
        (HEAD.replace("#license", "#rights") + GOOD, "mapping_metadata"),
        ("#[\n" + HEAD + GOOD, "mapping_metadata"),
        (HEAD.replace("mapping_justification", "other") + GOOD, "mapping_columns"),
        (HEAD.replace("comment", "remark") + GOOD, "mapping_columns"),
        (HEAD + GOOD.replace("\tseen", ""), "mapping_columns"),
        (HEAD + GOOD.replace("X:1", "Y:1"), "mapping_prefix"),
        (HEAD + GOOD.replace("exactMatch", "sameAs"), "mapping_predicate"),
        (HEAD + GOOD.replace("cc:Acne", "cc:Akne"), "mapping_subject"),
        (HEAD + GOOD.replace("\tacne\t", "\takne\t"), "mapping_label"),
        (HEAD + GOOD.replace("0.9", "high"), "mapping_confidence"),
        (HEAD + GOOD.replace("0.9", "9"), "mapping_confidence"),
        (HEAD + GOOD.replace("seen", "recalled"), "recalled_identifier"),
        (HEAD + GOOD.replace("X:1", "MEDDRA:1"), "mapping_licence"),
        (HEAD + GOOD + GOOD.replace("exactMatch", "closeMatch"), "mapping_repeated"),
        (HEAD + GOOD + OTHER.replace("X:2", "X:1"), "mapping_ambiguous"),
    ],
)
def test_a_mapping_file_with_a_fault(text: str, rule: str | None, tmp_path: Path) -> None:
    path = tmp_path / "a.sssom.tsv"
    path.write_text(text, encoding="utf-8")
    problems, rows = read_mappings([path])
    found = [*problems, *mapping_findings(rows, {"cc:Acne": "acne", "cc:Scar": "scar"})]
    assert (rule in rules(found)) if rule else not found


def test_a_mapping_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a.sssom.tsv"
    path.write_bytes(b"\xff")
    assert rules(read_mappings([path])[0]) == {"mapping_unreadable"}


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
            *catalog_findings(store, folder, files),
            *trace_findings(folder, claims),
        ]
    )


Mutation = Callable[[Path], object]


@pytest.mark.parametrize(
    ("mutate", "rule"),
    [
        (lambda f: change(f / "genes.ttl", "ontology/genes>", "ontology/jeans>"), "module_header"),
        (lambda f: (f / "genes.ttl").unlink(), "root_imports"),
        (lambda f: shutil.copy(f / "genes.ttl", f / "more.ttl"), "root_imports"),
        (lambda f: change(f / "calcinosis.ttl", "ontology/0.1.0>", "ontology/9>"), "root_version"),
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
    found = check(release, ["no-such-file.yaml"])
    assert [finding.rule for finding in found] == ["unreadable_module", "not_checked"]
    assert "genes.ttl, line" in found[0].subject


def test_faults_of_different_kinds_are_found_at_once(release: Path) -> None:
    (release / "interventions.ttl").unlink()
    with (release / "genes.ttl").open("a", encoding="utf-8") as file:
        file.write("# a comment at the wrong place\n")
    change(release / "catalog-v001.xml", '"anatomy.ttl"', '"anatomies.ttl"')
    found = check(release, [str(data("examples") / "published")])
    assert {"unreadable_module", "canonical_form", "catalog", "root_imports"} <= rules(found)
    assert [f.severity for f in found] == sorted((f.severity for f in found), key=SEVERITIES.index)


# -- meaning -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("added", "rule"),
    [
        ("cc:Acne rdfs:subClassOf [ a owl:Class ] .", "viewpoint_outside_fragment"),
        (
            "cc:Acne rdfs:subClassOf cc:RecognisedIdiopathicEntity ,"
            " cc:SystemicTissueDamagingCondition .",
            "contradictory_term",
        ),
        (
            "cc:Acne rdfs:subClassOf cc:RecognisedIdiopathicEntity ,"
            " cc:LocalTissueDamagingCondition .",
            "contradictory_term",
        ),
        (
            "cc:Acne rdfs:subClassOf cc:RecognisedIdiopathicEntity ,"
            " cc:MineralDisorderAgainstIdiopathic .",
            "contradictory_term",
        ),
        (
            "cc:WithAcne rdfs:subClassOf cc:Criterion ; owl:disjointWith cc:WithHypercalcaemia ;"
            " owl:equivalentClass [ owl:intersectionOf ( cc:Case [ a owl:Restriction ;"
            " owl:onProperty cc:hasCondition ; owl:someValuesFrom cc:Acne ] ) ] ."
            " cc:Acne rdfs:subClassOf cc:ConditionImplyingHypercalcaemia .",
            "contradictory_term",
        ),
        (
            "cc:WithNothing a owl:Class ; rdfs:subClassOf cc:Criterion ; owl:equivalentClass"
            " [ owl:intersectionOf ( cc:Case cc:WithHypercalcaemia cc:WithHypocalcaemia ) ] .",
            "unsatisfiable_class",
        ),
        (
            "cc:LooseCase a owl:Class ; rdfs:subClassOf cc:Case , cc:WithCalcinosis ;"
            " cc:caseOf cc:CalcinosisCutis .",
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
    path.write_text(re.sub(r"cc:caseOf", "cc:about", text), encoding="utf-8")
    assert "viewpoint_empty" in rules(list(viewpoint_findings(load(folder=release))))


@pytest.mark.java
@pytest.mark.parametrize("name", viewpoints(ONTOLOGY))
def test_hermit_finds_no_fault(name: str) -> None:
    assert not list(reasoner_findings(load(name)))


@pytest.mark.java
@pytest.mark.parametrize(
    ("added", "rule"),
    [
        ("cc:Acne rdfs:subClassOf cc:Nowhere .", "owl_profile"),
        ("cc:x a cc:WithHypercalcaemia , cc:WithHypocalcaemia .", "inconsistent"),
        (
            "cc:WithNothing a owl:Class ;"
            " rdfs:subClassOf cc:WithHypercalcaemia , cc:WithHypocalcaemia .",
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
        faults.PREFIXES + "interval:a a cc:ReferenceInterval ; cc:analyte cc:X ;"
        ' cc:ageFrom "P0D" ; cc:ageTo "P2Y" .'
        ' interval:b a cc:ReferenceInterval ; cc:analyte cc:X ; cc:ageFrom "P18M" .',
        encoding="utf-8",
    )
    triples = Triples()
    triples.read(path)
    assert rules(list(interval_findings(triples))) == {"interval_overlap"}


def test_intervals_may_overlap_where_each_disputes_the_other_s_source(tmp_path: Path) -> None:
    path = tmp_path / "laboratory.ttl"
    sides = {"a": ("one", "two"), "b": ("two", "one")}
    text = "".join(
        f'interval:{node} a cc:ReferenceInterval ; cc:analyte cc:X ; cc:ageFrom "P0D" ;'
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
    assert len(found) == 3
    assert all(one.severity == ERROR and one.cure for one in found)
    assert "given to an earlier case" in found[2].message
    assert str(path) in str(found[0])


def test_good_case_files_and_none() -> None:
    published = str(data("examples") / "published")
    assert not list(case_findings(ONTOLOGY, [published]))
    assert not list(case_findings(ONTOLOGY, []))


def test_cases_cannot_be_read_with_a_broken_ontology(tmp_path: Path) -> None:
    assert rules(list(case_findings(tmp_path, ["a.yaml"]))) == {"unreadable_module"}


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
