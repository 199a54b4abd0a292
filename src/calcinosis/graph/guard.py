"""Whether a query calls SERVICE or says FROM, told by Oxigraph's own parser.

That parser has no tokens: ``trueSERVICE`` is two words to it, and ``(1<2)SERVICE:x#>`` calls a
service where a lexer sees an IRI. So no second grammar decides. Wherever the letters of the word
stand, in strings, IRIs and comments too, they are changed to a word of the same length that no
grammar knows. If that text is a query, the word was a keyword nowhere, and the query may be run as
it stands; the changed text is parsed and never asked of a store that holds anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from calcinosis import names

SERVICE, FROM = "SERVICE", "FROM"
BASE: Final = names.CC
"""What relative IRIs of queries are relative to."""
_FILLERS: Final = "zqxjkvw"
_UNIT: Final = re.compile(r"\\U.{8}|\\u.{4}|.")


def _letter(sign: str) -> str:
    r"""A pattern for one letter in both cases, as itself or as ``\u`` escape."""
    both = sign.upper(), sign.lower()
    codes = "|".join(f"{ord(one):02X}" for one in both)
    return rf"(?:[{''.join(both)}]|\\u00(?i:{codes})|\\U000000(?i:{codes}))"


_WORDS: Final = {word: re.compile("".join(map(_letter, word))) for word in (SERVICE, FROM)}


def spans(query: str, word: str = SERVICE) -> Iterator[tuple[int, int]]:
    r"""Where the letters of a word begin and end, in any case and behind ``\u`` escapes.

    >>> list(spans(r"trueservice S\u0045RVICE"))
    [(4, 11), (12, 24)]
    """
    return (found.span() for found in _WORDS[word].finditer(query))


def hidden(query: str, word: str = SERVICE) -> str:
    r"""The query with another word of the same length and cases in each of these places.

    The first letter stays, because it can be the end of something else: of ``%0F`` or ``\f``.

    >>> hidden(r"SELECT ?service { S\u0045RVICE <http://service> {} }")
    'SELECT ?szzzzzz { S\\u005AZZZZZ <http://szzzzzz> {} }'
    """
    plain = query.lower()
    if "\\" not in query and word.lower() not in plain:
        return query
    words = ((word[0].lower() + sign * (len(word) - 1), sign) for sign in _FILLERS)
    filler = next((sign for one, sign in words if one not in plain), _FILLERS[0])

    def masked(found: re.Match[str]) -> str:
        units: list[str] = _UNIT.findall(found.group())
        first, *rest = units
        return first + "".join(_like(unit, filler) for unit in rest)

    return _WORDS[word].sub(masked, query)


def _like(unit: str, letter: str) -> str:
    """A letter in the case and spelling of another."""
    if len(unit) == 1:
        return letter.upper() if unit.isupper() else letter
    is_small = int(unit[2:], 16) >= ord("a")
    code = ord(letter if is_small else letter.upper())
    return f"{unit[:2]}{code:0{len(unit) - 2}X}"


def complaint(query: str, prefixes: Mapping[str, str]) -> str:
    """What Oxigraph says of the form of a query, or "".

    It has no call that only parses, so that an empty store answers. SERVICE must be hidden, or
    the text such that it can be no query.
    """
    from pyoxigraph import Store

    try:
        Store().query(query, prefixes=dict(prefixes), base_iri=BASE)
    except SyntaxError as error:
        return str(error.msg)
    return ""


def names_graphs(query: str, prefixes: Mapping[str, str]) -> bool:
    """Whether the query says with FROM which graphs it is about, or is no query.

    >>> names_graphs("SELECT ?from FROM <https://example.org/> { ?from ?p ?o }", {})
    True
    >>> names_graphs("SELECT ?from { ?from ?p 'FROM <https://example.org/>' }", {})
    False
    """
    text = hidden(query, FROM)
    return text != query and bool(complaint(hidden(text), prefixes))
