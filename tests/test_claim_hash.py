"""The hash of a claim changes exactly when what is claimed does."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from functools import cache

from calcinosis.api.selecting import select
from calcinosis.graph.claims import Association
from calcinosis.output.rdf.evidence import claim_hash
from tests.shared import graph


@cache
def claim() -> Association:
    return select(graph(), reference="reiter-2011").associations[0]


def test_it_changes_with_what_is_claimed_and_with_nothing_else() -> None:
    base = replace(claim(), contexts=("a", "b"))
    changed = [
        replace(base, subject="x"),
        replace(base, predicate="x"),
        replace(base, object="x"),
        replace(base, contexts=("a",)),
        replace(base, statement="x"),
    ]
    assert len({claim_hash(base), *map(claim_hash, changed)}) == 6
    same = replace(
        base, id="x", label="x", citations=(), contested=True, editorial="x", contexts=("b", "a")
    )
    assert claim_hash(same) == claim_hash(base)


def test_it_is_the_same_on_every_machine() -> None:
    fixed = replace(
        claim(), subject="s", predicate="p", object="o", contexts=("c",), statement="\u00e9"
    )
    assert claim_hash(fixed) == "07774694c3fb004a6a8742a62792cb79"


def test_tables_edges_and_nanopublications_hold_it() -> None:
    hashes = {one.id: claim_hash(one) for one in select(graph(), subtype="metastatic").associations}
    text = bytes(graph().export("associations-csv", subtype="metastatic")).decode()
    rows = csv.DictReader(io.StringIO(text))
    assert {row["association"]: row["claim_hash"] for row in rows} == hashes
    edges = bytes(graph().export("kgx-jsonl", subtype="metastatic").files["calcinosis_edges.jsonl"])
    trig = bytes(graph().export("nanopublications", subtype="metastatic"))
    for one in hashes.values():
        assert f'"claim_hash": "{one}"'.encode() in edges
        assert f'dcterms:identifier "sha256-128:{one}"'.encode() in trig
