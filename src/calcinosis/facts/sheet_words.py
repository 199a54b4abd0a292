"""The words of sheets that are no medicine: of headings, of yes and no, of nothing stated.

They are data, in ``words/sheet.words.tsv``: kind, meaning, word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from calcinosis.graph.locate import PACKAGE

_SEPARATORS = re.compile(r"[\W_]+")


def bare(heading: str) -> str:
    """A heading as it is compared: letters and digits in lower case.

    >>> bare("Work-up complete") == bare("workup_complete")
    True
    """
    return _SEPARATORS.sub("", heading.casefold())


def plain(text: str) -> str:
    """A cell as it is compared: in lower case, single spaces.

    >>> plain(" Not  done ")
    'not done'
    """
    return " ".join(text.split()).casefold()


@dataclass(frozen=True, slots=True)
class Words:
    """The words by kind: ``of`` a kind give their meaning; headings are compared bare."""

    by_kind: dict[str, dict[str, str]]

    def of(self, kind: str) -> dict[str, str]:
        """The meanings of one kind by word."""
        return self.by_kind[kind]

    def is_yes(self, text: str) -> bool | None:
        """Whether a cell says yes or no; None where it says neither.

        >>> words().is_yes("Ja"), words().is_yes("n"), words().is_yes("1")
        (True, False, None)
        """
        word = plain(text)
        if word in self.by_kind["yes"]:
            return True
        return False if word in self.by_kind["no"] else None

    def is_missing(self, text: str) -> bool:
        """Whether a cell says that nothing is known: n/a, a dash, not done."""
        return plain(text) in self.by_kind["missing"]


@cache
def words() -> Words:
    """The words as the file has them."""
    found: dict[str, dict[str, str]] = {}
    path = PACKAGE / "words" / "sheet.words.tsv"
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    for kind, meaning, word in (line.split("\t") for line in lines):
        key = bare(word) if kind in ("heading", "part", "record") else plain(word)
        found.setdefault(kind, {}).setdefault(key, meaning)
    return Words(found)
