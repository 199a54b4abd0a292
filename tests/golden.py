"""The answer sheet ``golden.tsv`` as case files and expected verdicts."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SUBTYPES = {
    "dystrophic": "DystrophicCalcinosisCutis",
    "metastatic": "MetastaticCalcinosisCutis",
    "idiopathic": "IdiopathicCalcinosisCutis",
    "iatrogenic": "IatrogenicCalcinosisCutis",
    "calciphylaxis": "Calciphylaxis",
}
VERDICTS = {
    "follows": "entailed",
    "ruled out": "refuted",
    "open": "undetermined",
    "conflicting": "conflicting",
}
# Words of the sheet that say where a thing is, and what a case file says for them.
_LINKS: dict[str, dict[str, Any]] = {
    " (place unknown)": {},
    " at deposit": {"at_deposit": True},
    ", stated as cause": {"cause": True},
    " stated as cause": {"cause": True},
    " stated not to be the cause": {"cause": False},
    ", not at the deposit, not the cause": {"at_deposit": False, "cause": False},
}
_BASIS = "basis of the open ones"
_NOTES = (" (the criterion)", " (calcinosis not stated)", " given as a diagnosis")


@dataclass(frozen=True)
class Row:
    """One row: a case file, by subtype the verdict, and of the open ones basis and assumptions.

    ``flagged`` are the words of the flags that the row speaks of.
    """

    number: str
    case: dict[str, Any]
    verdicts: dict[str, str]
    basis: dict[str, str | None]
    presumed: dict[str, tuple[str, ...]]
    flagged: tuple[str, ...]


def rows() -> list[Row]:
    """All rows of the sheet."""
    path = Path(__file__).with_name("golden.tsv")
    with path.open(encoding="utf-8", newline="") as lines:
        table = {row["case"]: row for row in csv.DictReader(lines, delimiter="\t")}
    return [_row(row, table) for row in table.values()]


def _row(row: dict[str, str], table: dict[str, dict[str, str]]) -> Row:
    asserted, excluded = row["asserted"], row["excluded"]
    same = re.match(r"as (\d+), only (.+) excluded instead of (.+)", asserted)
    if same:
        other = table[same.group(1)]
        asserted = other["asserted"]
        excluded = other["excluded"].replace(same.group(3), same.group(2))
    case = case_file(f"golden-{row['case']}", asserted, excluded)
    verdicts = {subtype: VERDICTS[row[name]] for name, subtype in SUBTYPES.items()}
    stated = dict(part.split("=") for part in filter(None, row[_BASIS].split("; ")))
    still_open = {n: s for n, s in SUBTYPES.items() if verdicts[s] == "undetermined"}
    return Row(
        row["case"],
        case,
        verdicts,
        {subtype: stated.get(name) for name, subtype in still_open.items()},
        {
            subtype: tuple(filter(None, row["assumptions"].split("; ")))
            for name, subtype in still_open.items()
            if name == row["presumed"]
        },
        tuple(found.strip() for found in re.findall(r"flag: ([^);]+)", row["why"])),
    )


def case_file(name: str, asserted: str, excluded: str) -> dict[str, Any]:
    """The case file for what a sheet says is asserted and excluded."""
    case: dict[str, Any] = {"id": name, "conditions": [], "excluded": []}
    for words in filter(None, asserted.split("; ")):
        if words == "calcinosis":
            case["calcinosis"] = "present"
        else:
            case["conditions"].append(_item(words))
    for words in filter(None, excluded.split("; ")):
        if words == "calcinosis":
            case["calcinosis"] = "absent"
        else:
            case["excluded"].append(_item(words))
    return case


def _item(words: str) -> Any:
    for note in _NOTES:
        words = words.removesuffix(note)
    for suffix, link in _LINKS.items():
        if words.endswith(suffix):
            return {"term": words.removesuffix(suffix), **link} if link else words[: -len(suffix)]
    return words
