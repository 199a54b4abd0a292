"""Evidence items: what each reference gives for or against a claim, with the figures it gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calcinosis import names
from calcinosis.graph.triples import Triples


@dataclass(frozen=True, slots=True)
class Item:
    """One reference of one claim; what is not said is empty. ``figures`` are in words, in order."""

    claim: str
    reference: str
    side: str
    read: str
    locator: str
    design: str
    independent: str
    population: str
    figures: tuple[str, ...]


def items(triples: Triples) -> Iterator[Item]:
    """The items of the module of evidence, in its order."""
    for iri in triples.instances(names.CC + "EvidenceItem"):
        for predicate, cites in names.CITES.items():
            for claim in triples.iris(iri, predicate):
                yield _item(triples, iri, claim, "against" if cites == names.DISPUTES else "for")


def _item(triples: Triples, iri: str, claim: str, side: str) -> Item:
    def text(name: str) -> str:
        return triples.text(iri, names.CC + name) or ""

    figures = (figure(triples, node) for node in triples.iris(iri, names.CC + "figure"))
    return Item(
        claim=names.local(claim),
        reference=names.local(triples.iri(iri, names.SOURCE) or ""),
        side=side,
        read=text("read"),
        locator=text("locator"),
        design=names.local(triples.iri(iri, names.CC + "studyDesign") or ""),
        independent=text("independent"),
        population=text("population"),
        figures=tuple(sorted(figures)),
    )


def figure(triples: Triples, node: str) -> str:
    """A figure in words, such as ``odds ratio 4.2 (2.3–7.9), of 5218, p <0.0001``."""

    def text(name: str) -> str:  # a decimal of Turtle has a point, one that is whole as well
        return (triples.text(node, names.CC + name) or "").removesuffix(".0")

    value, unit = text("comparator") + text("estimate"), text("measuredIn")
    interval = _limits(text("confidenceLow"), text("confidenceHigh"))
    range_ = _limits(text("rangeLow"), text("rangeHigh"))
    inside = interval or (f"range {range_}" if range_ else "")
    value += f" ({inside})" if value and inside else inside
    counted, total = text("casesCounted"), text("total")
    number = f"{counted}/{total}" if counted and total else counted or (total and f"of {total}")
    chance = text("pValue")
    parts = [
        " ".join(filter(None, (text("measure"), value, unit))),
        number,
        chance and f"p {chance}",
    ]
    for_whom = "; ".join(filter(None, (text("population"), text("adjustedFor"))))
    return ", ".join(filter(None, parts)) + (f" [{for_whom}]" if for_whom else "")


def _limits(low: str, high: str) -> str:
    if low and high:
        return f"{low}–{high}"
    return f"≥{low}" if low else high and f"≤{high}"
