"""The report of a selection: definitions, criteria, evidence, contested points, causes, cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from calcinosis import names
from calcinosis.errors import listed, visible
from calcinosis.graph.claims import Association, Citation, contested_pairs
from calcinosis.graph.describe import KINDS, Describer, Page
from calcinosis.graph.lexicon import Lexicon
from calcinosis.output import document
from calcinosis.output.document import (
    Bibliography,
    Block,
    Break,
    Cite,
    Heading,
    Link,
    Outline,
    Paragraph,
    Row,
    Table,
    Words,
)
from calcinosis.output.pages import page
from calcinosis.output.pictures import heatmap
from calcinosis.output.selection import Files, Selection, Writer
from calcinosis.output.wording import capital
from calcinosis.output.words.explanation import explanation_lines
from calcinosis.output.words.term import KINDS as HEADINGS

_NONE: Final = "No claim of the graph is about this."


def markdown(selection: Selection) -> Files:
    """The report in Markdown."""
    library = selection.ontology.library.bibliography
    parts = document.markdown(blocks(selection), library)
    return {"report.md": (visible(part).encode() for part in parts)}


def html(selection: Selection) -> Files:
    """The report as one HTML file that needs nothing else."""
    library = selection.ontology.library.bibliography
    parts = page.html(blocks(selection), library)
    return {"report.html": (part.encode(errors="replace") for part in parts)}


def blocks(selection: Selection) -> list[Block]:
    """The report as a document."""
    return list(_Writer(selection).blocks())


class _Writer:
    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._ontology = selection.ontology
        self._library = self._ontology.library.bibliography
        self._lexicon = Lexicon(self._ontology)
        self._describer = Describer(self._ontology, self._lexicon)
        self._told: set[str] = set()

    def blocks(self) -> Iterator[Block]:
        found = [*self._head(), *self._body()]
        yield from found
        keys = {one.key for one in self._selection.references} | document.cited(found)
        references = sorted(
            (self._library[key] for key in keys), key=lambda one: one.label.casefold()
        )
        yield Heading(2, "References", "references")
        if references:
            yield Bibliography(tuple(references))
        else:
            yield Paragraph(("None.",))

    def _body(self) -> Iterator[Block]:
        yield from self._cases()
        for iri in self._subjects():
            yield from self._subject(iri)
        rest = [c for c in self._selection.associations if c.id not in self._told]
        if rest:
            word = "Further claims" if self._told else "Claims"
            yield Heading(2, word, "claims")
            yield from self._evidence(rest)
        yield from self._contested()
        yield from self._heatmap()

    # -- head ----------------------------------------------------------------------------

    def _head(self) -> Iterator[Block]:
        selection = self._selection
        labels = [self._label(iri) for iri in selection.about]
        asked = self._label(names.CALCINOSIS) if selection.is_whole else selection.asked_for
        yield Heading(1, f"Report on {listed(labels) or asked}")
        viewpoint = self._lexicon.triples.text(self._ontology.viewpoint_iri, names.LABEL)
        changed = self._ontology.changed_words
        yield Paragraph(
            (
                f"Written from the calcinosis ontology {self._ontology.version}; definitions by "
                f"{viewpoint or self._ontology.viewpoint}"
                f"{f'; {changed}' if changed else ''}. Claims: {len(selection.associations)}. "
                "Research software, not medical advice.",
            )
        )
        yield Paragraph(
            (
                "After each reference stands how far it was read for the claim (text, abstract, "
                "title, list: an entry of a list, seed: the review that the work began with), "
                "which is no strength of evidence, and the type of its study. What is marked as "
                "our reading is no source's word.",
            )
        )

    # -- cases ---------------------------------------------------------------------------

    def _cases(self) -> Iterator[Block]:
        for number, explanation in enumerate(self._selection.explanations, 1):
            (_, head), *lines = explanation_lines(explanation, self._library)
            yield Heading(2, f"Case {head}", f"case-{number}")
            yield Outline(tuple(lines))

    # -- a subtype or term ---------------------------------------------------------------

    def _subjects(self) -> Sequence[str]:
        if not self._selection.is_whole:
            return self._selection.about
        found = [entry.iri for entry in self._lexicon.of(("subtype",))]
        return sorted(found, key=lambda iri: (iri != names.CALCINOSIS, self._label(iri)))

    def _subject(self, iri: str) -> Iterator[Block]:
        about = self._describer.page(self._lexicon.entries[iri])
        yield Heading(2, capital(about.entry.label), f"term-{about.entry.id}")
        yield Paragraph(self._definition(about))
        yield from self._place(about)
        yield from self._criteria(about)
        named = [c for c in self._selection.associations if iri in c.ends]
        fresh = [claim for claim in named if claim.id not in self._told]
        yield from self._evidence(fresh)
        before = [claim for claim in named if claim not in fresh]
        if before:
            links = _joined([(_link(claim),) for claim in before], "; ")
            yield Paragraph(("Told above already: ", *links, "."))
        if not named:
            yield Paragraph((_NONE,))

    def _definition(self, about: Page) -> Words:
        source = (" [", *_cites(about.sources), "]") if about.sources else ()
        synonyms = f"Also: {'; '.join(about.entry.synonyms)}."
        return (
            f"{about.definition or 'No definition.'}",
            *source,
            *((Break(), synonyms) if about.entry.synonyms else ()),
            *((Break(), f"What would settle it: {about.asks}") if about.asks else ()),
            Break(),
            f"{capital(about.entry.kind)}, {about.entry.iri}",
        )

    def _place(self, about: Page) -> Iterator[Block]:
        lines: list[Words] = []
        for placed in about.placed:
            source = (" [", *_cites(placed.references), "]") if placed.references else ()
            ours = f" Our reading: {placed.editorial}" if placed.editorial else ""
            relation = "part" if placed.is_whole else "a kind"
            lines.append((f"Is {relation} of {placed.label}", *source, f".{ours}"))
        if about.below:
            word = "Kinds and parts" if about.entry.kind == "site" else "Kinds"
            lines.append((f"{word} of it: {'; '.join(label for _, label in about.below)}.",))
        if lines:
            yield Paragraph(_lines(lines))

    def _criteria(self, about: Page) -> Iterator[Block]:
        if not about.criteria:
            return
        yield Heading(3, "Criteria")
        rows = []
        for one in about.criteria:
            causal: Words = (Break(), "(names the cause)") if one.causal else ()
            ours: Words = (f"Our reading: {one.editorial}",) if one.editorial else ()
            cites = _cites(one.references)
            why = _lines([part for part in (cites, ours) if part]) or ("No source.",)
            rows.append(Row(((capital(one.label), *causal), (one.definition,), why)))
        yield Table(
            f"All of them are needed, by the viewpoint: {about.viewpoint}",
            ("Criterion", "In words", "References and editorial marks"),
            tuple(rows),
            (24, 40, 36),
        )

    # -- evidence ------------------------------------------------------------------------

    def _evidence(self, claims: Sequence[Association]) -> Iterator[Block]:
        order = {kind: place for place, kind in enumerate(KINDS)}
        groups: dict[str, list[Association]] = {}
        for claim in sorted(claims, key=lambda c: (order.get(c.topic, 99), c.label.casefold())):
            groups.setdefault(claim.topic, []).append(claim)
        for kind, group in groups.items():
            yield Heading(3, f"{HEADINGS.get(kind, kind)} ({len(group)})")
            yield Table(
                "Claims with their references",
                ("Claim", "What is stated", "References: how far read; type of study"),
                tuple(map(self._row, group)),
                (26, 40, 34),
            )
            self._told.update(claim.id for claim in group)

    def _row(self, claim: Association) -> Row:
        lines: list[Words] = [(claim.statement,)]
        if claim.mechanism:
            lines.append((f"Mechanism: {claim.mechanism}",))
        if claim.editorial:
            lines.append((f"Our reading: {claim.editorial}",))
        if claim.contested_by:
            others = [(_link(self._ontology.claims.associations[o]),) for o in claim.contested_by]
            lines.append(("Contested by: ", *_joined(others, "; ")))
        label: Words = (capital(claim.label), *((" (contested)",) if claim.contested else ()))
        cells = (label, _lines(lines), self._citations(claim.citations))
        return Row(cells, f"claim-{claim.id}")

    def _citations(self, citations: Iterable[Citation]) -> Words:
        return _lines([self._citation(c) for c in citations]) or ("No reference counts.",)

    def _citation(self, citation: Citation) -> Words:
        found = self._library.get(citation.reference)
        study = (found.study_type if found else "") or "unknown type of study"
        side = "Disputed by " if citation.disputes else ""
        return (side, Cite(citation.reference), f": {citation.read}; {study}")

    # -- contested points ----------------------------------------------------------------

    def _contested(self) -> Iterator[Block]:
        every = self._ontology.claims.associations
        pairs = contested_pairs(self._selection.associations, every)
        rows = [Row((self._side([claim]), self._side(others))) for claim, others in pairs]
        if rows:
            yield Heading(2, "Contested, side by side", "contested")
            heads = ("One side", "Other side")
            yield Table("Each point once", heads, tuple(rows), (50, 50), named=False)

    def _side(self, claims: Iterable[Association]) -> Words:
        lines: list[Words] = []
        for claim in claims:
            supporting = [c for c in claim.citations if not c.disputes]
            if lines:
                lines.append(("",))
            lines += [(_link(claim),), (claim.statement,), self._citations(supporting)]
        return _lines(lines)

    # -- causes by subtype ---------------------------------------------------------------

    def _heatmap(self) -> Iterator[Block]:
        subtypes = {entry.iri for entry in self._lexicon.of(("subtype",))}
        columns, counts = heatmap.of_claims(self._selection.associations, self._label, subtypes)
        if not counts:
            return
        yield Heading(2, "Causes by subtype", "causes")
        caption = "How many references support each claim; * where it is contested"
        yield from heatmap.figures(caption, columns, counts)

    def _label(self, iri: str) -> str:
        entry = self._lexicon.entries.get(iri)
        return entry.label if entry else names.local(iri)


def _link(claim: Association) -> Link:
    return Link(capital(claim.label), f"claim-{claim.id}")


def _cites(keys: Iterable[str]) -> Words:
    return _joined([(Cite(key),) for key in keys], ", ")


def _lines(parts: Sequence[Words]) -> Words:
    return _joined(parts, Break())


def _joined(parts: Sequence[Words], between: str | Break) -> Words:
    found: list[str | Cite | Link | Break] = []
    for part in parts:
        if found:
            found.append(between)
        found += part
    return tuple(found)


WRITERS: Final[Mapping[str, Writer]] = {"report-md": markdown, "report-html": html}
