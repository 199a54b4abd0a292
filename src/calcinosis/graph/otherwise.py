"""Phrases beside a name that say otherwise than what it names, as "oral" of an infusion.

Such a phrase is no remark on the thing, but makes another thing of it, which is not read as the
one that is named. ``ontology/words.ttl`` says which phrases exclude each other, and of what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from calcinosis import names
from calcinosis.graph.phrasing import WORD
from calcinosis.graph.terms import Terms
from calcinosis.graph.triples import Triples

Tokens = tuple[str, ...]


class Otherwise:
    """What phrases beside a name say against it; ``form`` makes tokens of words."""

    def __init__(self, terms: Terms, triples: Triples, form: Callable[[str], Tokens]) -> None:
        self._terms = terms
        self._t = triples
        self._form = form

    def speak_against(self, beside: Iterable[str], iri: str) -> bool:
        """Whether what is left out says otherwise than the class, as "oral" of an infusion.

        So it does where it may be left out beside other things only, as an inner organ.
        """
        above = self._terms.ancestors(iri)
        left_out = [tuple(words.split()) for words in beside]
        excluded = any(
            one in among and not self._may_be(iri, one, among)
            for among in self._exclusive
            for one in left_out
        )
        return excluded or any(
            (one in self._only_of and above.isdisjoint(self._only_of[one]))
            or not above.isdisjoint(self.never.get(one, ()))
            for one in left_out
        )

    def _may_be(self, iri: str, one: Tokens, among: frozenset[Tokens]) -> bool:
        """Whether no name of a class has another of these phrases, or one of a kind of it this."""
        own = self._in_names(self._terms.called(iri), among)
        return not own or one in own | self._in_names(self._t.texts(iri, names.NARROW), among)

    def _in_names(self, called: Iterable[str], phrases: Iterable[Tokens]) -> set[Tokens]:
        """Those of several phrases that stand in names."""
        found = [set(self._form(name)) for name in called]
        return {phrase for phrase in phrases if any(words.issuperset(phrase) for words in found)}

    @cached_property
    def _only_of(self) -> dict[Tokens, frozenset[str]]:
        """Phrases that may be left out beside some things only, with the classes of these."""
        return self._classes_of("onlyBeside")

    @cached_property
    def never(self) -> dict[Tokens, frozenset[str]]:
        """Phrases that make another thing of some, with the classes of these."""
        return self._classes_of("neverBeside")

    def _classes_of(self, predicate: str) -> dict[Tokens, frozenset[str]]:
        found: dict[Tokens, frozenset[str]] = {}
        for node, phrases in self._nodes():
            above = frozenset(self._t.iris(node, names.CC + predicate))
            if above:
                found |= dict.fromkeys(phrases, above)
        return found

    @cached_property
    def _exclusive(self) -> list[frozenset[Tokens]]:
        """Sets of phrases of which only one can be said of a thing."""
        marked = names.CC + "excludesEachOther"
        return [frozenset(p) for node, p in self._nodes() if self._t.text(node, marked)]

    def _nodes(self) -> Iterator[tuple[str, list[Tokens]]]:
        for node in self._t.instances(names.CC + "WordsBeside"):
            yield node, [self._form(word) for word in self._t.texts(node, WORD)]
