"""Where the parts of a case stand in its file: found only for cases that are explained.

Reading a case keeps no lines, for speed. A YAML or JSON file is read a second time here, with a
reader that keeps them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as File
from typing import Any

from calcinosis.errors import InputError
from calcinosis.facts.yaml_values import Lines, yaml_values

_DEPTH = 4  # the case, its list, the item, and a part of it
_FILES = 4
_SIGN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,\n]|[^\s\[\]{}:,"]+')

Path = tuple[str | int, ...]
"""The number of a case in its file, then keys and numbers of items."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: ``key`` in the case, file and line, or the cell of a table.

    The file is named without its folders, since what is shared should show nobody's. ``column``
    is the letter that a spreadsheet gives, ``heading`` what stands above it; ``sheet`` is empty in
    a table of text.
    """

    key: str = ""
    file: str = ""
    line: int | None = None
    sheet: str = ""
    row: int | None = None
    column: str = ""
    heading: str = ""

    def to_dict(self) -> dict[str, Any]:
        """What is known of the place, as the explanation's JSON holds it."""
        found: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Origin:
    """The file of a case, and its number there; or its line where a case is a line."""

    file: str
    number: int = 0
    line: int | None = None


def place(key: str, origin: Origin | None) -> Place:
    """The place of a part of a case; without its line where that cannot be told any more."""
    if origin is None:
        return Place(key)
    return Place(key, File(origin.file).name, line(key, origin))


def line(key: str, origin: Origin) -> int | None:
    """The line on which a part of a case begins; of what it is part of, if it has none itself."""
    if origin.line is not None:
        return origin.line
    cases = _lines(origin.file)
    if origin.number >= len(cases):
        return None
    known = cases[origin.number]
    while key and key not in known:
        key = key[: max(key.rfind("."), key.rfind("["), 0)]
    return known.get(key)


def _lines(file: str) -> tuple[dict[str, int], ...]:
    try:
        # A pipe can be read only once.
        if not File(file).is_file():
            return ()
        stat = File(file).stat()
        return _read(file, (stat.st_mtime_ns, stat.st_size))
    except (OSError, InputError, UnicodeDecodeError):
        return ()  # it has changed since the case was read


@lru_cache(_FILES)
def _read(file: str, _stamp: tuple[int, int]) -> tuple[dict[str, int], ...]:
    """By case of a file: the line of each part."""
    text = File(file).read_text(encoding="utf-8-sig")
    found: dict[int, dict[str, int]] = {}
    values = _json_values(text) if file.casefold().endswith(".json") else _yaml_values(text)
    for (number, *path), at in values:
        found.setdefault(int(number), {}).setdefault(_key(path), at)
    return tuple(found[number] for number in sorted(found))


def _key(path: Iterable[str | int]) -> str:
    """A path as places in a case are written.

    >>> _key(("calcinosis", "sites", 0))
    'calcinosis.sites[0]'
    """
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


# -- YAML ------------------------------------------------------------------------------


def _yaml_values(text: str) -> Iterator[tuple[Path, int]]:
    lines: Lines = {}
    number = 0
    try:
        for document in yaml_values(text, "", lines):
            known = lines.get(id(document), {})
            if not isinstance(document, list):
                yield from _yaml_value(document, lines, (number,), known.get(..., 1))
                number += 1
                continue
            for index, case in enumerate(document):
                yield from _yaml_value(case, lines, (number,), known[index])
                number += 1
    except InputError:
        return  # the cases before it were read


def _yaml_value(value: Any, lines: Lines, path: Path, at: int) -> Iterator[tuple[Path, int]]:
    yield path, at
    known = lines.get(id(value))
    if known is None or len(path) == _DEPTH:
        return
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _yaml_value(item, lines, (*path, str(key)), known[key])
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _yaml_value(item, lines, (*path, number), known[number])


# -- JSON ------------------------------------------------------------------------------


def _json_values(text: str) -> Iterator[tuple[Path, int]]:
    """The values of a text that is known to be JSON; one case, or a list of them."""
    several = text.lstrip().startswith("[")
    for path, at in _json_paths(text):
        whole = path if several else (0, *path)
        if 0 < len(whole) <= _DEPTH:
            yield whole, at


def _json_paths(text: str) -> Iterator[tuple[Path, int]]:
    """The keys of mappings and the items of lists, each with its path and line."""
    at = 1
    # Where we are: the number of an item for each open list, the key for each open mapping.
    path: list[str | int | None] = []
    for sign in (match[0] for match in _SIGN.finditer(text)):
        if sign == "\n":
            at += 1
        elif sign in ("]", "}"):
            path.pop()
        elif sign == ",":
            last = path[-1]
            path[-1] = last + 1 if isinstance(last, int) else None
        elif sign != ":" and _begins(sign, path):
            yield tuple(part for part in path if part is not None), at
        path += _OPENED.get(sign, ())


def _begins(sign: str, path: list[str | int | None]) -> bool:
    """Whether a sign begins something with a path of its own; a key is put into the path."""
    if path and path[-1] is None:
        path[-1] = json.loads(sign)
        return True
    return not path or isinstance(path[-1], int)


_OPENED: dict[str, tuple[int | None]] = {"[": (0,), "{": (None,)}
