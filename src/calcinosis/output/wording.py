"""The plain words of the project's terms of art."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Final

from calcinosis.errors import counted, did_you_mean, listed
from calcinosis.facts.case import Remark
from calcinosis.reasoning.verdict import IN_WORDS, CaseVerdict, Status

VERDICT: Final = IN_WORDS
CONTRADICTS: Final = "!"
SIGN: Final[dict[Status, str]] = {"met": "+", "violated": "\u2212", "unknown": "?"}


STEPS: Final[dict[str, str]] = {
    "names": "what a name says",
    "work-up": "the work-up",
    "presumption": "what is presumed",
}


def held_back(case: CaseVerdict, remark: Remark) -> str:
    """What a word that was not understood holds back, in words; empty where nothing is."""
    labels = {**STEPS, **{subtype.id: subtype.label for subtype in case.subtypes}}
    return listed([labels.get(block, block) for block in remark.blocks])


def not_understood(case: CaseVerdict) -> list[str]:
    """Each word that was not understood in one text: where, what it may mean, what it holds back.

    They are to stand above the verdicts.
    """
    found = []
    for remark in case.not_understood:
        held = held_back(case, remark)
        back = f"It holds back {held}." if held else "It holds nothing back."
        noted = f"Noted: {remark.note}." if remark.note else ""
        parts = (f"{remark.reason} ({remark.where}).", did_you_mean(remark.suggestions), back)
        found.append(" ".join(filter(None, (*parts, noted))))
    return found


def short(label: str) -> str:
    """A subtype's label without the words that nearly all of them share."""
    return label.removesuffix(" calcinosis cutis")


def capital(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def more(count: int, thing: str) -> str:
    """How many are left: 1 more way, 2 more ways."""
    return counted(count, f"more {thing}")


def numbered(numbers: Iterable[int], rest: int = 0) -> str:
    """Numbers of references, and how many more there are: ``[1,2 +3]``."""
    return f"[{','.join(map(str, sorted(numbers)))}{f' +{rest}' if rest else ''}]"


def wrapped(
    text: str, width: int, indent: int = 0, hang: int = 2, *, hyphens: bool = False
) -> list[str]:
    """The lines of a paragraph; an address stays whole, so that it can be opened."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hang),
        break_long_words=False,
        break_on_hyphens=hyphens,
    )
