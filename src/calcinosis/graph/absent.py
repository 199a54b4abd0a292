"""Why a query found nothing: names and languages that occur nowhere, texts without theirs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final
from urllib.parse import urljoin

from pyoxigraph import Literal, NamedNode

from calcinosis import names
from calcinosis.errors import close_to, did_you_mean, quoted
from calcinosis.graph import guard, syntax
from calcinosis.graph.results import Answer, Table

_MOST: Final = 20
_NEAR: Final = 0.75
_DECLARES: Final = frozenset(("PREFIX", "BASE"))
_KNOWN: Final = "{ GRAPH ?g { { ?x ?p ?o } UNION { ?s ?x ?o } UNION { ?s ?p ?x } } }"
_GRAPH: Final = "{ GRAPH ?x { ?s ?p ?o } }"
_ALL: Final = (
    "SELECT DISTINCT ?x"
    " { { ?x ?p ?o } UNION { ?s ?x ?o } UNION { GRAPH ?x { } } FILTER(isIRI(?x)) }"
)
_COMPARES: Final = {"LANG", "LANGMATCHES"}
_LANGUAGE: Final = re.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]+)*")
_LANGUAGES: Final = (
    "SELECT DISTINCT ?x { ?s ?p ?o FILTER(isLiteral(?o) && LANG(?o) != '') BIND(LANG(?o) AS ?x) }"
)

Ask = Callable[[str], Answer]


def explained(query: str, prefixes: Mapping[str, str], ask: Ask) -> str:
    """What in a query that found nothing is in no graph, with the nearest; empty if all is.

    ``ask`` answers queries over the graphs that were asked.
    """
    found = (*_unknown(query, prefixes, ask), *_without_language(query, ask), *_spoken(query, ask))
    return " ".join(found)


def _unknown(query: str, prefixes: Mapping[str, str], ask: Ask) -> Iterator[str]:
    used = dict(list(_iris(query, prefixes))[:_MOST])
    values = " ".join(f"<{iri}>" for iri in used)
    free = f"FILTER NOT EXISTS {_KNOWN} FILTER NOT EXISTS {_GRAPH}"
    unknown = _column(ask(f"SELECT ?x {{ VALUES ?x {{ {values} }} {free} }}")) if used else []
    if not unknown:
        return
    known = [term.value for term in _column(ask(_ALL))]
    for term in unknown:
        near = _nearest(term.value, known, prefixes)
        yield f"{used.get(term.value, str(term))} occurs in no graph. {did_you_mean(near)}".strip()


def _nearest(iri: str, known: list[str], prefixes: Mapping[str, str]) -> list[str]:
    base = max((b for b in prefixes.values() if iri.startswith(b)), key=len, default="")
    rest = iri.removeprefix(base)
    others = {one.removeprefix(base).casefold(): one for one in known if base and base in one}
    own = {word: one for word, one in others.items() if names.curie(one, prefixes) != one}
    return [names.curie(own[word], prefixes) for word in close_to(rest.casefold(), own, 1, _NEAR)]


def _iris(query: str, prefixes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The full IRIs of the names in a query, each with the name as it stands."""
    before = ""
    base = guard.BASE
    own = dict(prefixes)
    for start, end, is_word in syntax.tokens(query):
        token = query[start:end]
        prefix, colon, rest = token.partition(":")
        if before.endswith(":") and token.startswith("<"):
            own[before[:-1]] = _joined(base, token)
        elif before.upper() == "BASE" and token.startswith("<"):
            base = _joined(base, token)
        elif before.upper() not in _DECLARES and token.startswith("<"):
            yield _joined(base, token), token
        elif is_word and colon and rest and prefix in own and own[prefix] != names.XSD:
            yield own[prefix] + rest.replace("\\", ""), token
        declares = before.upper() == "PREFIX"
        before = token if declares or token.upper() in _DECLARES else ""


def _joined(base: str, token: str) -> str:
    """The full IRI of one in brackets."""
    try:
        return urljoin(base, token[1:-1])
    except ValueError:
        return token[1:-1]


def _without_language(query: str, ask: Ask) -> Iterator[str]:
    texts = dict(list(_texts(query))[:_MOST])
    values = " ".join(str(Literal(text)) for text in texts)
    stand = "?s ?p ?x FILTER(isLiteral(?x) && LANG(?x) != '' && STR(?x) = ?t)"
    if not texts:
        return
    for term in _column(ask(f"SELECT DISTINCT ?x {{ VALUES ?t {{ {values} }} {stand} }}")):
        if isinstance(term, Literal) and (term.language or "") != texts[term.value]:
            yield f"{quoted(term.value)} stands as {term}: write it so, or compare STR(?x)."


def _spoken(query: str, ask: Ask) -> Iterator[str]:
    """The languages that a query compares with, and that nothing here is in."""
    if not _COMPARES & {query[start:end].upper() for start, end, _ in syntax.tokens(query)}:
        return
    wanted = [text for text, _ in _texts(query) if _LANGUAGE.fullmatch(text)][:_MOST]
    here = sorted({term.value.lower() for term in _column(ask(_LANGUAGES))})
    for tag in dict.fromkeys(wanted):
        if not any(one == tag.lower() or one.startswith(f"{tag.lower()}-") for one in here):
            yield f"No text is in the language {quoted(tag)}; there are {', '.join(here)}."


def _texts(query: str) -> Iterator[tuple[str, str]]:
    """The short texts without escapes in a query, each with its language."""
    found = [query[start:end] for start, end, _ in syntax.tokens(query)]
    for token, after in zip(found, [*found[1:], ""], strict=True):
        text = token[1:-1]
        if token[0] in "\"'" and text and not {"\\", '"', "'"} & set(text):
            yield text, after[1:] if after.startswith("@") else ""


def _column(answer: Answer) -> list[NamedNode | Literal]:
    rows = answer if isinstance(answer, Table) else ()
    return [row.terms[0] for row in rows if isinstance(row.terms[0], NamedNode | Literal)]
