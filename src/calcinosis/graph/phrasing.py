"""The phrases of a text: which say the same, what stands in brackets, and what it is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from calcinosis import names
from calcinosis.graph.folding import tokens
from calcinosis.graph.triples import Triples

WORD: Final = names.CC + "word"

Tokens = tuple[str, ...]

_NUMBER: Final = r"\d+(?:[.,]\d+)?"
_UNITS: Final = (
    "years?|yrs?|y|months?|mos?|weeks?|wks?|days?|hours?|hrs?|minutes?|decades?|Jahren?|Monaten?|"
    "Wochen?|mm|cm|mg|kg|g|ml|mcg|µg|iu|unt|meq|units?|times|sessions?|%"
)
_RATES: Final = "ml|kg|actuat|dose|hr?|days?|d|wk|week|min|m2|m²"  # what a dose is by; no test is
_QUANTITY: Final = re.compile(
    r"(?:\b(?:for|since|over|about|at|aged?|after|every|within|seit|of|the|last|past|age|only|"
    r"more\s+than|nearly|from|on)\s+)*"
    rf"(?:~|>|<|\u2265|\u2264)?\b{_NUMBER}(?:\s*(?:-|\u2013|to|x|\u00d7|/)\s*{_NUMBER})*\s?-?\s?"
    rf"(?:{_UNITS})(?!\w)(?:\s?/\s?(?:{_RATES})(?!\w))*"
    r"(?:[\s-]*(?P<earlier>ago|earlier|before|previously|prior)|[\s-]*(?:old|later|history|onset|"
    r"duration|daily|weekly|per|a|day|week|month|course|of|age|after|apart|long|each|in|size)\b)*",
    re.IGNORECASE,
)
_TIMES: Final = re.compile(
    r"\b(?:\d+\s?[x\u00d7]|[x\u00d7]\s?\d+)\s?(?:/|per|a)?\s?"
    r"(?:weekly|daily|weeks?|wk|days?|d|months?)\b",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(
    r"(?:\b(?:since|in|from|until|at)\s+)?(?:\bage\s+\d+|\b(?:19|20)\d\d)\b|\bsince\s+\d+\b",
    re.IGNORECASE,
)
_BRACKETS: Final = re.compile(
    r"(?P<outer>[^()\[\]]*[^()\[\]\s])\s*[(\[](?P<inner>[^()\[\]]+)[)\]]\s*\Z"
)
_VALUE: Final = re.compile(
    rf"(?<=[\w)])(?:\s*[:=]\s*|\s+(?:of\s+)?)(?:1\s?[:/]\s?)?{_NUMBER}(?:\s*\S*/\S+)?\s*\Z",
    re.IGNORECASE,
)
_BOUNDS: Final = frozenset("<>\u2264\u2265")  # below a bound, a titre is none
_AND_OR: Final = r"(?:and/or|and|or|nor|plus|und|oder|noch|y|et)\s+"
_LISTING: Final = re.compile(rf"\s*[;,+&/\n]\s*(?:\b{_AND_OR})?|\s+{_AND_OR}", re.IGNORECASE)
_CONJUNCTION: Final = re.compile(r"[^\W\d_]|&")
_PREDICATE: Final = re.compile(r"\b(?:is|are|was|were|been|waren?|wurden?)\b", re.IGNORECASE)
_DOUBT: Final = re.compile(
    r"\?|\+\s?/\s?-|\u00b1|[(\[]\s*[-\u2013\u2212]|[-\u2013\u2212]\s*\Z|-ve\b"
)
_EITHER: Final = re.compile(r"\b(?:or|oder|and/or)\b", re.IGNORECASE)
_JOINING: Final = re.compile(
    r"\s+(?:with|mit|con|avec|from|on|due\s+to|secondary\s+to|caused\s+by|because\s+of|"
    r"complicated\s+by|after|following|treated\s+with|under|undergoing|associated\s+with|for)\s+",
    re.IGNORECASE,
)


_TAG: Final = re.compile(
    r"\s*\((?:disorder|disease|finding|situation|procedure|regime/therapy|event|substance|product|"
    r"medicinal product|clinical drug|morphologic abnormality|observable entity)\)\s*\Z"
)


def untagged(text: str) -> str:
    """A text without the kind of thing that SNOMED CT writes in brackets behind its names.

    >>> untagged("Haemorrhage (disorder)"), untagged("Haemorrhage (severe)")
    ('Haemorrhage', 'Haemorrhage (severe)')
    """
    return _TAG.sub("", text)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text without its quantities and years; ``earlier`` where one says "ago"."""

    text: str
    earlier: bool = False


