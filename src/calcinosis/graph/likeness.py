"""How near a name is to words that were not understood: a slip of the pen, or a part of it."""

from __future__ import annotations

from typing import Final

from calcinosis.graph.search import distance

Tokens = tuple[str, ...]

_LEAST_LETTERS: Final = 4
_LONG_ENOUGH: Final = 8
_MOST_EDITS: Final = 2
_LEAST_SHARE: Final = 0.5


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
    """
    return _edits(one, other) is not None


def _edits(one: str, other: str) -> int | None:
    shorter = min(len(one), len(other))
    if shorter <= _LEAST_LETTERS or one[0] != other[0]:
        return None
    most = 1 if shorter < _LONG_ENOUGH else _MOST_EDITS
    edits = distance(one, other, most)
    return edits if edits <= most else None
