"""What a cohort comes to as captioned tables of words, from which page and Markdown are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from calcinosis.errors import counted, did_you_mean, listed
from calcinosis.output.markup import markdown_table, markdown_text
from calcinosis.output.wording import STEPS, VERDICT, short
from calcinosis.output.words.cohort import notes, percent
from calcinosis.output.words.reasons import CAUSES, few
from calcinosis.reasoning.verdict import ENTAILED, IN_WORDS, PRESUMED, STANDINGS
from calcinosis.study.cohort import Cohort, Patient, Unread
from calcinosis.study.persons import HOW


@dataclass(frozen=True, slots=True)
class Told:
    """A table with its caption; the first column names the row."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def answer(cohort: Cohort) -> str:
    """What the patients come to, in one sentence."""
    refused = len(cohort.refused)
    also = f"; {counted(refused, 'input')} refused" if refused else ""
    if not cohort.patients:
        return f"No patients{also}."
    following, presumed = cohort.following, cohort.presumed
    nothing = len(cohort) - following.count - presumed.count
    is_each = len(cohort.rows) > len(cohort)
    start = f"{cohort.people}:" if is_each else f"Of {cohort.people}"
    return (
        f"{start} a subtype follows in {following.count} ({percent(following)}), "
        f"in {presumed.count} more one is presumed ({percent(presumed)}), "
        f"in {nothing} neither{also}." + is_each * f" {HOW}"
    )


def first(cohort: Cohort) -> Told | None:
    """What to mend first, without any test."""
    rows = [
        (one.what, str(one.patients), ", ".join(f"{t} {n}" for t, n in one.tests), one.cure)
        for one in cohort.first
    ]
    return _told("Mend first", ("what", "patients", "of which tests", "how"), rows)


def subtypes(cohort: Cohort) -> Told:
    """The counts of each subtype by standing, with intervals of who follow and are presumed."""
    rows = []
    for one in cohort.subtypes:
        cells = [
            f"{share.count} ({percent(share)})"
            if standing in (ENTAILED, PRESUMED)
            else str(share.count)
            for standing, share in one.standings.items()
        ]
        rows.append((one.label, *cells))
    caption = (
        f"Patients by subtype and verdict; in parentheses 95 % intervals, {cohort.following.author}"
    )
    return Told(caption, ("subtype", *(VERDICT[one] for one in STANDINGS)), rows)


def plan(cohort: Cohort) -> Told | None:
    """One test after another, each time the one that settles most."""
    needed = {one.asks: one for one in cohort.missing}
    rows = [
        (
            step.asks,
            str(needed[step.asks].patients),
            str(needed[step.asks].given),
            f"{step.settled} of {step.of}",
        )
        for step in cohort.plan
    ]
    heads = ("find out", "patients who need it", "have an unusable value", "settled so far")
    return _told("Of open patients whose cause is known: what to find out, best first", heads, rows)


def nothing(cohort: Cohort) -> Told | None:
    """Why nothing follows and nothing is presumed."""
    rows = [(why, str(count)) for why, count in cohort.nothing.items()]
    return _told("Neither follows nor is presumed, because", ("why", "patients"), rows)


def conditions(cohort: Cohort) -> Told | None:
    """Each condition as stated, and in how many a subtype follows or is presumed."""
    rows = []
    for one in cohort.conditions:
        cells = []
        for counts in one.subtypes:
            follows, presumed = counts.get(ENTAILED, 0), counts.get(PRESUMED, 0)
            cells.append(f"{follows} + {presumed}" if presumed else str(follows or ""))
        rows.append((one.label, str(one.patients), *cells))
    heads = ("condition", "patients", *(short(one.label) for one in cohort.subtypes))
    return _told("Conditions; in how many a subtype follows + is presumed", heads, rows)


def contradictory(cohort: Cohort) -> Told | None:
    """Patients whose facts clash."""
    rows = []
    for one in cohort.contradictory:
        sides = [listed(list(side)) for side in one.sides or ()]
        ways = "too many to list" if one.repairs is None else str(one.repairs)
        rows.append((one.id, " against ".join(sides), ways))
    heads = ("patient", "what cannot hold together", "ways to mend it")
    return _told("Contradictory facts", heads, rows)


def not_understood(cohort: Cohort) -> Told | None:
    """Words that stand for nothing, what they may mean, and what they hold back."""
    blocks = {one.id: short(one.label) for one in cohort.subtypes} | STEPS
    rows = [
        (
            one.what,
            str(one.patients),
            ". ".join(filter(None, (one.reason, did_you_mean(one.suggestions)))),
            listed([blocks.get(block, block) for block in one.blocks]),
        )
        for one in cohort.not_understood
    ]
    return _told("Not understood", ("what", "patients", "why", "holds back"), rows)


def not_interpreted(cohort: Cohort) -> Told | None:
    """Values that could not be judged."""
    return _told("Not interpreted", ("what", "patients", "why"), _unread(cohort.not_interpreted))


def flags(cohort: Cohort) -> Told | None:
    """Notes on subtypes."""
    rows = [(words, on, str(patients)) for words, on, patients in notes(cohort)]
    return _told("Notes", ("note", "subtype", "patients"), rows)


def refused(cohort: Cohort) -> Told | None:
    """Inputs that were refused: what was wrong, and the cure."""
    rows = [(one.where, one.what, one.cure) for one in cohort.refused]
    return _told("Refused inputs, which are no patients", ("where", "what", "cure"), rows)


def patients(cohort: Cohort) -> Told | None:
    """Each patient, or each row of one, with all verdicts; beside an open one possible causes."""
    ids = [one.id for one in cohort.subtypes]
    rows = [(one.id, *_verdicts(one, ids), one.why, "; ".join(one.asks)) for one in cohort.rows]
    names = (short(one.label) for one in cohort.subtypes)
    return _told("Patients", ("patient", *names, "why", "would settle"), rows)


def _verdicts(patient: Patient, subtypes: Iterable[str]) -> Iterator[str]:
    for subtype, standing in zip(subtypes, patient.standings, strict=True):
        causes = patient.causes.get(subtype, ())
        told = f", with a possible cause ({few(causes, CAUSES)})" if causes else ""
        yield f"{IN_WORDS[standing]}{told}"


def markdown(
    cohort: Cohort, definitions: str, versions: str, more: Iterable[Told] = ()
) -> Iterator[str]:
    """The cohort as Markdown, table by table: the answer first, patients last, then ``more``."""
    yield f"# {cohort.people}: calcinosis by subtype\n\n{markdown_text(answer(cohort))}\n"
    makers = (
        *(
            first,
            subtypes,
            plan,
            nothing,
            conditions,
            contradictory,
            not_understood,
            not_interpreted,
        ),
        *(flags, refused, patients),
    )
    made = (make(cohort) for make in (makers if cohort.patients else (refused,)))
    for found in (*made, *more):
        if found is not None:
            lines = "\n".join(markdown_table(found.heads, found.rows))
            yield f"\n## {markdown_text(found.caption)}\n\n{lines}\n"
    yield f"\nBy {markdown_text(definitions)}. {markdown_text(versions)}.\n"


def _unread(found: Sequence[Unread]) -> list[tuple[str, ...]]:
    return [(one.what, str(one.patients), one.reason) for one in found]


def _told(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Told | None:
    return Told(caption, heads, rows) if rows else None
