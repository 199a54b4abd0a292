"""The SPARQL editor: a field for a query, examples, and below it the answer or where it is broken.

Everything works as a form; the script (editor.js) sends it in place and keeps the rest of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from pyoxigraph import NamedNode

from calcinosis.errors import CalcinosisError, counted
from calcinosis.graph.ask import Ask
from calcinosis.graph.results import Answer, Graph, Table
from calcinosis.output.markup import Markup, join, tag, void
from calcinosis.output.pictures import triples as picture
from calcinosis.output.site.answers import MOST, Answers
from calcinosis.output.site.frame import page, style_sheet
from calcinosis.output.site.links import Links
from calcinosis.output.wording import capital

PATH: Final = "editor"
ENDPOINT: Final = "sparql"
EXAMPLE: Final = "example"
LONGEST_LINK: Final = 6000
"""Letters of an address that every browser and proxy takes."""
LEAST_LINES, MOST_LINES = 8, 18
FIRST: Final = """\
# Conditions that are said to cause a subtype, with the references that say so
SELECT ?cause_label ?subtype_label (GROUP_CONCAT(?key; SEPARATOR="; ") AS ?references) {
  ?claim a calc:CauseAssociation ; calc:subject ?cause ; calc:object ?subtype ;
    cito:citesAsEvidence ?reference .
  ?cause rdfs:label ?cause_label .
  ?subtype rdfs:label ?subtype_label .
  BIND(STRAFTER(STR(?reference), "/reference/") AS ?key)
} GROUP BY ?cause_label ?subtype_label
ORDER BY DESC(COUNT(?reference))
LIMIT 20
"""
_TITLE: Final = "SPARQL"
_PLACE: Final = re.compile(r"line (\d+), column (\d+)\Z")
_OTHER: Final = "Other"
_ENDS: Final = {"turtle": "ttl"}


@dataclass(frozen=True)
class Ran:
    """A query with what came of it: an answer of so many rows or triples, or what was wrong.

    ``number`` counts all of them, of which the answer may hold the first; ``remark`` says what in
    the query is in no graph, where nothing was found; ``said`` why there is no answer, and
    ``status`` is that of HTTP for what came of it.
    """

    query: str
    answer: Answer | None = None
    number: int = 0
    seconds: float = 0.0
    error: CalcinosisError | None = None
    said: str = ""
    remark: str = ""
    status: int = 200


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a query may take, as the page tells it."""

    seconds: float
    megabytes: int


