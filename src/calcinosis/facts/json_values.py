"""JSON text to values: a whole document, or one line of JSON Lines. A key may stand only once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from calcinosis.errors import InputError
from calcinosis.facts import limits
from calcinosis.facts.boundary import foreign
from calcinosis.facts.faulty import Faulty, too_deep, twice


def json_value(text: str, where: str, *, one_line: bool = False) -> Any:
    """The value of a JSON text; InputError if it is not JSON. ``one_line``: ``where`` says which.

    A mapping with a doubled key comes as a ``Faulty``.
    """
    if sum(map(text.count, ",[{")) > limits.JSON_NODES:
        what, cure = "it holds", limits.AS_LINES
        raise limits.exceeded(what, limits.JSON_NODES, "parts", where, cure)
    with foreign("this JSON", where, "Mend it, or check it with a JSON tool"):
        try:
            return _parsed(text)
        except RecursionError as error:
            raise too_deep(where) from error
        except json.JSONDecodeError as error:
            place = where if one_line else f"{where}, line {error.lineno}"
            what, cure = f"this is not JSON: {error.msg}", _cure(error, one_line)
            raise InputError(what, place, cure) from error
        except UnicodeEncodeError as error:
            what = "a text holds half a character (a lone surrogate)"
            raise InputError(what, where, "Write the character itself, in UTF-8") from error
        except ValueError as error:
            cure = "Write numbers as a laboratory prints them"
            raise InputError("a number has too many digits", where, cure) from error


def _parsed(text: str) -> Any:
    value = json.loads(text, object_pairs_hook=_mapping)
    if "\\ud" in text or "\\uD" in text:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    return value


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Faulty:
    mapping = dict(pairs)
    if len(mapping) == len(pairs):
        return mapping
    return twice(_repeated(key for key, _ in pairs))


def _repeated(keys: Iterable[str]) -> str | None:
    """The first key that stands a second time, or None."""
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            return key
        seen.add(key)
    return None


def _cure(error: json.JSONDecodeError, one_line: bool) -> str:
    if error.msg == "Extra data" and not one_line:
        return "End it there; several cases are a list, or one a line in a file ending in .jsonl"
    return "Mend the line, or check it with a JSON tool"
