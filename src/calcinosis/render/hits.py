"""What a search has found, for people and programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from calcinosis import names
from calcinosis.graph.search import Hit
from calcinosis.render.text import Style, plain

_COLUMNS = ("id", "label", "kind", "matched", "score", "iri")


def text(hits: Sequence[Hit], *, width: int = 80, style: Style = plain) -> str:
    """One line a hit: its label, what matched where that is another name, kind and id."""
    lines = []
    labels = [_label(hit) for hit in hits]
    room = max(24, width - 2 - max((len(_code(hit)) for hit in hits), default=0))
    column = min(room, max(map(len, labels), default=0))
    for hit, label in zip(hits, labels, strict=True):
        shown = label if len(label) <= column else label[: column - 1] + "\u2026"
        head = len(hit.entry.label)
        painted = style(shown[:head], "bold") + shown[head:]
        lines.append(f"{painted}{' ' * (column - len(shown))}  {_code(hit)}\n")
    return "".join(lines)


def _label(hit: Hit) -> str:
    entry = hit.entry
    same = names.normal(hit.matched) in (names.normal(entry.label), names.normal(entry.id))
    return entry.label if same else f"{entry.label} ({hit.matched})"


def _code(hit: Hit) -> str:
    prefix = "ref" if hit.entry.kind == "reference" else "cc"
    return f"{hit.entry.kind}  {prefix}:{hit.entry.id}"


def rows(hits: Sequence[Hit]) -> list[dict[str, Any]]:
    """Plain dicts, one a hit."""
    return [
        {
            "id": hit.entry.id,
            "label": hit.entry.label,
            "kind": hit.entry.kind,
            "matched": hit.matched,
            "score": hit.score,
            "iri": hit.entry.iri,
        }
        for hit in hits
    ]


def to_json(hits: Sequence[Hit]) -> str:
    """The hits as JSON."""
    return json.dumps(rows(hits), ensure_ascii=False, indent=1) + "\n"


def to_csv(hits: Sequence[Hit]) -> str:
    """The hits as CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(hits))
    return out.getvalue()
