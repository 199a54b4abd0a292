"""Inputs: files, directories and standard input to a stream of raw cases.

YAML goes through the C loader where it is there; large inputs are JSON Lines, read a line at a
time. Each case comes with its place, or a fault comes in its stead; the stream goes on.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from calcinosis.errors import InputError

SUFFIXES = (".yaml", ".yml", ".json", ".jsonl", ".ndjson")
YAML_LIMIT = 20_000_000
_NODE_LIMIT = 2_000_000
_DEPTH_LIMIT = 50


@dataclass(frozen=True, slots=True)
class RawCase:
    """One case as it stood in its source, with its place."""

    value: object
    where: str


def raw_cases(path: str) -> Iterator[RawCase | InputError]:
    """The raw cases of one file, one directory, or ``-`` for standard input."""
    try:
        if path == "-":
            yield from _standard_input()
        elif Path(path).is_dir():
            for file in _in_directory(Path(path)):
                yield from raw_cases(str(file))
        else:
            yield from _file(Path(path))
    except InputError as error:
        yield error


def _in_directory(folder: Path) -> list[Path]:
    try:
        found = sorted(
            p
            for p in folder.rglob("*")
            if p.suffix in SUFFIXES
            and p.is_file()
            and not any(part.startswith(".") for part in p.relative_to(folder).parts)
        )
    except OSError as error:
        raise InputError(
            f"the directory cannot be read ({error.strerror})", str(folder), "Check its rights"
        ) from error
    if not found:
        raise InputError(
            "the directory holds no case file",
            str(folder),
            f"Case files end in {', '.join(SUFFIXES)}",
        )
    return found


def _file(path: Path) -> Iterator[RawCase | InputError]:
    where = str(path)
    if path.suffix.casefold() not in SUFFIXES and path.exists():
        raise InputError(
            f"files ending in {path.suffix or 'nothing'} are not read",
            where,
            f"Case files end in {', '.join(SUFFIXES)}",
        )
    try:
        with path.open("rb") as stream:
            if path.suffix.casefold() in (".jsonl", ".ndjson"):
                yield from _lines(stream, where)
            else:
                limit = YAML_LIMIT if path.suffix.casefold() != ".json" else None
                text = _decode(_bounded(stream, limit, where), where)
                yield from _document(text, where, path.suffix.casefold() == ".json")
    except FileNotFoundError as error:
        raise InputError("the file does not exist", where, "Check the name") from error
    except OSError as error:
        raise InputError(
            f"the file cannot be read ({error.strerror})", where, "Check its rights"
        ) from error


def _bounded(stream: BinaryIO, limit: int | None, where: str) -> bytes:
    data = stream.read() if limit is None else stream.read(limit + 1)
    if limit is not None and len(data) > limit:
        raise InputError(
            f"the file is larger than {limit // 1_000_000} MB",
            where,
            "Write it as JSON Lines (.jsonl), one case a line",
        )
    return data


def _decode(data: bytes, where: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("the file is UTF-16", where, "Save it as UTF-8")
    if b"\x00" in data[:4096]:
        raise InputError("the file is binary", where, "Give YAML, JSON or JSON Lines as text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            "the file is not UTF-8", f"{where}, line {line}", "Save it as UTF-8"
        ) from error


def _standard_input() -> Iterator[RawCase | InputError]:
    stream = sys.stdin.buffer
    where = "standard input"
    first = stream.readline()
    if _is_json_line(first):
        yield from _lines(_Joined(first, stream), where)
        return
    text = _decode(first + _bounded(stream, YAML_LIMIT, where), where)
    yield from _document(text, where, text.lstrip()[:1] in ("{", "[") and _parses(text))


class _Joined:
    """The first line put back before the rest of a stream."""

    def __init__(self, first: bytes, rest: BinaryIO) -> None:
        self._first = first
        self._rest = rest

    def __iter__(self) -> Iterator[bytes]:
        yield self._first
        yield from self._rest


def _is_json_line(line: bytes) -> bool:
    if not line.lstrip(b"\xef\xbb\xbf \t").startswith(b"{"):
        return False
    return _parses(line.decode("utf-8-sig", errors="replace"))


def _parses(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _lines(stream: BinaryIO | _Joined, where: str) -> Iterator[RawCase | InputError]:
    empty = True
    for number, line in enumerate(stream, start=1):
        place = f"{where}, line {number}"
        if not line.strip():
            continue
        empty = False
        try:
            yield RawCase(_json(_decode(line, place), place), place)
        except InputError as error:
            yield error
    if empty:
        raise _is_empty(where)


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique_keys)
    except RecursionError as error:
        raise _too_deep(where) from error
    except _DuplicateKey as error:
        raise InputError(
            f"the key {error.key!r} stands twice in one mapping", where, "Keep one of them"
        ) from error
    except json.JSONDecodeError as error:
        place = where if ", line" in where else f"{where}, line {error.lineno}"
        raise InputError(
            f"this is not JSON: {error.msg}", place, "Mend the line, or check it with a JSON tool"
        ) from error
    except ValueError as error:
        raise InputError(
            "a number has too many digits", where, "Write numbers as a laboratory prints them"
        ) from error


class _DuplicateKey(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        seen: set[str] = set()
        raise _DuplicateKey(next(k for k, _ in pairs if k in seen or seen.add(k)))  # type: ignore[func-returns-value]
    return mapping


def _document(text: str, where: str, is_json: bool) -> Iterator[RawCase | InputError]:
    if not text.strip():
        raise _is_empty(where)
    documents = [_json(text, where)] if is_json else _yaml(text, where)
    cases = [c for d in documents for c in (d if isinstance(d, list) else [d])]
    if not cases:
        raise _is_empty(where)
    if not is_json:
        _measure(cases, where)
    for number, case in enumerate(cases):
        yield RawCase(case, where if len(cases) == 1 else f"{where}[{number}]")


def _yaml(text: str, where: str) -> list[Any]:
    import yaml

    try:
        found = list(yaml.load_all(text, Loader=_loader()))  # noqa: S506 (a SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{where}, line {mark.line + 1}" if mark else where
        raise InputError(
            f"this is not YAML: {error.problem or error.context}",
            place,
            "Mend the line; text with ': ' or '#' in it needs quotes",
        ) from error
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(
            f"this is not YAML: {str(error).splitlines()[0]}", where, "Mend the file"
        ) from error
    except RecursionError as error:
        raise _too_deep(where) from error
    return [document for document in found if document is not None]


_LOADER: list[Any] = []


def _loader() -> Any:
    """A safe loader with YAML 1.2's scalars (no dates, no 'no' for false) and unique keys."""
    if _LOADER:
        return _LOADER[0]
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]
        yaml_implicit_resolvers: dict[str, Any] = {}

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            mapping: dict[Any, Any] = super().construct_mapping(node, deep)
            if len(mapping) != len(node.value):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key stands twice in one mapping", node.start_mark
                )
            return mapping

    tag = "tag:yaml.org,2002:"
    Loader.add_implicit_resolver(f"{tag}bool", re.compile(r"(?:true|True|false|False)\Z"), "tTfF")
    Loader.add_implicit_resolver(f"{tag}null", re.compile(r"(?:~|null|Null|)\Z"), ["~", "n", "N", ""])
    Loader.add_implicit_resolver(
        f"{tag}int", re.compile(r"[-+]?(?:0|[1-9][0-9]{0,300})\Z"), "-+0123456789"
    )
    Loader.add_implicit_resolver(
        f"{tag}float",
        re.compile(
            r"(?:[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][-+]?[0-9]+)?"
            r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
        ),
        "-+0123456789.",
    )
    _LOADER.append(Loader)
    return Loader


def _measure(value: object, where: str) -> None:
    """Refuse what aliases blow up: too many nodes, or nodes inside themselves."""
    count = 0
    stack: list[tuple[object, int]] = [(value, 0)]
    while stack:
        node, depth = stack.pop()
        count += 1
        if depth > _DEPTH_LIMIT:
            raise _too_deep(where)
        if count > _NODE_LIMIT:
            raise InputError(
                "its aliases expand to more than two million nodes",
                where,
                "Write the cases out, or use JSON Lines",
            )
        if isinstance(node, dict):
            stack += [(item, depth + 1) for item in node.values()]
        elif isinstance(node, list):
            stack += [(item, depth + 1) for item in node]


def _too_deep(where: str) -> InputError:
    return InputError(
        "it is nested too deeply, or a part contains itself", where, "Keep to the case format"
    )


def _is_empty(where: str) -> InputError:
    return InputError("the file holds no case", where, "Start with id: and the facts")


__all__ = ["SUFFIXES", "RawCase", "raw_cases"]
