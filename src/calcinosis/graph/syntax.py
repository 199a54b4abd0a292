"""What can be told of a SPARQL query from its text: its form, its words, its depth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from calcinosis.errors import UsageError

SELECT, ASK, CONSTRUCT, DESCRIBE = FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")

# First the tokens in which no keyword can be, then those that could be taken for one.
TOKEN: Final = re.compile(
    r"""
    (?P<quiet> \"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*'''
      | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*'
      | <[^<>"{}|^`\\\x00-\x20]*> | \#[^\n]* | \\.
      | @[A-Za-z]+(?:-[A-Za-z0-9]+)* | \d+(?:\.\d+)? )
    | (?P<word> [?$]\w+
      | (?:\w(?:[\w.-]*[\w-])?)?:(?:[\w:%-]|\\.|\.(?=[\w:%\\-]))*
      | \w+ )
    """,
    re.VERBOSE | re.DOTALL,
)
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
DEEPEST: Final = 250
"""How deep brackets may be nested: more could overflow the stack of Oxigraph's parser."""
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_STAR: Final = re.compile(r"\bSELECT\s+(?:DISTINCT\s+|REDUCED\s+)?\*", re.IGNORECASE)
_VARIABLE: Final = re.compile(r"[?$](\w+)")


def words(query: str) -> Iterator[str]:
    """Keywords, variables and prefixed names, without strings, IRIs and comments.

    >>> list(words('SELECT ?x { ?x a cc:Case } # SERVICE'))
    ['SELECT', '?x', '?x', 'a', 'cc:Case']
    """
    for match in TOKEN.finditer(query):
        if match.lastgroup == "word":
            yield match.group()


def decoded(query: str) -> str:
    r"""The query with its ``\u`` escapes decoded, as some engines do before they read it."""
    return _ESCAPE.sub(_character, query)


def _character(match: re.Match[str]) -> str:
    try:
        return chr(int(match.group(1) or match.group(2), 16))
    except (ValueError, OverflowError):
        return match.group()


def calls_service(query: str) -> bool:
    r"""Whether the query asks another endpoint, also where an escape hides the word.

    >>> calls_service("SELECT * { SERVICE <https://example.org/> { ?s ?p ?o } }")
    True
    >>> calls_service(r"SELECT * { S\u0045RVICE ?x { ?s ?p ?o } }")
    True
    >>> calls_service("SELECT * { ?s ?p 1.SERVICE ?x { ?s ?p ?o } }")
    True
    >>> calls_service("SELECT ?service { ?service cc:service 'SERVICE' }")
    False
    """
    return any(
        word.upper() == "SERVICE" for text in (query, decoded(query)) for word in words(text)
    )


def names_graphs(query: str) -> bool:
    """Whether the query itself says with FROM which graphs it is about.

    >>> names_graphs("SELECT ?from FROM <https://example.org/> { ?from ?p ?o }")
    True
    """
    return any(word.upper() == "FROM" for word in words(query))


def nesting(query: str) -> int:
    """How deep brackets and signs of negation are nested, as an upper bound.

    >>> nesting("SELECT * { { ?s ?p ?o FILTER(!!?o) } }")
    5
    """
    deepest = depth = row = 0
    for sign in TOKEN.sub(_only_words, query):
        row = row + 1 if sign in "!+-" else row * sign.isspace()
        depth += (sign in "([{") - (sign in ")]}")
        deepest = max(deepest, depth + row)
    return deepest


def _only_words(match: re.Match[str]) -> str:
    return match.group() if match.lastgroup == "word" else " "


def form(query: str) -> str:
    """SELECT, ASK, CONSTRUCT or DESCRIBE; UsageError if it is none of them."""
    word = _first(query)
    if word in FORMS:
        return word
    raise update(query) or UsageError(
        "this is no query", "query", f"Begin it with {', '.join(FORMS[:-1])} or {FORMS[-1]}"
    )


def update(query: str) -> UsageError | None:
    """The error for what would change a graph, or None.

    >>> print(update("PREFIX a: <https://example.org/> CLEAR GRAPH a:b"))
    query: this is an update. Only SELECT, ASK, CONSTRUCT and DESCRIBE are answered
    """
    if _first(query) not in _UPDATES:
        return None
    known = f"{', '.join(FORMS[:-1])} and {FORMS[-1]}"
    return UsageError("this is an update", "query", f"Only {known} are answered")


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
