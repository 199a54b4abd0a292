"""KGX: nodes and edges of the Biolink Model, as TSV (two files) and as JSON Lines (two files).

An edge is an association, or a line of the hierarchy with what that rests on. ``publications``
are those that support it, ``read`` and ``study_types`` stand in the same order; what disputes it
is in ``publications_disputing``. Each publication is a node too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from calcinosis import names
from calcinosis.graph import mapped
from calcinosis.graph.claims import Association, Citation, Reference
from calcinosis.output.exchange import biolink
from calcinosis.output.rdf.evidence import claim_hash
from calcinosis.output.references import csl
from calcinosis.output.selection import Files, Selection, Writer
from calcinosis.output.sheets.claim_tables import curie

Record = dict[str, Any]

SOURCE: Final = "calc:ontology"
NODE_COLUMNS: Final = (
    *("id", "category", "name", "description", "synonym", "iri", "xref", "same_as"),
    *("close_match", "broad_match", "narrow_match", "related_match", "has_attribute_type"),
    *("publication_type", "authors", "year", "study_type", "url", "retracted"),
)
EDGE_COLUMNS: Final = (
    *("id", "category", "subject", "predicate", "object", "negated", "original_predicate"),
    *("qualifiers", "publications", "read", "study_types", "primary_knowledge_source"),
    *("knowledge_level", "agent_type", "association_kind", "statement", "mechanism"),
    *("contested", "contested_by", "publications_disputing", "read_disputing"),
    *("study_types_disputing", "editorial", "claim_hash"),
)
_MATCHES: Final = {
    f"skos:{word}Match": f"{word}_match" for word in ("close", "broad", "narrow", "related")
}
_TSV: Final = str.maketrans({"|": "¦"})  # the bar parts the items of a list


def tsv(selection: Selection) -> Files:
    """Nodes and edges as tab-separated tables without quoting, lists parted by a bar."""
    graph = Graph(selection)
    return {
        "calcinosis_nodes.tsv": _table(NODE_COLUMNS, graph.nodes),
        "calcinosis_edges.tsv": _table(EDGE_COLUMNS, graph.edges),
    }


def jsonl(selection: Selection) -> Files:
    """Nodes and edges as JSON Lines."""
    graph = Graph(selection)
    return {
        "calcinosis_nodes.jsonl": _lines(graph.nodes),
        "calcinosis_edges.jsonl": _lines(graph.edges),
    }


def publication(reference: Reference) -> str:
    """The CURIE of a publication: PMID, else DOI, else PMC number, else our own key."""
    if reference.pmid:
        return f"PMID:{reference.pmid}"
    if reference.doi:
        return f"doi:{reference.doi}"
    if reference.pmcid:
        return f"PMC:{reference.pmcid.removeprefix('PMC')}"
    return f"ref:{reference.key}"


class Graph:
    """The nodes and edges of a selection, made one at a time."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._triples = selection.everything
        self._library = selection.ontology.library.bibliography
        self._roots: dict[str, frozenset[str]] = {}

    # -- nodes ---------------------------------------------------------------------------

    def nodes(self) -> Iterator[Record]:
        """The terms, the values that claims name instead of a term, and the publications."""
        for iri in self._terms:
            yield self._term(iri)
        for claim in self._selection.associations:
            if not _is_iri(claim.object):
                yield {
                    "id": _value(claim),
                    "category": [biolink.ANYTHING],
                    "name": claim.object,
                    "iri": f"{claim.iri}#object",
                }
        cited = {c.reference for _, citations in self._axioms.values() for c in citations}
        keys = cited.union(reference.key for reference in self._selection.references)
        for key in sorted(keys):
            yield _publication(self._library[key])

    @cached_property
    def _terms(self) -> dict[str, str]:
        """The category of each term; what only orders the ontology itself is left out."""
        named = {iri for claim in self._selection.associations for iri in claim.ends}
        found = {iri: self._category(iri) for iri in self._selection.terms}
        return {iri: c for iri, c in found.items() if c != biolink.ANYTHING or iri in named} | {
            iri: biolink.ANYTHING for iri in sorted(named - found.keys()) if _is_iri(iri)
        }

    def _category(self, iri: str) -> str:
        held = {
            curie(match)
            for above in self._above(iri)
            for match in self._triples.iris(above, names.BROADER)
        }
        found = next((one for one in biolink.CATEGORIES if one in held), biolink.ANYTHING)
        if found == "biolink:ClinicalIntervention" and iri in self._applied:
            return biolink.TREATMENT
        is_disease = iri in self._diseases and found == biolink.CONDITION
        return biolink.DISEASE if is_disease or self._is_subtype(iri) else found

    def _is_subtype(self, iri: str) -> bool:
        terms = self._selection.ontology.terms
        return iri in terms and terms.kind(iri) == "subtype"

    def _above(self, iri: str) -> frozenset[str]:
        known = self._roots.get(iri)
        if known is None:
            self._roots[iri] = frozenset((iri,))  # a circle ends here
            parents = self._triples.iris(iri, names.SUBCLASS)
            known = frozenset((iri,)).union(
                *(self._above(p) for p in parents if p.startswith(names.CC))
            )
            self._roots[iri] = known
        return known

    @cached_property
    def _applied(self) -> frozenset[str]:
        """What some claim says was used to treat."""
        every = self._selection.ontology.claims.associations.values()
        treats = names.BIOLINK + "applied_to_treat"
        return frozenset(claim.subject for claim in every if claim.predicate == treats)

    @cached_property
    def _mappings(self) -> dict[str, dict[str, list[str]]]:
        found: dict[str, dict[str, list[str]]] = {}
        for path in sorted((self._selection.ontology.folder / "mappings").glob("*.sssom.tsv")):
            for row in mapped.read(path).rows:
                if row.get("predicate_modifier"):
                    continue  # what does not match
                term = names.CC + row["subject_id"].partition(":")[2]
                codes = found.setdefault(term, {}).setdefault(row["predicate_id"], [])
                codes.append(row["object_id"])
        return found

    @cached_property
    def _diseases(self) -> frozenset[str]:
        return frozenset(
            term
            for term, rows in self._mappings.items()
            if any(
                code.partition(":")[0] in biolink.DISEASE_VOCABULARIES
                for code in rows.get("skos:exactMatch", ())
            )
        )

    def _term(self, iri: str) -> Record:
        rows = self._mappings.get(iri, {})
        category = self._terms[iri]
        return {
            "id": curie(iri),
            "category": [category],
            "name": self._triples.text(iri, names.LABEL) or names.local(iri),
            "description": self._triples.text(iri, names.DEFINITION) or "",
            "synonym": self._triples.texts(iri, names.SYNONYM),
            "iri": iri,
            "xref": sorted({code for codes in rows.values() for code in codes}),
            "same_as": sorted(rows.get("skos:exactMatch", ())),
            **{slot: sorted(rows.get(match, ())) for match, slot in _MATCHES.items()},
            "has_attribute_type": "calc:Demographic" if category == biolink.ATTRIBUTE else "",
        }

    # -- edges ---------------------------------------------------------------------------

    def edges(self) -> Iterator[Record]:
        """The associations, and the hierarchy of the terms with what it rests on."""
        for claim in self._selection.associations:
            yield self._edge(claim)
        for iri in self._terms:
            yield from self._hierarchy(iri)

    def _edge(self, claim: Association) -> Record:
        rule = biolink.PREDICATES.get(claim.predicate, biolink.RELATED)
        target = self._terms.get(claim.object, biolink.ANYTHING)
        return {
            "id": claim.iri,
            "category": ["biolink:Association"],
            "subject": curie(claim.subject),
            "predicate": rule.between(self._terms[claim.subject], target),
            "object": curie(claim.object) if _is_iri(claim.object) else _value(claim),
            "negated": rule.negated,
            "original_predicate": curie(claim.predicate),
            "qualifiers": list(map(curie, claim.contexts)),
            **self._cited(c for c in claim.citations if not c.disputes),
            **_KNOWN,
            "association_kind": claim.kind,
            "statement": claim.statement,
            "mechanism": claim.mechanism or "",
            "contested": claim.contested,
            "contested_by": list(claim.contested_by),
            **self._cited((c for c in claim.citations if c.disputes), "_disputing"),
            "editorial": claim.editorial or "",
            "claim_hash": claim_hash(claim),
        }

    def _cited(self, citations: Iterable[Citation], side: str = "") -> Record:
        found = [(self._library[c.reference], c.read) for c in citations]
        return {
            f"publications{side}": [publication(one) for one, _ in found],
            f"read{side}": [read for _, read in found],
            f"study_types{side}": [one.study_type or "not stated" for one, _ in found],
        }

    def _hierarchy(self, iri: str) -> Iterator[Record]:
        """What a term is a kind of, and what it is part of."""
        for parent in self._triples.iris(iri, names.SUBCLASS):
            if parent in self._terms and (iri, parent) not in self._fallen:
                yield self._line(iri, "subClassOf", parent, "biolink:subclass_of", names.SUBCLASS)
        for whole in self._triples.wholes(iri):
            if whole in self._terms:
                yield self._line(iri, "partOf", whole, "biolink:part_of", names.PART_OF)

    def _line(self, iri: str, how: str, above: str, predicate: str, original: str) -> Record:
        why, citations = self._axioms.get((iri, above), ("", ()))
        return {
            "id": f"{iri}#{how}-{names.local(above)}",
            "category": ["biolink:Association"],
            "subject": curie(iri),
            "predicate": predicate,
            "object": curie(above),
            "negated": False,
            "original_predicate": curie(original),
            **self._cited(citations),
            **_KNOWN,
            "editorial": why,
        }

    @cached_property
    def _axioms(self) -> dict[tuple[str, str], tuple[str, tuple[Citation, ...]]]:
        """Why a class stands below another: the reason, and the citations of its claims."""
        claims = self._selection.ontology.claims
        found: dict[tuple[str, str], tuple[str, tuple[Citation, ...]]] = {}
        for pair, (why, rests) in self._reasons.items():
            cited = {
                c.reference: c for claim in rests for c in claims.citations(claim) if not c.disputes
            }
            found[pair] = why, tuple(cited.values())
        return found

    @cached_property
    def _fallen(self) -> frozenset[tuple[str, str]]:
        """The lines of the hierarchy that rest on claims all of which have fallen."""
        fallen = self._selection.ontology.claims.fallen
        return frozenset(
            pair for pair, (_, rests) in self._reasons.items() if rests and fallen.issuperset(rests)
        )

    @cached_property
    def _reasons(self) -> dict[tuple[str, str], tuple[str, list[str]]]:
        """Of each line of the hierarchy that has any: our reason, and the claims it rests on."""
        source, prop, target = (
            names.OWL + f"annotated{part}" for part in ("Source", "Property", "Target")
        )
        found: dict[tuple[str, str], tuple[str, list[str]]] = {}
        for node, below in self._triples.subjects(source):
            above = self._triples.iri(node, target) or ""
            if self._triples.iri(above, names.ON_PROPERTY) == names.PART_OF:
                above = self._triples.iri(above, names.SOME) or ""
            if (
                self._triples.iri(node, prop) == names.SUBCLASS
                and above in self._terms
                and below[0] in self._terms
            ):
                rests = self._triples.iris(node, names.CC + "restsOn")
                why = self._triples.text(node, names.CC + "editorial") or ""
                found[str(below[0]), above] = why, rests
        return found


