"""The graph's schema on one page of YAML, for who writes queries: people and language models.

Counts, labels, definitions and the terms of the example queries are those of the loaded graph.
The card is about the whole graph, whatever is selected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from calcinosis import names
from calcinosis.graph.lexicon import merged
from calcinosis.graph.query import GRAPHS, PREFIXES, Engine
from calcinosis.graph.results import Row, Table
from calcinosis.graph.triples import Triples
from calcinosis.output.selection import Files, Selection, Writer

FILE: Final = "calcinosis-schema.yaml"
_TITLE: Final = (
    "# Schema card of the calcinosis knowledge graph; made by: calcinosis export schema-card"
)
_ABOUT: Final = (
    "Claims of published sources about one group of disorders, one node a claim, each with its "
    "references and how far they were read; terms as OWL classes; definitions of the subtypes by "
    "several authorities (viewpoints). Research, not medical advice."
)
_HOLDS: Final = {
    "ontology": "terms, definitions, sites, genes, laboratory, roles, the one loaded viewpoint",
    "associations": "claims, their evidence items, what is read into them",
    "references": "the references as printed",
    "mappings": "codes of other vocabularies, each with its SSSOM row",
    "inferred": "rdfs:subClassOf that follows and is not asserted",
    "edges": "claims as direct edges, without who says so",
    "metadata": "VoID counts and example queries; seen only by queries that ask for void: or sh:",
}
_KINDS: Final = (
    *("Condition", "Intervention", "Treatment", "Finding", "AnatomicalSite", "Antibody", "Gene"),
    *("DiagnosticTest", "Criterion", "Demographic"),
)
_PREFIXES: Final = (
    *("calc", "assoc", "evid", "ref", "graph", "views", "interval", "cito", "RO", "biolink"),
    *("IAO", "skos", "dcterms", "bibo", "prism", "sssom", "owl", "rdfs"),
)
_TRAPS: Final = (
    "Terms are classes. A claim about a term is not repeated for its kinds: go down or up by "
    "rdfs:subClassOf*.",
    'Labels and statements are text @en: compare STR(?label), or write "..."@en.',
    "calc:object is a term, a number or words: take its label by OPTIONAL.",
    "A claim with calc:context holds among those patients alone; leave the context out and you say "
    "more than the source.",
    "calc:contested true: another claim (calc:contestedBy) has the other side; tell both.",
    "cito:disputes is a reference against the claim; cito:citesAsEvidence is one for it.",
    "How far a reference was read (calc:read) stands on the annotation (owl:annotatedSource the "
    "claim, owl:annotatedTarget the reference) and on the evidence item; it is no strength of "
    "evidence, and neither is the number of references.",
    "graph:edges has lost references, context and dispute: go on to the claim.",
    "Without GRAPH, definitions are those of the loaded viewpoint; others stand in GRAPH "
    "views:NAME alone.",
    "What a claim says is no axiom: that a source names a cause makes no superclass.",
    "No rows: the graph does not say it. That is neither yes nor no.",
    "Patients are not in the graph: verdicts come from classify, not from a query.",
    "SERVICE is refused, no file is read, and each query has limits of time and memory.",
)
_CLAIMS: Final = """SELECT ?key (COUNT(DISTINCT ?claim) AS ?count) {
  ?claim a ?key . ?key rdfs:subClassOf calc:Association
} GROUP BY ?key ORDER BY DESC(?count) ?key"""
_PREDICATES: Final = """SELECT ?key (COUNT(*) AS ?count) {
  ?claim calc:predicate ?key } GROUP BY ?key ORDER BY DESC(?count) ?key"""
_KIND: Final = """SELECT ?key (COUNT(DISTINCT ?term) AS ?count) {
  VALUES ?key { %s } ?term rdfs:subClassOf+ ?key } GROUP BY ?key ORDER BY DESC(?count) ?key"""
_PROPERTIES: Final = """SELECT ?key (COUNT(*) AS ?count) {
  GRAPH graph:%s { ?one ?key ?value } %s FILTER(?key NOT IN (rdf:type, rdfs:label, rdfs:comment,
    dcterms:created, dcterms:creator, calc:mechanismIsOurs)) }
  GROUP BY ?key ORDER BY DESC(?count) ?key LIMIT %d"""
_GRAPHS: Final = """SELECT ?key (COUNT(*) AS ?count) {
  GRAPH ?key { ?s ?p ?o } } GROUP BY ?key"""
_CASES: Final = """SELECT ?case ?subtype ?label ?criterion ?words {
  ?case calc:caseOf ?subtype ; calc:sortOrder ?order . ?subtype rdfs:label ?label .
  GRAPH graph:ontology { ?case rdfs:subClassOf ?criterion }
  ?criterion rdfs:subClassOf+ calc:Criterion ; rdfs:label ?words ; calc:sortOrder ?place
} ORDER BY ?order ?place"""
_FIGURED: Final = """SELECT ?term ?label {
  ?claim calc:object|calc:context ?term .
  ?term rdfs:subClassOf+ calc:Condition ; rdfs:label ?label .
  ?item calc:evidenceFor ?claim ; calc:figure ?figure
} GROUP BY ?term ?label ORDER BY DESC(COUNT(?figure)) ?term LIMIT 1"""


def write(selection: Selection) -> Files:
    """One YAML file."""
    return {FILE: _written(selection)}


def _written(selection: Selection) -> Iterator[bytes]:
    yield f"{_TITLE}\n".encode()
    yield _yaml(_Card(selection).whole()).encode()


class _Card:
    """What is counted in one graph."""

    def __init__(self, selection: Selection) -> None:
        self._ontology = selection.ontology
        self._engine = Engine(selection.ontology.source)
        self._words = Triples.joined(merged(selection.ontology))

    def whole(self) -> dict[str, Any]:
        """The card as plain values, in the order in which it is read."""
        ontology = self._ontology
        laid = {"with": ontology.overlay_words} if ontology.overlays else {}
        return {
            "name": "Calcinosis knowledge graph",
            "version": ontology.version,
            **laid,
            "licence": names.LICENCE,
            "viewpoint": ontology.viewpoint,
            "viewpoints": ontology.viewpoints(),
            "about": _ABOUT,
            "prefixes": {prefix: PREFIXES[prefix] for prefix in _PREFIXES},
            "graphs": self._graphs(),
            "terms": self._counted(_KIND % " ".join(f"calc:{kind}" for kind in _KINDS)),
            "claims": self._counted(_CLAIMS),
            "claim_properties": self._properties("associations", _CLAIM, 13),
            "claim_predicates": self._predicates(),
            "evidence_properties": self._properties("associations", "?one a calc:EvidenceItem", 9),
            "reference_properties": self._properties("references", "?one calc:studyType ?type", 10),
            "subtypes": self._subtypes(),
            "traps": _Lines(_TRAPS),
            "examples": list(self._examples()),
        }

    def _graphs(self) -> dict[str, Any]:
        counts = {self._curie(row[0]): _count(row) for row in self._rows(_GRAPHS)}
        found: dict[str, Any] = {}
        for name in GRAPHS:
            key = f"graph:{name}"
            size = {"triples": counts[key]} if key in counts else {}
            found[key] = {**size, "holds": _HOLDS[name]}
        found["views:NAME"] = {"holds": "what one viewpoint defines; seen only by GRAPH views:NAME"}
        return found

    def _counted(self, query: str) -> dict[str, Any]:
        """Classes with their numbers and definitions."""
        return {
            self._curie(row[0]): {"count": _count(row), "is": self._definition(row[0])}
            for row in self._rows(query)
        }

    def _properties(self, graph: str, of: str, most: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for row in self._rows(_PROPERTIES % (graph, of, most)):
            told = self._definition(row[0]) or self._label(row[0])
            found[self._curie(row[0])] = {"used": _count(row), "is": told}
        return found

    def _predicates(self) -> dict[str, str]:
        rows = self._rows(_PREDICATES)
        return {self._curie(row[0]): f"{self._label(row[0])} ({_count(row)})" for row in rows}

    def _subtypes(self) -> dict[str, Any]:
        """The subtypes of the loaded viewpoint with the criteria that each needs."""
        found: dict[str, Any] = {}
        for row in self._rows(_CASES):
            told = f"{self._curie(row['criterion'])} ({_text(row['words'])})"
            key = self._curie(row["subtype"])
            if key in found:
                found[key]["needs"] += f"; {told}"
            else:
                case = self._curie(row["case"])
                found[key] = {"label": _text(row["label"]), "case": case, "needs": told}
        return found

    def _examples(self) -> Iterator[dict[str, str]]:
        (first, *_), (figured, *_) = self._rows(_CASES), self._rows(_FIGURED)
        subtype, label = self._curie(first["subtype"]), _text(first["label"])
        term, named = self._curie(figured["term"]), _text(figured["label"])
        for question, query in _EXAMPLES:
            yield {
                "question": question.format(label=label, named=named),
                "sparql": query.replace("SUBTYPE", subtype).replace("TERM", term),
            }

    def _rows(self, query: str) -> list[Row]:
        answer = self._engine.answer(query)
        return list(answer.solutions) if isinstance(answer, Table) else []

    def _curie(self, node: Any) -> str:
        iri: str = node.value
        fitting = (p for p, base in PREFIXES.items() if iri.startswith(base))
        best = max(fitting, key=lambda prefix: len(PREFIXES[prefix]), default="")
        return f"{best}:{iri.removeprefix(PREFIXES[best])}" if best else f"<{iri}>"

    def _definition(self, node: Any) -> str:
        return self._words.text(node.value, names.DEFINITION) or ""

    def _label(self, node: Any) -> str:
        return self._words.text(node.value, names.LABEL) or names.local(node.value)


_CLAIM: Final = "?one a ?class . ?class rdfs:subClassOf calc:Association ."
_EXAMPLES: Final = (
    (
        "What causes {label}, by which references, and how far was each read?",
        """SELECT ?cause ?statement ?reference ?read {
  ?claim a calc:CauseAssociation ; calc:object SUBTYPE ;
    calc:subject/rdfs:label ?cause ; calc:statement ?statement .
  [] owl:annotatedSource ?claim ; owl:annotatedProperty cito:citesAsEvidence ;
    owl:annotatedTarget ?reference ; calc:read ?read .
} ORDER BY ?cause ?reference LIMIT 50""",
    ),
    (
        "Which claims have another side, and what is it?",
        """SELECT ?claim ?statement ?other ?against {
  ?claim calc:contestedBy ?other ; calc:statement ?statement .
  ?other calc:statement ?against . FILTER(STR(?claim) < STR(?other))
} ORDER BY ?claim ?other LIMIT 50""",
    ),
    (
        "Which figures do sources give on {named}?",
        """SELECT ?statement ?measure ?estimate ?unit ?low ?high ?reference {
  ?claim calc:subject|calc:object|calc:context TERM ; calc:statement ?statement .
  ?item calc:evidenceFor ?claim ; dcterms:source ?reference ; calc:figure ?figure .
  ?figure calc:measure ?measure ; calc:estimate ?estimate .
  OPTIONAL { ?figure calc:measuredIn ?unit }
  OPTIONAL { ?figure calc:confidenceLow ?low ; calc:confidenceHigh ?high }
} ORDER BY ?claim ?reference LIMIT 50""",
    ),
    (
        "Which conditions are claimed as causes of more than one thing, kinds left apart?",
        """SELECT ?label (COUNT(DISTINCT ?effect) AS ?effects) {
  ?claim a calc:CauseAssociation ; calc:subject ?cause ; calc:object ?effect .
  ?cause rdfs:label ?label
} GROUP BY ?cause ?label HAVING (COUNT(DISTINCT ?effect) > 1) ORDER BY DESC(?effects) ?label""",
    ),
    (
        "Which criteria has {label} in each viewpoint?",
        """SELECT ?viewpoint ?criterion {
  GRAPH ?view { ?named a calc:Viewpoint ; rdfs:label ?viewpoint .
    ?case calc:caseOf SUBTYPE ; rdfs:subClassOf ?class }
  FILTER(STRSTARTS(STR(?view), STR(views:)))
  ?class rdfs:subClassOf calc:Criterion ; rdfs:label ?criterion .
} ORDER BY ?viewpoint ?criterion""",
    ),
)


class _Lines(list[str]):
    """Texts that stand on a line each."""


def _count(row: Row) -> int:
    return int(_text(row["count"]))


def _text(node: Any) -> str:
    return str(node.value)


def _yaml(value: Mapping[str, Any]) -> str:
    """Block style, but for what holds nothing that holds something; queries as they are read."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """A dumper whose texts of several lines are literal blocks."""

    def text(dumper: yaml.SafeDumper, words: str) -> yaml.ScalarNode:
        style = "|" if "\n" in words else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", words, style=style)

    def lines(dumper: yaml.SafeDumper, texts: _Lines) -> yaml.SequenceNode:
        return dumper.represent_sequence("tag:yaml.org,2002:seq", texts, flow_style=False)

    Dumper.add_representer(str, text)
    Dumper.add_representer(_Lines, lines)
    return yaml.dump(
        value,
        Dumper=Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=10_000,
        default_flow_style=None,
    )


WRITERS: Final[Mapping[str, Writer]] = {"schema-card": write}
