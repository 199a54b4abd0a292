"""Words as they are compared: without case, accents, number, hyphens or the side of the Atlantic.

What is folded alike need not be the same: the fold is used on both sides of a comparison, never
shown. That two *different* words say the same (kidney and renal) is no matter of spelling and
stands in ``ontology/words.ttl``.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_GREEK: Final = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "κ": "kappa",
    "λ": "lambda",
    "μ": "mu",
}
_SPELLED: Final = str.maketrans({**_GREEK, "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l"})
_POSSESSIVE: Final = re.compile(r"['\u2018\u2019\u02bc`\u00b4](s\b|(?=\s|$))")
_WORD: Final = re.compile(r"[^\W_]+")
_ROMAN: Final = {"ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6"}
_STAGE: Final = re.compile(r"(ii|iii|iv)([ab])")
_NO_PLURAL: Final = ("ss", "us", "is")
_ATLANTIC: Final = (
    (re.compile(r"ae|oe"), "e"),
    (re.compile(r"(?<=[a-z]{2})our(?=s?$|e|ation|less)"), "or"),
    (re.compile(r"is(?=(?:e|es|ed|ing|ation|ations)$)"), "iz"),
    (re.compile(r"sulph"), "sulf"),
    (re.compile(r"yz(?=e|ing)"), "ys"),
)


def tokens(text: str) -> tuple[str, ...]:
    """The words of a text, each folded, in their order.

    >>> tokens("Tumours of the Skin")
    ('tumor', 'of', 'the', 'skin')
    >>> tokens("hyperphosphataemia, Sjögren's (type II)")
    ('hyperphosphatemia', 'sjogren', 'type', '2')
    >>> tokens("stage IIIb")
    ('stage', '3b')
    """
    text = unicodedata.normalize("NFKC", text).casefold().translate(_SPELLED)
    letters = unicodedata.normalize("NFKD", _POSSESSIVE.sub("", text))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return tuple(folded(word) for word in _WORD.findall(bare))


@lru_cache(maxsize=20_000)
def folded(word: str) -> str:
    """One word in lower case, in the singular and in American spelling.

    >>> folded("metastases") == folded("metastasis"), folded("bullae") == folded("bulla")
    (True, True)
    """
    if word in _ROMAN:
        return _ROMAN[word]
    if stage := _STAGE.fullmatch(word):
        return _ROMAN[stage[1]] + stage[2]
    if len(word) > 3:
        word = _singular(word)
    for spelled, ours in _ATLANTIC:
        word = spelled.sub(ours, word)
    return word


def _singular(word: str) -> str:
    if word.endswith("ae"):
        return word[:-1]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("sis"):  # thrombosis, as thromboses
        return word[:-2] + "e"
    if word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(_NO_PLURAL):
        return word[:-1]
    return word
