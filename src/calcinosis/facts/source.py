"""What cases can be given as: paths, mappings and standard input, to a stream of raw cases.

A mapping may be a case in our own format or a record in another's: that is told by what it holds,
unless its ``kind`` is said.

JSON Lines and tables are read a line at a time, everything else whole. Each case comes with its
place, or a fault comes in its stead, and the stream goes on. What is no file and says nothing by
its name, such as ``<(…)``, is read as standard input is.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, cast

from calcinosis.errors import InputError, UsageError, quoted
from calcinosis.facts import limits
from calcinosis.facts.boundary import attempt, ours
from calcinosis.facts.decoded import decoded
from calcinosis.facts.faulty import faulty
from calcinosis.facts.frame import WHERE, is_frame, no_mapping
from calcinosis.facts.json_values import json_value
from calcinosis.facts.places import Origin
from calcinosis.facts.raw import RawCase
from calcinosis.facts.records import protobuf
from calcinosis.facts.records.kinds import (
    PARQUET,
    Gathered,
    checked,
    is_json_ld,
    is_parquet_of_omop,
    no_parquet,
    raws,
)
from calcinosis.facts.records.rdf_files import RDF, is_rdf, rdf_document
from calcinosis.facts.tabular import TABLES, TEXTS, Frame, Known, Sheet
from calcinosis.facts.yaml_values import yaml_values

SUFFIXES = (".yaml", ".yml", ".json", ".jsonl", ".ndjson", protobuf.SUFFIX)
_LINES = (".jsonl", ".ndjson")
_STANDARD_INPUT = "standard input"
_SCHEMA = ".schema.json"  # beside the cases that it describes
_HEADINGS = re.compile(rb"[^:{}\[\]]*[,;\t][^:{}\[\]]*")  # of a table: no sign of YAML or JSON
_DESCRIPTOR = re.compile(r"/dev/(fd/\d+|stdin)\Z|/proc/(self|\d+)/fd/\d+\Z")  # also of <(…)

One = str | Path | Sheet | Mapping[str, Any] | Frame | protobuf.Message
Cases = One | Iterable[One]


def raw_of(source: Cases, known: Known, kind: str = "") -> Iterator[RawCase | InputError]:
    """The raw cases, in order; UsageError if ``source`` cannot hold cases, or for no ``kind``."""
    checked(kind)
    if isinstance(source, str | Path | Sheet | Mapping) or _is_whole(source):
        yield from _given(source, "", known, kind)
    elif not isinstance(source, Iterable):
        raise UsageError(
            f"{quoted(source)} holds no cases", "", "Give a path, a mapping, or several of them"
        )
    else:
        tables: list[Path] = []  # of one database, read together
        for number, value in enumerate(source):
            path = value.path if isinstance(value, Sheet) and value.is_as_saved else value
            if isinstance(path, str | Path) and _is_omop(path, kind):
                tables.append(Path(path))
            else:
                yield from _given(value, f"cases[{number}]", known, kind)
        yield from _omop(tables)


def _is_omop(path: str | Path, kind: str) -> bool:
    """Whether a file is a table of OMOP, told by its headings or said to be one."""
    if _ending(path) not in (*TEXTS, PARQUET) or kind not in ("", "omop"):
        return False
    from calcinosis.facts.records.omop import is_omop

    try:
        return kind == "omop" or is_omop(Path(path))
    except (OSError, ValueError, InputError):  # which is told where it is read
        return False


def _omop(tables: list[Path], beside: Sequence[str] = ()) -> Iterator[RawCase | InputError]:
    """The cases of tables of OMOP that are given together."""
    if tables:
        from calcinosis.facts.records.omop import omop_cases

        yield from _with_faults(str(tables[0]), omop_cases(tables, beside))


def _is_whole(source: object) -> bool:
    """Whether something is one thing although it may hold several."""
    return is_frame(source) or protobuf.is_message(source)


def _given(value: object, where: str, known: Known, kind: str) -> Iterator[RawCase | InputError]:
    """The raw cases of one thing that Python was given."""
    if is_frame(value.path if isinstance(value, Sheet) else value):
        sheet = value if isinstance(value, Sheet) else Sheet(cast("Frame", value))
        return _with_faults(WHERE, _frame(sheet, known, kind))
    if isinstance(value, str | Path | Sheet):
        return raw_cases(value, known, kind)
    if protobuf.is_message(value):
        return raws(protobuf.of_message(value), where, kind="phenopacket")
    return raws(value, where, kind=kind)


def raw_cases(
    source: str | Path | Sheet, known: Known, kind: str = ""
) -> Iterator[RawCase | InputError]:
    """The raw cases of one file, of all case files in one directory, or of ``-``, standard input.

    Tables are read by what is ``known``. Tables in a directory are left alone: what
    they hold is not told by their names. What cannot be read comes as an InputError in the
    place of its cases; none is raised.
    """
    sheet = source if isinstance(source, Sheet) else Sheet(source)
    path = str(sheet.path)
    yield from _with_faults(path, _cases_at(path, sheet, known, kind))


def _cases_at(path: str, sheet: Sheet, known: Known, kind: str) -> Iterator[RawCase | InputError]:
    if "\x00" in path:
        raise InputError("the name holds a NUL character", "the input", "Check the name")
    if path == "-":
        yield from _standard_input(kind)
    elif Path(path).is_dir():
        yield from _in_directory(path, kind)
    elif _ending(path) in TABLES:
        if _is_omop(path, kind) and sheet.is_as_saved:
            yield from _omop([Path(path)])
            return
        _check_table(kind, path)
        yield from _table(sheet, known)
    elif _ending(path) == PARQUET and _is_omop(path, kind):
        yield from _omop([Path(path)])
    elif _is_stream(path):
        with Path(path).open("rb") as stream:
            yield from _sniffed(stream, _Input(path, kind=kind))
    else:
        yield from _file(Path(path), kind)


def _is_stream(path: str) -> bool:
    """Whether something is read as it comes, whose name does not say what it holds."""
    if _ending(path) in SUFFIXES:
        return False
    if _DESCRIPTOR.match(path):
        return True
    return Path(path).exists() and not Path(path).is_file()


def _with_faults(
    path: str, cases: Iterator[RawCase | InputError]
) -> Iterator[RawCase | InputError]:
    """The cases, and at their end what kept the rest from being read."""
    where = _STANDARD_INPUT if path == "-" else path
    try:
        with ours(where), _readable(where):
            yield from cases
    except InputError as error:
        yield error


@contextmanager
def _readable(where: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unreadable(where, error) from error


def _unreadable(where: str, error: OSError) -> InputError:
    if isinstance(error, FileNotFoundError):
        return InputError("the file does not exist", where, "Check the name")
    said = error.strerror or error
    return InputError(f"it cannot be read ({said})", where, "Check its name and its rights")


@dataclass(frozen=True, slots=True)
class _Input:
    """A stream as errors name it; ``file`` is where it can be read again, if it can.

    ``kind`` is that of its records, if it is said. ``gathered`` holds what of it waits for other
    files.
    """

    where: str
    file: str = ""
    kind: str = ""
    gathered: Gathered | None = None

    def origin(self, number: int = 0, line: int | None = None) -> Origin | None:
        return Origin(self.file, number, line) if self.file else None


# -- directories and files -------------------------------------------------------------


def _in_directory(path: str, kind: str) -> Iterator[RawCase | InputError]:
    found: list[Path] = []
    faults: list[OSError] = []
    for folder, below, files in os.walk(path, onerror=faults.append):
        below[:] = [name for name in below if not name.startswith(".")]
        found += [Path(folder, name) for name in files if not name.startswith(".")]
    found.sort(key=str)
    cases = [file for file in found if _is_case_file(file.name) and kind != "omop"]
    tables = [file for file in found if kind in ("", "omop") and _is_omop(file, "")]
    for fault in faults:
        yield _unreadable(str(fault.filename), fault)
    gathered = Gathered()
    for file in cases:
        yield from _with_faults(str(file), _regular(file, kind, gathered))
    yield from gathered.cases()
    beside = [file.name for file in found if _ending(file) in TABLES and file not in tables]
    unread = (file for file in found if is_parquet_of_omop(file) and file not in tables)
    parquet = [no_parquet(str(file)) for file in unread]
    yield from parquet or _omop(tables, beside)
    if not (parquet or cases or tables or faults):
        cure = f"{_ENDINGS}; name a table itself"
        raise InputError("the directory holds no case file", path, cure)


def _is_case_file(name: str) -> bool:
    hidden = name.startswith(".") or name.casefold().endswith(_SCHEMA)
    return not hidden and _ending(name) in SUFFIXES


def _regular(path: Path, kind: str, gathered: Gathered) -> Iterator[RawCase | InputError]:
    """The cases of a file that was not named itself: no pipe is waited for, no device read."""
    if not stat.S_ISREG(path.stat().st_mode):
        what = "it is a pipe, a socket or a device, which a directory's are not read"
        raise InputError(what, str(path), "Name it itself if it holds cases")
    yield from _file(path, kind, gathered)


def _frame(sheet: Sheet, known: Known, kind: str) -> Iterator[RawCase | InputError]:
    from calcinosis.facts.tables import frame_cases

    _check_table(kind, WHERE)
    yield from frame_cases(sheet, known)


def _check_table(kind: str, where: str) -> None:
    """InputError where a table is said to be a record of another format; none of ours is one."""
    if kind not in ("", "cases"):
        what = f"this is a table, which is no record that --from {kind} could read"
        raise InputError(what, where, "Leave --from out: a table is read by its headings")


def _table(sheet: Sheet, known: Known) -> Iterator[RawCase | InputError]:
    from calcinosis.facts.tables import cases_in

    sheet = sheet_of(sheet)
    long = long_cases_of(sheet)
    if long is not None and (sheet.map or sheet.visits):
        raise no_mapping(str(sheet.path))
    yield from cases_in(sheet, known) if long is None else long


def _ending(path: str | Path) -> str:
    return Path(path).suffix.casefold()


def long_cases_of(sheet: Sheet) -> Iterator[RawCase | InputError] | None:
    """The cases of a long table, or one of OMOP, a row a statement; else None."""
    if not isinstance(sheet.path, str | Path) or _ending(sheet.path) not in TEXTS:
        return None
    if _is_omop(sheet.path, ""):
        return _omop([Path(sheet.path)])
    from calcinosis.facts.records.long_text import long_table_in

    return long_table_in(Path(sheet.path))


def sheet_of(source: str | Path | Sheet) -> Sheet:
    """A table and how to read it; InputError for what is no file or no table by its name."""
    sheet = source if isinstance(source, Sheet) else Sheet(source)
    if not isinstance(sheet.path, str | Path):
        return sheet
    path = Path(sheet.path)
    if _ending(path) not in TABLES:
        cure = f"Tables end in {', '.join(TABLES)}"
        raise InputError("its name is not that of a table", str(path), cure)
    with _readable(str(path)):
        if not stat.S_ISREG(path.stat().st_mode):  # a table is read twice
            cure = "Save it as a file, or write the cases as JSON Lines"
            raise InputError("a table cannot be read from a pipe or a device", str(path), cure)
    return sheet


def _file(
    path: Path, kind: str, gathered: Gathered | None = None
) -> Iterator[RawCase | InputError]:
    where = str(path)
    source = _Input(where, where, kind, gathered)
    suffix = _ending(path)
    with path.open("rb") as stream:
        if suffix in RDF or (kind == "rdf" and suffix not in (".json", *_LINES)):
            data = limits.whole(stream, limits.JSON_BYTES, where, limits.AS_PARTS)
            yield from rdf_document(decoded(data, where), where, suffix, kind)
        elif suffix in _LINES:
            yield from _lines(limits.lines(stream), source)
        elif suffix == protobuf.SUFFIX:
            data = limits.whole(stream, limits.YAML_BYTES, where, limits.AS_LINES)
            yield from raws(protobuf.of_bytes(data, where), where, kind="phenopacket")
        elif suffix == ".json":
            data = limits.whole(stream, limits.JSON_BYTES, where, limits.AS_LINES)
            yield from _json_document(decoded(data, where), source)
        elif suffix in SUFFIXES:
            data = limits.whole(stream, limits.YAML_BYTES, where, limits.AS_LINES)
            yield from _yaml_document(decoded(data, where), source)
        elif suffix == PARQUET:
            raise no_parquet(where)
        else:
            raise InputError(
                f"files ending in {path.suffix or 'nothing'} are not read",
                where,
                f"{_ENDINGS}, RDF in {', '.join(RDF)}, tables in {', '.join(TABLES)}; case files "
                "and RDF may also come through standard input, as -",
            )


_ENDINGS = f"Case files end in {', '.join(SUFFIXES)}"


# -- standard input --------------------------------------------------------------------


def _standard_input(kind: str) -> Iterator[RawCase | InputError]:
    if sys.stdin is None:
        raise InputError("there is none", _STANDARD_INPUT, "Name a file, or pipe one in")
    yield from _sniffed(sys.stdin.buffer, _Input(_STANDARD_INPUT, kind=kind))


def _sniffed(stream: BinaryIO, source: _Input) -> Iterator[RawCase | InputError]:
    """The cases of a stream without a name: its first lines tell what it holds."""
    where = source.where
    head = _head(stream, where)
    if _are_json_lines(head):
        yield from _lines(chain(head, limits.lines(stream)), source)
        return
    if _is_table(head):
        cure = f"Write it into a file that ends in {', '.join(TABLES)}, and name that"
        raise InputError("this looks like a table, which has no place in a pipe", where, cure)
    data = limits.whole(stream, limits.YAML_BYTES, where, limits.AS_LINES, b"".join(head))
    if protobuf.may_be(data):
        yield from raws(protobuf.of_bytes(data, where), where, kind="phenopacket")
        return
    text = decoded(data, where)
    if _parses(text):
        yield from _json_document(text, source)
    elif is_rdf(text, source.kind):
        yield from rdf_document(text, where)
    else:
        yield from _yaml_document(text, source)


def _is_table(head: list[bytes]) -> bool:
    """Whether the first line is one of headings: parts, and no sign of YAML or JSON."""
    first = next((line for line in head if line.strip()), b"").lstrip(b"\xef\xbb\xbf").strip()
    return first[:1] not in (b"{", b"[", b"-", b"#", b"%") and bool(_HEADINGS.fullmatch(first))


def _head(stream: BinaryIO, where: str) -> list[bytes]:
    """The lines of a stream up to the second that is not blank."""
    head: list[bytes] = []
    size = filled = 0
    for line in limits.lines(stream, limits.YAML_BYTES):
        size += limits.YAML_BYTES if line is None else len(line)
        if line is None or size > limits.YAML_BYTES:
            raise limits.too_large(limits.YAML_BYTES, where, limits.AS_LINES)
        head.append(line)
        filled += bool(line.strip())
        if filled == 2:
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


def _lines(lines: Iterable[bytes | None], source: _Input) -> Iterator[RawCase | InputError]:
    empty = True
    gathered = source.gathered or Gathered()
    for number, line in enumerate(lines, start=1):
        if line is not None and not line.strip():
            continue
        if line is not None and empty:
            _check_start(line, source.where)
        empty = False
        yield from _line(line, f"{source.where}, line {number}", source, number, gathered)
    if source.gathered is None:
        yield from gathered.cases()
    if empty:
        raise _is_empty(source.where)


def _line(
    line: bytes | None, place: str, source: _Input, number: int, gathered: Gathered
) -> Iterable[RawCase | InputError]:
    if line is None:
        return [limits.too_large(limits.LINE_BYTES, place, "Write one case a line")]
    value = attempt(place, partial(_value, line, place))
    if isinstance(value, InputError):
        return [value]
    if gathered.takes(value, source.kind):
        return gathered.add(value, place)
    return raws(value, place, source.origin(line=number), source.kind)


def _value(line: bytes, place: str) -> Any:
    return json_value(decoded(line, place), place, one_line=True)


def _check_start(line: bytes, where: str) -> None:
    """Refuse as a whole what the first line shows not to be JSON Lines at all."""
    if b"\x00" in line:
        decoded(line, where)
    start = line.lstrip(b"\xef\xbb\xbf").strip()
    if start == b"{" or (start.startswith(b"[") and not start.endswith(b"]")):
        raise InputError(
            "this is one JSON document, not one case a line", where, "Let its name end in .json"
        )


def _json_document(text: str, source: _Input) -> Iterator[RawCase | InputError]:
    if not text.strip():
        raise _is_empty(source.where)
    value = json_value(text, source.where)
    if source.kind in ("", "rdf") and is_json_ld(value) and faulty(value) is None:
        yield from rdf_document(text, source.where, ".jsonld")
        return
    yield from _cases(value if isinstance(value, list) else [value], source)


def _yaml_document(text: str, source: _Input) -> Iterator[RawCase | InputError]:
    cases: list[object] = []
    fault = None
    try:
        for document in yaml_values(text, source.where):
            cases += document if isinstance(document, list) else [document]
    except InputError as error:
        fault = error
    if fault is None or cases:
        yield from _cases(cases, source)
    if fault is not None and cases:
        cure = f"{fault.cure}. What follows there was not read"
        yield InputError(fault.what, fault.where, cure)
    elif fault is not None:
        raise fault


def _cases(cases: list[object], source: _Input) -> Iterator[RawCase | InputError]:
    where = source.where
    if not cases:
        raise _is_empty(where)
    gathered = source.gathered or Gathered()
    for number, case in enumerate(cases):
        place = where if len(cases) == 1 else f"{where}[{number}]"
        if gathered.takes(case, source.kind):
            yield from gathered.add(case, place)
        else:
            yield from raws(case, place, source.origin(number), source.kind)
    if source.gathered is None:
        yield from gathered.cases()


def _is_empty(where: str) -> InputError:
    return InputError("there is no case in it", where, "Start with id: and the facts")
