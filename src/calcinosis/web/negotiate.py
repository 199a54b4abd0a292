"""Which of several forms a client wants, and whether it has the answer already (RFC 9110)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

_LONGEST: Final = 4096
Range = tuple[str, float]


def best(accept: str | None, offered: Sequence[str]) -> str | None:
    """The media type of those offered that the client wants most; None if it wants none of them.

    Where it wants several alike, the first offered is taken. No header means anything.

    >>> best("text/html;q=0.5, text/turtle", ["text/html", "text/turtle"])
    'text/turtle'
    >>> best("text/*, text/html;q=0", ["text/html", "text/turtle"])
    'text/turtle'
    >>> best("image/png", ["text/html", "text/turtle"])
    """
    return _best((accept or "").strip().lower()[:_LONGEST], tuple(offered))


@lru_cache(maxsize=512)
def _best(accept: str, offered: tuple[str, ...]) -> str | None:
    ranges = _ranges(accept) or [("*/*", 1.0)]
    wanted = {one: _quality(one, ranges) for one in offered}
    found = max(offered, key=wanted.__getitem__, default=None)
    return found if found is not None and wanted[found] > 0 else None


def _quality(offered: str, ranges: list[Range]) -> float:
    """How much a type is wanted: what the narrowest range that holds it says."""
    kind = offered.partition(";")[0]
    group = f"{kind.partition('/')[0]}/*"
    for one in (kind, group, "*/*"):
        found = [quality for name, quality in ranges if name == one]
        if found:
            return max(found)
    return 0.0


def is_known(header: str | None, tag: str) -> bool:
    """Whether ``If-None-Match`` says that the client has what has this tag, or anything at all.

    >>> is_known('"a", W/"b"', '"b"'), is_known("*", 'W/"b"'), is_known('"a", *', '"b"')
    (True, True, False)
    """
    told = (header or "").strip()
    known = {one.strip().removeprefix("W/") for one in told.split(",")}
    return told == "*" or tag.removeprefix("W/") in known


def wants_gzip(accept: str | None) -> bool:
    """Whether the client takes an answer that is packed with gzip.

    >>> wants_gzip("gzip, deflate, br"), wants_gzip("gzip;q=0, *"), wants_gzip(None)
    (True, False, False)
    """
    return _wants_gzip((accept or "").lower()[:_LONGEST])


@lru_cache(maxsize=128)
def _wants_gzip(accept: str) -> bool:
    told = dict(_ranges(accept))
    return told.get("gzip", told.get("*", 0.0)) > 0


def _ranges(header: str) -> list[Range]:
    """The ranges of a header in small letters, each with its quality."""
    found = []
    for item in header.split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        if name:
            found.append((name, _number(parameters)))
    return found


def _number(parameters: list[str]) -> float:
    """The quality that the parameters of a range give; 0 for what is no number."""
    for one in parameters:
        name, _, value = one.partition("=")
        if name.strip() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0
