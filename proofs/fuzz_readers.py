"""Fuzz the readers of cases: no traceback, no hang, no case lost.

Each input is a valid file with a few changes. An input is judged or refused by name; beside it
stands a case that must be judged whatever the input is. Where another reader counts the cases of
the file (lines, rows, items, nodes), each is judged or refused, unless one refusal says that the
file, or what follows, was not read.

    python -m proofs.fuzz_readers --inputs 10000 --seed 1
"""

from __future__ import annotations

import argparse
import csv
import faulthandler
import io
import json
import logging
import re
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import openpyxl
import yaml

import calcinosis
from calcinosis.errors import OurFaultError
from calcinosis.facts.cells import unguarded
from proofs.fuzz import Mutator, keep

PATIENCE: Final = 10.0  # seconds for one input
_LARGEST: Final = 20_000  # bytes of a valid file to start from

_CASES: Final = [
    {
        "id": f"p{number}",
        "age": "40 years",
        "calcinosis": {"status": "present", "sites": ["hand"]},
        "conditions": [{"term": "dermatomyositis", "cause": True, "note": "x"}, "scar"],
        "excluded": ["raised phosphate"],
        "labs": [
            {"test": "calcium", "value": 9.1, "unit": "mg/dL", "interval": [8.5, None]},
            {"test": "albumin", "value": ">4", "unit": "g/dL", "when": "before"},
        ],
        "other": ["\u00e4", 1, None, {"a": [True]}],
    }
    for number in range(3)
]
_ROWS: Final = [
    ["id", "age", "age_unit", "conditions", "calcium", "calcium_unit", "calcium_low", "notes"],
    ["p0", "40", "years", "scar; dermatomyositis", "9.1", "mg/dL", "8.5", "a\nb"],
    ["p1", "", "", "", "normal", "", "", '"'],
    ["p2", "1,5", "years", "scar", "1,250", "mg/dL", "", "=1+1"],
]
_PACKETS: Final = [
    {
        "id": f"p{number}",
        "subject": {
            "id": "x",
            "sex": "FEMALE",
            "timeAtLastEncounter": {"age": {"iso8601duration": "P9Y"}},
        },
        "phenotypicFeatures": [
            {
                "type": {"id": "HP:0025520", "label": "Calcinosis cutis"},
                "onset": {"timestamp": "2020"},
            },
            {"type": {"id": "HP:0002905"}, "excluded": True, "modifiers": [{"label": "Mild"}]},
        ],
        "measurements": [
            {
                "assay": {"id": "LOINC:17861-6", "label": "Calcium"},
                "value": {"quantity": {"value": 9.1, "unit": {"id": "UCUM:mg/dL"}}},
            }
        ],
        "medicalActions": [{"treatment": {"agent": {"label": "warfarin"}}}],
        "interpretations": [
            {"progressStatus": "SOLVED", "diagnosis": {"disease": {"label": "gout"}}}
        ],
        "metaData": {"externalReferences": [{"id": "PMID:1"}]},
    }
    for number in range(3)
]
_LONG: Final = b"""patient_id,kind,name,value,unit,low,high,date,code
p0,,sex,female,,,,,
p1,diagnosis,calcinosis cutis,,,,,,HP:0025520
p0,lab,calcium,9.1,mg/dL,8.5,10.5,2020-01-01,
p2,finding,skin ulcer,no,,,,,
p1,,phosphate,"1,250",mg/dL,,,,
"""
_MEDICINE: Final = {"medicationCodeableConcept": {"text": "warfarin"}, "status": "active"}
_CALCIUM: Final = {
    "code": {"coding": [{"system": "http://loinc.org", "code": "17861-6", "display": "Calcium"}]},
    "valueQuantity": {"value": 9.1, "unit": "mg/dL", "comparator": "<"},
    "referenceRange": [{"low": {"value": 8.5}, "high": {"value": 10.5}}],
    "interpretation": [{"coding": [{"code": "N"}]}],
    "component": [{"code": {"text": "phosphate"}, "valueString": "high"}],
}
_ILL: Final = {
    "code": {"coding": [{"system": "http://snomed.info/sct", "code": "396230008"}]},
    "verificationStatus": {"coding": [{"code": "confirmed"}]},
    "clinicalStatus": {"coding": [{"code": "active"}]},
}
_RESOURCES: Final[list[dict[str, Any]]] = [
    {"resourceType": kind, "id": f"{kind}{number}", "subject": {"reference": f"Patient/p{number}"}}
    | more
    for number in range(3)
    for kind, more in (
        ("Patient", {"id": f"p{number}", "birthDate": "1980-01", "gender": "male"}),
        ("Condition", _ILL),
        ("Observation", _CALCIUM),
        ("MedicationStatement", _MEDICINE),
        ("Encounter", {}),
    )
]
_BUNDLE: Final = {"resourceType": "Bundle", "entry": [{"resource": one} for one in _RESOURCES]}
_WORDS: Final = (
    b"resourceType", b"members", b"proband", b"excluded", b"contained", b"#x", b"Bundle",
    b"!!bool ", b"!!int ", b"!!float ", b"!!binary ", b"!!pairs ", b"!x ", b"&a ", b"*a", b"<<: ",
    b"? ", b"---\n", b"...\n", b"- ", b": ", b"{", b"}", b"[", b"]", b'"', b"'", b"#", b"|\n", b">",
    b"%YAML 9.9\n", b"%TAG ! x\n", b"null", b"true", b"1e999", b"9" * 400, b"NaN", b"\\ud800",
    b"\\u0000", b",", b";", b"\t", b"id", b"age", b"labs", b"when", b"level", b"\xe2\x80\x8b",
    b"[" * 60, b"sep=;\n", b"<row r='9999999'>", b"<c r='XFD1'/>", b"<!DOCTYPE a>", b"PK\x01\x02",
)  # fmt: skip


