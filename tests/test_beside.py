"""What the page on other tools says of the same question: SQL over our table, and our look-up."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from collections import Counter
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


def test_what_we_say_of_the_shared_disease_is_what_show_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    claims = graph().show("MONDO:0016367").to_dict()["claims"]
    cited = [one for claim in claims for one in claim["citations"]]
    kinds = Counter(claim["kind"] for claim in claims)
    read = Counter(one["read"] for one in cited)
    figures = sum(any(one["figures"] for one in claim["citations"]) for claim in claims)
    for told in (
        f"with this disease: {len(claims)} claims |",
        f"{kinds['Antibody']} antibodies, site, course, {kinds['Overlap']} shares of patients, "
        f"{kinds['Treatment']} treatments; {figures} claims have a figure",
        f"| {kinds['Treatment']}, each",
        f"{len(cited)} citations of {len({one['reference'] for one in cited})} references",
        f"({read['abstract']} abstract, {read['text']} text, {read['list']} list)",
    ):
        assert told in text, told
