"""The expected answers of the look-ups: ``python -m tests.expect`` writes them anew.

Each look-up is run with the parameters of the example in its header. What has changed must be read
before it is committed: the files are the record of what the graph answers.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import calcinosis
from calcinosis.graph.results import Table
from calcinosis.output.words.answer import written

FOLDER = Path(__file__).parent / "expected" / "query"


def tsv(table: Table) -> str:
    """A table as SPARQL 1.1 Query Results TSV."""
    return written(table, "tsv", {})


def answers(kg: calcinosis.KnowledgeGraph) -> dict[str, str]:
    """The answer of each look-up to its example, as TSV."""
    catalogue = kg.lookups.catalogue
    examples: dict[str, Any] = {n: catalogue.look_up(n).example for n in catalogue.names()}
    return {name: tsv(kg.query(name, **example)) for name, example in examples.items()}


def digests(kg: calcinosis.KnowledgeGraph) -> dict[str, str]:
    """A digest of the answer of each look-up without parameters."""
    return {
        name: hashlib.sha256(tsv(kg.query(name)).encode()).hexdigest()
        for name in kg.lookups.catalogue.names()
    }


def main(arguments: list[str]) -> None:
    """Write the expected answers, or print the digests."""
    kg = calcinosis.load()
    if arguments == ["--digests"]:
        sys.stdout.write(json.dumps(digests(kg)))
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.tsv"):
        old.unlink()
    for name, text in answers(kg).items():
        (FOLDER / f"{name}.tsv").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
