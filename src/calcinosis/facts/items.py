"""One item of a list of terms: the word, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from calcinosis import names
from calcinosis.facts.case import Remark, When
from calcinosis.facts.vocabulary import Resolved

LINKS: Final = {"condition": names.HAS_CONDITION, "intervention": names.UNDERWENT}
"""The property by which a case has a kind of term that may be linked to the deposit."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list of terms: the word, what is said of it, and the kind of the list."""

    text: str
    where: str
    at_deposit: bool | None = None
    cause: bool | None = None
    when: When = "at"
    kind: str = ""

    @property
    def is_linked(self) -> bool:
        """Whether something is stated of its link to the deposit."""
        return self.at_deposit is not None or self.cause is not None


def as_said(item: Item, term: Resolved) -> Item:
    """The item with what its word says of time and place, where the item itself does not."""
    if term.said.earlier and item.when == "at":
        item = replace(item, when="before")
    if term.said.at_deposit and item.at_deposit is None and term.kind in LINKS:
        item = replace(item, at_deposit=True)
    return item


def stated_of(item: Item, kind: str) -> Remark:
    """What a case says of an item whose word stands for nothing."""
    return _stated(kind, item.at_deposit is True, item.cause is True)


@cache  # there are few, and thousands of words without a meaning in a record
def _stated(kind: str, at_deposit: bool, cause: bool) -> Remark:
    return Remark("", "", "", kind=kind, at_deposit=at_deposit, cause=cause)


def denied_links(item: Item, term: Resolved) -> list[str | None]:
    """The properties by which an excluded item denies its term; None for a criterion."""
    if term.kind == "criterion":
        return [None]
    if term.kind == "finding":
        return [names.HAS_FINDING]
    base = LINKS[term.kind]
    links: list[str | None] = []
    if item.at_deposit:
        links.append(base + "AtDeposit")
    if item.cause:
        links.append(base + "AsCause")
    return links or [base]
