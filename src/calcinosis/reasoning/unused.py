"""What a case holds that is known and decides nothing, and what it lacks to decide something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from calcinosis import names
from calcinosis.facts.case import Remark
from calcinosis.graph.rules import Rules
from calcinosis.reasoning.candidates import AS_CAUSE, AT_DEPOSIT, Candidates, Item
from calcinosis.reasoning.compiled import Compiled
from calcinosis.reasoning.defaults import Situation
from calcinosis.reasoning.fragment import Some

_NO_ROLE = "known, without a role here"
_LACKS_LINK = "counts only at the deposit or as its cause, and neither is stated"
_SAY_LINK = "Say at_deposit: true or cause: true, if it is so"
_WIDER = "a wider word than what any cited claim names as a cause"
_NAME_KIND = "Name the kind, if the case does"


class Unused:
    """Finds the items of a case that decide nothing under one viewpoint."""

    def __init__(self, compiled: Compiled, candidates: Candidates, rules: Rules) -> None:
        self._compiled = compiled
        self._candidates = candidates
        self._rules = rules
        self._known: dict[tuple[str, str, bool], Remark | None] = {}

    def remarks(self, situations: Sequence[Situation]) -> tuple[Remark, ...]:
        """One remark an item that decides nothing, with why and, if there is one, the cure.

        Of a contradictory case there is a situation for each repair: what one uses is used.
        """
        used = {item for one in situations for item in _used(one)}
        every = (item for one in situations for item in one.items)
        denied = {item for one in situations for item in one.items if self._is_denied(item, one)}
        return tuple(dict.fromkeys(self._remarks(every, used, denied)))

    def _is_denied(self, item: Item, found: Situation) -> bool:
        """Whether it is stated that an item is not at the deposit, or not its cause."""
        links = (self._compiled.find(item.link(suffix)) for suffix in (AT_DEPOSIT, AS_CAUSE))
        return any(one is not None and found.judged.holds(one ^ 1) for one in links)

    def _remarks(
        self, every: Iterable[Item], used: set[str], denied: set[Item]
    ) -> Iterator[Remark]:
        for item in every:
            fact = item.fact
            if fact.judged is None and fact.item not in used:
                remark = self._of(item)
                if remark is not None and not (remark.cure == _SAY_LINK and item in denied):
                    yield replace(remark, what=fact.words, where=fact.where)

    def _of(self, item: Item) -> Remark | None:
        key = (item.base, item.term, _lacks_link(item))
        if key not in self._known:
            self._known[key] = self._why(item)
        return self._known[key]

    def _why(self, item: Item) -> Remark | None:
        if self._decides(Some(item.base, item.term)):
            return None
        if any(self._decides(item.link(suffix)) for suffix in (AT_DEPOSIT, AS_CAUSE)):
            return Remark("", "", _LACKS_LINK, _SAY_LINK) if _lacks_link(item) else None
        possible = self._candidates.of(item)
        claims = [one for found in possible.values() for one in found]
        if claims and not any(one.named for one in claims):
            return Remark("", "", _WIDER, _NAME_KIND)
        if possible or self._holds_back(item):
            return None
        return Remark("", "", _NO_ROLE)

    def _decides(self, atom: Some) -> bool:
        literal = self._compiled.find(atom)
        return literal is not None and bool(self._compiled.closure(literal) & self._criteria)

    @cached_property
    def _criteria(self) -> int:
        """The literals of all criteria and case classes, affirmed and denied."""
        return sum(
            3 << 2 * number
            for number, key in enumerate(self._compiled.keys)
            if isinstance(key, str) and not key.startswith("aux:")
        )

    def _holds_back(self, item: Item) -> bool:
        held_back_by = (iri for rule in self._rules.all for iri in rule.held_back_by)
        return any(self._candidates.holds(item.base, item.term, iri) for iri in held_back_by)


def _used(found: Situation) -> Iterator[str]:
    """The items that add a fact or hold one back, or whose denial counts."""
    for fact in (*found.taken, *found.named, *(i.fact for i in found.held)):
        yield fact.item
    # A finding that says another to be absent, as a normal level does, is used by that.
    for some in found.stated.values():
        yield from (fact.item for fact in some if not fact.affirmed)


def _lacks_link(item: Item) -> bool:
    """Whether nothing is stated of an item's link to the deposit."""
    return item.at_deposit is None and item.cause is None and item.base != names.HAS_FINDING
