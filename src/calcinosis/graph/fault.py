"""Where a SPARQL query is broken, and what stands there.

Oxigraph's parser reports the furthest character that it looked at, which may lie beyond the
fault. A query cut after a token can still become a whole one exactly if the parser, given more
blanks and then a character that no query may hold, gets as far as that character. So the first
token after which this fails is the one that cannot stand where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from calcinosis.errors import UsageError, close_to, did_you_mean, nearest
from calcinosis.graph import guard, syntax

_KEYWORDS: Final = [
    "SELECT",
    "ASK",
    "CONSTRUCT",
    "DESCRIBE",
    "PREFIX",
    "BASE",
    "WHERE",
    "FROM",
    "NAMED",
    "DISTINCT",
    "REDUCED",
    "OPTIONAL",
    "UNION",
    "FILTER",
    "BIND",
    "VALUES",
    "MINUS",
    "GRAPH",
    "SERVICE",
    "GROUP",
    "ORDER",
    "HAVING",
    "LIMIT",
    "OFFSET",
    "EXISTS",
    "COUNT",
    "CONTAINS",
    "REGEX",
    "LANGMATCHES",
    "STRSTARTS",
    "STRENDS",
    "COALESCE",
    "GROUP_CONCAT",
    "SAMPLE",
    "BOUND",
]
_PUNCTUATION: Final = re.compile(r"[|&^<>=!]+|\S")
_PLACE: Final = re.compile(r"error at (\d+):(\d+): ", re.DOTALL)
_OFFLINE: Final = (
    "SERVICE asks another server, and local queries stay offline",
    "query",
    "Send the query to a server that may do so: --endpoint URL",
)
_ROOM: Final = 60  # more than the longest keyword, which the parser may look ahead


def malformed(query: str, message: str, prefixes: Mapping[str, str]) -> UsageError:
    """The error for a query that Oxigraph cannot read, with the line and a mark at the place.

    The message is what Oxigraph says of it with SERVICE hidden; that word is the fault where the
    query goes on with it.
    """
    if "Prefix not found" in message:
        for prefix in syntax.used_prefixes(query):
            if prefix not in prefixes:
                return _unknown_prefix(query, prefix, prefixes)
    if "is unbound" in message:
        return UsageError(
            "the query selects a variable that it neither binds nor groups by",
            "query",
            "Bind it in the pattern, or name it in GROUP BY or in an aggregate",
        )
    start, token = _first_impossible(guard.hidden(query), prefixes)
    end = start + len(token)
    if _calls_service(query, start, end, prefixes):
        return UsageError(*_OFFLINE)
    return syntax.update(query) or UsageError(
        f"{_short(query[start:end])} cannot stand here" if token else "the query ends too early",
        _where(query, start),
        _hint(query[:start], query[start:end], prefixes),
        _marked(query, start),
    )


def _calls_service(query: str, start: int, end: int, prefixes: Mapping[str, str]) -> bool:
    """Whether the word SERVICE is what cannot stand there; behind an escape it never can."""
    if any(
        first < end and start < last and "\\" in query[first:last]
        for first, last in guard.spans(query)
    ):
        return True
    return guard.hidden(query[:end]) != query[:end] and _can_go_on(query[:end], prefixes)


def place(query: str, prefixes: Mapping[str, str]) -> UsageError | None:
    """The error for a query that is broken by itself, whoever is to answer it, or None.

    What comes after the word SERVICE is not read.
    """
    message = guard.complaint(guard.hidden(query), prefixes)
    error = malformed(query, message, prefixes) if message else None
    return None if error is None or error.what == _OFFLINE[0] else error


def _first_impossible(query: str, prefixes: Mapping[str, str]) -> tuple[int, str]:
    """Where the first token begins that cannot stand there, and the token; "" at the end."""
    tokens = _tokens(query)
    low, high = 0, len(tokens)  # the first ``low`` tokens can stand; ``high`` are too many, or all
    while low < high:
        middle = (low + high) // 2
        if _can_go_on(query[: tokens[middle][1]], prefixes):
            low = middle + 1
        else:
            high = middle
    if low == len(tokens):
        return len(query.rstrip()), ""
    start, end = tokens[low]
    return start, query[start:end].removesuffix("(") or "("


def _tokens(query: str) -> list[tuple[int, int]]:
    """Where tokens begin and end; a word keeps its bracket, before which some allow no blank."""
    found: list[tuple[int, int]] = []
    at = 0
    for start, end, is_word in syntax.tokens(query):
        found += (m.span() for m in _PUNCTUATION.finditer(query, at, start))
        at = end + (is_word and query.startswith("(", end))
        if query[start] != "#":
            found.append((start, at))
    return found + [match.span() for match in _PUNCTUATION.finditer(query, at)]


def _can_go_on(beginning: str, prefixes: Mapping[str, str]) -> bool:
    """Whether a query can begin so. With its end no text is one, so that none is answered."""
    lines = beginning.count("\n") + 2
    found = _PLACE.match(guard.complaint(f"{beginning}\n{' ' * _ROOM}\x01", prefixes))
    return found is not None and (int(found[1]), int(found[2])) >= (lines, _ROOM)


def _short(token: str, most: int = 30) -> str:
    line = " ".join(token.split())
    return line if len(line) <= most else f"{line[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def _hint(before: str, token: str, prefixes: Mapping[str, str]) -> str:
    close = close_to(_short(token.upper()), _KEYWORDS, 1, 0.75)
    if close and close[0] != token.upper():
        return did_you_mean(close)
    if token and _can_go_on(f"{before} . {token}", prefixes):
        return "A . or ; may be missing before it:"
    return "Mend it here:"


def _unknown_prefix(query: str, prefix: str, prefixes: Mapping[str, str]) -> UsageError:
    at = re.search(rf"(?<![\w.-]){re.escape(prefix)}:", query)
    start = at.start() if at else 0
    prefix = _short(prefix)
    cure = f"Declare it: PREFIX {prefix}: <IRI>. {nearest(prefix, prefixes)}".rstrip()
    return UsageError(
        f"the prefix {prefix!r} is not known",
        _where(query, start),
        cure,
        _marked(query, start),
    )


def _where(query: str, start: int) -> str:
    line, column = query.count("\n", 0, start) + 1, start - query.rfind("\n", 0, start)
    return f"query, line {line}, column {column}"


def _marked(query: str, start: int, width: int = 72) -> str:
    """The line of the query, cut around the place where it is long, and a mark below it."""
    begin = query.rfind("\n", 0, start) + 1
    text = query[begin:].split("\n", 1)[0].replace("\t", " ").rstrip()
    left = max(0, min(start - begin - width // 2, len(text) - width))
    return f"  {text[left : left + width]}\n  {' ' * (start - begin - left)}^"
