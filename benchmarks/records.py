"""How fast records of other formats are read, and what memory a million lines of FHIR take.

python -m benchmarks.records --packets 2000 --lines 1000000
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import calcinosis
from benchmarks.measure import Row
from calcinosis.errors import InputError
from calcinosis.facts.source import raw_cases
from calcinosis.facts.tabular import Known

PACKETS = 1000
A_SECOND = 1000
_FEATURES = 27  # about what a published phenopacket has


def packet(number: int) -> dict[str, Any]:
    """A phenopacket of the size of published ones."""
    codes = [1000 + (number * 7 + n) % 900 for n in range(_FEATURES)]
    features = [
        {
            "type": {"id": f"HP:{code:07}", "label": f"Feature {code}"},
            "excluded": code % 3 == 0,
            "onset": {"age": {"iso8601duration": "P4Y"}},
        }
        for code in codes
    ]
    disease = {"id": "MONDO:0016367", "label": "dermatomyositis"}
    subject = {"id": str(number), "timeAtLastEncounter": {"age": {"iso8601duration": "P9Y"}}}
    return {
        "id": f"p{number}",
        "subject": subject,
        "phenotypicFeatures": features,
        "diseases": [{"term": disease}],
        "metaData": {"phenopacketSchemaVersion": "2.0"},
    }


def resources(lines: int) -> Iterator[dict[str, Any]]:
    """Lines of a bulk export: all patients, then their results round after round."""
    patients = max(lines // 10, 1)
    code = {"coding": [{"system": "http://loinc.org", "code": "17861-6", "display": "Calcium"}]}
    for number in range(patients):
        yield {"resourceType": "Patient", "id": f"p{number}", "birthDate": "1980-03-01"}
    for number in range(lines - patients):
        yield {
            "resourceType": "Observation",
            "id": f"o{number}",
            "status": "final",
            "subject": {"reference": f"Patient/p{number % patients}"},
            "code": code,
            "valueQuantity": {"value": 9 + number % 10 / 10, "unit": "mg/dL"},
            "effectiveDateTime": f"20{10 + number % 10}-01-01",
        }


def rows(repetitions: int) -> Iterator[Row]:
    """Phenopackets from JSON Lines to cases, in turn with ``json.loads`` of the same lines."""
    kg = calcinosis.load()
    reader = kg._reader(strict=False)
    known = Known(lambda: kg.laboratory, lambda _word: "")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "packets.jsonl")
        path.write_text("".join(json.dumps(packet(n)) + "\n" for n in range(PACKETS)))

        def cases() -> None:
            for raw in raw_cases(str(path), known):
                assert not isinstance(raw, InputError)
                raw.read(reader)

        def loads() -> None:
            for line in path.read_bytes().splitlines():
                json.loads(line)

        cases()  # the words are remembered from here on
        taken = [(_taken(cases), _taken(loads)) for _ in range(repetitions)]
    read, loaded = (statistics.median(times) for times in zip(*taken, strict=True))
    yield Row(
        f"{PACKETS:,} phenopackets from JSON to cases, a second a core",
        f"{PACKETS / read:,.0f} ({read / loaded:.1f} × json.loads)",
        f"≥ {A_SECOND:,}",
        read * A_SECOND <= PACKETS,
    )


def _taken(work: Callable[[], None]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--packets", type=int, default=2000)
    parser.add_argument("--lines", type=int, default=100_000)
    asked = parser.parse_args()
    kg = calcinosis.load()
    reader = kg._reader(strict=False)
    known = Known(lambda: kg.laboratory, lambda _word: "")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "packets.jsonl")
        with path.open("w") as stream:
            stream.writelines(json.dumps(packet(n)) + "\n" for n in range(asked.packets))
        began = time.process_time()
        raws = list(raw_cases(str(path), known))
        taken = time.process_time()
        for raw in raws:
            assert not isinstance(raw, InputError)
            raw.read(reader)
        done = time.process_time()
        print(f"{asked.packets / (taken - began):,.0f} phenopackets a second taken apart")
        print(f"{asked.packets / (done - taken):,.0f} a second read by the vocabulary")
        del raws
        path = Path(folder, "lines.ndjson")
        with path.open("w") as stream:
            stream.writelines(json.dumps(one) + "\n" for one in resources(asked.lines))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.process_time()
        cases = sum(1 for _ in raw_cases(str(path), known))
        took = time.process_time() - began
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(f"{asked.lines:,} lines of FHIR: {cases:,} cases, {took:.0f} s, {grown:.0f} MB more")


if __name__ == "__main__":
    main()
