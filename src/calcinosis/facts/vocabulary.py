"""Words of a case file to terms of the ontology, with suggestions where they do not resolve."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from calcinosis import names
from calcinosis.errors import Problem, did_you_mean, quoted
from calcinosis.facts import limits
from calcinosis.graph.terms import FACT_KINDS, Kind, Terms


@dataclass(frozen=True, slots=True)
class Resolved:
    """One resolved word: the IRI of the class, its label and kind.

    ``kind`` is that of ``Terms.kind``, but the class of the cases of a subtype counts as one.
    """

    iri: str
    label: str
    kind: Kind


_REMEMBERED = 10_000  # words: what comes as a stream may have new ones for ever


class Vocabulary:
    """Resolves words, remembering each answer."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._known: dict[tuple[str, str], Resolved | Problem] = {}

    def resolve(self, text: str, kind: str, where: str) -> Resolved | Problem:
        """The term that ``text`` names, or the Problem at ``where`` if none or several are.

        ``kind`` (condition, intervention, finding, criterion, or excluded for any of them) is
        preferred where several share the word.
        """
        if len(text) > limits.WORD_CHARACTERS:
            return Problem(f"{quoted(text)} is too long for a term", where, _elsewhere(kind))
        key = (text, kind)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[key] = self._look_up(text, kind)
        if isinstance(found, Problem):
            return Problem(found.what, where, found.cure, found.suggestions)
        return found

    def criteria(self, most: int = 8) -> list[str]:
        """The labels of the first criteria that a work-up can exclude, in their own order."""
        terms = self.terms
        found = [
            iri
            for iri in terms.iris()
            if terms.kind(iri) == "criterion"
            and iri not in terms.case_classes
            and not terms.states_absence(iri)
        ]
        return [terms.label(iri) for iri in sorted(found, key=terms.sort_order)[:most]]

    def _look_up(self, text: str, kind: str) -> Resolved | Problem:
        terms = self.terms
        found = terms.find(text)
        if len(found) > 1:
            found = _preferred(found, kind, terms) or found
        if len(found) > 1:
            options = " or ".join(f"{terms.label(i)} ({names.local(i)})" for i in found[:4])
            return Problem(
                f"the term {quoted(text)} is ambiguous",
                "",
                f"Write the class name in brackets of the one you mean: {options}",
                tuple(terms.label(i) for i in found),
            )
        if not found:
            return self._unknown(text, kind)
        iri = found[0]
        own = "subtype" if iri in terms.case_classes else terms.kind(iri)
        return Resolved(iri, terms.label(iri), own)

    def _unknown(self, text: str, kind: str) -> Problem:
        broader = self.terms.broader_than(text)
        if broader:
            labels = " or ".join(self.terms.label(iri) for iri in broader[:3])
            return Problem(
                f"the code {quoted(text)} is broader than any term here, or only related to one",
                "",
                f"Name what is meant, for instance {labels}, if that is what the case states",
                tuple(self.terms.label(iri) for iri in broader[:3]),
            )
        kinds = ("criterion",) if kind == "criterion" else ()
        near = self.terms.nearest(text, kinds)
        cure = did_you_mean(near, otherwise="No term is near to it.", then=_elsewhere(kind))
        return Problem(f"the term {quoted(text)} is unknown", "", cure, tuple(near))


def _preferred(found: Collection[str], kind: str, terms: Terms) -> list[str]:
    wanted = [iri for iri in found if terms.kind(iri) == kind]
    if wanted or kind == "criterion":
        return wanted
    return [iri for iri in found if terms.kind(iri) in FACT_KINDS]


def _elsewhere(kind: str) -> str:
    if kind == "criterion":
        return "Only criteria may stand here"
    return "What gives no fact may stand under 'other'"