class Editor:
    """The page of the editor over one graph."""

    def __init__(self, ask: Ask, links: Links, bounds: Bounds) -> None:
        self._ask = ask
        self._links = links
        self._bounds = bounds
        self._answers = Answers(links, ask.prefixes, ask.lexicon.entries)

    def example(self, name: str) -> str:
        """The query of a look-up; UsageError with the nearest if there is none."""
        return self._ask.catalogue.look_up(name).text.strip() + "\n"

    def page(self, ran: Ran, example: str = "") -> str:
        """The page with a query, and what came of it if it was run."""
        return page(
            _TITLE,
            tag("h1", _TITLE),
            tag("p", *self._lead(), class_="lead"),
            self._examples(example),
            self._form(ran),
            self.answer(ran),
            links=self._links,
            here=ENDPOINT,
            scripts=("long.js", "editor.js"),
            head=style_sheet(self._links, "tables.css"),
        )

    def _lead(self) -> Iterator[Markup]:
        endpoint = self._links.to(ENDPOINT)
        seconds, megabytes = self._bounds.seconds, self._bounds.megabytes
        yield join("Any SPARQL 1.1 query over the graphs; programs send theirs to ")
        yield tag("code", endpoint)
        yield join(f". A query may take {seconds:g} seconds and {megabytes} MB.")

    # -- the form -------------------------------------------------------------------------------

    def _examples(self, chosen: str) -> Markup:
        groups = (
            tag(
                "optgroup",
                *(
                    tag("option", summary, value=name, selected="" if name == chosen else None)
                    for name, summary in found.items()
                ),
                label=capital(topic),
            )
            for topic, found in self._ask.catalogue.summaries().items()
        )
        return tag(
            "form",
            tag(
                "div",
                tag("label", "Examples", for_=EXAMPLE),
                tag(
                    "select",
                    tag("option", "choose a look-up", value=""),
                    *groups,
                    id=EXAMPLE,
                    name=EXAMPLE,
                ),
                class_="field",
            ),
            tag("button", "Put into the editor", type="submit"),
            action=self._links.to(PATH),
            method="get",
            class_="row screen",
            id="examples",
        )

    def _form(self, ran: Ran) -> Markup:
        wrong = ran.error is not None
        area = tag(
            "textarea",
            f"\n{ran.query}",  # a browser leaves out the first line break
            id="query",
            name="query",
            rows=min(MOST_LINES, max(LEAST_LINES, ran.query.count("\n") + 2)),
            spellcheck="false",
            autocapitalize="off",
            autocomplete="off",
            required="",
            class_="code",
            aria_describedby="query-hint query-error" if wrong else "query-hint",
            aria_invalid="true" if wrong else None,
        )
        hint = "Ctrl and Enter run it. All prefixes below are known without being declared."
        return tag(
            "form",
            tag("label", "Query", for_="query"),
            area,
            tag("p", hint, class_="hint", id="query-hint"),
            tag(
                "div",
                tag("button", "Run", type="submit", class_="main"),
                tag("span", "", id="state", role="status"),
                class_="row",
            ),
            self._prefixes(),
            action=self._links.to(PATH),
            method="post",
            id="editor",
            data_longest=LONGEST_LINK,
        )

    def _prefixes(self) -> Markup:
        rows = (
            tag(
                "li",
                tag(
                    "button",
                    f"{prefix}:",
                    type="button",
                    class_="quiet",
                    disabled="",
                    data_declare=f"PREFIX {prefix}: <{base}>",
                    title="Declare it in the query",
                ),
                " ",
                tag("code", base),
            )
            for prefix, base in sorted(self._ask.prefixes.items())
        )
        return tag(
            "details",
            tag("summary", "Prefixes"),
            tag("ul", *rows, class_="columns prefixes"),
            class_="screen",
        )

    # -- the answer -------------------------------------------------------------------------------

    def answer(self, ran: Ran) -> Markup:
        """What came of a query, as a part of the page."""
        return tag("section", *self._came(ran), id="answer", aria_label="Answer")

    def _came(self, ran: Ran) -> Iterator[Markup]:
        if ran.error is not None:
            yield from self._broken(ran, ran.error)
        elif ran.said:
            yield tag("p", ran.said, class_="message error", role="alert")
        elif ran.answer is not None:
            yield tag("h2", "Answer")
            yield tag("p", self._told(ran), class_="told")
            if ran.remark:
                yield tag("p", ran.remark, class_="message")
            yield self._files(ran, ran.answer)
            yield self._shown(ran, ran.answer)
            if laid := getattr(ran.answer, "laid", ""):
                yield tag("p", f"Told {laid}.", class_="message")

    def _told(self, ran: Ran) -> str:
        after = f"after {ran.seconds:.2f} s"
        if ran.number > MOST:
            after += f"; the first {MOST:,} are shown below, the files have all"
        if isinstance(ran.answer, bool):
            return f"{'Yes' if ran.answer else 'No'}, {after}"
        if isinstance(ran.answer, Graph):
            return f"{counted(ran.number, 'triple')}, {after}"
        return f"{counted(ran.number, 'row') if ran.number else 'No rows'}, {after}"

    def _shown(self, ran: Ran, answer: Answer) -> Markup:
        if isinstance(answer, Table):
            return self._answers.table(answer, "Rows of the answer", ran.number)
        if isinstance(answer, Graph):
            return join(
                self._picture(answer, ran.number),
                self._answers.triples(answer, "Triples of the answer", ran.number),
            )
        return Markup()

    def _picture(self, graph: Graph, number: int) -> Markup:
        if number > len(graph) or not picture.can_draw(graph.triples):
            return Markup()
        title = "The triples as a graph"
        drawn = picture.draw(graph.triples, self._words, self._address, title)
        said = tag("figcaption", f"{title}; the same as a table below.")
        return tag("figure", Markup(drawn), said, class_="wide", tabindex="0")

    def _words(self, term: object) -> str:
        """A term by its label where we have one, else in short."""
        if isinstance(term, NamedNode):
            entry = self._ask.lexicon.entries.get(term.value)
            label = entry.label if entry else self._label(term.value)
            if label:
                return label
        return self._answers.words(term)  # type: ignore[arg-type]

    def _label(self, iri: str) -> str:
        label = self._ask.lexicon.terms.label(iri)
        return "" if iri.endswith(label) else label

    def _address(self, term: object) -> str:
        return self._answers.address(term)  # type: ignore[arg-type]

    def _files(self, ran: Ran, answer: Answer) -> Markup:
        ways: Mapping[str, str] = {"CSV": "csv", "JSON": "json"}
        if isinstance(answer, Graph):
            ways = {"Turtle": "turtle", "JSON-LD": "jsonld"}
        endpoint = self._links.to(ENDPOINT)
        if len(ran.query) > LONGEST_LINK // 2:
            items = [_sent(ran.query, endpoint, words, form) for words, form in ways.items()]
            link = Markup()
        else:
            items = [
                tag(
                    "a",
                    words,
                    href=f"{endpoint}?{urlencode({'query': ran.query, 'format': form})}",
                    download=f"calcinosis-query.{_ENDS.get(form, form)}",
                )
                for words, form in ways.items()
            ]
            asked = urlencode({"query": ran.query})
            link = tag("li", tag("a", "Link to it", href=f"{self._links.to(PATH)}?{asked}"))
        chips = tag("ul", *(tag("li", item) for item in items), link, class_="chips")
        return tag("div", tag("span", "The answer as"), chips, class_="row carry screen")

    def _broken(self, ran: Ran, error: CalcinosisError) -> Iterator[Markup]:
        at = _PLACE.search(error.where)
        place = {"data_line": at[1], "data_column": at[2]} if at else {}
        where = f"Line {at[1]}, column {at[2]}: " if at else ""
        yield tag(
            "div",
            tag("p", where, tag("strong", capital(error.what)), f". {error.cure}"),
            _excerpt(ran.query, int(at[1]), int(at[2])) if at else Markup(),
            class_="message error",
            role="alert",
            id="query-error",
            **place,
        )


