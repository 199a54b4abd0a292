"""The named look-ups as pages: all by topic, and each as a form with its answer below."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from calcinosis import names
from calcinosis.errors import UsageError, counted
from calcinosis.graph.ask import Ask
from calcinosis.graph.catalogue import AUTHOR, CODE, NUMBER, WORD, LookUp, Parameter
from calcinosis.graph.lexicon import REFERENCE, kinds_of
from calcinosis.graph.results import Table, TakenParameter
from calcinosis.output.markup import Markup, join, tag, void
from calcinosis.output.site.answers import Answers
from calcinosis.output.site.frame import page, style_sheet
from calcinosis.output.site.links import Links
from calcinosis.output.wording import capital
from calcinosis.output.words.table import in_words, parameter_in_words

PATH: Final = "questions"
EDITOR: Final = "editor"
_TITLE: Final = "Questions"
_FEW: Final = 40  # values that a list shows at once; of more, a field offers them
_ENDS: Final = {"bibtex": "bib"}
_DOCUMENT: Final = re.compile(r"[;.] docs/\S+ says [^.]*")
_OURS: Final = re.compile(r"\bcalc:(\w+)")
_FREE: Final = {CODE: "A code with its prefix", NUMBER: "A whole number"}


@dataclass(frozen=True)
class Asked:
    """A look-up as it was asked: what was given, and the answer or the error, with its query."""

    look_up: LookUp
    given: Mapping[str, str] = field(default_factory=dict)
    table: Table | None = None
    query: str = ""
    error: UsageError | None = None
    said: str = ""


class Pages:
    """The pages of the look-ups over one graph."""

    def __init__(self, ask: Ask, links: Links) -> None:
        self._ask = ask
        self._links = links
        self._answers = Answers(links, ask.prefixes, ask.lexicon.entries)

    def all(self) -> str:
        """The page of all look-ups, by topic."""
        topics = self._ask.catalogue.summaries()
        return page(
            _TITLE,
            tag("h1", _TITLE),
            tag(
                "p",
                "Each is a query that is kept with the graph. A question has a page with its "
                "answer, the references of each row, and the SPARQL behind it.",
                class_="lead",
            ),
            *(self._topic(topic, found) for topic, found in topics.items()),
            links=self._links,
            here=PATH,
            head=style_sheet(self._links, "tables.css"),
        )

    def _topic(self, topic: str, found: Mapping[str, str]) -> Markup:
        items = (
            tag(
                "li",
                tag("a", summary, href=self._links.to(f"{PATH}/{name}")),
                " ",
                tag("code", name, class_="note"),
            )
            for name, summary in found.items()
        )
        return tag(
            "section",
            tag("h2", capital(topic), id=topic),
            tag("ul", *items, class_="columns questions"),
            aria_labelledby=topic,
        )

    def one(self, asked: Asked) -> str:
        """The page of one look-up: its form, and the answer, or what was wrong at its field."""
        look_up = asked.look_up
        return page(
            look_up.summary,
            tag("p", tag("a", _TITLE, href=self._links.to(PATH)), class_="kind"),
            tag("h1", look_up.summary),
            tag("p", self._described(look_up.description), class_="lead"),
            self._form(asked) if self._links.is_live else self._terminal(look_up, {}),
            self._answer(asked),
            self._behind(asked),
            links=self._links,
            here=PATH,
            scripts=("long.js",),
            head=style_sheet(self._links, "tables.css"),
        )

    def _described(self, text: str) -> Markup:
        """A description for who has neither the files nor the prefixes: words, and links to pages.

        It is written for the command and the documents.
        """
        parts = _OURS.split(_DOCUMENT.sub("", text))
        return join(*(self._named(one) if place % 2 else one for place, one in enumerate(parts)))

    def _named(self, local: str) -> Markup:
        iri = names.CC + local
        address, words = self._links.of(iri), self._ask.lexicon.triples.text(iri, names.LABEL)
        return tag("a", words or local, href=address) if address != iri else join(words or local)

    # -- the form -----------------------------------------------------------------------------

    def _form(self, asked: Asked) -> Markup:
        look_up = asked.look_up
        if not look_up.parameters:
            return Markup() if asked.error is None else _alert(asked.error.line)
        error = asked.error
        fields = [self._field(one, asked) for one in look_up.parameters]
        options = {one.option for one in look_up.parameters}
        above = _alert(error.line) if error and error.where not in options else Markup()
        return tag(
            "form",
            above,
            *fields,
            tag("div", tag("button", "Ask", type="submit", class_="main"), class_="row"),
            self._example(look_up),
            action=self._links.to(f"{PATH}/{look_up.name}"),
            method="get",
            aria_label=look_up.summary,
            class_="card question",
        )

    def _example(self, look_up: LookUp) -> Markup:
        if not look_up.example:
            return Markup()
        told = ", ".join(f"{in_words(name)} {value}" for name, value in look_up.example.items())
        address = f"{self._links.to(f'{PATH}/{look_up.name}')}?{urlencode(look_up.example)}"
        return tag("p", "For example: ", tag("a", told, href=address), class_="hint")

    def _field(self, parameter: Parameter, asked: Asked) -> Markup:
        error = asked.error
        is_wrong = error is not None and error.where == parameter.option
        about = f"{parameter.name}-hint"
        wrong = f"{parameter.name}-error"
        attributes = {
            "id": parameter.name,
            "name": parameter.name,
            "aria_describedby": f"{wrong} {about}" if is_wrong else about,
            "aria_invalid": "true" if is_wrong else None,
        }
        value = asked.given.get(parameter.name, "")
        said = tag("p", _sentence(error), id=wrong, class_="message error", role="alert")
        return tag(
            "div",
            tag("label", capital(in_words(parameter.name)), for_=parameter.name),
            self._control(parameter, value, attributes, is_wrong=is_wrong),
            said if is_wrong else Markup(),
            tag("p", parameter.description, id=about, class_="hint"),
            class_="field",
        )

    def _control(
        self, parameter: Parameter, value: str, attributes: Mapping[str, object], *, is_wrong: bool
    ) -> Markup:
        """A list where the values are few, else a field that offers them."""
        offered = dict(self._offered(parameter))
        left_out = f"{parameter.default} (default)" if parameter.default else "all"
        known = {names.normal(one): one for one in offered}
        chosen = known.get(names.normal(value), "" if not value else None)
        if 0 < len(offered) <= _FEW and chosen is not None and not is_wrong:
            options = (
                tag("option", one, value=one, selected="" if one == chosen else None)
                for one in offered
                if one != parameter.default
            )
            first = tag("option", left_out, value="")
            return tag("select", first, *options, **attributes)
        options = (tag("option", said, value=one) for one, said in offered.items())
        return join(
            void(
                "input",
                value=value,
                placeholder=parameter.default or _FREE.get(parameter.type, "all"),
                list=f"{parameter.name}-values" if offered else None,
                inputmode="numeric" if parameter.type == NUMBER else None,
                autocomplete="off",
                spellcheck="false",
                maxlength="200",
                **attributes,
            ),
            tag("datalist", *options, id=f"{parameter.name}-values") if offered else Markup(),
        )

    def _offered(self, parameter: Parameter) -> Iterator[tuple[str, str]]:
        """The values to offer, each with what is said of it."""
        if parameter.type == WORD:
            yield from ((value, "") for value in parameter.values)
        elif parameter.type == AUTHOR:
            library = self._ask.ontology.library.bibliography.values()
            yield from (
                (name, "") for name in sorted({a.family for r in library for a in r.authors})
            )
        elif parameter.type not in (CODE, NUMBER):
            kinds = kinds_of(parameter.type)
            found = sorted(self._ask.lexicon.of(kinds), key=lambda one: one.label.casefold())
            for entry in found:
                is_key = entry.kind == REFERENCE
                yield (entry.id, entry.label) if is_key else (entry.label, entry.kind)

    # -- the answer ---------------------------------------------------------------------------

    def _answer(self, asked: Asked) -> Markup:
        head = tag("h2", "Answer", id="answer")
        if asked.said:
            return tag("section", head, _alert(asked.said), aria_labelledby="answer")
        if asked.table is None:
            return Markup()
        table = asked.table
        said = [one for one in (table.remark, table.note if table else "") if one]
        return tag(
            "section",
            head,
            self._taken(table.parameters),
            tag("p", _found(table), role="status"),
            *(tag("p", one, class_="message") for one in said),
            self._answers.table(table, asked.look_up.summary),
            self._files(asked) if table else Markup(),
            tag("p", f"Told {table.laid}.", class_="message") if table.laid else Markup(),
            aria_labelledby="answer",
        )

    def _taken(self, parameters: tuple[TakenParameter, ...]) -> Markup:
        pairs = [
            join(tag("dt", in_words(one.name)), tag("dd", self._value(one))) for one in parameters
        ]
        return tag("dl", *pairs, class_="pairs taken") if pairs else Markup()

    def _value(self, one: TakenParameter) -> Markup:
        told = parameter_in_words(one)
        if one.code is None:
            return join(told)
        base = names.REF if one.code.startswith("ref:") else names.CC
        return tag("a", told, href=self._links.of(base + one.code.partition(":")[2]))

    def _files(self, asked: Asked) -> Markup:
        if not self._links.is_live:
            return Markup()
        address = self._links.to(f"api/query/{asked.look_up.name}")
        given = dict(_exact(asked))
        ways = {"CSV": "csv", "JSON": "json"}
        if asked.table and asked.table.references():
            ways["BibTeX"] = "bibtex"
        items = (
            tag(
                "li",
                tag(
                    "a",
                    words,
                    href=f"{address}?{urlencode({**given, 'format': form})}",
                    download=f"calcinosis-{asked.look_up.name}.{_ENDS.get(form, form)}",
                ),
            )
            for words, form in ways.items()
        )
        said = tag("span", "All columns as")
        return tag("div", said, tag("ul", *items, class_="chips"), class_="row carry screen")

    # -- what is behind it ----------------------------------------------------------------------

    def _behind(self, asked: Asked) -> Markup:
        query = asked.query or asked.look_up.text
        return tag(
            "section",
            tag("h2", "Behind it", id="behind"),
            self._terminal(asked.look_up, asked.given) if self._links.is_live else Markup(),
            tag(
                "details",
                tag("summary", "The query in SPARQL"),
                tag("pre", query, class_="query", tabindex="0"),
                self._edit(query),
            ),
            aria_labelledby="behind",
        )

    def _edit(self, query: str) -> Markup:
        if not self._links.is_live:
            return Markup()
        return tag(
            "form",
            void("input", type="hidden", name="query", value=query),
            tag("button", "Open in the editor", type="submit", name="run", value="no"),
            action=self._links.to(EDITOR),
            method="post",
            class_="screen",
        )

    def _terminal(self, look_up: LookUp, given: Mapping[str, str]) -> Markup:
        options = {one.name: one.option for one in look_up.parameters}
        words = ["calcinosis", "query", look_up.name]
        for name, value in given.items():
            if value and name in options:
                words += [options[name], value]
        return tag("p", "On the command line: ", tag("code", shlex.join(words)))


def _exact(asked: Asked) -> Iterator[tuple[str, str]]:
    """What was given, words of a list as the list has them."""
    taken = {one.name: one.value for one in asked.table.parameters} if asked.table else {}
    words = {one.name for one in asked.look_up.parameters if one.type == WORD}
    for name, value in asked.given.items():
        if value.strip():
            yield name, (taken.get(name) or value) if name in words else value


def _found(table: Table) -> str:
    return counted(len(table), "row") if table else "No rows."


def _sentence(error: UsageError | None) -> str:
    """What is wrong with the value of a field, without the name of the field."""
    return f"{capital(error.what)}. {error.cure}".strip() if error else ""


def _alert(text: str) -> Markup:
    return tag("p", text, class_="message error", role="alert")
