"""What can be told of a SPARQL query from its text: its form, its words, where it is broken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from calcinosis.errors import UsageError

SELECT, ASK, CONSTRUCT, DESCRIBE = FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")

# First the tokens in which no keyword can be, then those that could be taken for one.
_TOKEN: Final = re.compile(
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
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_PLACE: Final = re.compile(r"error at (\d+):(\d+): ", re.DOTALL)
_STAR: Final = re.compile(r"\bSELECT\s+(?:DISTINCT\s+|REDUCED\s+)?\*", re.IGNORECASE)
_VARIABLE: Final = re.compile(r"[?$](\w+)")


def words(query: str) -> Iterator[str]:
    """Keywords, variables and prefixed names, without strings, IRIs and comments.

    >>> list(words('SELECT ?x { ?x a cc:Case } # SERVICE'))
    ['SELECT', '?x', '?x', 'a', 'cc:Case']
    """
    for match in _TOKEN.finditer(query):
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
    for sign in _TOKEN.sub(_only_words, query):
        row = row + 1 if sign in "!+-" else row * sign.isspace()
        depth += (sign in "([{") - (sign in ")]}")
        deepest = max(deepest, depth + row)
    return deepest


def _only_words(match: re.Match[str]) -> str:
    return match.group() if match.lastgroup == "word" else " "


def form(query: str) -> str:
    """SELECT, ASK, CONSTRUCT or DESCRIBE; UsageError if it is none of them."""
    skip = False
    for word in words(query):
        if skip:
            skip = False
        elif word.upper() in FORMS:
            return word.upper()
        elif word.upper() == "PREFIX":
            skip = True
        elif word.upper() != "BASE":
            break
    raise UsageError(
        "this is no query", "query", f"Begin it with {', '.join(FORMS[:-1])} or {FORMS[-1]}"
    )


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


def malformed(query: str, message: str, prefixes: Mapping[str, str]) -> UsageError:
    """The error for a query that Oxigraph cannot read, with the line and a mark at the place."""
    if "Prefix not found" in message:
        for prefix in used_prefixes(query):
            if prefix not in prefixes:
                return _unknown_prefix(query, prefix, prefixes)
    if "is unbound" in message:
        return UsageError(
            "the query selects a variable that it neither binds nor groups by",
            "query",
            "Bind it in the pattern, or name it in GROUP BY or in an aggregate",
        )
    line, column = _place(query) or _stated(message)
    return UsageError(
        "the query is malformed",
        f"query, line {line}, column {column}",
        f"Mend it from the mark on:\n{_marked(query, line, column)}",
    )


def _unknown_prefix(query: str, prefix: str, prefixes: Mapping[str, str]) -> UsageError:
    import difflib

    close = difflib.get_close_matches(prefix, prefixes, n=3)
    at = re.search(rf"(?<![\w.-]){re.escape(prefix)}:", query)
    start = at.start() if at else 0
    line = query.count("\n", 0, start) + 1
    column = start - query.rfind("\n", 0, start)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    return UsageError(
        f"the prefix {prefix!r} is not known",
        f"query, line {line}, column {column}",
        f"Declare it: PREFIX {prefix}: <IRI>.{hint}\n{_marked(query, line, column)}",
    )


def _place(query: str) -> tuple[int, int] | None:
    """Where rdflib's parser stops: the start of the clause that is broken."""
    from pyparsing import ParseBaseException
    from rdflib.plugins.sparql.parser import parseQuery

    try:
        parseQuery(query)
    except ParseBaseException as error:
        return error.lineno, error.column
    except RecursionError:
        return None
    return None


def _stated(message: str) -> tuple[int, int]:
    """Where Oxigraph stopped, which may be past the broken clause."""
    match = _PLACE.match(message)
    return (int(match.group(1)), int(match.group(2))) if match else (1, 1)


def _marked(query: str, line: int, column: int, width: int = 72) -> str:
    """A line of the query, cut around the column where it is long, and a mark below it."""
    lines = query.split("\n")
    text = lines[min(line, len(lines)) - 1].replace("\t", " ").rstrip()
    start = max(0, min(column - 1 - width // 2, len(text) - width))
    return f"  {text[start : start + width]}\n  {' ' * (column - 1 - start)}^"