def _sent(query: str, endpoint: str, words: str, form: str) -> Markup:
    """A button that asks for a file by POST, where the query is too long for an address."""
    return tag(
        "form",
        void("input", type="hidden", name="query", value=query),
        void("input", type="hidden", name="format", value=form),
        tag("button", words, type="submit"),
        action=endpoint,
        method="post",
    )


def _excerpt(query: str, line: int, column: int, around: int = 2) -> Markup:
    """The lines of the query around a place, numbered, with the place marked."""
    lines = query.split("\n")
    first, last = max(1, line - around), min(len(lines), line + around)
    shown = []
    for number in range(first, last + 1):
        text = lines[number - 1].rstrip("\r")
        head = f"{number:>4}  "
        if number == line:
            end = _end(text, column)
            marked = tag("mark", text[column - 1 : end] or "\N{SYMBOL FOR NEWLINE}")
            shown.append(join(head, text[: column - 1], marked, text[end:]))
        else:
            shown.append(join(head, text))
    return tag("pre", join(*(join(one, "\n") for one in shown)), tabindex="0", class_="query")


def _end(text: str, column: int) -> int:
    """Where the word ends that begins at a column."""
    word = re.compile(r"[\w:?$-]+|\S").match(text, column - 1)
    return word.end() if word else column
