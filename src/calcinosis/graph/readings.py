"""What a word of a report was read as, and what it says beside the thing itself, as values."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from calcinosis import names

EFFECTS: Final = {
    names.CC + "SameThing": "",
    names.CC + "NarrowerThing": "narrower",
    names.CC + "EarlierThing": "earlier",
    names.CC + "ThingAtTheDeposit": "at_deposit",
    names.CC + "DeniedThing": "denied",
    names.CC + "AffirmedThing": "affirmed",
    names.CC + "DoubtedThing": "doubted",
    names.CC + "AnotherPersonsThing": "another",
}
"""By each effect of words beside a thing, the name of what it makes true."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a text says beside the thing itself.

    ``narrower``: a kind of it; ``earlier``: it was there before; ``at_deposit``: where the deposit
    is; ``denied``, ``doubted``, ``affirmed``, or said of ``another`` person. ``beside`` are the
    words that say so, as they are compared.
    """

    narrower: bool = False
    earlier: bool = False
    at_deposit: bool = False
    denied: bool = False
    doubted: bool = False
    another: bool = False
    affirmed: bool = False
    beside: tuple[str, ...] = ()

    @classmethod
    def of(cls, effects: Collection[str], beside: tuple[str, ...] = ()) -> Said:
        """What phrases with these effects say; an effect is the name of what it makes true."""
        return cls(
            narrower="narrower" in effects,
            earlier="earlier" in effects,
            at_deposit="at_deposit" in effects,
            denied="denied" in effects,
            doubted="doubted" in effects,
            another="another" in effects,
            affirmed="affirmed" in effects,
            beside=beside,
        )

    @property
    def is_plain(self) -> bool:
        """Whether nothing is said that keeps the thing from being a fact of this patient."""
        return not (self.denied or self.doubted or self.another)

    def also(self, other: Said) -> Said:
        """What both say together."""
        return Said(
            narrower=self.narrower or other.narrower,
            earlier=self.earlier or other.earlier,
            at_deposit=self.at_deposit or other.at_deposit,
            denied=self.denied or other.denied,
            doubted=self.doubted or other.doubted,
            another=self.another or other.another,
            affirmed=self.affirmed or other.affirmed,
            beside=(*self.beside, *other.beside),
        )


PLAIN: Final = Said()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text was read as: the classes (IRIs) that it states, with what it says of each.

    Where ``several`` is true the text stands for one of them, and which one has to be asked;
    ``also`` are meanings of it that are no class of ours, ``declared`` where the module says so.
    ``no_role`` is the name of a known thing that is no class and gives no fact. ``unread`` are
    parts of it that were not read.
    ``shares`` where what is said of the first of several is said of all, ``either`` where it says
    one thing or another, ``joins`` where it names things as they are together, as by "due to",
    ``is_kind`` where the name itself is that of a kind of the class.
    """

    things: tuple[tuple[str, Said], ...] = ()
    said: Said = PLAIN
    several: bool = False
    also: tuple[str, ...] = ()
    no_role: str = ""
    unread: tuple[str, ...] = ()
    is_kind: bool = False
    either: bool = False
    declared: bool = False
    shares: bool = False
    joins: bool = False

    @property
    def iris(self) -> list[str]:
        """The IRIs of the classes, each once."""
        return list(dict.fromkeys(iri for iri, _ in self.things))

    def saying(self, said: Said) -> Reading:
        """The same, with more said of all of it."""
        things = tuple((iri, one.also(said)) for iri, one in self.things)
        return replace(self, things=things, said=self.said.also(said))
