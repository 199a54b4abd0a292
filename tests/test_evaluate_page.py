"""The page of an evaluation on a phone."""

from __future__ import annotations

import html5lib

from calcinosis.output.pages.evaluation import evaluation_page
from tests.test_evaluate import shipped

XHTML = "{http://www.w3.org/1999/xhtml}"


def test_on_a_phone_a_table_fits_or_its_rows_are_blocks_with_heads() -> None:
    tables = list(html5lib.parse(evaluation_page(shipped())).iter(f"{XHTML}table"))
    stacked = [table for table in tables if table.get("class") == "stacked"]
    assert len(stacked) > 5
    for table in stacked:
        heads = ["".join(one.itertext()) for one in table.findall(f"{XHTML}thead//{XHTML}th")]
        for row in table.findall(f"{XHTML}tbody/{XHTML}tr"):
            assert [cell.get("data-head") for cell in row[1:]] == heads[1:]
    for table in set(tables) - set(stacked):
        rows = ([*row] for row in table.iter(f"{XHTML}tr"))
        columns = zip(*(["".join(cell.itertext()) for cell in row] for row in rows), strict=True)
        assert sum(max(map(len, " ".join(column).split())) for column in columns) < 40