# Who or what worded the claims, a person or a program, the graph does not say.
_KNOWN: Final = {
    "primary_knowledge_source": SOURCE,
    "knowledge_level": "knowledge_assertion",
    "agent_type": "not_provided",
}


def _publication(reference: Reference) -> Record:
    here = publication(reference)
    codes = {
        f"PMID:{reference.pmid}": reference.pmid,
        f"doi:{reference.doi}": reference.doi,
        f"PMC:{reference.pmcid.removeprefix('PMC')}": reference.pmcid,
        f"ref:{reference.key}": reference.key,
    }
    return {
        "id": here,
        "category": ["biolink:Publication"],
        "name": csl.title(reference),
        "description": csl.note(reference),
        "iri": names.REF + reference.key,
        "xref": [code for code, given in codes.items() if given and code != here],
        "publication_type": [f"fabio:{reference.kind or 'Expression'}"],
        "authors": list(map(str, reference.authors)),
        "year": reference.year,
        "study_type": reference.study_type,
        "url": reference.uri,
        "retracted": reference.retracted or None,
    }


def _is_iri(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def _value(claim: Association) -> str:
    return f"assoc:{claim.id}#object"


# -- writing -----------------------------------------------------------------------------


def _lines(records: Callable[[], Iterator[Record]]) -> Iterator[bytes]:
    for record in records():
        kept = {key: value for key, value in record.items() if value not in ("", None, [])}
        yield json.dumps(kept, ensure_ascii=False).encode() + b"\n"


def _table(columns: tuple[str, ...], records: Callable[[], Iterator[Record]]) -> Iterator[bytes]:
    yield ("\t".join(columns) + "\n").encode()
    for record in records():
        yield ("\t".join(_cell(record.get(column)) for column in columns) + "\n").encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "|".join(map(_cell, value))
    return csl.line(str(value)).translate(_TSV)


WRITERS: Final[Mapping[str, Writer]] = {"kgx-tsv": tsv, "kgx-jsonl": jsonl}
