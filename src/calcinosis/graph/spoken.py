"""How reports name things, for searching: names beside the labels, and words that say the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from calcinosis import names
from calcinosis.graph.folding import tokens
from calcinosis.graph.phrasing import WORD, Tokens
from calcinosis.graph.triples import Triples


class Spoken:
    """What the modules of words say of names, as a search takes it: a word may mean several."""

    def __init__(self, *modules: Triples) -> None:
        self._modules = modules

    @cached_property
    def names(self) -> Mapping[str, tuple[str, ...]]:
        """The words that may mean a thing (its IRI), abbreviations and other tongues among them."""
        found: dict[str, dict[str, None]] = {}
        for iri, word in self._pairs():
            found.setdefault(iri, {})[word] = None
        return {iri: tuple(words) for iri, words in found.items()}

    def _pairs(self) -> Iterator[tuple[str, str]]:
        for module in self._modules:
            for predicate in (names.HIDDEN, *names.SCOPES):
                for iri, _ in module.subjects(predicate):
                    yield from ((iri, word) for word in module.texts(iri, predicate))
            for node in module.instances(names.CC + "AmbiguousWord"):
                words = module.texts(node, WORD)
                meant = module.iris(node, names.CC + "mayMean")
                yield from ((iri, word) for iri in meant for word in words)

    @cached_property
    def _kinds(self) -> frozenset[str]:
        found = (
            m.texts(i, names.NARROW) for m in self._modules for i, _ in m.subjects(names.NARROW)
        )
        return frozenset(names.normal(word) for words in found for word in words)

    def is_kind(self, word: str) -> bool:
        """Whether a word names but a kind of a thing, of which nothing is said by itself."""
        return names.normal(word) in self._kinds

    @property
    def same(self) -> Iterator[tuple[str, str]]:
        """Phrases as others write them, each with the words of ours that say the same."""
        for module in self._modules:
            for node in module.instances(names.CC + "SameWords"):
                ours = module.text(node, names.CC + "standsAs") or ""
                yield from ((word, ours) for word in module.texts(node, WORD))

    @cached_property
    def _forms(self) -> Mapping[Tokens, str]:
        pairs = [(tokens(word), ours) for word, ours in self.same if tokens(word) != tokens(ours)]
        return dict(reversed(pairs))  # of two, the first that says so

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._forms), default=1)

    def ours(self, text: str) -> str:
        """The text with each phrase that others say in the words of ours; as it is without any."""
        words, found, place = text.split(), list[str](), 0
        while place < len(words):
            for end in range(min(place + self._longest, len(words)), place, -1):
                ours = self._forms.get(tokens(" ".join(words[place:end])))
                if ours is not None:
                    found.append(ours)
                    place = end
                    break
            else:
                found.append(words[place])
                place += 1
        return " ".join(found)
