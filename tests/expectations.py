"""What people wrote down of cases and words, as functions that a changed ontology can be put to.

Nothing here is generated: the answer sheet, the small cases, the cases of the viewpoints and of the
axioms, and the roles of words.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import calcinosis
from calcinosis import names
from calcinosis.facts.case import Case
from calcinosis.graph.ontology import Ontology
from calcinosis.reasoning.verdict import CaseVerdict
from tests import golden, test_golden, test_roles, test_viewpoints
from tests.shared import cases_of

SUBTYPES = test_viewpoints.SUBTYPES
NONE = "none"
Check = Callable[[CaseVerdict], None]


@dataclass(frozen=True)
class AxiomRow:
    """One row of ``axiom_cases.tsv``: verdicts, bases and references by subtype, not of all.

    ``presumed`` are all subtypes that are, or NONE; empty where the row says nothing of it.
    """

    name: str
    viewpoint: str
    case: dict[str, Any]
    verdicts: dict[str, str]
    basis: dict[str, str]
    cites: dict[str, str]
    presumed: str


def axiom_rows() -> list[AxiomRow]:
    """The cases of single axioms and claims."""
    path = Path(__file__).with_name("axiom_cases.tsv")
    pairs = test_viewpoints.pairs
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            AxiomRow(
                f"{number}: {row['asserted']}",
                row["viewpoint"] or names.DEFAULT_VIEWPOINT,
                golden.case_file(f"axiom-{number}", row["asserted"], row["excluded"]),
                {k: golden.VERDICTS[v] for k, v in pairs(row["verdicts"]).items()},
                pairs(row["basis"]),
                dict(part.split("=") for part in filter(None, row["cites"].split("; "))),
                row["presumed"],
            )
            for number, row in enumerate(csv.DictReader(lines, delimiter="\t"), 1)
        ]


def agrees(row: AxiomRow, case: CaseVerdict) -> None:
    """AssertionError where a verdict, basis or reference is not as the row says."""
    for subtype, verdict in row.verdicts.items():
        assert case.verdict(subtype).verdict == verdict, subtype
    for subtype, basis in row.basis.items():
        assert case.verdict(subtype).basis == basis, subtype
    for at, references in row.cites.items():
        missing = {*references.split(",")} - {*cited(case, at)}
        assert not missing, (at, missing)
    if row.presumed:
        presumed = {one.id for one in case.subtypes if one.presumed is not None}
        assert presumed == {SUBTYPES[name] for name in row.presumed.split("; ") if name != NONE}


def cited(case: CaseVerdict, at: str) -> Iterator[str]:
    """The references behind a subtype's criteria and basis, or behind ``subtype/criterion``."""
    name, _, only = at.partition("/")
    verdict = case.verdict(SUBTYPES[name])
    yield from () if only else verdict.basis_references
    for criterion in verdict.criteria:
        if only in ("", criterion.id):
            yield from criterion.references


def checks(viewpoint: str) -> Iterator[tuple[dict[str, Any], Check]]:
    """Cases under a viewpoint, each with what raises AssertionError where it comes out wrong."""
    if viewpoint == names.DEFAULT_VIEWPOINT:
        for sheet in golden.rows():
            yield sheet.case, partial(test_golden.agrees, sheet)
        for raw, expected in test_golden.small_cases():
            yield raw, partial(test_golden.agrees_small, expected)
    for row in axiom_rows():
        if row.viewpoint == viewpoint:
            yield row.case, partial(agrees, row)
    for view in test_viewpoints.ROWS:
        if view.viewpoint == viewpoint:
            yield view.case, partial(test_viewpoints.agrees, view)


def read(kg: calcinosis.KnowledgeGraph) -> list[tuple[Case, Check]]:
    """The same, with the cases read."""
    found = []
    for raw, check in checks(kg.viewpoint):
        (case,) = cases_of(kg, raw)
        assert isinstance(case, Case), case
        found.append((case, check))
    return found


def words(ontology: Ontology) -> list[tuple[str, set[str], set[str]]]:
    """The words of ``roles.tsv`` as IRIs, each with its roles and the subtypes of its basis."""
    terms, found = ontology.terms, []
    labels = {
        label.casefold(): iri
        for iri in terms.iris()
        if terms.kind(iri) in ("condition", "intervention", "finding")
        for label in (*ontology.triples.texts(iri, names.SKOS + "altLabel"), terms.label(iri))
    }
    for row in test_roles.rows():
        roles, basis = (set(filter(None, row[k].split(";"))) for k in ("roles", "basis"))
        found.append((labels[row["word"].casefold()], roles, basis))
    return found


def agrees_with_roles(ontology: Ontology, table: list[tuple[str, set[str], set[str]]]) -> None:
    """AssertionError where a word has other roles or other bases."""
    licensed = ontology.claims.roles
    given: dict[str, set[str]] = {}
    for claim in ontology.claims.associations.values():
        short = {
            names.local(s).removesuffix("CalcinosisCutis").lower() for s in claim.gives_basis_for
        }
        given.setdefault(claim.subject, set()).update(short)
    for iri, roles, basis in table:
        above = {iri, *ontology.terms.ancestors(iri)}
        assert {names.local(one) for one in above & licensed} == roles, iri
        assert set().union(*(given.get(one, set()) for one in above)) == basis, iri
