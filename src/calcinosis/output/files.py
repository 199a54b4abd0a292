"""Files written whole or not at all, archives that are the same everywhere, and stated times."""

from __future__ import annotations

import io
import os
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from calcinosis import names
from calcinosis.errors import UsageError
from calcinosis.graph.ontology import Ontology

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can hold
_TIMES: Final = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(?=</)")


def archive(files: Mapping[str, bytes]) -> bytes:
    """Files as a zip archive, in their order, without times."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, content)
    return stream.getvalue()


def timeless(workbook: bytes) -> bytes:
    """An Excel workbook without the time at which it was written."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as packed:
        files = {name: packed.read(name) for name in sorted(packed.namelist())}
    core = "docProps/core.xml"
    files[core] = _TIMES.sub(rb"\g<1>1980-01-01T00:00:00Z", files[core])
    return archive(files)


@contextmanager
def replacing(target: Path) -> Iterator[IO[str]]:
    """A stream whose text becomes the file ``target`` at the end, or leaves no trace."""
    mode = target.stat().st_mode & 0o777 if target.exists() else default_mode(0o666)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".calcinosis-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="") as stream:
            yield stream
        temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def default_mode(all_rights: int) -> int:
    """The mode of a new file or folder by the user's mask, which is read only by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return all_rights & ~mask


_VARIABLE: Final = "SOURCE_DATE_EPOCH"


def time_stated() -> str | None:
    """The time that SOURCE_DATE_EPOCH states, for builds that can be repeated; None without it.

    UsageError where it is not a number of seconds.
    """
    seconds = os.environ.get(_VARIABLE)
    if not seconds:
        return None
    try:
        return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            f"{seconds!r} is not a time", _VARIABLE, "Give seconds since 1970, as date +%s does"
        ) from error


def time_released(ontology: Ontology) -> str | None:
    """When the release of the ontology was issued."""
    return ontology.root.text(names.ONTOLOGY, names.DCTERMS + "issued")