def _rows(delimiter: str) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows(_ROWS)
    return stream.getvalue().encode()


def _book() -> bytes:
    book = openpyxl.Workbook()
    for row in _ROWS:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _lines_of(data: bytes) -> int:
    """How many lines of JSON Lines say something."""
    return sum(1 for line in data.split(b"\n") if line.strip())


def _in_json(data: bytes) -> int | None:
    """How many cases a JSON document holds, if it is one."""
    try:
        value = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return len(value) if isinstance(value, list) else 1


def _in_yaml(data: bytes) -> int | None:
    """How many cases YAML holds by its nodes, if it is YAML."""
    try:
        nodes: list[Any] = list(yaml.compose_all(data.decode("utf-8-sig"), Loader=yaml.BaseLoader))
    except (ValueError, yaml.YAMLError, RecursionError):
        return None
    if any(node.id == "scalar" for node in nodes):
        return None  # it may be nothing, or not
    return sum(len(node.value) if node.id == "sequence" else 1 for node in nodes)


def _in_rows(delimiter: str) -> Callable[[bytes], int | None]:
    """How many rows stand below the first, if the quotes match."""

    def count(data: bytes) -> int | None:
        try:
            text = data.decode("utf-8-sig")
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        except (ValueError, csv.Error):
            return None
        said = [row for row in rows if any(unguarded(cell).strip() for cell in row)]
        # A heading that was torn does not tell any more what parts the cells.
        return len(said) - 1 if said and len(said[0]) >= len(_ROWS[0]) else None

    return count


def _uncounted(_data: bytes) -> None:
    return None


@dataclass(frozen=True)
class Kind:
    """A kind of file: its ending, a valid file, and how many cases any file must come to."""

    suffix: str
    valid: bytes
    count: Callable[[bytes], int | None] = _uncounted


def kinds() -> tuple[Kind, ...]:
    """The kinds of files that are read."""
    lines = "\n".join(json.dumps(case, ensure_ascii=False) for case in _CASES)
    resources = "\n".join(map(json.dumps, _RESOURCES))
    return (
        Kind(".yaml", yaml.safe_dump(_CASES, allow_unicode=True).encode(), _in_yaml),
        Kind(".json", json.dumps(_CASES, ensure_ascii=False, indent=1).encode(), _in_json),
        Kind(".jsonl", lines.encode(), _lines_of),
        Kind(".csv", _rows(","), _in_rows(",")),
        Kind(".csv", _rows(";"), _in_rows(";")),
        Kind(".tsv", _rows("\t"), _in_rows("\t")),
        Kind(".xlsx", _book()),
        Kind(".json", json.dumps(_PACKETS, indent=1).encode(), _in_json),
        Kind(".yaml", yaml.safe_dump(_PACKETS).encode(), _in_yaml),
        Kind(".json", json.dumps(_BUNDLE, indent=1).encode()),
        Kind(".ndjson", resources.encode()),
        Kind(".csv", _LONG),
    )


