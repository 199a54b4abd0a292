"""The tools that answer without a patient: search, show, query, sparql and cite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from calcinosis.api import Bibliography as References
from calcinosis.api import Catalogue, KnowledgeGraph
from calcinosis.api.notebooks import ViewpointsPage
from calcinosis.errors import UsageError, quoted
from calcinosis.output.references.styles import PLAIN, STYLES
from calcinosis.web import assistant_bounds as bounds
from calcinosis.web import assistant_shapes as shapes
from calcinosis.web.assistant_desk import Desk
from calcinosis.web.assistant_replies import Answered, Bibliography, Found, Hit, Page, Queried

_KINDS: Final = 3
_KIND: Final = "The graph says nothing of {} by itself: here it is a kind of {}."
_NOTHING: Final = (
    "The graph says nothing under this name. That is no evidence for or against anything."
)
_NO_ROWS: Final = "No rows: the graph says nothing of it. That is neither yes nor no."

Viewpoint = Annotated[
    str, Field(description="Whose definitions: a viewpoint's name; left out, the default's.")
]


class LookUpTools:
    """The tools, each a method whose docstring is what an assistant is told."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.graph = desk.kg

    def search(
        self,
        text: Annotated[str, Field(description="A name, a part of one, or a code.")],
        kinds: Annotated[
            list[str] | None,
            Field(description="Only these: subtype, condition, intervention, finding, reference…"),
        ] = None,
        count: Annotated[int, Field(description="How many at most, 1 to 50.")] = 10,
    ) -> Found:
        """Find terms, analytes and references by label, synonym, title or code, however spelt.

        Example: search(text="MONDO:0016367").
        Give a hit's code to show or query. No hits: the graph does not have it; do not fill the
        gap from memory. A hit with a low score may be another thing: read its label.
        """
        if not text.strip():
            raise UsageError("it is empty", "text", "Give a name, a part of one, or a code")
        kg = self._desk.kg
        with self._desk.judging:
            hits = kg.search(text, bounds.some(count, 50, "hits"), kinds or ())
        found = [
            Hit(
                shapes.code(h.entry.kind, h.entry.id),
                h.entry.label,
                h.entry.kind,
                h.matched,
                h.score,
            )
            for h in hits
        ]
        keys = [hit.entry.id for hit in hits if hit.entry.kind == "reference"]
        is_kind = kg.ontology.spoken.is_kind
        told = [_KIND.format(hit.matched, hit.label) for hit in found if is_kind(hit.matched)]
        notes = told[:_KINDS] if found else (_NOTHING,)
        return Found(hits=found, **self._desk.end(keys, notes, kg))

    def show(
        self,
        term: Annotated[
            str, Field(description="Label, synonym, code, key of a reference, or a viewpoint.")
        ],
        claims: Annotated[
            str,
            Field(description="Only claims of this kind, as claims_by_kind names it; else all."),
        ] = "",
        viewpoint: Viewpoint = "",
    ) -> Page:
        """All that the graph says of one term, reference or viewpoint, claims with their citations.

        Example: show(term="reiter-2011"). "viewpoints" sets all authorities side by side.
        A contested claim has its other side in other_side or under its id: tell both. disputes is
        a reference against the claim. read says how far a reference was read, no strength. Claims
        beyond forty are counted in claims_by_kind: ask again with claims="Treatment", say.
        """
        kg = self._desk.graph(viewpoint)
        with self._desk.judging:
            page = kg.show(term)
            told = page.to_dict()
        if isinstance(page, ViewpointsPage):
            return Page(**shapes.viewpoints(told), **self._desk.end((), (), kg))
        fields, keys, notes = shapes.page(told, claims)
        return Page(**fields, **self._desk.end(keys, notes, kg))

    def query(
        self,
        name: Annotated[str, Field(description="A look-up's name; empty lists all.")] = "",
        parameters: Annotated[
            dict[str, str | int] | None,
            Field(description="Its parameters: labels, synonyms or codes."),
        ] = None,
        rows: Annotated[int, Field(description="How many at most, 1 to 200.")] = 60,
        viewpoint: Viewpoint = "",
    ) -> Answered:
        """Ask a named question; every row of knowledge has its references. Prefer this to sparql.

        Example: query(name="causes", parameters={"subtype": "metastatic"}).
        query() lists all names with their parameters. A parameter left out has a default, which
        asked_with shows: check that it is what you mean. Rows are sorted by the best design of
        study, an order to read by and no grade. "contested" has both sides of a dispute.
        """
        kg = self._desk.graph(viewpoint)
        if not name:
            return self._catalogue(kg)
        most = bounds.some(rows, bounds.ROWS, "rows")
        asked: dict[str, Any] = {str(key): value for key, value in (parameters or {}).items()}
        table = self._desk.looked_up(kg, name, _known(name, asked))
        found, cut = shapes.rows(table, most, kg.prefixes)
        given = {
            one.name: f"{one.value or 'any'}{' (default)' if one.default else ''}"
            for one in table.parameters
        }
        notes = (table.note, table.remark, cut, "" if table else _NO_ROWS)
        return Answered(
            name=name,
            asked_with=given,
            columns=list(table.columns),
            rows=found,
            row_count=len(table),
            **self._desk.end(shapes.keys(found, kg.library), notes, kg),
        )

    def sparql(
        self,
        query: Annotated[str, Field(description="SPARQL 1.1 SELECT, ASK, CONSTRUCT or DESCRIBE.")],
        rows: Annotated[int, Field(description="How many at most, 1 to 200.")] = 100,
        viewpoint: Viewpoint = "",
    ) -> Queried:
        """Ask what no named look-up answers. Read the resource calcinosis://schema first.

        Example: sparql(query="SELECT ?l { ?c calc:caseOf ?s . ?s rdfs:label ?l }").
        Prefixes calc: assoc: ref: graph: cito: need no declaration. Labels are @en: compare
        STR(?l). Kinds of a term: rdfs:subClassOf*. A claim with calc:context holds among those
        patients alone. Ten seconds, 256 MB, 200 rows; SERVICE is refused, files are not read.
        """
        kg = self._desk.graph(viewpoint)
        most = bounds.some(rows, bounds.ROWS, "rows")
        answer, count = self._desk.answered(kg, query, most)
        fields, notes = shapes.queried(answer, count, most, kg.prefixes)
        keys = shapes.keys(fields["rows"], kg.library)
        return Queried(**fields, **self._desk.end(keys, notes, kg))

    def cite(
        self,
        keys: Annotated[
            list[str] | None, Field(description="Keys, as rows and claims have them.")
        ] = None,
        term: Annotated[
            str, Field(description="Or all references of claims about this condition, finding …")
        ] = "",
        subtype: Annotated[str, Field(description="Or all that carry a subtype.")] = "",
        form: Annotated[
            str, Field(description="plain, ama, apa, vancouver, …, bibtex, ris or csl-json.")
        ] = "plain",
    ) -> Bibliography:
        """Write references in full, in a citation style or for a reference manager.

        Example: cite(keys=["reiter-2011"], form="vancouver").
        Cite only keys that came back from these tools: never make one up. References that only
        dispute a claim do not carry it and are left out of term and subtype.
        """
        kg = self._desk.kg
        if not (keys or term or subtype):
            raise UsageError("nothing is asked for", "cite", "Give keys, a term or a subtype")
        with self._desk.judging:
            found = kg.cite(*(keys or ()), condition=term or None, subtype=subtype or None)
            text = _written(found, form)
        notes = [shapes.cut(len(text), bounds.REPLY_CHARACTERS, "characters")]
        remarks = [f"{one.key}: {one.comment}" for one in found if one.comment]
        ended = self._desk.end(found.keys, (*notes, *remarks[: bounds.REFERENCES]), kg)
        if form == PLAIN:  # the text has them
            ended["references"] = []
        text = text[: bounds.REPLY_CHARACTERS]
        return Bibliography(keys=list(found.keys), form=form, text=text, **ended)

    def _catalogue(self, kg: KnowledgeGraph) -> Answered:
        """The look-ups that there are, in the place of rows."""
        catalogue = Catalogue()
        rows = [
            {"name": name, "group": tag, "answers": summary, "parameters": _parameters(name)}
            for tag, group in catalogue.summaries().items()
            for name, summary in group.items()
        ]
        columns = ["name", "group", "answers", "parameters"]
        return Answered(
            name="",
            asked_with={},
            columns=columns,
            rows=rows,
            row_count=len(rows),
            **self._desk.end((), ("Ask one: query(name=..., parameters={...}).",), kg),
        )


def _parameters(name: str) -> dict[str, str]:
    """The parameters of a look-up with their types and defaults."""
    return {
        one.name: f"{one.type}{'' if one.default is None else f', default {one.default}'}"
        + (f", one of {', '.join(one.values)}" if one.values else "")
        for one in Catalogue().look_up(name).parameters
    }


def _known(name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters that the look-up has; UsageError for others, which might mean another thing."""
    known = _parameters(name)
    for one in asked:
        if one not in known:
            what = f"the look-up {name} has no parameter {quoted(one)}"
            raise UsageError(what, "parameters", f"It has: {', '.join(known) or 'none'}")
    return dict(asked)


def _written(found: References, form: str) -> str:
    """References in a form; UsageError for one that there is none of, and for files."""
    if form == PLAIN or form in STYLES:
        return found.text(form)
    forms = {"bibtex": found.bibtex, "ris": found.ris, "csl-json": found.csl_json}
    if form not in forms:
        known = ", ".join((PLAIN, *STYLES, *forms))
        raise UsageError(f"there is no form {quoted(form)}", "form", f"Known: {known}")
    return forms[form]()
