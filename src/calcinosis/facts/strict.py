"""Workbooks in the strict form of the standard, put into the form that openpyxl reads."""

from __future__ import annotations

import io
import re
import zipfile
from typing import IO, Final

_NAMES: Final = {
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    ),
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    ),
    b"http://purl.oclc.org/ooxml/drawingml/main": (
        b"http://schemas.openxmlformats.org/drawingml/2006/main"
    ),
}
_ANY = re.compile(b"|".join(map(re.escape, _NAMES)))


def transitional(archive: zipfile.ZipFile) -> IO[bytes]:
    """The same workbook with the namespaces of the transitional form, in memory.

    Its parts were counted before, so that it is known to be of a bearable size.
    """
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as written:
        for info in archive.infolist():
            data = archive.read(info)
            if info.filename.endswith((".xml", ".rels")):
                data = _ANY.sub(lambda name: _NAMES[name[0]], data)
            written.writestr(info.filename, data)
    found.seek(0)
    return found
