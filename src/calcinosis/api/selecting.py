"""What an export holds: the statements that are asked for, by their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from calcinosis.errors import InputError, UsageError

if TYPE_CHECKING:
    from calcinosis.explain.explanation import Explanation
    from calcinosis.facts.source import Cases
    from calcinosis.graph.ontology import Ontology
    from calcinosis.graph.terms import Term
    from calcinosis.output.selection import Selection

NO_QUERY = "there is no look-up to set it for", "--with", "Add --query NAME"


class Asked(Protocol):
    """A graph, as far as a selection asks it."""

    ontology: Ontology

    def _subtype(self, name: str) -> str: ...
    def _term(self, name: str) -> Term: ...
    def _claims_of(self, query: str, parameters: Mapping[str, str]) -> set[str]: ...
    def _explained(self, cases: Cases, *, kind: str) -> Iterator[Explanation | InputError]: ...


def select(
    kg: Asked,
    *,
    subtype: str | Iterable[str] | None = None,
    condition: str | Iterable[str] | None = None,
    reference: str | Iterable[str] | None = None,
    query: str | Iterable[str] | None = None,
    parameters: Mapping[str, str] | None = None,
    cases: Cases | None = None,
    inferred: bool = False,
    include: str | Iterable[str] = (),
    base: bool = False,
    kind: str = "",
) -> Selection:
    """The statements to export, as ``KnowledgeGraph.export`` says; what was refused beside them."""
    from calcinosis.api.result import accepted
    from calcinosis.output.selection import select as selected

    given = (subtype, condition, reference, query)
    subtypes, conditions, keys, queries = map(several, given)
    if parameters and not queries:
        raise UsageError(*NO_QUERY)
    claims = None if all(one is None for one in given) else set[str]()
    for name in queries:
        claims = (claims or set()) | kg._claims_of(name, parameters or {})
    refused: list[InputError] = []
    explained = None
    if cases is not None:
        explained = list(accepted(kg._explained(cases, kind=kind), refused.append))
    asked = [*subtypes, *conditions, *keys, *queries, *(["cases"] if cases is not None else [])]
    found = selected(
        kg.ontology,
        subtypes=map(kg._subtype, subtypes),
        terms=(kg._term(name).iri for name in conditions),
        references=keys,
        claims=claims,
        explanations=explained,
        asked_for=", ".join(asked) or ("everything" if claims is None else "nothing"),
    )
    return replace(
        found,
        inferred=inferred,
        base=base,
        include=tuple(several(include)),
        refused=tuple(refused),
    )


def several(value: str | Iterable[str] | None) -> list[str]:
    """What is given once or several times, as a list."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)
