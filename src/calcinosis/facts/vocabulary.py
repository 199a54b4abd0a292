"""Words and codes of a case to terms of the ontology, with suggestions where they do not resolve.

A word is read exactly first: as a name of a class or as a code. Then as reports have it
(``graph/words``): in any order, with a degree, a side or a route beside it. What is denied, doubted
or said of another person is no fact, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from calcinosis import names
from calcinosis.errors import Problem, did_you_mean, quoted
from calcinosis.facts import limits, terminologies
from calcinosis.graph.codes import codes, several
from calcinosis.graph.keeper import Keeper
from calcinosis.graph.phrasing import is_doubted, untagged, without_value
from calcinosis.graph.readings import PLAIN, Reading, Said
from calcinosis.graph.sites import Sites
from calcinosis.graph.terms import FACT_KINDS, Kind, Terms
from calcinosis.graph.words import Words


@dataclass(frozen=True, slots=True)
class Resolved:
    """One resolved word: the IRI of the class, its label and kind.

    ``kind`` is that of ``Terms.kind``, but the class of the cases of a subtype counts as one.
    ``said`` is what the word says beside the thing itself, ``beside`` are further things that it
    states, and ``unread`` parts of it that were not read. A known thing without a role here is no
    class: it has no IRI, and the kind ``other``. ``guessed`` where the word is no name or code,
    ``replaced_by`` is the code that its vocabulary has for an obsolete one. ``read_by`` is the
    terminology (with its version) that knew the word, where it is none of ours.
    """

    iri: str
    label: str
    kind: Kind
    said: Said = PLAIN
    beside: tuple[Resolved, ...] = ()
    unread: tuple[str, ...] = ()
    guessed: bool = False
    replaced_by: str = ""
    read_by: str = ""


_REMEMBERED = 10_000  # words: what comes as a stream may have new ones for ever


class Vocabulary(Keeper):
    """Resolves words, remembering each answer."""

    def __init__(
        self,
        terms: Terms,
        words: Callable[[], Words] | None = None,
        sites: Callable[[], Sites] | None = None,
    ) -> None:
        """``words`` loads the reading of words, when one is met that is no name of a class.

        ``sites`` loads the anatomical sites, when a code is met that may be of one.
        """
        super().__init__()
        self.terms = terms
        self._words = words
        self._sites = sites
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
            return Problem(found.what, where, found.cure, found.suggestions, found.about)
        return found

    def by_route(self, iri: str, name: str, route: str) -> str:
        """The words for a thing given by a route that its class does not have; empty where it may.

        ``name`` is what the thing is called where the route stands beside it.
        """
        found = self._words().against(iri, route) if self._words is not None else []
        return " ".join((*found, name)) if found else ""

    def site(self, code: str, label: str = "") -> str:
        """What the site of a code is called; empty where it is not known to be of a site."""
        return self._sites().named(code, label) if self._sites is not None else ""

    def denied(self, text: str) -> tuple[str, ...]:
        """The words that a dictated list denies; none where the text is no denial."""
        return self._words().denied(text) if self._words is not None else ()

    def denies(self, text: str) -> bool:
        """Whether words deny the thing that they name, or that stands beside them."""
        return self._words is not None and self._words().says(text).denied

    def is_of_another(self, text: str, *, fully: bool = True) -> bool:
        """Whether words speak of another person than the patient, as "family history of" does.

        If ``fully``, only where it is known what that person has.
        """
        if not text or self._words is None or self.terms.find(text):
            return False
        words = self._words()
        reading = words.read(text)
        if reading is not None or fully:
            return reading is not None and reading.said.another
        return words.says(text).another

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

    # -- exact names and codes -----------------------------------------------------------

    def _look_up(self, text: str, kind: str) -> Resolved | Problem:
        text = untagged(text)
        found = [] if is_doubted(text) else self.terms.find(text)
        if found:
            said = Said(narrower=self.terms.is_narrower(text))
            return self._replaced(text, self._of(text, found, kind, said))
        parts = several(text)
        if parts:
            return self._each(text, parts, kind)
        found_here = self._coded(text, kind) or self._worded(text, kind)
        return found_here or self._known_elsewhere(text, kind) or self._unknown(text, kind)

    def _each(self, text: str, parts: Collection[str], kind: str) -> Resolved | Problem:
        """What several codes name together; the Problem that one of them names nothing."""
        found = [self._look_up(part, kind) for part in parts]
        known = {one.iri: one for one in found if isinstance(one, Resolved)}
        for one in found:
            if isinstance(one, Problem):
                what = f"{quoted(text)} has several codes: {one.what}"
                about = (*known, *one.about)
                return Problem(what, "", "Write each as an item of its own", about=about)
        first, *rest = (m for one in known.values() for m in (replace(one, beside=()), *one.beside))
        unread = tuple(part for one in known.values() for part in one.unread)
        return replace(first, beside=tuple(rest), unread=unread, guessed=True)

    def _coded(self, text: str, kind: str) -> Resolved | Problem | None:
        for code in codes(text):
            named = self._named(code.label, kind) if code.label else None
            for prefix, identifier in code.curies:
                found, narrower = self.terms.by_code(prefix, identifier)
                if found:
                    said = Said(narrower=narrower).also(self._said_beside(code.label))
                    coded = self._of_code(text, found, kind, said, named)
                    return self._replaced(f"{prefix}:{identifier}", coded)
            if named is not None:
                return named
        return None

    def _replaced(self, code: str, found: Resolved | Problem) -> Resolved | Problem:
        """What was found, with the code that replaces an obsolete one."""
        if isinstance(found, Problem):
            return found
        return replace(found, replaced_by=self.terms.replacement(code))

    def _named(self, label: str, kind: str) -> Resolved | None:
        """What the label beside a code names; None where it names nothing for sure."""
        label = untagged(label)
        found = self.terms.find(label)
        resolved = (
            self._of(label, found, kind, PLAIN)
            if found
            else self._coded(label, kind) or self._worded(label, kind)
        )
        # A code is one thing: what is read of its label in part is another.
        return resolved if isinstance(resolved, Resolved) and not resolved.unread else None

    def _said_beside(self, label: str) -> Said:
        """What the words beside a code say of it: that it is denied, in doubt, or of before."""
        label = untagged(label)
        if not label or self._words is None or self.terms.find(label):
            return PLAIN
        reading = self._words().read(label)
        said = self._words().says(label) if reading is None else reading.said
        return replace(said, narrower=False)

    def _of_code(
        self, text: str, found: list[str], kind: str, said: Said, named: Resolved | None
    ) -> Resolved | Problem:
        """What a code says, unless the label beside it names another thing, or takes it back."""
        reading = Reading(tuple((iri, said) for iri in found), said)
        problem = self._unsure(text, kind, reading)
        coded = self._of(text, found, kind, said) if problem is None else problem
        if isinstance(coded, Problem) or named is None or not named.iri:
            return coded
        above = self.terms.ancestors
        if named.iri in above(coded.iri) or coded.iri in above(named.iri):
            return coded
        return Problem(
            f"the code and the label of {quoted(text)} name different things",
            "",
            f"Write the one that is meant: {coded.label} or {named.label}",
        )

    def _of(
        self, text: str, found: list[str], kind: str, said: Said, also: Collection[str] = ()
    ) -> Resolved | Problem:
        """The one class of those found that is of the kind; the Problem that there are several."""
        terms = self.terms
        if len(found) > 1:
            found = _preferred(found, kind, terms) or found
        if said.narrower and not also:  # a kind of each of them
            first, *rest = (self._resolved(iri, said) for iri in found)
            return replace(first, beside=tuple(rest))
        if len(found) > 1 or also:
            return self._ambiguous(text, found, also)
        return self._resolved(found[0], said)

    def _ambiguous(self, text: str, found: list[str], also: Collection[str]) -> Problem:
        terms = self.terms
        options = [f"{terms.label(i)} ({names.local(i)})" for i in found[:4]]
        return Problem(
            f"the term {quoted(text)} is ambiguous",
            "",
            f"Write the class name in brackets of the one you mean: "
            f"{' or '.join([*options, *also])}",
            (*(terms.label(i) for i in found), *also),
        )

    def _resolved(self, iri: str, said: Said) -> Resolved:
        own = "subtype" if iri in self.terms.case_classes else self.terms.kind(iri)
        return Resolved(iri, self.terms.label(iri), own, said)

    # -- words as reports have them ------------------------------------------------------

    def _worded(self, text: str, kind: str) -> Resolved | Problem | None:
        if self._words is None:
            return None
        reading = self._words().read(text) or self._valued(text)
        if reading is None:
            return None
        problem = self._unsure(text, kind, reading)
        if problem is not None:
            return problem
        things = [self._resolved(iri, said) for iri, said in reading.things]
        if not things or reading.no_role:
            things.append(Resolved("", reading.no_role or text, "other", reading.said))
        beside = tuple(things[1:])
        return replace(things[0], beside=beside, unread=reading.unread, guessed=True)

    def _valued(self, text: str) -> Reading | None:
        """What a titre or a value is of, where that gives no fact, or has to be asked."""
        named = without_value(text)
        reading = self._words().read(named) if named and self._words is not None else None
        if reading is None or reading.declared:
            return reading
        return None if any(self.terms.kind(i) != "other" for i in reading.iris) else reading

    def _unsure(self, text: str, kind: str, reading: Reading) -> Problem | Resolved | None:
        """What keeps a reading from being the fact that the list asks for; None if nothing."""
        if kind == "excluded":  # "no fever" among the exclusions denies once
            problem = self._not_denied(text, kind, reading)
            if problem is not None:
                return problem
            reading = replace(reading, said=replace(reading.said, denied=False))
        if not reading.said.is_plain:
            return self._no_fact(text, kind, reading)
        if reading.either and kind != "excluded":
            return self._one_of(text, reading)
        if reading.declared:
            return self._ambiguous(text, reading.iris, reading.also)
        if reading.several:
            return self._of(text, reading.iris, kind, reading.said, reading.also)
        return None

    def _not_denied(self, text: str, kind: str, reading: Reading) -> Problem | None:
        """What keeps an item of the exclusions from denying all that it names; None if nothing."""
        if reading.said.affirmed:
            return self._affirmed(text, reading)
        if reading.said.denied and reading.unread:  # which may be there
            return self._unknown(text, kind)
        if reading.joins and len(reading.iris) > 1:
            return self._denied_together(text, reading)
        return self._of_a_level(text, reading)

    def _of_a_level(self, text: str, reading: Reading) -> Problem | None:
        """What keeps "normal calcium" among the exclusions from being denied: it may be meant."""
        above, terms = {i for iri in reading.iris for i in self.terms.denied_by(iri)}, self.terms
        if not above:
            return None
        what = f"{quoted(text)} says among the exclusions that a level is normal, or that it is not"
        levels = tuple(iri for iri in terms.iris() if not above.isdisjoint(terms.ancestors(iri)))
        return Problem(what, "", "Write the level under 'labs'", about=levels)

    def _affirmed(self, text: str, reading: Reading) -> Problem:
        named = " and ".join(self.terms.label(iri) for iri in reading.iris) or reading.no_role
        what = f"{quoted(text)} says among the exclusions that {named} is there"
        return Problem(what, "", "Write it where it belongs")

    def _denied_together(self, text: str, reading: Reading) -> Problem:
        labels = [self.terms.label(iri) for iri in reading.iris]
        what = f"{quoted(text)} denies {' and '.join(labels)} together, each of which may be there"
        return Problem(what, "", "Write each that is known to be absent as an item of its own")

    def _one_of(self, text: str, reading: Reading) -> Problem:
        labels = [self.terms.label(iri) for iri in reading.iris] or [reading.no_role]
        what = f"{quoted(text)} says one thing or another"
        return Problem(what, "", "Write what is known to be there", tuple(labels))

    def _no_fact(self, text: str, kind: str, reading: Reading) -> Problem:
        said = reading.said
        labels = [self.terms.label(iri) for iri in reading.iris] or [reading.no_role]
        named = " and ".join(labels)
        if said.denied:
            what, cure = "denies", f"Write {named} under 'excluded', if it is known to be absent"
        elif said.another:
            what, cure = "is said of another person than the patient: it names", _elsewhere(kind)
        else:
            what = "does not say for sure that there is"
            cure = f"Write {named}, if it was confirmed; else under 'other'"
        meant = tuple(labels) if said.doubted else ()
        return Problem(f"{quoted(text)} {what} {named}", "", cure, meant)

    # -- words of larger terminologies ---------------------------------------------------

    def _known_elsewhere(self, text: str, kind: str) -> Resolved | Problem | None:
        """What another terminology knows: a kind of what it has above, else still not understood.

        What it is may be a cause all the same, so it holds back what any unknown word would.
        """
        known = terminologies.known(text)
        if known is None or self.terms.broader_than(":".join(known.curie)):
            return None
        for step in ((known.curie,), *known.above):
            ours = {iri for prefix, code in step for iri in self.terms.by_code(prefix, code)[0]}
            if ours:
                found = self._of(text, sorted(ours), kind, Said(narrower=True))
                if isinstance(found, Problem):
                    return found
                return replace(found, guessed=True, read_by=known.source)
        unknown = self._unknown(text, kind)
        said = f"{known.source} knows it as {known.label!r} ({':'.join(known.curie)}), no kind of"
        return replace(unknown, cure=f"{said} any term here. {unknown.cure}")

    # -- what is not understood ----------------------------------------------------------

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
        near = self._near(text, kind)
        cure = did_you_mean(near, otherwise="No term is near to it.", then=_elsewhere(kind))
        about = self._words().about(text) if kind == "finding" and self._words else ()
        return Problem(f"the term {quoted(text)} is unknown", "", cure, tuple(near), about)

    def _near(self, text: str, kind: str) -> list[str]:
        """Names to suggest: none for a code, and none that could decide nothing."""
        if self._words is None or next(codes(text), None) is not None:
            return []
        wanted = ("criterion",) if kind == "criterion" else (*FACT_KINDS, "criterion")
        near = self._words().near(text)
        named = (name for name, iri in near if not iri or self.terms.kind(iri) in wanted)
        return list(dict.fromkeys(named))[:3]


def as_read(things: Iterable[Resolved], kind: str) -> str:
    """What a word was read as, where it is no name: shown, so that a wrong guess is seen."""
    things = tuple(things)
    kinds = (f"a kind of {one.label}" if one.said.narrower else one.label for one in things)
    earlier = ", before" if any(one.said.earlier for one in things) else ""
    denied = "no " if kind == "excluded" else ""
    codes = "".join(f"; obsolete, replaced by {o.replaced_by}" for o in things if o.replaced_by)
    by = "".join(dict.fromkeys(f"; by {one.read_by}" for one in things if one.read_by))
    return f"read as {denied}{' and '.join(kinds)}{earlier}{codes}{by}"


def _preferred(found: Collection[str], kind: str, terms: Terms) -> list[str]:
    wanted = [iri for iri in found if terms.kind(iri) == kind]
    if wanted or kind == "criterion":
        return wanted
    return [iri for iri in found if terms.kind(iri) in FACT_KINDS]


def _elsewhere(kind: str) -> str:
    if kind == "criterion":
        return "Only criteria may stand here"
    return "What gives no fact may stand under 'other'"
