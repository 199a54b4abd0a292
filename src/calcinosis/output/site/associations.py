"""The page of all claims in one table: narrowed by facets, sorted, and carried away as it stands.

Every row is on the page, those that are not shown hidden, so that the script (associations.js)
narrows them without asking; without it the form does. What a row has of each facet stands in its
attributes as places in the facet's list of values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from html import unescape
from itertools import groupby
from typing import Final
from urllib.parse import urlencode

from calcinosis import names
from calcinosis.errors import counted, quoted
from calcinosis.graph.claims import Association, Citation
from calcinosis.output import document
from calcinosis.output.markup import Markup, join, tag, void
from calcinosis.output.pictures import heatmap
from calcinosis.output.site import facets
from calcinosis.output.site.facets import Choice, Claims, Facet, Row
from calcinosis.output.site.frame import page, style_sheet
from calcinosis.output.site.links import Links
from calcinosis.output.site.parts import SEVERAL, separated
from calcinosis.output.wording import capital

PATH: Final = "associations"
HEATMAP: Final = "heatmap"
_TITLE: Final = "Associations"
_TAGS: Final = re.compile(r"<[^>]+>")
_NARROW: Final = 3  # columns of a heat map that a phone shows whole
_OPEN: Final = (facets.SUBTYPE, facets.KIND, facets.CONTESTED)
# Words, the order that a click on them gives, whether it falls.
_HEADS: Final = (
    ("Claim", "claim", "ascending"),
    ("Kind", "kind", "ascending"),
    ("Terms", "", ""),
    ("References (type of study; how far read)", "references", "descending"),
    ("Latest year", "year", "descending"),
)


class Table:
    """The page over the claims of one graph; rows are written once."""

    def __init__(self, claims: Claims, links: Links) -> None:
        self.claims = claims
        self.links = links

    @cached_property
    def rows(self) -> tuple[Markup, ...]:
        """The cells of each row."""
        return tuple(join(*self._cells(row)) for row in self.claims.rows)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """What is searched of each row: the text that a browser sees in it."""
        return tuple(facets.folded(unescape(_TAGS.sub("", row))) for row in self.rows)

    def places(self, choice: Choice) -> list[int]:
        """The places of the rows that a choice shows, in its order."""
        return self.claims.shown(choice, self.texts)

    def page(self, choice: Choice, fault: str = "") -> str:
        """The page with what a choice shows, and what was wrong with what was asked, if anything.

        A page of a folder has every row, and its script does the rest.
        """
        places = self.places(choice)
        return page(
            _TITLE,
            tag("h1", _TITLE),
            tag("p", _lead(len(self.rows)), class_="lead"),
            tag("p", tag("a", "To the claims", href="#count"), class_="past screen"),
            _alert(fault),
            tag(
                "div",
                self._form(choice),
                tag("div", self._results(choice, places), class_="results"),
                class_="faceted",
            ),
            links=self.links,
            here=PATH,
            scripts=("associations.js",),
            head=style_sheet(self.links, "tables.css"),
        )

    def heatmap(self, choice: Choice) -> str:
        """The page with the causes that a choice shows by subtype, as pictures and as tables."""
        found = [self.claims.rows[place].claim for place in self.places(choice)]
        subtypes = {entry.iri for entry in self.claims.lexicon.of(("subtype",))}
        columns, counts = heatmap.of_claims(found, self._label, subtypes)
        causes = sum(count.number > 0 for count in counts)
        told = (
            f"{causes} pairs of a cause and a subtype in the {counted(len(found), 'claim')} shown."
        )
        if not counts:
            told = "None of the claims shown says that something causes a subtype."
        caption = "How many references support each claim; * where it is contested"
        drawn = (
            join(
                _figure(one),
                _numbers(one.table.heads, one.table.rows),
            )
            for one in heatmap.figures(caption, columns, counts)
        )
        return page(
            "Causes by subtype",
            tag("h1", "Causes by subtype"),
            tag("p", told, " ", tag("a", "The claims in a table", href=self.address(choice))),
            *drawn,
            links=self.links,
            here=PATH,
            head=style_sheet(self.links, "tables.css"),
        )

    def address(self, choice: Choice, path: str = PATH) -> str:
        """The address of what a choice shows: the page, a file, the picture."""
        asked = urlencode(choice.pairs)
        return self.links.to(path) + (f"?{asked}" if asked else "")

    # -- the form ---------------------------------------------------------------------------

    def _form(self, choice: Choice) -> Markup:
        counts = self.claims.counts(choice, self.texts)
        words = tag(
            "div",
            tag("label", "Words in a row", for_="words"),
            void("input", id="words", name=facets.TEXT, type="search", value=choice.text),
            class_="field",
        )
        return tag(
            "form",
            words,
            *(self._facet(one, choice, counts[one.name]) for one in self.claims.facets),
            void("input", type="hidden", name=facets.SORT, value=choice.sort),
            tag(
                "div",
                tag("button", "Show", type="submit", class_="main"),
                tag("a", "Clear all", href=self.links.to(PATH), class_="button quiet", id="clear"),
                class_="row",
            ),
            action=self.links.to(PATH),
            method="get",
            id="choice",
            class_="facets screen",
            aria_label="What is shown",
            data_live="yes" if self.links.is_live else "no",
        )

    def _facet(self, facet: Facet, choice: Choice, counts: Mapping[str, int]) -> Markup:
        chosen = choice.values.get(facet.name, frozenset())
        if facet.name == facets.CONDITION:
            return _select(facet, chosen, counts)
        boxes = (
            tag(
                "li",
                tag(
                    "label",
                    void(
                        "input",
                        type="checkbox",
                        name=facet.name,
                        value=value,
                        checked="" if value in chosen else None,
                    ),
                    tag("span", words),
                    " ",
                    tag("span", counts[value], class_="count"),
                    class_=None if counts[value] or value in chosen else "none",
                ),
            )
            for value, words in facet.values.items()
        )
        return tag(
            "details",
            tag("summary", facet.words, id=f"facet-{facet.name}"),
            tag("div", tag("ul", *boxes), role="group", aria_labelledby=f"facet-{facet.name}"),
            open="" if chosen or facet.name in _OPEN else None,
        )

    # -- the rows ---------------------------------------------------------------------------

    def _results(self, choice: Choice, places: Sequence[int]) -> Markup:
        return join(
            tag("p", told(self.claims, places), id="count", role="status", aria_live="polite"),
            self._about(choice),
            self._carry(choice),
            self._map(choice) if self.links.is_live else Markup(),
            tag(
                "table",
                tag("caption", "Claims with their references", class_="unseen"),
                tag("thead", tag("tr", *self._heads(choice))),
                tag("tbody", *self._body(places)),
                class_="stacked claims",
                id="claims",
            ),
        )

    def _about(self, choice: Choice) -> Markup:
        """The claims about what the words are a name of: not all of them have these words."""
        links = [
            tag("a", f"claims about {entry.label}", href=self.links.to(PATH, **{name: entry.id}))
            for name, entry in self.claims.named(choice.text)
        ]
        if not links:
            return Markup()
        told = f"{quoted(choice.text)} is a name as well: "
        return tag("p", told, separated(links, SEVERAL), ".", id="named", class_="screen")

    def _carry(self, choice: Choice) -> Markup:
        if not self.links.is_live:
            unnarrowed = "Without a script, or a server, all claims are shown."
            return tag(
                "p",
                tag("noscript", unnarrowed, " "),
                "All claims as a sheet: ",
                tag("code", "calcinosis export associations-csv"),
                "; as a picture: ",
                tag("a", "heat map of all causes", href=self.links.to(HEATMAP)),
                ".",
                class_="note",
            )
        ways = (
            (f"{PATH}.csv", "CSV"),
            (f"{PATH}.bib", "BibTeX"),
            (HEATMAP, "Heat map"),
        )
        items = (
            tag("li", tag("a", words, href=self.address(choice, path), class_="follows"))
            for path, words in ways
        )
        said = tag("span", "What is shown as", id="carry")
        return tag("div", said, tag("ul", *items, class_="chips"), class_="row carry screen")

    def _map(self, choice: Choice) -> Markup:
        """Where the script lays the heat map of what is shown; without it a link leads there."""
        link = tag("a", "The heat map on a page of its own", href=self.address(choice, HEATMAP))
        place = tag("div", tag("p", link), id="map", aria_live="polite")
        summary = tag("summary", "Causes by subtype in what is shown, as a heat map")
        return tag("details", summary, place, class_="card screen")

    def _heads(self, choice: Choice) -> Iterator[Markup]:
        for words, sort, direction in _HEADS:
            if not sort:
                yield tag("th", words, scope="col")
                continue
            order = Choice(choice.values, choice.text, sort)
            here = sort == choice.sort
            yield tag(
                "th",
                tag("a", words, href=self.address(order), data_sort=sort, title=f"Order by {sort}"),
                scope="col",
                aria_sort=direction if here else None,
                data_direction=direction,
            )

    def _body(self, places: Sequence[int]) -> Iterator[Markup]:
        for place in places:
            yield self._line(place, hidden=False)
        shown = set(places)
        for place in range(len(self.rows)):
            if place not in shown:
                yield self._line(place, hidden=True)

    def _line(self, place: int, *, hidden: bool) -> Markup:
        opening = f"<tr{self._attributes[place]}{' hidden' * hidden}>"
        return Markup(f"{opening}{self.rows[place]}</tr>\n")

    @cached_property
    def _attributes(self) -> tuple[str, ...]:
        at = {
            facet.name: {value: n for n, value in enumerate(facet.values)}
            for facet in self.claims.facets
        }
        by_label = sorted(
            range(len(self.claims.rows)),
            key=lambda n: (self.claims.rows[n].claim.label.casefold(), n),
        )
        label = {place: n for n, place in enumerate(by_label)}
        return tuple(
            _data(row, at, (place, label[place])) for place, row in enumerate(self.claims.rows)
        )

    def _cells(self, row: Row) -> Iterator[Markup]:
        claim = row.claim
        yield tag(
            "th",
            tag("a", capital(claim.label), href=self.links.of(claim.iri)),
            tag("p", claim.statement),
            self._contested(claim),
            scope="row",
        )
        kind = next(f for f in self.claims.facets if f.name == facets.KIND).values[claim.topic]
        yield tag("td", kind, data_head="Kind")
        yield tag("td", self._terms(claim), data_head="Terms")
        yield tag("td", *self._citations(claim), data_head="References")
        yield tag("td", row.year or "", class_="number", data_head="Latest year")

    def _contested(self, claim: Association) -> Markup:
        if not claim.contested:
            return Markup()
        others = (
            join("; " if number else " by ", tag("a", self._named(iri), href=self.links.of(iri)))
            for number, iri in enumerate(claim.contested_by)
        )
        return tag("p", tag("span", "contested", class_="badge contested"), *others, class_="note")

    def _named(self, iri: str) -> str:
        return self.claims.ontology.claims.association(iri).label

    def _terms(self, claim: Association) -> Markup:
        among = (join(" among ", self._term(iri)) for iri in claim.contexts)
        return join(
            self._term(claim.subject), " \N{RIGHTWARDS ARROW} ", self._object(claim), *among
        )

    def _object(self, claim: Association) -> Markup:
        return join(claim.object) if claim.has_value else self._term(claim.object)

    def _term(self, iri: str) -> Markup:
        return tag("a", self._label(iri), href=self.links.of(iri))

    def _label(self, iri: str) -> str:
        entry = self.claims.lexicon.entries.get(iri)
        return entry.label if entry else names.local(iri)

    def _citations(self, claim: Association) -> Iterator[Markup]:
        sides = groupby(claim.citations, key=lambda c: c.disputes)
        for disputes, found in sides:
            items = (tag("li", self._citation(one)) for one in _ordered(found))
            if disputes:
                yield tag("p", tag("span", "disputed by", class_="badge against"))
            yield tag("ul", *items, class_="cited")

    def _citation(self, citation: Citation) -> Markup:
        reference = self.claims.ontology.library.bibliography[citation.reference]
        link = tag("a", reference.label, href=self.links.of(names.REF + citation.reference))
        return join(link, f" ({reference.study_type or 'unknown'}; {citation.read})")


def told(claims: Claims, places: Sequence[int]) -> str:
    """How many claims and references are shown, of how many."""
    shown = [claims.rows[place].claim for place in places]
    keys = {c.reference for claim in shown for c in claim.citations}
    references = counted(len(keys), "reference")
    return f"{len(shown)} of {counted(len(claims.rows), 'claim')} shown, with {references}"


def _lead(number: int) -> str:
    return (
        f"All {number} claims of the graph, each with the references that say so. "
        "What is chosen stands in the address of this page, so that it can be passed on."
    )


def _alert(fault: str) -> Markup:
    return tag("p", fault, class_="message error", role="alert") if fault else Markup()


def _select(facet: Facet, chosen: Iterable[str], counts: Mapping[str, int]) -> Markup:
    groups = groupby(facet.values, key=lambda value: facet.group[value])
    chosen = set(chosen)
    options = (
        tag(
            "optgroup",
            *(
                tag(
                    "option",
                    f"{facet.values[value]} ({counts[value]})",
                    value=value,
                    selected="" if value in chosen else None,
                )
                for value in values
            ),
            label=capital(kind),
        )
        for kind, values in groups
    )
    return tag(
        "div",
        tag("label", facet.words, for_="term"),
        tag("select", tag("option", "any", value=""), *options, name=facet.name, id="term"),
        class_="field",
    )


def _data(row: Row, at: Mapping[str, Mapping[str, int]], places: tuple[int, int]) -> str:
    """The attributes of a row: its values by facet, those of its citations, and its places."""
    found = [
        f' data-{name.replace("_", "-")}="{_numbers_of(row.values[name], at[name])}"'
        for name in row.values
    ]
    cited = {
        ".".join(str(at[name][one[name]]) for name in facets.OF_CITATIONS) for one in row.citations
    }
    found.append(f' data-cited="{" ".join(sorted(cited))}"')
    keys = " ".join(c.reference for c in row.claim.citations)
    found.append(f' data-keys="{keys}"')
    order = f"{places[0]} {places[1]} {len(row.citations)} {row.year}"
    return "".join((*found, f' data-order="{order}"'))


def _numbers_of(values: Iterable[str], at: Mapping[str, int]) -> str:
    return " ".join(map(str, sorted(at[value] for value in values)))


def _ordered(citations: Iterable[Citation]) -> list[Citation]:
    return sorted(citations, key=lambda c: c.reference)


def _figure(one: document.Figure) -> Markup:
    """A picture, which the keyboard can scroll where it is wider than the screen."""
    caption = tag("figcaption", one.table.caption)
    kind = "wide" if len(one.table.heads) > _NARROW else "narrow"
    return tag("figure", Markup(one.svg), caption, class_=kind, tabindex="0")


def _numbers(heads: Sequence[str], rows: Iterable[document.Row]) -> Markup:
    """The table of a picture, behind a fold."""
    cells = (tuple("".join(map(str, cell)) for cell in row.cells) for row in rows)
    body = (
        tag("tr", tag("th", first, scope="row"), *(tag("td", one, class_="number") for one in rest))
        for first, *rest in cells
    )
    head = (
        tag("th", one, scope="col", class_="number" if n else None) for n, one in enumerate(heads)
    )
    found = tag("table", tag("thead", tag("tr", *head)), tag("tbody", *body))
    return tag("details", tag("summary", "The same as a table"), found)
