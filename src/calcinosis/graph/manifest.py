"""Whether what verdicts rest on is there and whole: files by name, size and sum.

A wheel carries a manifest of its data, written when it is built, and an installation is compared
with that. A checkout has none, nor has a folder that --ontology names: what belongs to an ontology
stands in its catalogue, and no file that stands there or would be loaded may be missing or empty.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from calcinosis.errors import OntologyError, Problem
from calcinosis.graph import locate

NAME: Final = "manifest.tsv"
INSIDE: Final = ("schemas", "styles", "words", "output/site/assets")
"""What lies beside the modules of the package and not below ``_data``."""
CATALOG: Final = "catalog-v001.xml"
_LOADED: Final = (".ttl", ".rq", ".sssom.tsv", ".csl", ".schema.json", ".words.tsv", ".css", ".js")
_FOLDERS: Final = ("", "viewpoints", "mappings", "shapes")
_ENTRY: Final = re.compile(r'<uri\b[^>]*?\suri="(?!\w+:)([^"]+)"')
_AGAIN: Final = "Install the package again: pip install --force-reinstall calcinosis"
_RESTORE: Final = "Restore the file from the repository"


def verify(folder: Path | None) -> None:
    """OntologyError that names the first file at fault: of this package, or of ``folder``."""
    faults = [*shipped(), *(listed(folder) if folder is not None else ())]
    if faults:
        first, others = faults[0], len(faults) - 1
        more = f" (and {others} more at fault; 'calcinosis check' names them)" if others else ""
        raise OntologyError(first.what + more, first.where, first.cure)


def shipped(*, sums: bool = False) -> Iterator[Problem]:
    """What is wrong with the data that came with this package; with ``sums``, each byte counts."""
    if locate.DATA.is_dir():
        yield from _compared(locate.PACKAGE, sums=sums)
        return
    yield from listed(locate.CHECKOUT / "ontology")
    queries = locate.CHECKOUT / "queries"
    for found in (
        *map(queries.joinpath, ("check", "derive", "lookup")),
        *map(locate.PACKAGE.joinpath, INSIDE),
    ):
        yield from _empty(found)


def listed(folder: Path) -> Iterator[Problem]:
    """What is missing or empty of a folder's catalogue, and of what would be loaded from there."""
    from html import unescape

    path = folder / CATALOG
    if not folder.is_dir():
        cure = "Name a folder that holds all modules"
        yield Problem("there is no such folder", str(folder), cure)
        return
    try:
        names = {unescape(name) for name in _ENTRY.findall(path.read_text(encoding="utf-8"))}
    except (OSError, UnicodeDecodeError):
        names = set()
    if not names:
        yield Problem("the list of what belongs to the ontology is missing", str(path), _RESTORE)
    for name in sorted(names):
        if not (folder / name).is_file():
            cure = f"{_RESTORE}, or take its line out of {CATALOG}"
            yield Problem("the file is missing", str(folder / name), cure)
    for below in _FOLDERS:
        yield from _empty(folder / below)


def _empty(folder: Path) -> Iterator[Problem]:
    sizes = _sizes(folder)
    if not sizes:
        yield Problem("the folder is missing or empty", str(folder), _RESTORE)
    for name in sorted(name for name, size in sizes.items() if not size):
        yield Problem("the file is empty", str(folder / name), _RESTORE)


def _compared(package: Path, *, sums: bool) -> Iterator[Problem]:
    path = locate.DATA / NAME
    try:
        wanted = read(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        yield Problem("the list of the package's data is missing or unreadable", str(path), _AGAIN)
        return
    found: dict[str, int] = {}
    for folder in {os.path.dirname(name) for name in wanted}:  # noqa: PTH120 (a few µs a load)
        found |= {f"{folder}/{name}": size for name, size in _sizes(package / folder).items()}
    for name in sorted(found.keys() - wanted.keys()):
        cure = "Take it away; a folder of your own is named with --ontology"
        yield Problem("the file is no part of the release", str(package / name), cure)
    for name, (size, total) in wanted.items():
        if what := _fault(package / name, found.get(name), size, total if sums else ""):
            yield Problem(what, str(package / name), _AGAIN)


def _fault(path: Path, found: int | None, size: int, total: str) -> str:
    if found is None and not path.is_file():
        return "the file is missing"
    found = path.stat().st_size if found is None else found
    if found != size:
        return f"the file has {found:,} bytes, and {size:,} were released" if found else _EMPTY
    if total and _sum(path.read_bytes()) != total:
        return "the file is not as it was released"
    return ""


_EMPTY: Final = "the file is empty"


def _sizes(folder: Path) -> Mapping[str, int]:
    """The sizes of the files of a folder that would be loaded."""
    try:
        with os.scandir(folder) as entries:
            return {e.name: e.stat().st_size for e in entries if e.name.endswith(_LOADED)}
    except OSError:
        return {}


def read(text: str) -> dict[str, tuple[int, str]]:
    """Sizes and SHA-256 by name, as ``written`` wrote them; ValueError if they are none."""
    rows = [line.split("\t") for line in text.splitlines()]
    found = {name: (int(size), total) for name, size, total in rows}
    if not found:
        raise ValueError("the manifest is empty")
    return found


def _sum(data: bytes) -> str:
    from hashlib import sha256

    return sha256(data).hexdigest()


def written(files: Mapping[str, Path]) -> str:
    """The manifest of files by their names in the package."""
    contents = {name: path.read_bytes() for name, path in sorted(files.items())}
    return "".join(f"{name}\t{len(data)}\t{_sum(data)}\n" for name, data in contents.items())


def below(path: Path, name: str) -> Iterator[tuple[str, Path]]:
    """A file, or those of a folder that a wheel takes, with their names in the package."""
    if path.is_file():
        yield name, path
        return
    for found in sorted(path.rglob("*")):
        parts = found.relative_to(path).parts
        if found.is_file() and not any(p.startswith((".", "__pycache__")) for p in parts):
            yield f"{name}/{'/'.join(parts)}", found
