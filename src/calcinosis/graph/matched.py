"""How a word of a case came to stand for a term: by which name, or by which row of a mapping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from calcinosis import names
from calcinosis.graph.codes import as_curie
from calcinosis.graph.terms import Mapping, Terms, rank

LABEL: Final = "label"
SYNONYM: Final = "synonym"
CLASS_NAME: Final = "class name"
MAPPING: Final = "mapping"


@dataclass(frozen=True, slots=True)
class Match:
    """``by`` is label, synonym, class name or mapping; ``row`` is that of the mapping."""

    by: str
    row: Mapping | None = None

    @property
    def predicate(self) -> str:
        """How the code matches, in words: ``exact match``; empty without a mapping."""
        if self.row is None:
            return ""
        return self.row.predicate.partition(":")[2].replace("Match", " match")

    def to_dict(self, text: str) -> dict[str, Any]:
        """The match of what stood in the case as the explanation's JSON holds it."""
        if self.row is None:
            return {"matched": self.by}
        row = self.row
        found = {
            "predicate": row.predicate,
            "object": row.object,
            "label": row.label,
            "justification": row.justification,
            "version": row.version,
            "confidence": row.confidence,
            "comment": row.comment,
            "set": row.set,
            "source": row.file,
        }
        mapping = {key: value for key, value in found.items() if value}
        return {"matched": self.by, "code": text, "mapping": mapping}


def matched(terms: Terms, text: str, iri: str) -> Match | None:
    """How ``text`` names the class ``iri``, in the order in which terms are found; None if not."""
    if iri in terms:
        term = terms.term(iri)
        for same in (names.normal, names.bare):
            named = ((LABEL, (term.label,)), (SYNONYM, term.synonyms), (CLASS_NAME, (term.id,)))
            for by, words in named:
                if same(text) in map(same, words):
                    return Match(by)
    curie = as_curie(text)
    if curie is None:
        return None
    if curie[0] == "calc":
        return Match(CLASS_NAME) if names.CC + curie[1] == iri else None
    return by_code(terms, ":".join(curie), iri)


def test_matched(terms: Terms, text: str, iri: str) -> Match | None:
    """How a code names the analyte ``iri``; None for a name, or a code that no row maps."""
    prefix, _, code = text.strip().rpartition(":")
    code = code.rpartition("/")[2]
    is_code = not prefix or prefix.casefold() == "loinc" or "loinc.org/" in text
    return by_code(terms, f"LOINC:{code}", iri) if is_code else None


def by_code(terms: Terms, code: str, iri: str) -> Match | None:
    """The closest row that maps a class or test to a code; None if no row does."""
    own, wanted = f"calc:{names.local(iri)}", code.casefold()
    rows = [row for row in terms.mappings if row.subject == own and row.object.casefold() == wanted]
    return Match(MAPPING, min(rows, key=lambda row: rank(row.predicate))) if rows else None
