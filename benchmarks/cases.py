"""Made-up cases: random terms of the ontology, random levels, nobody's records."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import calcinosis

_CALCIUM = {"test": "calcium", "unit": "mg/dL", "interval": [8.5, 10.5]}
_PHOSPHATE = {"test": "phosphate", "unit": "mmol/L", "interval": [0.8, 1.5]}


def made(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Cases of one to three conditions, some interventions and findings, levels, exclusions."""
    terms = calcinosis.load().ontology.terms
    labels: dict[str, list[str]] = {}
    for term in terms:
        if len(terms.find(term.label)) == 1:
            labels.setdefault(term.kind, []).append(term.label)
    chance = random.Random(seed)
    return [_case(number, labels, chance) for number in range(count)]


def _case(number: int, labels: dict[str, list[str]], chance: random.Random) -> dict[str, Any]:
    conditions: list[Any] = chance.sample(labels["condition"], chance.randint(1, 3))
    if chance.random() < 0.5:
        conditions[0] = {"term": conditions[0], "at_deposit": True}
    return {
        "id": f"made-{number}",
        "sex": chance.choice(["male", "female"]),
        "age": f"{chance.randint(1, 90)} years",
        "calcinosis": {"status": "present", "sites": ["elbow"]},
        "conditions": conditions,
        "interventions": chance.sample(labels["intervention"], chance.randint(0, 2)),
        "findings": chance.sample(labels["finding"], chance.randint(0, 2)),
        "labs": [
            {**_CALCIUM, "value": round(chance.uniform(7.5, 11.5), 1)},
            {**_PHOSPHATE, "value": round(chance.uniform(0.5, 2.2), 2)},
        ],
        "excluded": chance.sample(labels["condition"], chance.randint(0, 2)),
    }


def write(folder: Path, count: int) -> None:
    """Write ``one.jsonl``, ``one.yaml``, ``cases.jsonl`` and ``cases.yaml`` into a folder."""
    import yaml

    found = made(count)
    for name, cases in (("one", found[:1]), ("cases", found)):
        lines = "".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
        text = yaml.safe_dump(cases, allow_unicode=True, sort_keys=False)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    import sys

    write(Path(sys.argv[1]), int(sys.argv[2]))
