"""Small files that unpack or expand to much: workbooks, YAML, tables, JSON Lines."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

import openpyxl

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
STRINGS = "xl/sharedStrings.xml"
SHEET = "xl/worksheets/sheet1.xml"
STYLES = "xl/styles.xml"
_TYPES = "[Content_Types].xml"
_STRINGS_TYPE = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-'
    b'officedocument.spreadsheetml.sharedStrings+xml"/>'
)


def book(path: Path, parts: dict[str, Iterable[bytes]], *, method: int = 8) -> Path:
    """A workbook with the id P1 whose ``parts`` are replaced, each by chunks."""
    plain = io.BytesIO()
    made = openpyxl.Workbook()
    made.active.append(["id"])
    made.active.append(["P1"])
    made.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w", method) as new:
        plain_parts = {name: old.read(name) for name in old.namelist()}
        plain_parts[_TYPES] = plain_parts[_TYPES].replace(b"</Types>", _STRINGS_TYPE + b"</Types>")
        plain_parts.setdefault(STRINGS, b"".join(strings(())))
        for name, content in plain_parts.items():
            with new.open(name, "w", force_zip64=True) as stream:
                for chunk in parts.get(name, [content]):
                    stream.write(chunk)
    return path


def strings(items: Iterable[bytes], declared: int = 2) -> Iterable[bytes]:
    """Shared strings: those of the plain workbook, then ``items``."""
    yield f'<sst {_MAIN} count="{declared}" uniqueCount="{declared}">'.encode()
    yield b"<si><t>id</t></si><si><t>P1</t></si>"
    yield from items
    yield b"</sst>"


def sheet(rows: Iterable[bytes]) -> Iterable[bytes]:
    """A sheet with an id in its first row, then ``rows``."""
    yield f"<worksheet {_MAIN}><sheetData>".encode()
    yield b'<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>'
    yield from rows
    yield b"</sheetData></worksheet>"


def cell(place: str, text: str = "P1") -> bytes:
    """A cell with a text."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'.encode()


def wide(rows: int, column: str = "XFD", *, filled: bool = False) -> Iterable[bytes]:
    """Rows of an id and a cell far to the right."""
    for row in range(2, rows + 2):
        far = cell(f"{column}{row}") if filled else f'<c r="{column}{row}"/>'.encode()
        yield b'<row r="%d">' % row + cell(f"A{row}", f"P{row}") + far + b"</row>"


def fan(kind: str, tag: str = "", wide: int = 9, deep: int = 8) -> str:
    """YAML whose aliases expand to ``wide`` to the power of ``deep``."""
    lines = ["- &a0 {x: 1}" if kind == "map" else "- &a0 [x]"]
    for n in range(1, deep + 1):
        aliases = ", ".join([f"*a{n - 1}"] * wide)
        inner = f"{{{tag} <<: [{aliases}]}}" if kind == "map" else f"{tag} [{aliases}]"
        lines.append(f"- &a{n} {inner}")
    return "\n".join(lines) + "\n"


def aliased_key(length: int, times: int) -> str:
    """YAML in which one long key stands in many mappings."""
    return f"- &k {'x' * length}\n" + "".join(f"- {{*k : {n}}}\n" for n in range(times))
