"""How near a name is to words that were not understood: a slip of the pen, or a part of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from calcinosis.graph.search import distance

Tokens = tuple[str, ...]

_LEAST_LETTERS: Final = 4
_LONG_ENOUGH: Final = 8
_MOST_EDITS: Final = 2
_LEAST_SHARE: Final = 0.5
_SILENT: Final = frozenset("aeiouyh ")
_SOUNDS: Final = str.maketrans("kqzwj", "ccsvg")
_OPPOSITES: Final = (("hyper", "hypo"), ("macro", "micro"), ("intra", "inter"), ("endo", "exo"))
"""Beginnings of a word, of which the one says the contrary of the other or another place."""


class Names:
    """Names by their beginning and length, and by their words: of thousands few are compared."""

    def __init__(self, names: Iterable[Tokens]) -> None:
        self._spelled: dict[tuple[str, int], list[Tokens]] = {}
        self._having: dict[str, list[Tokens]] = {}
        for name in names:
            text = " ".join(name)
            self._spelled.setdefault((text[:1], len(text)), []).append(name)
            for word in set(name):
                self._having.setdefault(word, []).append(name)

    def slips(self, asked: Tokens) -> dict[Tokens, float]:
        """The names of which the words are a slip, each with how near it is (``slip``)."""
        text = " ".join(asked)
        lengths = range(len(text) - _MOST_EDITS, len(text) + _MOST_EDITS + 1)
        spelled = (self._spelled.get((text[:1], length), ()) for length in lengths)
        near = {name: slip(asked, name) for names in spelled for name in names}
        return {name: score for name, score in near.items() if score}

    def having(self, asked: Tokens) -> set[Tokens]:
        """The names that have one of the words: others are never ``containing``."""
        return set().union(*(self._having.get(word, ()) for word in asked))


def containing(asked: Tokens, name: Tokens, general: frozenset[str]) -> float:
    """The share of words that two have in common where one holds the other; else 0.

    At least one of them must say more than the ``general`` words, which many names have.
    """
    one, other = set(asked), set(name)
    shared = one & other
    if not (one <= other or other <= one) or all(
        len(word) < _LEAST_LETTERS for word in shared - general
    ):
        return 0.0
    share = len(shared) / len(one | other)
    return share if share >= _LEAST_SHARE else 0.0


def slip(asked: Tokens, name: Tokens) -> float:
    """How near a name is by its spelling; 0 where it is no slip."""
    edits = _edits(" ".join(asked), " ".join(name)) if asked else None
    return 0.0 if edits is None else 0.99 - edits / len(" ".join(name))


def is_slip(one: str, other: str) -> bool:
    """Whether a word is another but for a slip: one letter, or two where it is long.

    >>> is_slip("phosphte", "phosphate"), is_slip("cr", "ca")
    (True, False)
    >>> is_slip("hypoxia", "hyperxia"), is_slip("hand bath", "hand path")
    (False, False)
    """
    return _edits(one, other) is not None


def _edits(one: str, other: str) -> int | None:
    shorter = min(len(one), len(other))
    if shorter <= _LEAST_LETTERS or one[0] != other[0]:
        return None
    most = 1 if shorter < _LONG_ENOUGH else _MOST_EDITS
    edits = distance(one, other, most)
    return edits if edits <= most and not _means_another(one, other) else None


def _means_another(one: str, other: str) -> bool:
    """Whether words of nearly the same spelling are two words: no pen slips so.

    A letter is left out, doubled, turned round, or is another vowel; one consonant in the place
    of another makes another stem ("desmo", "dermo"), and "hyper" is not "hypo".
    """
    pairs = zip(one.split(), other.split(), strict=False)
    if any(_begin(a, b, pair) for a, b in pairs for pair in _OPPOSITES):
        return True
    left, right = _consonants(one), _consonants(other)
    return bool(left - right) and bool(right - left)


def _begin(one: str, other: str, pair: tuple[str, str]) -> bool:
    return (one.startswith(pair[0]) and other.startswith(pair[1])) or (
        one.startswith(pair[1]) and other.startswith(pair[0])
    )


def _consonants(word: str) -> Counter[str]:
    return Counter(letter for letter in word.translate(_SOUNDS) if letter not in _SILENT)
