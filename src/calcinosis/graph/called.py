"""What a name in the index of words stands for, and what several of them come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from calcinosis.graph.readings import Reading, Said

EXACT: Final = 0
SHORTENED: Final = 1
NARROWER: Final = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """What a name stands for; ``hidden`` is the name where it is not one that ours show."""

    iri: str
    how: int
    hidden: str = ""


def entered(entries: Sequence[Entry], said: Said) -> Reading:
    """Exact names come before narrower ones; of several exact ones it has to be asked which."""
    for how in (EXACT, SHORTENED):
        found = tuple(dict.fromkeys(entry.iri for entry in entries if entry.how == how))
        if found:
            return Reading(tuple((i, said) for i in found), said, several=len(found) > 1)
    narrower = replace(said, narrower=True)
    return Reading(tuple((entry.iri, narrower) for entry in entries), narrower, is_kind=True)
