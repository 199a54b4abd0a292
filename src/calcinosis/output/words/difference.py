"""Two releases side by side, as text or Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from calcinosis import names
from calcinosis.errors import counted, listed
from calcinosis.explain.links import Link
from calcinosis.output.markup import markdown_text
from calcinosis.output.wording import wrapped
from calcinosis.output.words.comparison import said_of
from calcinosis.study.compare import Change
from calcinosis.study.diff import Claim, Difference, Entailment, Evidence, Term


def difference_text(found: Difference, width: int = 80) -> str:
    """The difference as plain text: a heading and its items, one after another."""
    lines = wrapped(_head(found), width, hang=0)
    for title, items in _sections(found):
        lines += ["", *wrapped(f"{title} ({len(items)}):", width, hang=0)]
        for item in items:
            lines += wrapped(item, width, 2)
    lines += ["", *wrapped(_summary(found), width, hang=0)]
    return "\n".join(lines) + "\n"


def difference_markdown(found: Difference) -> str:
    """The difference as Markdown."""
    lines = [f"# {markdown_text(_head(found).rstrip('.'))}"]
    for title, items in _sections(found):
        lines += ["", f"**{title} ({len(items)})**", ""]
        lines += [f"- {markdown_text(item)}" for item in items]
    lines += ["", markdown_text(_summary(found))]
    return "\n".join(lines) + "\n"


def _head(found: Difference) -> str:
    return f"From {found.old} to {found.new}, by {found.verdicts.by[1]}."


def _sections(found: Difference) -> Iterator[tuple[str, list[str]]]:
    """Headings that have items, with these in words."""
    every = (
        ("Released terms that vanished", [_term(one) for one in found.vanished]),
        ("Terms gained", [_term(one) for one in found.terms.gained]),
        ("Terms renamed", [_term(one) for one in found.renamed]),
        ("References lost", [_term(one) for one in found.references.lost]),
        ("References gained", [_term(one) for one in found.references.gained]),
        ("Claims lost", [_claim(one) for one in found.claims.lost]),
        ("Claims gained", [_claim(one) for one in found.claims.gained]),
        ("Claims changed", [_claim(one) for one in found.changed]),
        ("Evidence lost", [_evidence(one) for one in found.evidence.lost]),
        ("Evidence gained", [_evidence(one) for one in found.evidence.gained]),
        ("Evidence changed", [_evidence(one) for one in found.restated]),
        ("Axioms lost", [_axiom(one) for one in found.axioms.lost]),
        ("Axioms gained", [_axiom(one) for one in found.axioms.gained]),
        ("Follows no longer", [_entailment(one) for one in found.entailments.lost]),
        ("Follows now", [_entailment(one) for one in found.entailments.gained]),
        ("Verdicts changed", [_change(found, one) for one in found.verdicts.changes]),
    )
    yield from ((title, items) for title, items in every if items)


def _term(one: Term) -> str:
    was = f", was “{one.was}”" if one.was else ""
    return f"{names.curie(one.iri)} “{one.label}”{was}"


def _claim(one: Claim) -> str:
    differs = f": other {listed(one.differs)}" if one.differs else ""
    return f"{one.id} “{one.label}”{differs}"


def _evidence(one: Evidence) -> str:
    parts = (f"{it.name} {_quoted(it.was)} → {_quoted(it.now)}" for it in one.parts)
    said = f"{one.claim}, {one.reference} {one.side} it"
    return f"{said}: {'; '.join(parts)}" if one.parts else said


def _quoted(said: str) -> str:
    return f"“{said}”" if said else "none"


def _axiom(link: Link) -> str:
    claims = sorted({source.association for source in link.sources})
    return f"{link.words} [{', '.join(claims)}]" if claims else link.words


def _entailment(one: Entailment) -> str:
    said = f"“{one.below.label}” is below “{one.above.label}”"
    return f"{said}, by: {'; '.join(one.causes)}" if one.causes else said


def _change(found: Difference, change: Change) -> str:
    claims = listed(found.behind(change))
    return f"{said_of(change)}{f'. Claims that differ: {claims}' if claims else ''}"


def _summary(found: Difference) -> str:
    verdicts, cases = found.verdicts.changes, found.verdicts.cases
    said = f"{counted(len(verdicts), 'verdict')} changed on {cases} cases."
    if not list(_sections(found)):
        said = f"Nothing differs, nor does a verdict on {cases} cases."
    if found.vanished:
        said += " A released term never vanishes: make it obsolete with owl:deprecated instead."
    return said
