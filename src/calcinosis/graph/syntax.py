"""What can be told of a SPARQL query from its text: its form and its words.

Oxigraph reads some texts otherwise, so nothing that must be safe rests on this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from calcinosis.errors import UsageError, listed

SELECT, ASK, CONSTRUCT, DESCRIBE = FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")

# First the tokens in which no keyword can be, then those that could be taken for one. Whatever is
# repeated is taken whole or not at all, so that a text is read once, however long it is.
_TOKEN: Final = re.compile(
    r"""
    (?P<quiet> \"\"\"(?:[^"\\]|\\.|"(?!""))*+\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*+'''
      | "(?:[^"\\\n]|\\.)*+" | '(?:[^'\\\n]|\\.)*+'
      | <[^<>"{}|^`\\\x00-\x20]*+> | \#[^\n]*+ | \\.
      | @[A-Za-z]++(?:-[A-Za-z0-9]++)*+ | \d++(?:\.\d++)?+ )
    | (?P<word> [?$]\w++ )
    | (?P<prefix> \w[\w-]*+(?:\.++[\w-]++)*+ )?+ (?P<local> : (?:[\w:%-]|\\.|\.(?=[\w:%\\-]))*+ )?+
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD: Final = re.compile(r"\w+")
_UPDATES: Final = (
    "INSERT",
    "DELETE",
    "LOAD",
    "CLEAR",
    "CREATE",
    "DROP",
    "COPY",
    "MOVE",
    "ADD",
    "WITH",
)
_STAR: Final = re.compile(r"\bSELECT\s++(?:DISTINCT\s++|REDUCED\s++)?\*", re.IGNORECASE)
_VARIABLE: Final = re.compile(r"[?$](\w+)")


def tokens(query: str) -> Iterator[tuple[int, int, bool]]:
    """Where tokens begin and end, and whether a keyword or a name could be in them.

    What is left out is blanks and punctuation.
    """
    for match in _TOKEN.finditer(query):
        start, end = match.span()
        if match["prefix"] and match["local"] is None:
            yield from ((*word.span(), True) for word in _WORD.finditer(query, start, end))
        elif end > start:
            yield start, end, match["quiet"] is None


def words(query: str) -> Iterator[str]:
    """Keywords, variables and prefixed names, without strings, IRIs and comments.

    >>> list(words('SELECT ?x { ?x a calc:Case } # SERVICE'))
    ['SELECT', '?x', '?x', 'a', 'calc:Case']
    """
    return (query[start:end] for start, end, is_word in tokens(query) if is_word)


def form(query: str) -> str:
    """SELECT, ASK, CONSTRUCT or DESCRIBE; UsageError if it is none of them."""
    word = _first(query)
    if word in FORMS:
        return word
    raise update(query) or UsageError(
        "this is no query", "query", f"Begin it with {listed(FORMS, 'or')}"
    )


def update(query: str) -> UsageError | None:
    """The error for what would change a graph, or None.

    >>> print(update("PREFIX a: <https://example.org/> CLEAR GRAPH a:b"))
    query: this is an update. Only SELECT, ASK, CONSTRUCT and DESCRIBE are answered
    """
    if _first(query) not in _UPDATES:
        return None
    return UsageError("this is an update", "query", f"Only {listed(FORMS)} are answered")


def _first(query: str) -> str:
    """The first word after the declarations, in capitals."""
    found = words(query)
    for word in found:
        if word.upper() == "PREFIX":
            next(found, None)
        elif word.upper() != "BASE":
            return word.upper()
    return ""


def used_prefixes(query: str) -> Iterator[str]:
    """The prefixes of the prefixed names in a query that it does not declare itself, in order."""
    declared = set()
    used: dict[str, None] = {}
    before = ""
    for word in words(query):
        prefix, colon, _ = word.partition(":")
        if before.upper() == "PREFIX":
            declared.add(prefix)
        elif colon:
            used[prefix] = None
        before = word
    return (prefix for prefix in used if prefix not in declared)


def column_order(query: str, columns: list[str]) -> list[str]:
    """The columns of ``SELECT *`` as they first occur in the query; others as they are."""
    if not _STAR.search(query):
        return columns
    order = {name: at for at, name in enumerate(dict.fromkeys(_VARIABLE.findall(query)))}
    return sorted(columns, key=lambda name: (order.get(name, len(order)), name))
