"""Archives whose bytes do not depend on when and where they are written."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Final

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
