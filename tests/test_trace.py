"""The trace: every row of the curated tables is carried by a claim, or says why by none."""

from __future__ import annotations

import csv
import re

from calcinosis import names
from calcinosis.graph.locate import data
from tests.shared import graph

with (data("ontology") / "trace.tsv").open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_every_row_stands_once() -> None:
    expected = [f"E{n:03}" for n in range(1, 181)] + [f"C{n:03}" for n in range(1, 87)]
    assert len(ROWS) == 266
    assert sorted(row["row"] for row in ROWS) == sorted(expected)


def test_a_row_is_carried_or_excepted() -> None:
    carried = [row for row in ROWS if row["association"]]
    excepted = [row for row in ROWS if not row["association"]]
    assert (len(carried), len(excepted)) == (257, 9)
    assert all(row["exception"].strip() and not row["also"] for row in excepted)
    assert not any(row["exception"] for row in carried)


def test_every_association_exists() -> None:
    claims = {names.local(iri) for iri in graph().ontology.claims.associations}
    cited = {
        key for row in ROWS for key in re.split(r"[;\s]+", f"{row['association']};{row['also']}")
    }
    assert cited - {""} <= claims
