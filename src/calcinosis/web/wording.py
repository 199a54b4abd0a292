"""What errors say of the command line, in the words of who does not use it.

Errors are written for the command line, which most people use. Over HTTP an option is a parameter
and another command an address; assistants have tools. Every error that leaves the server passes
here once, whatever route, page or tool it comes from.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, TypeVar

from calcinosis.errors import CalcinosisError, CaseError

_MAPPED: Final = "/api/map and the page Cohort"
_PHRASES: Final = (  # as errors have it, over HTTP, to assistants
    ("'calcinosis query' lists", "/api/query lists", "query() lists"),
    ("'calcinosis cite' lists them all", "/api/cite lists them all", "search finds references"),
    ("'calcinosis map' writes", f"{_MAPPED} write", ""),
    ("'calcinosis map FILE -o MAP.yaml' writes", f"{_MAPPED} write", ""),
    (": 'calcinosis map'", f", as {_MAPPED} write it", ""),
    ("; 'calcinosis template FILE.xlsx' writes a form", "", ""),
    ("--map DICTIONARY.csv, the data dictionary,", "the data dictionary, sent with it,", ""),
    (
        "Send the query to a server that may do so: --endpoint URL",
        "Leave it out, or ask a server that may do so",
        "Leave it out",
    ),
    (", or give it longer with --timeout", "", ""),
    (", or give it more with --memory", "", ""),
    ("Add --condition NAME", "Add condition", "Add term"),
    ("Set aside by --on-conflict", "Set aside by on_conflict", "Set aside"),
)
_HTTP: Final = {said: here for said, here, _ in _PHRASES}
_TOOLS: Final = {said: here for said, _, here in _PHRASES}
_OPTION: Final = re.compile(
    r"'[^']*'|\"[^\"]*\"|“[^”]*”"  # words of others stay as they are
    r"|(?<![\w-])--(?P<option>viewpoint|without(?:-study-type|-editorial)?|before|min-read"
    r"|with-retracted|assume|take|strict|from|visit|on-conflict|subtype|condition|below|id|kind|map"
    r"|query|style)(?![\w-])"
    r"(?P<valued>(?<=rom|sit|int) (?!(?:out|and|or)\b)(?=\w))?"
)
Error = TypeVar("Error", bound=CalcinosisError)


def over_http(text: str) -> str:
    """A text of an error, for who asked over HTTP.

    >>> over_http("Write a date; or take --visit each"), over_http("Leave --min-read out")
    ('Write a date; or take visit=each', 'Leave min_read out')
    >>> over_http("there is no term '--visit'")
    "there is no term '--visit'"
    """
    return _said(text, _HTTP)


def to_assistants(text: str) -> str:
    """A text of an error, for who asked by a tool."""
    return _said(text, _TOOLS)


def _said(text: str, phrases: dict[str, str]) -> str:
    if "--" not in text and "'calcinosis " not in text:
        return text
    for said, here in phrases.items():
        text = text.replace(said, here)
    return _OPTION.sub(_as_parameter, text)


def _as_parameter(found: re.Match[str]) -> str:
    if found["option"] is None:
        return found[0]
    return _parameter(found["option"]) + ("=" if found["valued"] else "")


def place(where: str) -> str:
    """The place of an error: a parameter where it is an option."""
    return _parameter(where[2:]) if where.startswith("--") else over_http(where)


def _parameter(option: str) -> str:
    return option.replace("-", "_")


def reworded(error: Error) -> Error:
    """The error itself, with the words of all its problems, for who asked over HTTP."""
    if isinstance(error, CaseError):
        error.problems = tuple(
            replace(one, what=over_http(one.what), where=place(one.where), cure=over_http(one.cure))
            for one in error.problems
        )
    error.what, error.cure = over_http(error.what), over_http(error.cure)
    error.where, error.line = place(error.where), over_http(error.line)
    return error
