"""What the tools reply, as types: their JSON Schemas are what an assistant is told to expect."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Final

from calcinosis.web.assistant_bounds import shown

_LAST: Final = ("references", "notes", "graph")


@dataclass(frozen=True)
class Graph:
    """Which graph answered: version, viewpoint, and what files are laid over the release."""

    ontology_version: str
    viewpoint: str
    laid_over: str


@dataclass(frozen=True)
class Cited:
    """One reference: its key and the reference in full."""

    key: str
    reference: str


@dataclass(frozen=True)
class Reply:
    """What every reply has: which graph, references in full, and remarks on how to read it."""

    graph: Graph
    references: list[Cited]
    notes: list[str]


@dataclass(frozen=True)
class Hit:
    """One entry found; ``code`` names it for the other tools."""

    code: str
    label: str
    kind: str
    matched: str
    score: float


@dataclass(frozen=True)
class Found(Reply):
    """Entries, best first."""

    hits: list[Hit]


@dataclass(frozen=True)
class Citation:
    """One reference of a claim: how far it was read for it, its study, its side, its figures."""

    reference: str
    read: str
    study_type: str
    disputes: bool
    figures: list[str]


@dataclass(frozen=True)
class Claim:
    """One claim in our paraphrase with its citations; ``contested_by`` has the other side."""

    id: str
    kind: str
    label: str
    statement: str
    mechanism: str
    citations: list[Citation]
    contested: bool
    contested_by: list[str]


@dataclass(frozen=True)
class Page(Reply):
    """All that the graph says of a term, reference or viewpoint; ``notes`` say what was cut."""

    code: str
    label: str
    kind: str
    definition: str
    synonyms: list[str]
    kind_of: list[str]
    kinds: list[str]
    criteria: list[dict[str, Any]]
    claims: list[Claim]
    other_side: list[Claim]
    claims_by_kind: dict[str, int]
    codes: list[str]
    viewpoints: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Answered(Reply):
    """The rows of a named look-up; without a name the look-ups that there are."""

    name: str
    asked_with: dict[str, str]
    columns: list[str]
    rows: list[dict[str, Any]]
    row_count: int


@dataclass(frozen=True)
class Queried(Reply):
    """The answer to SPARQL: rows, triples, or yes or no."""

    form: str
    columns: list[str]
    rows: list[dict[str, Any]]
    triples: list[str]
    answer: bool | None
    count: int


@dataclass(frozen=True)
class Criterion:
    """One criterion of a subtype: met, violated, unknown or conflicting, by which facts."""

    label: str
    status: str
    facts: list[str]
    references: list[str]


@dataclass(frozen=True)
class Presumed:
    """What is presumed beside an open verdict; it is no verdict."""

    condition: str
    rules: list[str]
    falls_if: str
    references: list[str]


@dataclass(frozen=True)
class Verdict:
    """One subtype: entailed (follows), refuted (ruled out), undetermined (open) or conflicting."""

    subtype: str
    label: str
    verdict: str
    presumed: Presumed | None
    defining_cause_present: bool
    possible_causes: list[str]
    needed: list[str]
    criteria: list[Criterion]
    flags: list[str]
    our_readings: list[str]


@dataclass(frozen=True)
class NotUnderstood:
    """Words of the case that were not understood: quoted, where, why, and what they may mean."""

    words: str
    where: str
    reason: str
    may_mean: list[str]
    holds_back: list[str]


@dataclass(frozen=True)
class Read:
    """Words of the case and what became of them: taken by a rule, set aside, without effect."""

    words: str
    where: str
    became: str
    way_out: str


@dataclass(frozen=True)
class Judged(Reply):
    """The verdicts on one patient, with what was presumed and what was not understood."""

    case: str
    summary: list[str]
    subtypes: list[Verdict]
    not_understood: list[NotUnderstood]
    read: list[Read]
    contradiction: list[list[str]]


@dataclass(frozen=True)
class Axiom:
    """One step: an axiom or a rule in words; cited, or our reading with the reason."""

    words: str
    kind: str
    why: str
    sources: list[Citation]


@dataclass(frozen=True)
class Because:
    """One minimal set of facts and axioms by which a verdict holds."""

    facts: list[str]
    axioms: list[Axiom]
    weakest: str


@dataclass(frozen=True)
class Explained:
    """Why one subtype has its verdict."""

    subtype: str
    label: str
    verdict: str
    presumed: Presumed | None
    defining_cause_present: bool
    possible_causes: list[str]
    flags: list[str]
    because: list[Because]
    justifications: int
    would_follow_if: list[list[str]]
    would_be_ruled_out_if: list[list[str]]


@dataclass(frozen=True)
class Why(Reply):
    """Why the verdicts on one patient hold, what would decide open ones, what conflicts."""

    case: str
    subtypes: list[Explained]
    conflicts: list[list[str]]
    not_understood: list[NotUnderstood]


@dataclass(frozen=True)
class Outcome:
    """One answer to a question, and which open subtypes it settles, and how."""

    found: str
    settles: dict[str, str]


@dataclass(frozen=True)
class Question:
    """What to find out next, with the tests that show it and who names them."""

    ask: str
    settles: int
    outcomes: list[Outcome]
    tests: list[str]
    references: list[str]


@dataclass(frozen=True)
class Next(Reply):
    """What would settle the open verdicts on one patient, most settling first."""

    case: str
    open: list[str]
    questions: list[Question]
    not_understood: list[NotUnderstood]


@dataclass(frozen=True)
class Bibliography(Reply):
    """References in the form that was asked for, as one text."""

    keys: list[str]
    form: str
    text: str


def plain(reply: Any) -> dict[str, Any]:
    """A reply as plain values, what was asked for first."""
    found: dict[str, Any] = shown(asdict(reply))
    return {key: value for key, value in found.items() if key not in _LAST} | {
        key: found[key] for key in _LAST
    }
