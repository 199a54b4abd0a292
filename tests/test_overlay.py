"""A site's own files laid over the ontology: what they may say, and that every answer says so."""

from __future__ import annotations

import csv
import json
import re
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner

import calcinosis
from calcinosis.api import load_ontology
from calcinosis.cli.main import cli
from calcinosis.errors import OntologyError, UsageError
from calcinosis.graph import overlay
from calcinosis.graph.locate import data
from calcinosis.output.rdf.turtle import PREFIXES
from tests.shared import graph

HEAD = "".join(f"@prefix {prefix}: <{base}> .\n" for prefix, base in PREFIXES.items())
CASE = {"id": "a", "calcinosis": "present", "conditions": ["glass skin disease"]}
MARK = "which is no part of the release"


def recipe() -> list[str]:
    """The blocks of Turtle by which the ontology's README adds a cause."""
    text = (Path(__file__).parent.parent / "ontology" / "README.md").read_text(encoding="utf-8")
    part = text.partition("## A cause with its claim")[2].partition("\n## ")[0]
    return re.findall(r"```turtle\n(.*?)```", part, re.DOTALL)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the README adds, and a synonym of the site."""
    path = tmp_path_factory.mktemp("site") / "site.ttl"
    own = 'calc:Calciphylaxis skos:altLabel "grey leg of the clinic"@en .'
    path.write_text(HEAD + "\n".join((*recipe(), own)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def laid(site: Path) -> calcinosis.KnowledgeGraph:
    return calcinosis.load(overlays=site)


def read(tmp_path: Path, text: str) -> overlay.Overlay:
    path = tmp_path / "mine.ttl"
    path.write_text(HEAD + text, encoding="utf-8")
    (found,) = overlay.read(data("ontology"), [path])
    return found


def run(*words: str | Path) -> str:
    result = CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code in (0, None), result.output
    return result.stdout


# -- what it does ----------------------------------------------------------------------------


@pytest.mark.slow
def test_a_cause_of_a_site_meets_a_criterion_and_cites_its_reference(
    laid: calcinosis.KnowledgeGraph,
) -> None:
    before = graph().classify(CASE).cases[0]
    assert [remark.what for remark in before.case.not_understood]
    after = laid.classify(CASE).cases[0]
    assert not after.case.not_understood
    damage = [
        criterion for criterion in after.subtypes[0].criteria if criterion.id == "WithTissueDamage"
    ]
    assert damage[0].status == "met"
    assert "doe-2024" in damage[0].references


def test_a_synonym_of_a_site_names_what_ships(laid: calcinosis.KnowledgeGraph) -> None:
    assert laid.search("grey leg of the clinic")[0].entry.id == "Calciphylaxis"
    assert graph().search("grey leg of the clinic")[0].entry.id != "Calciphylaxis" or (
        graph().search("grey leg of the clinic")[0].score < 1
    )


def test_a_reference_of_a_site_can_be_left_out(laid: calcinosis.KnowledgeGraph) -> None:
    settings = calcinosis.Settings(without=("doe-2024",))
    changed = laid.compare(settings, CASE).changes
    assert {change.subtype for change in changed} >= {"IdiopathicCalcinosisCutis"}


def test_the_store_has_its_claims_among_the_claims(laid: calcinosis.KnowledgeGraph) -> None:
    ask = (
        "ASK { GRAPH graph:associations { ?claim calc:subject calc:GlassSkinDisease }"
        " GRAPH graph:references { ref:doe-2024 calc:year 2024 }"
        " GRAPH graph:ontology { calc:GlassSkinDisease rdfs:subClassOf"
        " calc:SystemicTissueDamagingCondition } }"
    )
    assert laid.sparql(ask) is True
    assert graph().sparql(ask) is False


def test_a_second_claim_on_a_role_joins_the_claims_that_ship(tmp_path: Path) -> None:
    """A role that is there already falls only with all claims that license it."""
    shipped = graph().ontology
    claim = next(
        one
        for one in shipped.claims.associations.values()
        if one.licenses and not one.where_taken and one.topic == "Cause"
    )
    text = f"""
    ref:doe-2024 a fabio:JournalArticle , owl:NamedIndividual ; rdfs:label "Doe 2024"@en .
    assoc:second a calc:CauseAssociation , owl:NamedIndividual ;
      calc:subject <{claim.subject}> ; calc:licenses <{claim.licenses}> ;
      calc:editorial "Ours."@en ; calc:statement "Ours."@en .
    """
    path = tmp_path / "second.ttl"
    path.write_text(HEAD + text, encoding="utf-8")
    found = load_ontology(overlays=[path])
    triples = found.triples
    nodes = [
        node
        for node, axiom in triples.annotated()
        if axiom == (claim.subject, calcinosis.names.SUBCLASS, claim.licenses)
    ]
    rests = triples.iris(nodes[0], calcinosis.names.CC + "restsOn")
    assert len(nodes) == 1
    assert {claim.iri, calcinosis.names.ASSOC + "second"} <= set(rests)


@pytest.mark.slow
def test_a_viewpoint_of_a_site_is_one_of_those_known(tmp_path: Path) -> None:
    text = (data("ontology") / "viewpoints" / "minars.ttl").read_text(encoding="utf-8")
    text = text.replace("viewpoints/minars", "viewpoints/clinic")
    text = text.replace("viewpoint/minars", "viewpoint/clinic")
    text = re.sub(r"(Minars Dermatology|The three types of the Minars) textbook", "Clinic", text)
    path = tmp_path / "clinic.ttl"
    path.write_text(text, encoding="utf-8")
    kg = calcinosis.load("clinic", overlays=path)
    case = {"id": "a", "calcinosis": "present", "findings": ["hypercalcaemia"]}
    verdicts = [
        [(one.id, one.verdict) for one in load.classify(case).cases[0].subtypes]
        for load in (kg, graph("minars"))
    ]
    assert verdicts[0] == verdicts[1]
    assert kg.label == "Clinic"
    assert "clinic" in [view.name for view in kg.show("viewpoints").views]  # type: ignore[union-attr]
    with pytest.raises(UsageError, match="clinic"):
        calcinosis.load("klinic", overlays=path)


# -- that it is said -------------------------------------------------------------------------


@pytest.mark.slow
def test_every_form_of_verdicts_says_so(site: Path, tmp_path: Path) -> None:
    case = tmp_path / "case.json"
    case.write_text(json.dumps(CASE), encoding="utf-8")
    total = sha256(site.read_bytes()).hexdigest()
    with_it = [{"name": "site.ttl", "sha256": total}]

    def classify(form: str) -> str:
        return run("classify", case, "--with", site, "-f", form)

    assert f"with site.ttl (sha256 {total[:12]})" in " ".join(classify("text").split())
    assert json.loads(classify("json"))["with"] == with_it
    assert json.loads(classify("jsonl"))["with"] == with_it
    rows = list(csv.DictReader(classify("csv").splitlines()))
    assert {row["with"] for row in rows} == {f"site.ttl (sha256 {total[:12]})"}
    for form in ("phenopacket", "fhir"):
        assert MARK in classify(form)
    for form in ("text", "markdown", "html", "ttl"):
        said = " ".join(run("explain", case, "--with", site, "-f", form).split())
        assert "site.ttl" in said, form
    assert str(site.parent) not in classify("json") + classify("text")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "mark"),
    [
        ("query causes --subtype dystrophic", MARK),
        ("query causes --subtype dystrophic -f csv", MARK),
        ("query causes --subtype dystrophic -f json", '"with"'),
        ("sparql CONSTRUCT{?s?p?o}WHERE{?s?p?o}LIMIT1", "# Told with site.ttl"),
        ("search glass", MARK),
        ("search glass -f json", MARK),
        ("show doe-2024", MARK),
        ("show doe-2024 -f json", '"sha256"'),
        ("cite doe-2024", MARK),
        ("cite doe-2024 -f bibtex", MARK),
        ("cite --query causes --with subtype=dystrophic", MARK),
        ("export associations-csv --reference doe-2024", "site.ttl (sha256"),
        ("export report-md --reference doe-2024", MARK),
        ("export obo --reference doe-2024", "data-version: 0.1.0+site."),
        ("export sssom --reference doe-2024", "+site."),
        ("graph --around glass_skin_disease", MARK),
    ],
)
def test_every_answer_says_so(
    call: str, mark: str, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calcinosis.release.laid.verify", lambda _: None)  # it was, above
    words = [word.replace("LIMIT1", " LIMIT 1") for word in call.split()]
    assert mark in " ".join(run(*words, "--with", site).split())


def test_an_export_is_not_the_release(laid: calcinosis.KnowledgeGraph, site: Path) -> None:
    text = bytes(laid.export("turtle", reference="doe-2024")).decode()
    assert f"site.ttl, sha256 {sha256(site.read_bytes()).hexdigest()}" in text
    assert "owl:versionIRI" not in text
    assert laid.ontology.version.startswith(graph().ontology.version + "+site.")


def test_without_one_nothing_is_said(tmp_path: Path) -> None:
    case = tmp_path / "case.json"
    case.write_text(json.dumps({"id": "a", "calcinosis": "present"}), encoding="utf-8")
    assert "with" not in json.loads(run("classify", case, "-f", "json"))
    assert graph().ontology.changed == {}


# -- what is refused -------------------------------------------------------------------------

REFUSED = {
    "calc:Calciphylaxis skos:altLabel": ("this is not Turtle", "line"),
    "": ("it says nothing", "mine.ttl"),
    'calc:Calciphilaxis skos:altLabel "x"@en .': ("there is no term calc:Calciphilaxis", "line 2"),
    'calc:Calciphylaxis rdfs:label "x"@en .': ("ships, and rdfs:label would redefine it", "line 2"),
    "calc:Calciphylaxis rdfs:subClassOf calc:Finding .": ("would redefine it", "line 2"),
    "calc:Calciphylaxis owl:deprecated true .": ("would redefine it", "line 2"),
    "[] owl:intersectionOf ( calc:Case ) ; rdfs:subClassOf calc:DystrophicCase .": (
        "would redefine what ships",
        "line 2",
    ),
    "[] a owl:Axiom ; owl:annotatedSource calc:Calciphylaxis ; owl:annotatedProperty rdfs:label ;"
    ' owl:annotatedTarget "calciphylaxis"@en ; calc:editorial "x"@en .': ("annotates", "line 2"),
    'calc:Mine a owl:Class ; calc:colour "grey" .': ("the property calc:colour", "line 2"),
    "<https://example.org/onto> a owl:Ontology ; owl:imports <file:///etc/passwd> .": (
        "nothing is fetched or opened",
        "line 2",
    ),
    "<https://example.org/onto> a owl:Ontology ; owl:imports <https://example.org/x> .": (
        "nothing is fetched or opened",
        "line 2",
    ),
    "<https://w3id.org/calcinosis/ontology/schema> a owl:Ontology .": ("is a module", "mine.ttl"),
    "<https://example.org/Mine> a owl:Class .": ("would not be read", "line 2"),
    "assoc:mine a calc:CauseAssociation ; cito:citesAsEvidence ref:fernandes-2015 .": (
        "there is no reference ref:fernandes-2015",
        "line 2",
    ),
    "calc:Mine a calc:Rule .": ("a rule of reading needs a program", "line 2"),
    "<https://w3id.org/calcinosis/viewpoint/minars> a calc:Viewpoint .": ("already", "mine.ttl"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_does_not_belong_is_refused_with_place_and_cure(text: str, tmp_path: Path) -> None:
    what, where = REFUSED[text]
    with pytest.raises(OntologyError) as caught:
        read(tmp_path, text)
    assert what in caught.value.what
    assert where.replace("line 2", f"line {len(PREFIXES) + 1}") in caught.value.where
    assert caught.value.cure


def test_the_nearest_name_is_offered(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match=r"Did you mean ref:fernandez-2015\?"):
        read(
            tmp_path, "assoc:a a calc:CauseAssociation ; cito:citesAsEvidence ref:fernandes-2015 ."
        )


def test_what_says_the_same_as_the_release_adds_nothing(tmp_path: Path) -> None:
    label = graph().ontology.terms.label(calcinosis.names.CC + "Calciphylaxis")
    text = f'calc:Calciphylaxis rdfs:label "{label}"@en ; skos:altLabel "ours"@en .'
    found = read(tmp_path, text)
    assert [str(one.predicate) for part in found.parts.values() for one in part] == [
        "<http://www.w3.org/2004/02/skos/core#altLabel>"
    ]


@pytest.mark.slow
def test_a_rule_of_the_graph_that_is_broken_is_named(site: Path, tmp_path: Path) -> None:
    path = tmp_path / "worse.ttl"
    text = site.read_text(encoding="utf-8").replace('calc:read "abstract"', 'calc:read "wholly"')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OntologyError, match=r"worse\.ttl, line \d+: .*By the rule \w+"):
        calcinosis.load(overlays=path)


def test_a_file_that_changed_since_it_was_checked_is_not_asked(tmp_path: Path) -> None:
    path = tmp_path / "mine.ttl"
    path.write_text(HEAD + 'calc:Calciphylaxis skos:altLabel "one"@en .', encoding="utf-8")
    ontology = load_ontology(overlays=[path])
    path.write_text(HEAD + 'calc:Calciphylaxis skos:altLabel "two"@en .', encoding="utf-8")
    with pytest.raises(OntologyError, match="changes while it is read"):
        list(overlay.again(ontology.source))


@pytest.mark.slow
def test_a_later_file_builds_on_an_earlier_one(tmp_path: Path) -> None:
    first, second = tmp_path / "first.ttl", tmp_path / "second.ttl"
    first.write_text(HEAD + "calc:Mine a owl:Class ; rdfs:subClassOf calc:Condition .")
    second.write_text(HEAD + 'calc:Mine skos:altLabel "ours"@en .')
    assert len(load_ontology(overlays=[first, second]).overlays) == 2
    with pytest.raises(OntologyError, match="there is no term calc:Mine"):
        load_ontology(overlays=[second])
    second.write_text(HEAD + 'calc:Mine rdfs:label "ours"@en .')
    with pytest.raises(OntologyError, match="would redefine it"):
        load_ontology(overlays=[first, second])
