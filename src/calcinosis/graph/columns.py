"""Written tables with their columns in another order: Oxigraph has none for ``SELECT *``."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence


def columns_moved(text: bytes, form: str, columns: Sequence[str], wanted: Sequence[str]) -> bytes:
    """A table as Oxigraph wrote it, with its columns as wanted.

    JSON and XML say the order in their heads alone; in CSV and TSV each row is written anew.
    """
    if form in ("json", "xml"):
        write = _json_head if form == "json" else _xml_head
        return text.replace(write(columns), write(wanted), 1)
    places = [columns.index(name) for name in wanted]
    if form == "tsv":
        lines = text.split(b"\n")
        cells = (line.split(b"\t") for line in lines if line)
        return b"".join(b"\t".join(row[at] for at in places) + b"\n" for row in cells)
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    out = io.StringIO()
    writer = csv.writer(out)
    for row in csv.reader(io.StringIO(text.decode(), newline="")):
        writer.writerow([row[at] for at in places])
    return out.getvalue().encode()


def _json_head(columns: Sequence[str]) -> bytes:
    return f'"vars":{json.dumps(list(columns), ensure_ascii=False, separators=(",", ":"))}'.encode()


def _xml_head(columns: Sequence[str]) -> bytes:
    names = "".join(f'<variable name="{name}"/>' for name in columns)
    return f"<head>{names}</head>".encode()