def without_quantities(text: str) -> Phrase:
    """A text without durations, sizes, doses and years, which say how long, not what.

    >>> without_quantities("haemorrhage 3 years ago")
    Phrase(text='haemorrhage', earlier=True)
    >>> without_quantities("single firm white 2 mm lesion for 2 months").text
    'single firm white lesion'
    """
    earlier = any(match["earlier"] for match in _QUANTITY.finditer(text))
    bare = _YEAR.sub(" ", _QUANTITY.sub(" ", _TIMES.sub(" ", text)))
    return Phrase(" ".join(bare.split()).strip(" ,;-"), earlier)


def without_value(text: str) -> str:
    """What stands before a titre or a number at the end of a text; empty where there is none.

    >>> without_value("an antibody 1:1280"), without_value("a product of 75 mg2/dL2")
    ('an antibody', 'a product')
    >>> without_value("an antibody <1:40"), without_value("an antibody")
    ('', '')
    """
    match = None if set(text) & _BOUNDS else _VALUE.search(text)
    return text[: match.start()] if match else ""


def bracketed(text: str) -> tuple[str, str] | None:
    """What stands before brackets and in them, where a text ends so."""
    match = _BRACKETS.match(text)
    return (match["outer"], match["inner"]) if match else None


def listed(text: str) -> list[str]:
    """The items of a text that lists several."""
    return [part for part in _LISTING.split(text) if part.strip()]


def is_one_list(text: str) -> bool:
    """Whether the last item of a list is joined by a word, so that its items share a predicate.

    >>> is_one_list("spots, lumps and knots ruled out"), is_one_list("spots, knots ruled out")
    (True, False)
    """
    marks = [mark.group() for mark in _LISTING.finditer(text)]
    return bool(marks) and bool(_CONJUNCTION.search(marks[-1]))


def has_predicate(text: str) -> bool:
    """Whether a text is a sentence, so that what is said at its end is of all before.

    >>> has_predicate("spots after a burn were ruled out"), has_predicate("spots, knots negative")
    (True, False)
    """
    return bool(_PREDICATE.search(text))


def is_qualified(text: str) -> bool:
    """Whether a text has a duration, a size or a year, or signs of doubt, of its own."""
    return is_doubted(text) or without_quantities(text).text != " ".join(text.split())


def is_doubted(text: str) -> bool:
    """Whether signs of a text leave open whether it holds: ?, +/-, a minus at the end.

    >>> is_doubted("haemorrhage?"), is_doubted("haemorrhage (-)"), is_doubted("non-toxic")
    (True, True, False)
    """
    return bool(_DOUBT.search(text))


def is_either(text: str) -> bool:
    """Whether a text names one thing or another.

    >>> is_either("haemorrhage or infarct"), is_either("orbit")
    (True, False)
    """
    return bool(_EITHER.search(text))


def joined(text: str) -> list[str]:
    """The things that a text joins, as by "with" or "due to"."""
    return [part for part in _JOINING.split(text) if part.strip()]


class Alike:
    """Which phrases say the same, by the nodes of a module: each has one form for all of them."""

    def __init__(self, triples: Triples) -> None:
        self._forms: dict[Tokens, Tokens] = {}
        for node in triples.instances(names.CC + "SameWords"):
            form = tokens(triples.text(node, names.CC + "standsAs") or "")
            for word in triples.texts(node, WORD):
                if tokens(word) != form:
                    self._forms[tokens(word)] = form
        self._longest = max(map(len, self._forms), default=1)

    def form(self, words: Tokens) -> Tokens:
        """The words with each phrase that others say too in its one form."""
        found: list[str] = []
        place = 0
        while place < len(words):
            for length in range(min(self._longest, len(words) - place), 0, -1):
                form = self._forms.get(words[place : place + length])
                if form is not None:
                    found += form
                    place += length
                    break
            else:
                found.append(words[place])
                place += 1
        return tuple(found)
