"""Everything of a release in one folder: exports beside what is there, and checksums of it all."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path

import calcinosis
from calcinosis.output.formats import FORMATS

SUMS = "SHA256SUMS"


def export_all(folder: Path) -> list[Path]:
    """Write each export that needs no case into a folder; the files, in order.

    A file has the name that the export gives it; several are one archive of the format's name.
    """
    kg = calcinosis.load()
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for form in FORMATS:
        if not form.cases:
            found = kg.export(form.name)
            own = list(found.files)
            path = folder / (own[0] if len(own) == 1 else f"{form.name}.zip")
            path.write_bytes(bytes(found))
            written.append(path)
    return written


def sums(folder: Path) -> str:
    """SHA-256 of every file below a folder but the list itself, as ``sha256sum -c`` reads it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    lines = (
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {_name(path, folder)}\n"
        for path in files
    )
    return "".join(lines)


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill the folder that is named."""
    parser = argparse.ArgumentParser(
        prog="python -m calcinosis.release.bundle", description=__doc__
    )
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args(arguments).folder
    export_all(folder / "exports")
    (folder / SUMS).write_bytes(sums(folder).encode())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
