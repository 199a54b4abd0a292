"""Settings: whose definitions are used, what is left out of them, and what may be added to cases.

A citation that is left out supports nothing. A claim falls when every citation that supported
it is left out; an axiom falls when it rests on claims and all of them have fallen. Axioms that
rest on no claim are ours: they stay, unless what is editorial is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from calcinosis import names
from calcinosis.errors import UnknownNameError, UsageError, nearest
from calcinosis.graph.claims import Citation, Reference

READ: Final = ("text", "abstract", "title", "list", "curator note", "seed")
"""How far a reference was read, furthest first. Not a strength of evidence."""

ASSUMPTIONS: Final = ("levels", "work-up", "causes")
"""What may be assumed where it is not stated, by the rules of ``rules.ttl`` under that word."""

KNOWN_ASSUMPTIONS: Final = "nothing, all, or some of levels, work-up, causes"


def assumed(words: str | Iterable[str]) -> tuple[str, ...]:
    """What may be assumed, in the order of ASSUMPTIONS, from words or a list in one text.

    A list has commas between its words, or semicolons as in a cell of a table.
    ``nothing`` and ``all`` stand alone. UsageError for any other word.

    >>> assumed("causes,levels")
    ('levels', 'causes')
    """
    parts = words.replace(";", ",").split(",") if isinstance(words, str) else words
    if not isinstance(parts, Iterable) or not all(isinstance(part, str) for part in parts):
        what = f"{words!r} says not what may be assumed"
        raise UsageError(what, "--assume", f"Write {KNOWN_ASSUMPTIONS}")
    asked = {part.strip().casefold() for part in parts}
    if asked == {"all"}:
        return ASSUMPTIONS
    if asked in ({"nothing"}, set()):
        return ()
    for word in sorted(asked.difference(ASSUMPTIONS)):
        what = f"{word!r} cannot be assumed"
        raise UsageError(what, "--assume", f"Write {KNOWN_ASSUMPTIONS}")
    return tuple(word for word in ASSUMPTIONS if word in asked)


def _taken(value: object) -> bool:
    """Whether names are taken at their word, from what an output's head says of it too."""
    known = {"all": True, "nothing": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in known:
        return known[value]
    raise UsageError(f"{value!r} cannot be taken", "--take", "Write nothing or all")


@dataclass(frozen=True, slots=True)
class Settings:
    """Whose definitions are used, what is left out of them, and what may be added to a case.

    ``without`` are keys (or CURIEs, IRIs) of references; ``before`` a year: references of that year
    or later, and those without a year, are left out; ``min_read`` one of READ: citations read less
    far are; ``without_study_type`` kinds of study. ``without_editorial`` leaves out axioms that are
    our own reading. Retracted references are left out unless ``with_retracted``. ``assume`` holds
    what may be assumed where it is not stated (of ASSUMPTIONS), ``take`` whether what a name says
    is taken.
    """

    viewpoint: str = names.DEFAULT_VIEWPOINT
    without: tuple[str, ...] = ()
    before: int | None = None
    min_read: str | None = None
    without_study_type: tuple[str, ...] = ()
    without_editorial: bool = False
    with_retracted: bool = False
    assume: tuple[str, ...] = ASSUMPTIONS
    take: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "without", tuple(map(names.key, self.without)))
        object.__setattr__(self, "assume", assumed(self.assume))
        object.__setattr__(self, "take", _taken(self.take))

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out that was asked to be; retracted references still may be."""
        left_out = replace(self, assume=_WHOLE.assume, take=_WHOLE.take)
        return replace(left_out, viewpoint="", with_retracted=False) == _WHOLE

    def keeps(self, citation: Citation, reference: Reference | None) -> bool:
        """Whether a citation counts; a reference that is not in the graph has no year or study."""
        year = reference.year if reference is not None else None
        return not (
            citation.reference in self.without
            or (self.before is not None and (year is None or year >= self.before))
            or (self.min_read is not None and distance(citation.read) > READ.index(self.min_read))
            or (reference is not None and reference.study_type in self.without_study_type)
            or (reference is not None and reference.retracted and not self.with_retracted)
        )

    def check(self, library: Mapping[str, Reference]) -> None:
        """UsageError, with the nearest that there is, for what could leave nothing out."""
        for key in self.without:
            _known(key, library, "--without", "reference")
        studies = sorted({reference.study_type for reference in library.values()} - {""})
        for study in self.without_study_type:
            _known(study, studies, "--without-study-type", "type of study", listed=True)
        if self.min_read is not None:
            _known(self.min_read, READ, "--min-read", "way of reading", listed=True)

    def to_dict(self) -> dict[str, Any]:
        """What differs from leaving nothing out, as results' JSON holds it."""
        return {
            field.name: list(value) if isinstance(value, tuple) else value
            for field in fields(self)
            if field.name not in ("viewpoint", "assume", "take")
            and (value := getattr(self, field.name)) != getattr(_WHOLE, field.name)
        }

    @property
    def added(self) -> dict[str, Any]:
        """What may be taken and assumed, as every output's head holds it."""
        return {"take": "all" if self.take else "nothing", "assume": list(self.assume)}

    @property
    def added_words(self) -> str:
        """What may be taken and assumed, in words."""
        take = "names taken at their word" if self.take else "nothing taken by a name"
        if not self.assume:
            return f"{take}; nothing assumed"
        return f"{take}; assumed where nothing is said: {', '.join(self.assume)}"

    def __str__(self) -> str:
        """What is left out, in words; empty where nothing is."""
        return "; ".join(
            filter(
                None,
                (
                    f"without {', '.join(self.without)}" if self.without else "",
                    f"only what was published before {self.before}" if self.before else "",
                    f"only what was read as {self.min_read} or further" if self.min_read else "",
                    f"without any {' or '.join(self.without_study_type)}"
                    if self.without_study_type
                    else "",
                    "without our own readings" if self.without_editorial else "",
                    "with retracted references" if self.with_retracted else "",
                ),
            )
        )


_WHOLE: Final = Settings(viewpoint="")


def distance(read: str | None) -> int:
    """How far down READ a way of reading stands; what is none of them comes last."""
    return READ.index(read) if read in READ else len(READ)


def _known(name: str, known: Any, where: str, what: str, *, listed: bool = False) -> None:
    if name in known:
        return
    cure = f"Known: {', '.join(known)}" if listed else "'calcinosis cite' lists them all"
    raise UnknownNameError(f"there is no {what} {name!r}", where, nearest(name, known, then=cure))
