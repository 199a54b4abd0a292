"""The home: what this is, the subtypes at a glance, where to begin, and how to cite it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from calcinosis import names
from calcinosis.graph.describe import Page
from calcinosis.graph.search import Entry
from calcinosis.output.markup import Markup, bullets, join, tag
from calcinosis.output.pictures.criteria_matrix import NARROW, Matrix, criteria_picture
from calcinosis.output.pictures.graph_pictures import matrix
from calcinosis.output.site import citing, structured
from calcinosis.output.site.frame import NAME, search_form
from calcinosis.output.site.frame import page as framed
from calcinosis.output.site.known import Known
from calcinosis.output.site.links import Links
from calcinosis.output.site.parts import cite_part, folded
from calcinosis.output.wording import capital

SAID: Final = (
    "Every statement about {} here is a claim with its references, with how far each was read, "
    "and with the other side where there is one. From the facts of a case the same graph says "
    "which definitions are met, why, by whose words, and what is still missing."
)
# A kind of claim, where it is asked, and the question; the first that has an answer is shown.
_QUESTIONS: Final = (
    ("Cause", True, "What causes {}, and who says so?"),
    ("Definition", True, "What belongs to {} by definition?"),
    ("Treatment", False, "Which treatments have been used against {}?"),
    ("Differential", False, "What else can look like {}?"),
)
_MOST: Final = 3


def home_page(known: Known, links: Links) -> str:
    """The page as HTML."""
    subject = known.label(names.CALCINOSIS)
    drawn = matrix(known.ontology, NARROW, links.of).counted
    told = "Each subtype with the criteria that it needs; the words are links."
    figure = tag(
        "figure",
        Markup(criteria_picture(drawn)),
        tag("figcaption", told),
        class_="wide full",
        tabindex="0",
    )
    whole = citing.graph(known.ontology)
    return framed(
        NAME,
        tag("h1", f"{capital(subject)}, with its evidence"),
        tag("p", SAID.format(subject), class_="lead"),
        search_form(links, "", "search-here"),
        tag("p", *_counts(known, links), class_="note"),
        _case(links),
        tag("h2", "The subtypes", id="subtypes"),
        figure,
        folded("The same in words", _in_words(drawn)),
        tag("h2", "Questions to begin with", id="questions"),
        bullets(list(_questions(known, links))),
        tag("p", tag("a", "More questions", href=links.to("questions"))),
        tag("h2", "How to cite it", id="cite"),
        cite_part(citing.in_words(whole), whole),
        links=links,
        head=structured.script(structured.dataset(known.ontology)),
        searches=True,
    )


def _case(links: Links) -> Markup:
    """Where the facts of a case are entered, if a server can judge them."""
    if not links.is_live:
        return Markup()
    one = tag("a", "Enter the facts of a patient", href=links.to("patient"), class_="button main")
    many = tag("a", "Read a sheet of many", href=links.to("cohort"), class_="button")
    return tag("p", one, many, class_="row")


def _counts(known: Known, links: Links) -> Iterator[object]:
    terms = sum(not iri.startswith(names.REF) for iri in known.lexicon.entries)
    yield tag("a", f"{terms} terms", href=links.to("terms"))
    yield f", {len(known.claims)} claims, "
    yield tag("a", f"{len(known.library)} references", href=links.to("references"))
    yield "."


def _in_words(drawn: Matrix) -> Markup:
    found = []
    for column in drawn.columns:
        needs = [
            join(_link(cell.row, drawn), f" ({cell.remark})" if cell.remark else "")
            for cell in drawn.cells
            if cell.column == column
        ]
        found.append(join(_link(column, drawn), bullets(needs)))
    return bullets(found)


def _link(words: str, drawn: Matrix) -> Markup:
    return tag("a", words, href=drawn.links.get(words))


def _questions(known: Known, links: Links) -> Iterator[Markup]:
    """Questions that the graph answers: each leads to the part of a page that does."""
    whole = known.page(known.lexicon.entries[names.CALCINOSIS])
    subtypes = [known.page(entry) for entry in _subtypes(known)]
    shown = 0
    for kind, of_subtype, question in _QUESTIONS:
        page = next((one for one in (*subtypes, whole) if _has(one, kind)), whole)
        page = page if of_subtype else whole
        if _has(page, kind) and shown < _MOST:
            shown += 1
            address = f"{links.of(page.entry.iri)}#claims-{kind}"
            yield tag("a", question.format(page.entry.label), href=address)


def _subtypes(known: Known) -> Iterator[Entry]:
    view = known.viewpoints[known.ontology.viewpoint]
    return (known.lexicon.entries[names.CC + one.id] for one in view.subtypes)


def _has(page: Page, kind: str) -> bool:
    return any(claim.topic == kind for claim in page.claims)
