"""The rules of reading as values: what is added to the facts of a case, or set aside, and why.

``ontology/rules.ttl`` holds them. The stronger fact goes first: what is stated before what a name
says, and that before what is assumed (prioritised defaults after Reiter 1980; ``docs/reasoning.md``
has the argument).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from calcinosis import names
from calcinosis.errors import OntologyError
from calcinosis.graph.ontology import Ontology

SET_APART: Final = names.CC + "NoLevelFromWhatIsSetApart"
LEVEL_ASIDE: Final = names.CC + "LevelSetAsideByName"
DENIED_CAUSE: Final = names.CC + "DeniedCauseDepositsNothing"
TAKEN: Final = names.CC + "TakenAsCause"
BY_NAME: Final = names.CC + "WorkedUpByName"
LEVELS: Final = names.CC + "LevelsAssumed"
WORKUP: Final = names.CC + "WorkupAssumed"
RAISED: Final = names.CC + "RaisedLevelAssumed"
LINK: Final = names.CC + "LinkAssumed"
KNOWN: Final = (SET_APART, LEVEL_ASIDE, DENIED_CAUSE, TAKEN, BY_NAME, LEVELS, WORKUP, RAISED, LINK)

ANOTHER_CAUSE: Final = names.CC + "AnotherCauseIsStated"
NORMAL_NOW: Final = names.CC + "NormalNowByName"
WORKUP_HELD: Final = names.CC + "WorkupHeldBack"
NOT_TAKEN: Final = names.CC + "NotTakenForWhatWasNotUnderstood"
HELD_BACK: Final = names.CC + "HeldBackByNotUnderstood"
NEAR_BOUND: Final = names.CC + "NearABound"


@dataclass(frozen=True, slots=True)
class Flag:
    """A remark that a rule calls for: its words, with ``{what}`` for what it is about.

    ``when`` tells ways of being held back apart; ``shown_with`` is the subtype (an IRI) that it
    belongs to, empty where that depends on the case.
    """

    iri: str
    words: str
    when: str = ""
    shown_with: str = ""

    def about(self, what: str) -> str:
        """The words about one thing."""
        return self.words.replace("{what}", what)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of reading.

    ``code`` is its short name, ``definition`` what it does, ``reason`` why, ``claims`` (IRIs) what
    it rests on besides. The IRIs that it works with are those of ``rules.ttl``, under the same
    names. ``way_out`` is what a user writes to switch it off for a fact.
    """

    iri: str
    code: str
    label: str
    definition: str
    reason: str
    way_out: str
    strength: str
    claims: tuple[str, ...] = ()
    concerns: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    affirms: tuple[str, ...] = ()
    denies: tuple[str, ...] = ()
    if_entailed: tuple[str, ...] = ()
    unless_entailed: tuple[str, ...] = ()
    held_back_by: tuple[str, ...] = ()
    supports: tuple[str, ...] = ()
    assumed_under: tuple[str, ...] = ()
    aside_words: str = ""
    presumes: tuple[str, str] = ("", "")
    falsifier: tuple[str, str] = ("", "")
    flags: tuple[Flag, ...] = ()

    def __repr__(self) -> str:
        return f"<Rule {self.code}: {self.label}>"

    @property
    def id(self) -> str:
        """The readable last part of its IRI."""
        return names.local(self.iri)

    def to_dict(self) -> dict[str, Any]:
        """The rule as results' JSON holds it."""
        return {
            "rule": self.code,
            "id": self.id,
            "label": self.label,
            "strength": self.strength,
            "definition": self.definition,
            "reason": self.reason,
            "claims": [names.local(claim) for claim in self.claims],
            "way_out": self.way_out,
        }


