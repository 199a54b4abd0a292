"""Units of measurement as ontologies name them, in words, to the codes of UCUM."""

from __future__ import annotations

import re
from typing import Final

_PREFIXES: Final = {
    **{"milli": "m", "micro": "u", "nano": "n", "pico": "p", "femto": "f"},
    **{"deci": "d", "centi": "c", "kilo": "k", "": ""},
}
_BASES: Final = {
    **{"gram": "g", "mole": "mol", "mol": "mol", "equivalent": "eq", "liter": "L", "litre": "L"},
    **{"international unit": "[IU]", "enzyme unit": "U", "unit": "U", "gramme": "g"},
}
_NAMED: Final = {
    prefix + name: sign + base
    for name, base in _BASES.items()
    for prefix, sign in _PREFIXES.items()
}
_PER: Final = re.compile(r"\s+per\s+|\s*/\s*")


def ucum(words: str) -> str:
    """The UCUM code of a unit in words, or empty if it is not told by them.

    >>> ucum("Milligram per Deciliter"), ucum("millimoles per litre"), ucum("mg/dL")
    ('mg/dL', 'mmol/L', '')
    """
    parts = [_NAMED.get(_singular(part), "") for part in _PER.split(words.strip().casefold())]
    return "/".join(parts) if all(parts) else ""


def _singular(word: str) -> str:
    return word.strip().removesuffix("s")
