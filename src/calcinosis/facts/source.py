"""What cases can be given as: paths, mappings and standard input, to a stream of raw cases.

JSON Lines and tables are read a line at a time, everything else whole. Each case comes with its
place, or a fault comes in its stead, and the stream goes on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from calcinosis.errors import InputError, Problem, UsageError, quoted
from calcinosis.facts.case import Case
from calcinosis.facts.documents import doubled, json_value, yaml_documents
from calcinosis.facts.laboratory import Laboratory
from calcinosis.facts.places import Origin
from calcinosis.facts.raw import RawCase

SUFFIXES = (".yaml", ".yml", ".json", ".jsonl", ".ndjson")
WORKBOOKS = (".xlsx", ".xlsm")
TABLES = (".csv", ".tsv", *WORKBOOKS)
YAML_LIMIT = 20_000_000
_LINES = (".jsonl", ".ndjson")
_STANDARD_INPUT = "standard input"
_SCHEMA = ".schema.json"  # beside the cases that it describes

Cases = str | Path | Mapping[str, Any] | Iterable[str | Path | Mapping[str, Any]]


def raw_of(source: Cases, laboratory: Callable[[], Laboratory]) -> Iterator[RawCase | InputError]:
    """The raw cases, in order; UsageError if ``source`` cannot hold cases."""
    if isinstance(source, str | Path):
        yield from raw_cases(str(source), laboratory)
    elif isinstance(source, Mapping):
        yield RawCase(source, "")
    elif not isinstance(source, Iterable):
        raise UsageError(
            f"{quoted(source)} holds no cases", "", "Give a path, a mapping, or several of them"
        )
    else:
        for number, value in enumerate(source):
            if isinstance(value, str | Path):
                yield from raw_cases(str(value), laboratory)
            else:
                yield RawCase(value, f"cases[{number}]")


def duplicate(case: Case) -> Problem:
    """The problem of an id that an earlier case has."""
    return Problem(
        f"the id {quoted(case.id)} was given to an earlier case",
        f"{case.where}, id",
        "Give each case its own id",
    )


def raw_cases(path: str, laboratory: Callable[[], Laboratory]) -> Iterator[RawCase | InputError]:
    """The raw cases of one file, of all case files in one directory, or of ``-``, standard input.

    A table's columns are those of the ``laboratory``. Tables in a directory are left alone: what
    they hold is not told by their names. What cannot be read comes as an InputError in the
    place of its cases; nothing is raised.
    """
    yield from _with_faults(path, _cases_at(path, laboratory))


def _cases_at(path: str, laboratory: Callable[[], Laboratory]) -> Iterator[RawCase | InputError]:
    if path == "-":
        yield from _standard_input()
    elif Path(path).is_dir():
        yield from _in_directory(path)
    elif Path(path).suffix.casefold() in TABLES:
        yield from _table(Path(path), laboratory)
    else:
        yield from _file(Path(path))


def _with_faults(
    path: str, cases: Iterator[RawCase | InputError]
) -> Iterator[RawCase | InputError]:
    """The cases, and at their end what kept the rest from being read."""
    try:
        yield from cases
    except InputError as error:
        yield error
    except OSError as error:
        yield _unreadable(path, error)


def _unreadable(path: str, error: OSError) -> InputError:
    where = _STANDARD_INPUT if path == "-" else path
    if isinstance(error, FileNotFoundError):
        return InputError("the file does not exist", where, "Check the name")
    return InputError(
        f"it cannot be read ({error.strerror})", where, "Check its name and its rights"
    )


# -- directories and files -------------------------------------------------------------


def _in_directory(path: str) -> Iterator[RawCase | InputError]:
    found: list[str] = []
    faults: list[OSError] = []
    for folder, below, files in os.walk(path, onerror=faults.append):
        below[:] = [name for name in below if not name.startswith(".")]
        found += [str(Path(folder, name)) for name in files if _is_case_file(name)]
    for fault in faults:
        yield _unreadable(str(fault.filename), fault)
    for file in sorted(found):
        yield from _with_faults(file, _file(Path(file)))
    if not (found or faults):
        cure = f"{_ENDINGS}; name a table itself"
        raise InputError("the directory holds no case file", path, cure)


def _is_case_file(name: str) -> bool:
    hidden = name.startswith(".") or name.casefold().endswith(_SCHEMA)
    return not hidden and Path(name).suffix.casefold() in SUFFIXES


def _table(path: Path, laboratory: Callable[[], Laboratory]) -> Iterator[RawCase | InputError]:
    from calcinosis.facts.columns import Columns

    if path.suffix.casefold() in WORKBOOKS:
        from calcinosis.facts.workbook import workbook_cases as cases_in
    else:
        from calcinosis.facts.table import table_cases as cases_in
    _check_name(str(path))
    yield from cases_in(path, Columns(laboratory()))


def _check_name(where: str) -> None:
    if "\x00" in where:
        raise InputError("the name holds a NUL character", "the input", "Check the name")


def _file(path: Path) -> Iterator[RawCase | InputError]:
    where = str(path)
    _check_name(where)
    suffix = path.suffix.casefold()
    with path.open("rb") as stream:
        if suffix in _LINES:
            yield from _lines(stream, where)
        elif suffix == ".json":
            yield from _json_document(_decode(stream.read(), where), where)
        elif suffix in SUFFIXES:
            yield from _yaml_document(_decode(_bounded(stream, where), where), where)
        else:
            raise InputError(
                f"files ending in {path.suffix or 'nothing'} are not read",
                where,
                f"{_ENDINGS}, tables in {', '.join(TABLES)}; case files may also come through "
                "standard input, as -",
            )


_ENDINGS = f"Case files end in {', '.join(SUFFIXES)}"


def _bounded(stream: BinaryIO, where: str, before: bytes = b"") -> bytes:
    data = before + stream.read(YAML_LIMIT + 1)
    if len(data) > YAML_LIMIT:
        raise InputError(
            f"it is larger than {YAML_LIMIT // 1_000_000} MB",
            where,
            "Write it as JSON Lines (.jsonl), one case a line",
        )
    return data


def _decode(data: bytes, where: str) -> str:
    """UTF-8 text, with or without a byte order mark; InputError for anything else."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("the text is UTF-16 or UTF-32", where, "Save it as UTF-8")
    if b"\x00" in data[:4096]:
        raise InputError("this is binary", where, "Give YAML, JSON or JSON Lines as UTF-8 text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        place = where if line == 1 and data.count(b"\n") <= 1 else f"{where}, line {line}"
        raise InputError("the text is not UTF-8", place, "Save it as UTF-8") from error


# -- standard input --------------------------------------------------------------------


def _standard_input() -> Iterator[RawCase | InputError]:
    where = _STANDARD_INPUT
    if sys.stdin is None:
        raise InputError("there is none", where, "Name a file, or pipe one in")
    stream = sys.stdin.buffer
    head = _head(stream)
    if _are_json_lines(head):
        yield from _lines(chain(head, stream), where)
        return
    text = _decode(_bounded(stream, where, b"".join(head)), where)
    if _parses(text):
        yield from _json_document(text, where)
    else:
        yield from _yaml_document(text, where)


def _head(stream: BinaryIO) -> list[bytes]:
    """The lines of a stream up to the second that is not blank."""
    head: list[bytes] = []
    for line in stream:
        head.append(line)
        if sum(1 for one in head if one.strip()) == 2:
            break
    return head


def _are_json_lines(head: list[bytes]) -> bool:
    """Whether two lines begin mappings, or a first one holds a whole mapping."""
    texts = [line.decode("utf-8-sig", errors="replace").strip() for line in head if line.strip()]
    starts = [text.startswith("{") for text in texts]
    return bool(starts) and starts[0] and (starts == [True, True] or _parses(texts[0]))


def _parses(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json_value(text, "")
    except InputError:
        return False
    return True


# -- the three forms -------------------------------------------------------------------


def _lines(lines: Iterable[bytes], where: str) -> Iterator[RawCase | InputError]:
    empty = True
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place = f"{where}, line {number}"
        if empty:
            _check_start(line, where)
            empty = False
        try:
            text = _decode(line, place)
            origin = None if where == _STANDARD_INPUT else Origin(where, line=number)
            yield _case(json_value(text, place, one_line=True), place, origin)
        except InputError as error:
            yield error
    if empty:
        raise _is_empty(where)


def _check_start(line: bytes, where: str) -> None:
    """Refuse as a whole what the first line shows not to be JSON Lines at all."""
    if b"\x00" in line:
        _decode(line, where)
    start = line.lstrip(b"\xef\xbb\xbf").strip()
    if start == b"{" or (start.startswith(b"[") and not start.endswith(b"]")):
        raise InputError(
            "this is one JSON document, not one case a line", where, "Let its name end in .json"
        )


def _json_document(text: str, where: str) -> Iterator[RawCase | InputError]:
    if not text.strip():
        raise _is_empty(where)
    value = json_value(text, where)
    yield from _cases(value if isinstance(value, list) else [value], where)


def _yaml_document(text: str, where: str) -> Iterator[RawCase | InputError]:
    cases: list[object] = []
    fault = None
    try:
        for document in yaml_documents(text, where):
            cases += document if isinstance(document, list) else [document]
    except InputError as error:
        fault = error
    if fault is None or cases:
        yield from _cases(cases, where)
    if fault is not None and cases:
        cure = f"{fault.cure}. What follows there was not read"
        yield InputError(fault.what, fault.where, cure)
    elif fault is not None:
        raise fault


def _cases(cases: list[object], where: str) -> Iterator[RawCase | InputError]:
    if not cases:
        raise _is_empty(where)
    for number, case in enumerate(cases):
        origin = None if where == _STANDARD_INPUT else Origin(where, number)
        yield _case(case, where if len(cases) == 1 else f"{where}[{number}]", origin)


def _case(value: object, where: str, origin: Origin | None) -> RawCase | InputError:
    twice = doubled(value)
    return RawCase(value, where, origin=origin) if twice is None else twice.error(where)


def _is_empty(where: str) -> InputError:
    return InputError("there is no case in it", where, "Start with id: and the facts")
