"""The published cases that come with the package, as they are encoded."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

from calcinosis.graph.locate import data


def published() -> Path:
    """The folder of the published cases."""
    return data("examples") / "published"


@cache
def examples() -> list[dict[str, Any]]:
    """The published cases, in order: ``case`` is in the case format.

    ``authors`` has the ids of the subtypes that the authors say, ``reference`` the key of the
    paper; both are empty where nobody says.

    >>> sorted(examples()[0])
    ['authors', 'case', 'id', 'reference']
    """
    import yaml

    text = (published() / "cases.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    cases = json.loads(json.dumps(yaml.load(text, Loader=loader), default=str))  # noqa: S506
    with (published() / "labels.tsv").open(encoding="utf-8", newline="") as lines:
        told = {row["id"]: row for row in csv.DictReader(lines, delimiter="\t")}
    return [_example(case, told.get(case["id"], {})) for case in cases]


def _example(case: dict[str, Any], told: dict[str, str]) -> dict[str, Any]:
    authors = [word.strip() for word in told.get("authors_subtypes", "").split(";")]
    return {
        "id": case["id"],
        "case": case,
        "authors": [word for word in authors if word],
        "reference": told.get("reference", ""),
    }
