"""Answers in the formats of the W3C, and the choice of a format.

SPARQL 1.1 Query Results JSON, XML, CSV and TSV for tables and yes or no; Turtle, N-Triples and
JSON-LD for graphs.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import escape
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from calcinosis import names
from calcinosis.errors import UsageError
from calcinosis.graph.results import Answer, Cell, Graph, Node, Row, Table
from calcinosis.output.words import table as tables
from calcinosis.output.words.verdicts import Style, plain

TABLE_FORMATS: Final = ("table", "csv", "tsv", "json", "xml", "markdown")
GRAPH_FORMATS: Final = ("turtle", "ntriples", "jsonld")

_RDF: Final = {
    "turtle": RdfFormat.TURTLE,
    "ntriples": RdfFormat.N_TRIPLES,
    "jsonld": RdfFormat.JSON_LD,
}
_STRING: Final = names.XSD + "string"
_XML: Final = "http://www.w3.org/2005/sparql-results#"


def written(
    answer: Answer,
    form: str | None,
    prefixes: Mapping[str, str],
    *,
    width: int = 80,
    style: Style = plain,
) -> str:
    """An answer as text in a format; without one, a table or Turtle.

    UsageError if the format is for the other kind of answer.
    """
    form = form or own_form(answer)
    if isinstance(answer, Graph):
        head = f"# Told {answer.laid}.\n" if answer.laid and form != "jsonld" else ""
        return head + graph(answer, form, prefixes)
    if form in GRAPH_FORMATS:
        raise UsageError(
            f"{form} is for graphs, and this query gives "
            f"{'a table' if isinstance(answer, Table) else 'yes or no'}",
            "-f",
            f"Choose one of {', '.join(TABLE_FORMATS)}",
        )
    if isinstance(answer, bool):
        return _boolean(answer, form)
    if answer.laid:
        answer = _marked(answer, form)
    show = tables.compact(prefixes)
    if form == "table":
        return tables.text(answer, show, width=width, style=style)
    return tables.markdown(answer, show) if form == "markdown" else _WRITERS[form](answer)


def _marked(answer: Table, form: str) -> Table:
    """The table with what was laid over the release: a note for people, else a last column."""
    if form in ("table", "markdown"):
        notes = filter(None, (answer.note, f"Told {answer.laid}."))
        return replace(answer, note=" ".join(notes))
    name = next(word for word in ("with", "with_", "laid_over") if word not in answer.columns)
    columns, said = (*answer.columns, name), Literal(answer.laid)
    rows = (Row(columns, (*row.terms, said)) for row in answer.solutions)
    return replace(answer, columns=columns, solutions=tuple(rows))


def own_form(answer: Answer) -> str:
    """The format of an answer where none is asked for."""
    return "turtle" if isinstance(answer, Graph) else "table"


def graph(answer: Graph, form: str, prefixes: Mapping[str, str]) -> str:
    """A graph as Turtle, N-Triples or JSON-LD, with the prefixes that it uses."""
    if form not in GRAPH_FORMATS:
        raise UsageError(
            f"{form} is for tables, and this query gives a graph",
            "-f",
            f"Choose one of {', '.join(GRAPH_FORMATS)}",
        )
    used = {
        p: base for p, base in prefixes.items() if any(i.startswith(base) for i in _iris(answer))
    }
    known = used if form == "turtle" else {}
    found = (serialize(answer, format=_RDF[form], prefixes=known) or b"").decode()
    if form == "jsonld":
        found = json.dumps(json.loads(found), ensure_ascii=False, indent=1)
    return found.rstrip("\n") + "\n"


def _iris(answer: Graph) -> set[str]:
    found = {t for triple in answer for t in triple if isinstance(t, NamedNode)}
    kinds = {t.datatype for triple in answer if isinstance(t := triple.object, Literal)}
    return {iri.value for iri in found | kinds}


def _boolean(answer: bool, form: str) -> str:
    word = "true" if answer else "false"
    if form == "json":
        return json.dumps({"head": {}, "boolean": answer}) + "\n"
    if form == "xml":
        return f'{_HEAD}<sparql xmlns="{_XML}"><head/><boolean>{word}</boolean></sparql>\n'
    return f"{word}\n" if form in ("csv", "tsv") else ("yes\n" if answer else "no\n")


_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


def _csv(answer: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(answer.columns)
    for row in answer:
        writer.writerow(_bare(term) for term in row)
    return out.getvalue()


def _bare(term: Cell) -> str:
    if term is None:
        return ""
    return term.value if isinstance(term, NamedNode | Literal) else str(term)


def _tsv(answer: Table) -> str:
    lines = ["\t".join(f"?{name}" for name in answer.columns)]
    lines += ["\t".join("" if term is None else _tabbed(term) for term in row) for row in answer]
    return "\n".join(lines) + "\n"


def _tabbed(term: Node) -> str:
    return str(term).replace("\t", "\\t")


def _json(answer: Table) -> str:
    rows = [
        json.dumps(
            {name: _json_term(t) for name, t in zip(answer.columns, row, strict=True) if t},
            ensure_ascii=False,
        )
        for row in answer
    ]
    head = json.dumps({"vars": list(answer.columns)})
    body = "\n  " + ",\n  ".join(rows) + "\n" if rows else ""
    return f'{{"head": {head},\n "results": {{"bindings": [{body}]}}}}\n'


def _json_term(term: Node) -> dict[str, Any]:
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, Triple):
        parts = zip(("subject", "predicate", "object"), term, strict=True)
        return {"type": "triple", "value": {name: _json_term(part) for name, part in parts}}
    found = {"type": "literal", "value": term.value}
    if term.language:
        found["xml:lang"] = term.language
    elif term.datatype.value != _STRING:
        found["datatype"] = term.datatype.value
    return found


def _xml(answer: Table) -> str:
    heads = "".join(f'<variable name="{escape(name)}"/>' for name in answer.columns)
    rows = "".join(
        "<result>"
        + "".join(
            f'<binding name="{escape(name)}">{_xml_term(term)}</binding>'
            for name, term in zip(answer.columns, row, strict=True)
            if term is not None
        )
        + "</result>\n"
        for row in answer
    )
    head = f'{_HEAD}<sparql xmlns="{_XML}"><head>{heads}</head>'
    return f"{head}\n<results>\n{rows}</results></sparql>\n"


def _xml_term(term: Node) -> str:
    if isinstance(term, NamedNode):
        return f"<uri>{escape(term.value, quote=False)}</uri>"
    if isinstance(term, BlankNode):
        return f"<bnode>{escape(term.value, quote=False)}</bnode>"
    if isinstance(term, Triple):
        parts = zip(("subject", "predicate", "object"), term, strict=True)
        return f"<triple>{''.join(f'<{n}>{_xml_term(p)}</{n}>' for n, p in parts)}</triple>"
    return f"<literal{''.join(_xml_attributes(term))}>{escape(term.value, quote=False)}</literal>"


def _xml_attributes(term: Literal) -> Iterator[str]:
    if term.language:
        yield f' xml:lang="{escape(term.language)}"'
    elif term.datatype.value != _STRING:
        yield f' datatype="{escape(term.datatype.value)}"'


_WRITERS: Final = {"csv": _csv, "tsv": _tsv, "json": _json, "xml": _xml}
