"""Words that reports use: which roles each has, and which subtypes its claims point to.

``roles.tsv`` holds one word a row: the role classes that it falls under in the default viewpoint,
whether the graph says why it has none (or no more), and the subtypes for which a claim on it, or
on a wider class that is no role, gives a basis.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from pyoxigraph import QuerySolutions, Store

from calcinosis.graph.locate import data
from calcinosis.release.check import modules
from calcinosis.release.rules import fill, query_checks, run_query

CC = "https://w3id.org/calcinosis/"
PREFIXES = """
PREFIX calc: <https://w3id.org/calcinosis/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
OTHER_VIEWPOINTS = ("minars", "tristano-2006", "visualdx", "walsh-fairley-1995")


def rows() -> list[dict[str, str]]:
    with Path(__file__).with_name("roles.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


@pytest.fixture(scope="module")
def store() -> Store:
    store, ontology = Store(), data("ontology")
    files = [path for path in modules(ontology) if path.stem not in OTHER_VIEWPOINTS]
    assert not fill(store, ontology, files)
    return store


def locals_of(store: Store, query: str) -> set[str]:
    """The local names that a query of one variable over all modules selects."""
    found = store.query(PREFIXES + query, use_default_graph_as_union=True)
    assert isinstance(found, QuerySolutions)
    return {str(solution[0].value).removeprefix(CC) for solution in found}


def term(store: Store, word: str) -> str:
    """The one class of that label or synonym that is no criterion."""
    wanted = word.casefold().replace('"', '\\"')
    found = locals_of(
        store,
        "SELECT DISTINCT ?term { ?term rdfs:label|skos:altLabel ?label"
        f' FILTER(LCASE(STR(?label)) = "{wanted}")'
        " FILTER EXISTS { ?term rdfs:subClassOf ?parent }"
        " FILTER NOT EXISTS { ?term rdfs:subClassOf calc:Criterion } }",
    )
    assert len(found) == 1, (word, found)
    return found.pop()


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["word"])
def test_a_word_has_the_roles_and_the_basis_that_its_sources_bear(
    row: dict[str, str], store: Store
) -> None:
    name = f"<{CC}{term(store, row['word'])}>"
    roles = locals_of(
        store,
        f"SELECT DISTINCT ?role {{ {name} rdfs:subClassOf* ?role . ?role rdfs:subClassOf ?any"
        " FILTER EXISTS { ?claim calc:licenses|calc:licensesWhereTaken ?role } }",
    )
    assert roles == set(filter(None, row["roles"].split(";")))
    said = locals_of(store, f"SELECT ?reason {{ {name} calc:noRoleBecause ?reason }}")
    assert bool(said) == (row["reason"] == "yes")
    basis = locals_of(
        store,
        f"SELECT DISTINCT ?subtype {{ {name} rdfs:subClassOf* ?subject ."
        " ?claim calc:subject ?subject ; calc:givesBasisFor ?subtype }",
    )
    short = {one.removesuffix("CalcinosisCutis").lower() for one in basis}
    assert short == set(filter(None, row["basis"].split(";")))


def test_a_natural_kind_is_no_role_and_is_reached_by_the_hierarchy(store: Store) -> None:
    licensed = locals_of(store, "SELECT DISTINCT ?role { ?claim calc:licenses ?role }")
    assert "MineralMetabolismDisorder" not in licensed
    kinds = locals_of(
        store, "SELECT ?kind { calc:MineralDisorderAgainstIdiopathic calc:admits ?kind }"
    )
    assert kinds == {"MineralMetabolismDisorder", "HeritableMineralisationDisorder"}
    placed = locals_of(
        store,
        "SELECT ?term { GRAPH <https://w3id.org/calcinosis/ontology/conditions>"
        " { ?term rdfs:subClassOf calc:MineralMetabolismDisorder } }",
    )
    assert {"Hyperparathyroidism", "Hypoparathyroidism", "Pseudohypoparathyroidism"} <= placed
    assert "Pseudopseudohypoparathyroidism" not in placed


@pytest.mark.parametrize(
    "role",
    [
        "LocalTissueDamagingCondition",
        "SystemicTissueDamagingCondition",
        "MineralDisorderAgainstIdiopathic",
    ],
)
def test_a_role_of_a_condition_rests_on_something_read(role: str, store: Store) -> None:
    """New licences have a text, an abstract or the seed; the older lists are named one by one."""
    bare = locals_of(
        store,
        f"SELECT DISTINCT ?subject {{ ?claim calc:licenses calc:{role} ; calc:subject ?subject"
        " FILTER NOT EXISTS { ?axiom <http://www.w3.org/2002/07/owl#annotatedSource> ?claim ;"
        ' calc:read ?read FILTER(?read IN ("text", "abstract", "seed")) } }',
    )
    assert bare <= LISTED, sorted(bare - LISTED)


# Roles that rest on lists or titles alone.
LISTED = {"IntrauterineHerpesSimplex", "RothmundThomsonSyndrome"}


WRONG = {
    "a kidney disease as a mineral disorder": (
        "KidneyFailure",
        "assoc:bad calc:subject calc:KidneyFailure ; calc:licenses"
        " calc:MineralDisorderAgainstIdiopathic .",
    ),
    "a condition as a depositing intervention": (
        "Acne",
        "assoc:bad calc:subject calc:Acne ; calc:licenses calc:DepositingIntervention .",
    ),
    "an intervention as damage": (
        "Warfarin",
        "assoc:bad calc:subject calc:Warfarin ; calc:licenses calc:LocalTissueDamagingCondition .",
    ),
    "systemic damage below a local one": (
        "BurnScar",
        "assoc:bad calc:subject calc:BurnScar ; calc:licenses"
        " calc:SystemicTissueDamagingCondition .",
    ),
    "an entity as its own damage": (
        "MiliaLikeIdiopathicCalcinosisCutis",
        "assoc:bad calc:subject calc:MiliaLikeIdiopathicCalcinosisCutis ;"
        " calc:licenses calc:LocalTissueDamagingCondition ."
        " calc:MiliaLikeIdiopathicCalcinosisCutis rdfs:subClassOf"
        " calc:LocalTissueDamagingCondition .",
    ),
    "a disease as a recognised entity": (
        "Gout",
        "assoc:bad calc:subject calc:Gout ; calc:licenses calc:RecognisedIdiopathicEntity .",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", WRONG)
def test_a_subject_that_does_not_fit_its_role_is_found(fault: str, store: Store) -> None:
    entity, added = WRONG[fault]
    changed = Store()
    changed.bulk_extend(list(store))
    changed.update(
        f"{PREFIXES} PREFIX assoc: <https://w3id.org/calcinosis/association/>"
        f" INSERT DATA {{ GRAPH <https://w3id.org/calcinosis/ontology/roles> {{ {added} }} }}"
    )
    rule = {one.name: one for one in query_checks()}["role_definition"]
    assert not list(run_query(store, rule))
    assert entity in {finding.subject for finding in run_query(changed, rule)}
