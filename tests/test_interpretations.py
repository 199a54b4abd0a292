"""What is read into claims: apart from what sources say, by viewpoint, and in each view of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store

import calcinosis
from calcinosis import names
from calcinosis.errors import OntologyError
from calcinosis.graph.locate import data
from calcinosis.graph.ontology import viewpoints
from calcinosis.graph.query import VIEWS
from calcinosis.graph.results import Table
from calcinosis.output.rdf.turtle import PREFIXES
from tests.shared import graph

HEAD = "".join(f"@prefix {prefix}: <{base}> .\n" for prefix, base in PREFIXES.items())
READ_IN = ("editorial", "givesBasisFor", "licenses", "licensesWhereTaken", "mechanism", "yields")
# A claim that ships, on a cause that has no role by what ships.
CLAIM = "non-medical-calcium-contact-causes-dystrophic"
READING = f"""
interp:of-the-clinic a calc:Interpretation , owl:NamedIndividual ; calc:interprets assoc:{CLAIM} ;
  rdfs:label "the clinic's reading of: %s"@en ; calc:licenses calc:LocalTissueDamagingCondition ;
  calc:givesBasisFor calc:DystrophicCalcinosisCutis ; calc:editorial "It burns the skin."@en """


def reading(belongs: str = "") -> str:
    """An interpretation of CLAIM that gives its subject a role."""
    label = graph().ontology.claims.association(names.ASSOC + CLAIM).label
    return READING % label + (f"; calc:inViewpoint {belongs} ." if belongs else ".")


def written(path: Path, *parts: str) -> Path:
    path.write_text(HEAD + "\n".join(parts), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A viewpoint of a site, with an interpretation of a claim that ships."""
    text = (data("ontology") / "viewpoints" / "minars.ttl").read_text(encoding="utf-8")
    text = text.replace("viewpoints/minars", "viewpoints/clinic")
    text = text.replace("viewpoint/minars", "viewpoint/clinic")
    text = re.sub(r"(Minars Dermatology|The three types of the Minars) textbook", "Clinic", text)
    return written(tmp_path_factory.mktemp("clinic") / "clinic.ttl", text, reading())


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are laid over without the rules of the graph, by which others of these are read."""
    monkeypatch.setattr("calcinosis.release.laid.verify", lambda _: None)


def damage(kg: calcinosis.KnowledgeGraph) -> tuple[str, str]:
    """The verdict on dystrophic, and its basis, of a case whose deposit met the cause."""
    claim = kg.ontology.claims.association(names.ASSOC + CLAIM)
    cause = {"term": names.local(claim.subject), "at_deposit": True}
    case = {"id": "a", "calcinosis": "present", "conditions": [cause]}
    (found,) = kg.classify(case).cases
    verdict = next(one for one in found.subtypes if one.id == "DystrophicCalcinosisCutis")
    met = {one.id: one.status for one in verdict.criteria}
    return met["WithTissueDamage"], str(bool(claim.licenses))


# -- one form ------------------------------------------------------------------------------


def test_a_claim_says_only_what_sources_say() -> None:
    """Nothing that is read into it stands in the module of claims."""
    store = Store()
    store.load(path=str(data("ontology") / "associations.ttl"), format=RdfFormat.TURTLE)
    said = {quad.predicate.value for quad in store}
    assert not said & {names.CC + word for word in READ_IN if word != "mechanism"}
    ours = [one for one in graph().ontology.interpretations.values() if len(one) > 3]
    for one in ours:
        for claim in map(str, one[names.INTERPRETS]):
            stated = store.quads_for_pattern(NamedNode(claim), None, None)
            assert not [q for q in stated if q.object in one.get(names.CC + "mechanism", ())]


def test_what_is_read_into_a_claim_stands_on_it_where_it_is_asked() -> None:
    interpreted: dict[tuple[str, str], set[object]] = {}
    for one in graph().ontology.interpretations.values():
        for word in READ_IN:
            for claim in map(str, one[names.INTERPRETS]):
                interpreted.setdefault((claim, word), set()).update(one.get(names.CC + word, ()))
    assert len(interpreted) > 100 * len(READ_IN)
    for iri in graph().ontology.claims.associations:
        stated = graph().ontology.claims.description(iri)
        for word in READ_IN:
            if word != "mechanism" or names.CC + "mechanismIsOurs" in stated:
                wanted = interpreted.get((iri, word), set())
                assert set(stated.get(names.CC + word, ())) == wanted, (iri, word)


# -- whose it is ---------------------------------------------------------------------------


@pytest.mark.slow
def test_a_viewpoint_with_a_reading_of_its_own_keeps_the_rules(clinic: Path) -> None:
    assert calcinosis.load("clinic", overlays=clinic).label == "Clinic"


@pytest.mark.slow
@pytest.mark.usefixtures("unchecked")
def test_a_viewpoints_own_reading_counts_under_it_alone(clinic: Path) -> None:
    assert damage(graph()) == damage(graph("minars"))
    assert damage(graph())[1] == "False"
    assert damage(calcinosis.load("clinic", overlays=clinic)) == ("met", "True")
    for viewpoint in (names.DEFAULT_VIEWPOINT, "minars"):
        laid = calcinosis.load(viewpoint, overlays=clinic)
        assert damage(laid) == damage(graph(viewpoint))
        assert f"{names.INTERP}of-the-clinic" not in laid.ontology.interpretations


@pytest.mark.slow
@pytest.mark.usefixtures("unchecked")
def test_the_store_has_it_under_its_viewpoint_alone(clinic: Path) -> None:
    role = f"ASK {{ assoc:{CLAIM} calc:licenses calc:LocalTissueDamagingCondition ;"
    role += " calc:subject/rdfs:subClassOf calc:LocalTissueDamagingCondition }"
    ours, others = (
        calcinosis.load(name, overlays=clinic) for name in ("clinic", names.DEFAULT_VIEWPOINT)
    )
    assert ours.sparql(role) is True
    assert others.sparql(role) is False
    apart = f"ASK {{ GRAPH views:clinic {{ assoc:{CLAIM} calc:licenses ?role }}"
    apart += f" interp:of-the-clinic calc:inViewpoint <{names.VIEWPOINT}clinic> }}"
    assert others.sparql(apart) is True
    rows = others.query("interpretations", term="NonMedicalSkinContactWithCalciumSalt")
    whose = {row["interpretation"]: row["viewpoints"] for row in rows.rows()}
    assert whose[names.INTERP + "of-the-clinic"] == "clinic"


@pytest.mark.slow
@pytest.mark.usefixtures("unchecked")
def test_an_export_has_it_under_its_viewpoint_alone(clinic: Path) -> None:
    for viewpoint, there in (("clinic", True), ("minars", False)):
        kg = calcinosis.load(viewpoint, overlays=clinic)
        store = Store()
        store.load(bytes(kg.export("turtle")), format=RdfFormat.TURTLE)
        said = store.quads_for_pattern(
            NamedNode(names.ASSOC + CLAIM), NamedNode(names.CC + "licenses"), None
        )
        assert bool(list(said)) == there


@pytest.mark.slow
@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("belongs", "counts"),
    [("", (True, True)), (f"<{names.VIEWPOINT}minars>", (False, True))],
)
def test_a_reading_without_a_viewpoint_counts_under_all(
    belongs: str, counts: tuple[bool, bool], tmp_path: Path
) -> None:
    path = written(tmp_path / "site.ttl", reading(belongs))
    found = [
        damage(calcinosis.load(viewpoint, overlays=path))[1] == "True"
        for viewpoint in (names.DEFAULT_VIEWPOINT, "minars")
    ]
    assert tuple(found) == counts


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "what"),
    [
        (lambda: reading("calc:Acne"), "belongs to a viewpoint, or to all"),
        (lambda: reading(f"<{names.VIEWPOINT}nobodys>"), "no viewpoint"),
        (lambda: reading().replace(f"assoc:{CLAIM}", "assoc:no-claim"), "no claim assoc:no-claim"),
        (lambda: re.sub(r"; calc:editorial .*", ".", reading()), "needs a reason"),
        (lambda: 'interp:acne-causes-dystrophic calc:editorial "x"@en .', "redefine"),
    ],
)
def test_a_reading_that_breaks_a_rule_is_refused(text: object, what: str, tmp_path: Path) -> None:
    path = written(tmp_path / "site.ttl", text())  # type: ignore[operator]
    with pytest.raises(OntologyError, match=what):
        calcinosis.load(overlays=path)


# -- views of it ---------------------------------------------------------------------------


def rows(query: str) -> list[dict[str, object]]:
    found = graph().sparql(query)
    assert isinstance(found, Table)
    return found.rows()


def test_the_edges_are_what_the_claims_say() -> None:
    """As in the nanopublications: each claim that holds in no context only and has support."""
    found = {
        (row["s"], row["p"], row["o"])
        for row in rows("SELECT * { GRAPH graph:edges { ?s ?p ?o FILTER(?p != rdf:type) } }")
    }
    assert found == {
        (one.subject, one.predicate, one.object)
        for one in graph().ontology.claims.associations.values()
        if one.references and not one.contexts and not one.has_value
    }
    asked = "SELECT ?cause { ?cause RO:0003302 calc:DystrophicCalcinosisCutis }"
    assert names.CC + "Acne" in {row["cause"] for row in rows(asked)}


def test_a_thing_is_of_the_kinds_above_its_own() -> None:
    every = {row["x"] for row in rows("SELECT ?x { ?x a calc:Association }")}
    assert every == set(graph().ontology.claims.associations)
    assert rows("SELECT ?x { GRAPH graph:associations { ?x a calc:Association } }") == []


def test_all_viewpoints_stand_in_one_store() -> None:
    asked = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } %s } GROUP BY ?g"
    told = asked % "FILTER(STRSTARTS(STR(?g), STR(views:)))"
    counts = {str(row["g"]).removeprefix(VIEWS): row["n"] for row in rows(told)}
    wanted = {}
    for name in viewpoints():
        store = Store()
        path = data("ontology") / "viewpoints" / f"{name}.ttl"
        store.load(path=str(path), format=RdfFormat.TURTLE)
        wanted[name] = len(store)
    assert counts == wanted
    assert not [row for row in rows(asked % "") if str(row["g"]).startswith(VIEWS)]


def test_one_query_asks_all_viewpoints() -> None:
    found = rows(
        """SELECT ?view (COUNT(DISTINCT ?subtype) AS ?n) {
             GRAPH ?graph { ?view a calc:Viewpoint . ?case calc:caseOf ?subtype }
             FILTER(STRSTARTS(STR(?graph), STR(views:)))
             ?subtype rdfs:label ?label
           } GROUP BY ?view"""
    )
    counted = {names.local(str(row["view"])): row["n"] for row in found}
    assert counted == {name: len(graph(name).classifier.case_classes) for name in viewpoints()}


def test_what_names_no_graph_sees_the_loaded_viewpoint_alone() -> None:
    asked = "SELECT ?v { ?v a calc:Viewpoint %s }"
    for also in ("", "FILTER EXISTS { GRAPH views:minars { ?any a calc:Viewpoint } }"):
        assert [row["v"] for row in rows(asked % also)] == [
            names.VIEWPOINT + names.DEFAULT_VIEWPOINT
        ]
    escaped = r"ASK { GRAPH graph:viewpoint\/minars { ?v a calc:Viewpoint } }"
    assert graph().sparql(escaped) is True
    told = f"SELECT ?v FROM <{VIEWS}minars> {{ ?v a calc:Viewpoint }}"
    assert [row["v"] for row in rows(told)] == [names.VIEWPOINT + "minars"]
