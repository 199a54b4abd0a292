"""The names by which answers are kept as files."""

from __future__ import annotations

import re
from typing import Final

_OTHER: Final = re.compile(r"[^A-Za-z0-9._]+")
_LONGEST: Final = 60


def file_name(*parts: str, ending: str) -> str:
    """A name that says whose file it is and of what, for every system and header.

    >>> file_name("Case 7/b", "verdicts", ending="json")
    'calcinosis-Case-7-b-verdicts.json'
    """
    told = (_OTHER.sub("-", part)[:_LONGEST].strip("-.") for part in parts)
    return f"{'-'.join(('calcinosis', *filter(None, told)))}.{ending}"
