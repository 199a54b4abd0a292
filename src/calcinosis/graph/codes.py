"""Codes as records hold them, to CURIEs: with or without prefix, dot and label beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from calcinosis import names

ICD: Final = ("ICD10CM", "ICD10WHO")
_CURIE: Final = re.compile(r"([A-Za-z][\w.-]*):\s?#?([^\s:/]\S*)\Z")
_IRI_BASES: Final = (
    (names.CC, "calc"),
    ("http://purl.obolibrary.org/obo/", ""),
    ("http://www.ebi.ac.uk/efo/", ""),
    ("http://www.orpha.net/ORDO/", ""),
    ("http://snomed.info/id/", "SNOMEDCT"),
    ("http://snomed.info/sct/", "SNOMEDCT"),
    ("http://id.nlm.nih.gov/mesh/", "MESH"),
    ("http://omim.org/entry/", "OMIM"),
    ("http://www.omim.org/entry/", "OMIM"),
    ("http://purl.bioontology.org/ontology/ICD10CM/", "ICD10CM"),
    ("http://purl.bioontology.org/ontology/SNOMEDCT/", "SNOMEDCT"),
    ("http://id.who.int/icd/entity/", "icd11.foundation"),
    ("http://identifiers.org/", ""),
    ("http://bioregistry.io/", ""),
)
_UNDERSCORED: Final = re.compile(
    r"(MONDO|HP|DOID|MAXO|UBERON|CHEBI|NCIT|HGNC|Orphanet|ORPHA|OMIM|SNOMED[\s-]?CT|SNOMED|SCTID|MESH|GARD)"
    r"[_/\s#:]*([A-Z]?\d[\w.]*)\Z",
    re.IGNORECASE,
)
_ICD_NAMED: Final = re.compile(r"ICD[\s-]?10(?:[\s_-]?(CM|GM|WHO))?[\s:#_-]*", re.IGNORECASE)
_ICD_CODE: Final = re.compile(  # without a dot, few letters may stand at the fifth place
    r"([A-Z]\d[0-9A-B])(?!\w[B-WYZ])(?:\.?([0-9A-Z]{1,4}))?[-*+!\u2020]?\Z", re.IGNORECASE
)
_CERTAIN: Final = re.compile(r"([A-Z]\d\d(?:\.\d{1,2})?)-?\s?([GVAZ])\Z")
_CERTAINTY: Final = {"G": "confirmed", "V": "suspected", "A": "ruled out", "Z": "history of"}
"""The letters that German practices write behind a code of ICD-10-GM, in words."""
_DIGITS: Final = re.compile(r"#?(\d{5,18})\Z")
_OMIM_DIGITS: Final = 6
_LABELLED: Final = (
    re.compile(r"(?P<code>\S.*?)\s+!\s*(?P<label>\S.*)\Z"),
    re.compile(r"(?P<code>\S.*?)\s*\|\s*(?P<label>[^|]+?)\s*\|?\Z"),
    re.compile(r"(?P<code>\S*\d\S*?):?\s+(?:[-\u2013\u2014]\s+)?(?P<label>[^\W\d].*)\Z"),
    re.compile(r"(?P<label>.*\S)\s*[(\[](?P<code>[^()\[\]]*\d[^()\[\]]*)[)\]]\Z"),
    re.compile(r"(?P<label>[^\W\d].*?)[\s,]+(?P<code>[A-Za-z]+[:_]\d+|[A-Z]\d\d\.\w{1,4})\Z"),
)
_BARE: Final = re.compile(r"[\s,;|/+&]+(?:(?:and|und)\s+)?", re.IGNORECASE)
_APART: Final = re.compile(
    r"\s*[,;|\n]\s*(?:(?:and|und)\s+)?|\s+(?:and|und|[/+&])\s+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Code:
    """A code as CURIEs that it may be, and the label that stood beside it."""

    curies: tuple[tuple[str, str], ...]
    label: str = ""


def as_curie(text: str) -> tuple[str, str] | None:
    """Prefix and identifier of a CURIE or of a known IRI, the prefix in our spelling.

    >>> as_curie("sctid:396230008")
    ('SNOMEDCT', '396230008')
    >>> as_curie("https://purl.obolibrary.org/obo/MONDO_0016367")
    ('MONDO', '0016367')
    """
    text = text.strip()
    if text.startswith(("http://", "https://")):
        return _of_iri(text.replace("https://", "http://", 1), text)
    match = _CURIE.match(text)
    return (_prefix(match[1]), match[2]) if match else None


def _of_iri(http: str, text: str) -> tuple[str, str] | None:
    for base, prefix in _IRI_BASES:
        for known in (http, text):
            if known.startswith(base) and known != base:
                rest = known[len(base) :]
                return (prefix, rest) if prefix else _underscored(rest)
    return None


def _underscored(text: str) -> tuple[str, str] | None:
    match = _UNDERSCORED.match(text.rpartition("/")[2] if "/" in text else text) or (
        _UNDERSCORED.match(text)
    )
    return (_prefix(match[1]), match[2]) if match else None


def _prefix(word: str) -> str:
    bare = word.casefold().replace("-", "").replace(" ", "")
    return names.PREFIX_ALIASES.get(word.casefold()) or names.PREFIX_ALIASES.get(bare, word)


def codes(text: str) -> Iterator[Code]:
    """What ``text`` may be as a code, the likeliest first; nothing where it looks like none.

    >>> next(codes("M3310")).curies
    (('ICD10CM', 'M33.10'), ('ICD10WHO', 'M33.10'))
    >>> next(codes("HP:0001945 ! Fever"))
    Code(curies=(('HP', '0001945'),), label='Fever')
    """
    text = text.strip()
    certain = _CERTAIN.match(text)
    if certain is not None:
        yield Code(_curies(certain[1]), _CERTAINTY[certain[2]])
        return
    whole = _curies(text)
    if whole:
        yield Code(whole)
    for form in _LABELLED:
        match = form.match(text)
        found = _curies(match["code"].strip(" ,;")) if match else ()
        if match and found:
            yield Code(found, match["label"].strip())


def several(text: str) -> list[str]:
    """The parts of a text that has two codes or more and no part without one; else nothing.

    >>> several("HP:0001945; HP:0002829"), several("HP:0001945 ! Fever, high")
    (['HP:0001945', 'HP:0002829'], [])
    """
    for apart in (_BARE, _APART):
        parts = [part for part in apart.split(text.strip()) if part.strip()]
        found = [[c for c in codes(part) if apart is _APART or not c.label] for part in parts]
        if len(parts) > 1 and all(found):
            return parts
    return []


def _curies(text: str) -> tuple[tuple[str, str], ...]:
    named = _ICD_NAMED.match(text)
    if named:
        return _icd(text[named.end() :], (named[1] or "").upper())
    curie = as_curie(text) or _underscored(text)
    if curie is not None:
        return _icd(curie[1], curie[0].upper()) if curie[0] in ICD else (curie,)
    digits = _DIGITS.match(text)
    if digits:
        spelled = ("SNOMEDCT", digits[1])
        return (spelled, ("OMIM", digits[1])) if len(digits[1]) == _OMIM_DIGITS else (spelled,)
    return _icd(text, "")


def _icd(text: str, edition: str) -> tuple[tuple[str, str], ...]:
    """The code in both editions, the named one first: up to four signs they agree nearly always."""
    match = _ICD_CODE.match(text.strip())
    if match is None:
        return ()
    code = match[1].upper() + (f".{match[2].upper()}" if match[2] else "")
    first = "ICD10WHO" if edition.endswith("WHO") else "ICD10CM"
    return tuple((one, code) for one in sorted(ICD, key=lambda one: one != first))


def icd_headers(code: str) -> Iterator[tuple[str, bool]]:
    """The headers of a code of ICD-10, nearest first, and whether each says as much as it.

    A last 9 is "unspecified": what the header says, and no more.

    >>> list(icd_headers("M34.9")), list(icd_headers("M33.10"))
    ([('M34', True)], [('M33.1', False), ('M33', False)])
    """
    rest = code
    while len(rest) > len("A00"):
        shorter = rest[:-1].removesuffix(".")
        yield shorter, code[len(shorter) :].strip(".") == "9"
        rest = shorter


def in_block(code: str, block: str) -> bool:
    """Whether a code of ICD-10 lies in a block such as ``C00-D49``.

    >>> in_block("C18.9", "C00-C96"), in_block("D50", "C00-C96")
    (True, False)
    """
    start, _, end = block.partition("-")
    return bool(end) and start <= code[:3] <= end
