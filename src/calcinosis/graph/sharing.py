"""What the things of one text have together, and where the phrases stand that are left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from calcinosis.graph.phrasing import has_predicate, is_either, is_one_list, listed
from calcinosis.graph.readings import Reading, Said

Tokens = tuple[str, ...]
Place = tuple[int, int, frozenset[str]]
"""Where a phrase begins and ends in a text, and what it makes of a thing."""


def key_of(words: Iterable[str]) -> Tokens:
    """Words in the order in which they are looked up, each once."""
    return tuple(sorted(set(words)))


def without_places(words: Tokens, chosen: Sequence[Place]) -> Tokens:
    """The words that are left without some phrases.

    >>> without_places(("severe", "itch"), [(0, 1, frozenset())])
    ('itch',)
    """
    left_out = {place for start, end, _ in chosen for place in range(start, end)}
    return tuple(word for place, word in enumerate(words) if place not in left_out)


def said_at(words: Tokens, chosen: Sequence[Place]) -> Said:
    """What phrases that are left out say of the thing beside them."""
    effects = {effect for *_, several in chosen for effect in several}
    beside = tuple(" ".join(words[start:end]) for start, end, _ in chosen)
    return Said.of(effects, beside)


def behind(text: str, said: Said) -> Said | None:
    """What is said at the end of a text of all that it names; None where it is of the last alone.

    What is joined, as by "due to", is denied together: which of it is absent stays open.
    """
    if is_one_list(text):
        return Said(denied=said.denied, doubted=said.doubted)
    is_of_all = len(listed(text)) == 1 and (said.doubted or has_predicate(text))
    return Said(doubted=True) if is_of_all else None


def early(one: Reading, is_bare: bool) -> Reading:
    """A thing as one of before, if nothing is said of it alone."""
    own = one.said.beside or one.unread or not is_bare
    return one if own else one.saying(Said(earlier=True))


def together(
    text: str, found: Sequence[Reading], unread: Iterable[str], *, joins: bool = False
) -> Reading:
    """The reading of a text that names several things, of the readings of its parts."""
    things = tuple(thing for one in found for thing in one.things)
    no_role = ", ".join(one.no_role for one in found if one.no_role)
    left = (*unread, *(part for one in found for part in one.unread))
    one_of = is_either(text) or any(one.either for one in found)
    joins = joins or any(one.joins for one in found)
    return Reading(things, found[0].said, no_role=no_role, unread=left, either=one_of, joins=joins)
