"""What the page on other tools says of the same question: SQL over our table, and our look-up."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from pathlib import Path

from tests.shared import graph

PAGE = Path(__file__).parent.parent / "docs" / "beside.md"


def test_sql_over_the_table_gives_the_claims_of_the_look_up() -> None:
    text = PAGE.read_text(encoding="utf-8")
    (query,) = re.findall(r"^```sql\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    exported = bytes(graph().export("associations-csv")).decode("utf-8-sig")
    heads, *rows = csv.reader(io.StringIO(exported))
    store = sqlite3.connect(":memory:")
    store.execute(f"CREATE TABLE associations ({', '.join(heads)})")
    store.executemany(f"INSERT INTO associations VALUES ({', '.join('?' * len(heads))})", rows)
    theirs = {row[0] for row in store.execute(query)}
    store.close()
    answer = graph().query("causes", subtype="metastatic")
    ours = {str(row["claim"]).rpartition("/")[2] for row in answer.rows()}
    assert theirs == ours
    assert f"It gives {len(ours)} claims" in text