class Rules:
    """The rules of one loaded ontology that stand by its settings.

    A rule falls with all the claims that it rests on; every rule is our own reading, so none is
    left where readings are left out. OntologyError where a rule that the program knows is missing.
    """

    def __init__(self, ontology: Ontology) -> None:
        self._ontology = ontology
        self._t = ontology.triples
        self.flags = {flag.iri: flag for flag in self._flags()}
        self.all = tuple(map(self._rule, KNOWN))
        settings = ontology.settings
        fallen = ontology.claims.fallen if not ontology.leaves_nothing_out else frozenset()
        self.standing = {
            rule.iri: rule
            for rule in self.all
            if not (rule.claims and fallen.issuperset(rule.claims))
            and not settings.without_editorial
        }

    def get(self, iri: str) -> Rule | None:
        """The rule, or None where it does not stand or is not to be used."""
        rule = self.standing.get(iri)
        if rule is not None and iri in (TAKEN, BY_NAME) and not self._ontology.settings.take:
            return None
        return rule

    def rule(self, iri: str) -> Rule:
        """The rule, whether or not it stands: what it speaks of holds for others too."""
        return next(rule for rule in self.all if rule.iri == iri)

    def assumed(self, iri: str, allowed: tuple[str, ...]) -> Rule | None:
        """The rule of an assumption, or None where what may be assumed does not allow it."""
        rule = self.standing.get(iri)
        return rule if rule and not set(rule.assumed_under).isdisjoint(allowed) else None

    @property
    def in_use(self) -> tuple[Rule, ...]:
        """The rules that the settings use."""
        allowed = self._ontology.settings.assume
        return tuple(
            rule
            for rule in self.all
            if (self.assumed(rule.iri, allowed) if rule.assumed_under else self.get(rule.iri))
        )

    @property
    def possible_causes(self) -> Iterator[tuple[str, str]]:
        """Subtypes, each with a category of conditions that are possible causes of it (IRIs)."""
        for subtype, _ in self._t.subjects(names.CC + "possibleCause"):
            for category in self._t.iris(subtype, names.CC + "possibleCause"):
                yield subtype, category

    def _rule(self, iri: str) -> Rule:
        t = self._t

        def text(name: str) -> str:
            return t.text(iri, names.CC + name) or ""

        def iris(name: str) -> tuple[str, ...]:
            return tuple(t.iris(iri, names.CC + name))

        code, definition = text("ruleCode"), t.text(iri, names.DEFINITION) or ""
        problem = "is missing or has no code or definition" if not (code and definition) else ""
        for prop in iris("adds"):
            if not t.iris(prop, names.TYPE):
                problem = f"adds {names.local(prop)!r}, which is no property"
        if problem:
            raise OntologyError(
                f"the rule {names.local(iri)} {problem}",
                str(self._ontology.folder / "rules.ttl"),
                "Restore it from the repository",
            )
        return Rule(
            iri=iri,
            code=code,
            label=t.text(iri, names.LABEL) or names.local(iri),
            definition=definition,
            reason=text("editorial"),
            way_out=text("wayOut"),
            strength=text("strength"),
            claims=iris("restsOn"),
            concerns=iris("concerns"),
            adds=iris("adds"),
            affirms=iris("affirms"),
            denies=iris("denies"),
            if_entailed=iris("ifEntailed"),
            unless_entailed=iris("unlessEntailed"),
            held_back_by=iris("heldBackBy"),
            supports=iris("supportsSubtype"),
            assumed_under=tuple(t.texts(iri, names.CC + "assumedUnder")),
            aside_words=text("asideWords"),
            presumes=(text("presumes"), text("presumesSeveral") or text("presumes")),
            falsifier=(text("falsifier"), text("falsifierOfSeveral") or text("falsifier")),
            flags=tuple(
                f for f in self.flags.values() if iri in t.iris(f.iri, names.CC + "flagOfRule")
            ),
        )

    def _flags(self) -> Iterator[Flag]:
        t = self._t
        for iri in t.instances(names.CC + "RuleFlag"):
            yield Flag(
                iri,
                t.text(iri, names.CC + "flagWords") or "",
                t.text(iri, names.CC + "whenHeldBackBy") or "",
                t.iri(iri, names.CC + "shownWith") or "",
            )