def changed(kind: Kind, mutator: Mutator) -> bytes:
    """A valid file with changes; in a workbook mostly inside its parts, packed again."""
    if kind.suffix != ".xlsx" or mutator.random.random() < 0.2:
        return mutator.mutated(kind.valid)
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(kind.valid)) as old, zipfile.ZipFile(stream, "w") as new:
        chosen = mutator.random.choice(old.namelist())
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, mutator.mutated(content) if name == chosen else content)
    return stream.getvalue()


_NO_PATIENTS: Final = re.compile(r"rows? ([\d, ]+)(?P<more> \u2026)? (?:is|are) no patient")


class Told(logging.Handler):
    """What is said of a sheet as a whole: how many of its rows are told to be no patients."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = 0
        self.more = False

    def emit(self, record: logging.LogRecord) -> None:
        """Count the rows that a remark names."""
        match = _NO_PATIENTS.search(record.getMessage())
        if match:
            self.rows += match[1].count(",") + 1
            self.more |= match["more"] is not None


def fault(kg: calcinosis.KnowledgeGraph, path: Path, count: int | None) -> str:
    """What is wrong with how a file was read; empty if nothing is."""
    told_of = Told()
    logger = logging.getLogger("calcinosis")
    logger.handlers, logger.propagate = [told_of], False
    began = time.monotonic()
    faulthandler.dump_traceback_later(6 * PATIENCE, exit=True)
    try:
        result = kg.classify([path, {"id": "the one beside it"}])
        told = [result.to_json(), *(str(error) for error in result.refused)]
        "".join(told).encode()
    except Exception:  # noqa: BLE001 (any is a finding)
        return traceback.format_exc()
    finally:
        faulthandler.cancel_dump_traceback_later()
    ours = [error for error in result.refused if isinstance(error, OurFaultError)]
    found = len(result.cases) + len(result.refused)
    if ours:
        return "".join(traceback.format_exception(ours[0].__cause__ or ours[0]))
    if all(case.case.id != "the one beside it" for case in result.cases):
        return "the case beside it was not judged"
    if found < 2 or not all(error.what and error.cure for error in result.refused):
        return "it came to nothing, or a refusal says no cure"
    is_whole = found == 2 and len(result.refused) == 1  # or it stands for what follows it
    ends = any("What follows there was not read" in error.cure for error in result.refused)
    found += told_of.rows
    if count and found - 1 != count and not (is_whole or ends or told_of.more):
        return f"{count} cases were written, {found - 1} came out"
    took = time.monotonic() - began
    return f"it took {took:.0f} s" if took > PATIENCE else ""


def run(inputs: int, seed: int, seconds: float) -> int:
    """Fuzz; how many findings there were."""
    kg = calcinosis.load()
    mutator = Mutator(seed, _WORDS)
    every = kinds()
    assert all(len(kind.valid) < _LARGEST for kind in every)
    done: Counter[str] = Counter()
    findings = 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(inputs):
            if time.monotonic() - began > seconds:
                break
            kind = every[number % len(every)]
            data = changed(kind, mutator)
            path = Path(folder, f"a{kind.suffix}")
            path.write_bytes(data)
            done[kind.suffix] += 1
            said = fault(kg, path, kind.count(data))
            if said:
                findings += 1
                print(f"{keep(data, kind.suffix)}\n{said}")
    counts = ", ".join(f"{suffix} {times:,}" for suffix, times in done.items())
    took = time.monotonic() - began
    print(
        f"{sum(done.values()):,} inputs ({counts}), seed {seed}, {took:.0f} s: {findings} findings"
    )
    return findings


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=120.0, help="stop after that")
    asked = parser.parse_args()
    sys.exit(1 if run(asked.inputs, asked.seed, asked.seconds) else 0)


if __name__ == "__main__":
    main()
