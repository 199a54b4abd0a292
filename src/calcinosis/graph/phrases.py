"""What reports say in a sentence: phrases with a declared meaning, and who read a finding.

``ontology/rules.ttl`` holds them, each with what it denies or was looked for, and why; there is no
phrase in the program.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from calcinosis import names
from calcinosis.graph.triples import Triples

_REMEMBERED: Final = 4096
_READ_BY: Final = re.compile(r"(?P<what>[^()]+?)\s*(?:\((?P<who>[^()]+)\)|,?\s+read by (?P<by>.+))")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase of reports.

    ``denies`` are classes of conditions that it says are absent, ``works_up`` criteria that it says
    were looked for and not found (IRIs). ``aside`` is why it gives no fact, empty where it does.
    """

    iri: str
    label: str
    denies: tuple[str, ...]
    works_up: tuple[str, ...]
    aside: str


class Phrases:
    """The phrases of one loaded ontology."""

    def __init__(self, triples: Triples) -> None:
        self._t = triples
        self.find = lru_cache(_REMEMBERED)(self._find)
        self.attributed = lru_cache(_REMEMBERED)(self._attributed)

    @cached_property
    def _by_words(self) -> dict[str, Phrase]:
        found: dict[str, Phrase] = {}
        for iri in self._t.instances(names.CC + "ReportPhrase"):
            phrase = Phrase(
                iri,
                self._t.text(iri, names.LABEL) or names.local(iri),
                tuple(self._t.iris(iri, names.CC + "denies")),
                tuple(self._t.iris(iri, names.CC + "worksUp")),
                self._t.text(iri, names.CC + "asideWords") or "",
            )
            found.update(dict.fromkeys(self._words(iri), phrase))
        return found

    def _words(self, iri: str) -> list[str]:
        return [
            names.bare(text)
            for predicate in (names.LABEL, names.SYNONYM)
            for text in self._t.texts(iri, predicate)
        ]

    def _find(self, text: str) -> Phrase | None:
        """The phrase that a text is, in any case; None if it is none."""
        return self._by_words.get(names.bare(text).removesuffix("."))

    def _attributed(self, text: str) -> tuple[str, str]:
        """A finding and who read it, where a text says both; the second is empty where it does not.

        >>> Phrases(Triples()).attributed("a knot (by a reader)")
        ('a knot', 'by a reader')
        """
        match = _READ_BY.fullmatch(text.strip())
        return (match["what"], match["who"] or match["by"]) if match else (text, "")

    def names_reader(self, iri: str) -> bool:
        """Whether who read it may stand beside a finding."""
        return self._t.text(iri, names.CC + "namesReader") == "true"
