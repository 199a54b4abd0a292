"""About: the method, its limits, the versions, the licences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import calcinosis
from calcinosis import names
from calcinosis.graph.locate import data
from calcinosis.output.markup import Markup, bullets, join, table, tag
from calcinosis.output.site import citing
from calcinosis.output.site.frame import page as framed
from calcinosis.output.site.home import SAID
from calcinosis.output.site.known import Known
from calcinosis.output.site.links import Links
from calcinosis.output.site.parts import Section, cite_part, laid_out

_METHOD: Final = (
    "A claim is one statement of one kind, such as a cause, a finding or a treatment, between "
    "terms that are defined here. Each reference of a claim is an item of its own: for or "
    "against, how far it was read and where, what kind of study it reports, its figures.",
    "What sources say is kept apart from what is read into it. The role of a cause, the subtype "
    "for which it gives a basis, and every rule of reading is marked as our reading, with the "
    "reason.",
    "A viewpoint holds one authority's definitions. A verdict says which of them the facts of a "
    "case meet, by logic and not by weights, and names the axiom and the references behind each "
    "step.",
    "How far a reference was read is no strength of evidence, and a number of references is no "
    "proof: sources copy each other.",
)
_LIMITS: Final = (
    "It is research software and no medical advice. Criteria that are met do not prove a cause.",
    "An open verdict is an answer: what a report leaves out is not guessed.",
    "What has no cited claim here gives no basis, however plausible it is.",
    "Most references were read as abstracts; a title, an author or an identifier that was not "
    "seen is missing, and the reference says so.",
)
_RULES: Final = ("=", "-")


def about_page(known: Known, links: Links) -> str:
    """The page as HTML."""
    whole = citing.graph(known.ontology)
    sections = [
        Section("method", "Method", join(*(tag("p", words) for words in _METHOD))),
        Section("limits", "Limits", bullets([join(words) for words in _LIMITS])),
        Section("private", "What is kept", tag("p", _kept(links))),
        Section("versions", "Versions", _versions(known, links)),
        Section("licences", "Licences", join(_ours(), *_others())),
        Section("cite", "How to cite it", cite_part(citing.in_words(whole), whole)),
    ]
    said = SAID.format(known.label(names.CALCINOSIS))
    return framed(
        "About",
        tag("h1", "About"),
        tag("p", said, class_="lead"),
        tag("p", "Research software, not medical advice.", class_="message"),
        laid_out(sections),
        links=links,
        here="about",
    )


def _kept(links: Links) -> str:
    if links.is_live:
        return (
            "Nothing of a case is stored or logged by this server: what is entered is worked on "
            "in memory, and these pages load nothing from anywhere else."
        )
    return "These are files: nothing is sent anywhere, and nothing is loaded from anywhere else."


def _versions(known: Known, links: Links) -> Markup:
    ontology = known.ontology
    issued = (ontology.root.text(names.ONTOLOGY, names.DCTERMS + "issued") or "")[:10]
    rows = [
        ("Program", f"calcinosis {calcinosis.__version__}"),
        ("Graph", f"{ontology.version}, {issued}" if issued else ontology.version),
        ("Release", tag("code", ontology.version_iri)),
        ("Viewpoint", tag("a", known.label(ontology.viewpoint_iri), href=_view(known, links))),
    ]
    if ontology.changed_words:
        rows.append(("Changed", ontology.changed_words))
    comments = ontology.root.texts(names.ONTOLOGY, names.RDFS + "comment")
    return join(
        table("What these pages are made of", ("What", "Version"), rows),
        bullets([join(one) for one in comments]),
    )


def _view(known: Known, links: Links) -> str:
    return links.of(known.ontology.viewpoint_iri)


def _ours() -> Markup:
    return tag(
        "p",
        "The software is under the Apache License 2.0, the data under CC BY 4.0. The file below "
        "comes with the data.",
    )


def _others() -> Iterator[Markup]:
    """The terms of other vocabularies, from the file that comes with the data."""
    text = data("LICENSE-data").read_text(encoding="utf-8")
    for block in text.strip().split("\n\n"):
        lines = block.splitlines()
        if lines[0].startswith("|"):
            yield _table(lines)
        elif len(lines) > 1 and lines[1][:3] in (sign * 3 for sign in _RULES):
            yield tag("h3", lines[0])
        else:
            yield tag("p", " ".join(line.strip() for line in lines))


def _table(lines: list[str]) -> Markup:
    rows = [tuple(cell.strip() for cell in line.strip("| ").split("|")) for line in lines]
    heads = rows[0]
    whole = [tuple(map(_cell, row)) for row in rows[2:] if len(row) == len(heads)]
    return table("Vocabularies whose terms are named here", heads, whole)


def _cell(text: str) -> Markup:
    """A cell of Markdown, with names of files as code."""
    parts = enumerate(text.split("`"))
    return join(*(tag("code", one) if place % 2 else one for place, one in parts))
