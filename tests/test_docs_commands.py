"""Every command that a document prints runs, in a folder that holds the files it names.

What the documents show with its output is made anew by ``make current``; here are the others.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import openpyxl
import pytest

from calcinosis.graph.locate import data
from tests import fhir, records
from tests.started import unmeasured
from tests.test_omop import CONCEPT, CONDITION, MEASUREMENT, PERSON
from tests.test_omop import write as write_tables

ROOT: Final = Path(__file__).parent.parent
DOCS: Final = ROOT / "docs"
SPOKEN: Final = re.compile(r"<!-- \[\[\[cog.*?\[\[\[end\]\]\] -->", re.DOTALL)
FENCED: Final = re.compile(r"^```(console|sh)\n(.*?)^```", re.MULTILINE | re.DOTALL)
ELSEWHERE: Final = {
    "endpoint.md": "tests/test_endpoint_clients.py",  # against a server that is running
    "export-stores.md": "tests/test_stores.py",  # against a store that is running
    "sparql.md sh": "tests/test_stores.py",
    "export-citable-claims.md sh": "tests/test_nanopub.py",  # with a key
    "serving.md": "tests/test_http_docs.py",  # which runs until it is told to end
}
"""What needs a server or a key, and the file that tests it."""


def commands() -> Iterator[tuple[str, str]]:
    """Each document with the commands that it prints in one block, without their output."""
    for page in sorted(DOCS.glob("*.md")):
        text = SPOKEN.sub("", page.read_text(encoding="utf-8"))
        for kind, block in FENCED.findall(text):
            lines = block.replace("\\\n", " ").splitlines()
            said = (
                [line[2:] for line in lines if line.startswith("$ ")]
                if kind == "console"
                else lines
            )
            ours = [line for line in said if "calcinosis " in line]
            if ours and not {page.name, f"{page.name} {kind}"} & ELSEWHERE.keys():
                yield page.name, "\n".join(ours)


def packet(path: Path) -> None:
    features = [records.CALCINOSIS]
    diseases = [{"term": records.DERMATOMYOSITIS}]
    told = records.packet(phenotypicFeatures=features, diseases=diseases)
    path.write_text(json.dumps(told) + "\n", encoding="utf-8")


def chart(path: Path) -> None:
    found = fhir.condition("c1", fhir.DERMATOMYOSITIS)
    told = fhir.bundle(fhir.patient(), fhir.CALCINOSIS, found, fhir.calcium())
    path.write_text(json.dumps(told), encoding="utf-8")


def bulk(path: Path) -> None:
    path.mkdir()
    found = {
        "Patient": [fhir.patient()],
        "Condition": [fhir.CALCINOSIS, fhir.condition("c1", fhir.DERMATOMYOSITIS)],
    }
    for kind, resources in found.items():
        lines = "".join(json.dumps(one) + "\n" for one in resources)
        (path / f"{kind}.ndjson").write_text(lines, encoding="utf-8")


def database(path: Path) -> None:
    path.mkdir()
    row = "1,6,80182,2010-01-01,,,,\n"
    tables = {"person": PERSON, "concept": CONCEPT, "measurement": MEASUREMENT}
    write_tables(path, condition_occurrence=CONDITION + row, **tables)


def table_of(name: str) -> Callable[[Path], None]:
    def lay(path: Path) -> None:
        database(path.parent / "tables")
        shutil.copy(path.parent / "tables" / name, path)
        shutil.rmtree(path.parent / "tables")

    return lay


def example(name: str) -> Callable[[Path], object]:
    return lambda path: shutil.copy(data("examples") / name, path)


def turtle(path: Path) -> None:
    import calcinosis

    path.write_bytes(
        bytes(calcinosis.load().export("cases-turtle", cases=data("examples") / "patients.yaml"))
    )


def table(path: Path) -> None:
    book = openpyxl.Workbook()
    with (data("examples") / "patients.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.reader(rows):
            book.active.append(row)
    book.save(path)


def site(path: Path) -> None:
    prefixes = "@prefix calc: <https://w3id.org/calcinosis/> .\n"
    prefixes += "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
    path.write_text(prefixes + 'calc:Calciphylaxis skos:altLabel "grey leg"@en .\n', "utf-8")


def release(path: Path) -> None:
    shutil.copytree(data("ontology"), path / "ontology")
    shutil.copytree(data("queries"), path / "queries")


def wheel(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for folder in ("ontology", "queries"):
            for file in sorted(data(folder).rglob("*")):
                if file.is_file():
                    name = file.relative_to(data(folder))
                    archive.write(file, f"calcinosis/_data/{folder}/{name}")


LAID: Final[dict[str, Callable[[Path], object]]] = {
    "patients.yaml": example("patients.yaml"),
    "patients.csv": example("patients.csv"),
    "clinic.csv": example("patients.csv"),
    "cohort.xlsx": table,
    "site.ttl": site,
    "patient.phenopacket.json": packet,
    "patients.jsonl": packet,
    "bundle.json": chart,
    "bulk-export/": bulk,
    "cdm/": database,
    "patients.ttl": turtle,
    "person.csv": table_of("person.csv"),
    "concept.csv": table_of("concept.csv"),
    "measurement.csv": table_of("measurement.csv"),
    "condition_occurrence.csv": table_of("condition_occurrence.csv"),
    "calcinosis-0.2.0-py3-none-any.whl": wheel,
    "old": release,
    "new": release,
}
WRITTEN: Final = re.compile(r"(?:^|\s)(?:-o|--rejected|--to|template)\s+(\S+)")
STANDS_FOR: Final = {
    "some-export | ": "cat patient.phenopacket.json | ",
    "git archive v0.2.0 ontology | tar -x -C old; ": "",
}
"""Programs of others, and what does the same here."""


def lay_out(told: str, folder: Path) -> None:
    """Lay what commands read, and none of them writes, into a folder."""
    written = set(WRITTEN.findall(told))
    for name, make in LAID.items():
        if re.search(rf"(?<![\w./-]){re.escape(name)}(?![\w.-])", told) and name not in written:
            make(folder / name)


def fill(path: Path) -> None:
    """Fill a form in: a case, and a row that is refused."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    headings = {cell.value: cell.column for cell in sheet[1]}
    for number, status in ((2, "present"), (3, "perhaps")):
        sheet.cell(number, headings["id"], f"P{number}")
        sheet.cell(number, headings["calcinosis"], status)
    book.save(path)


@pytest.mark.slow
@pytest.mark.parametrize(("page", "told"), list(commands()), ids=lambda it: it.split("\n")[0][:60])
def test_the_commands_of_a_document_run(
    page: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unmeasured(monkeypatch)
    for theirs, ours in STANDS_FOR.items():
        told = told.replace(theirs, ours)
    lay_out(told, tmp_path)
    beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": beside, "COLUMNS": "80"}
    for line in told.splitlines():
        done = subprocess.run(
            ["sh", "-c", line], cwd=tmp_path, env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        some_refused = "mend.xlsx" in line  # of two rows one is to be mended
        assert done.returncode == (3 if some_refused else 0), f"{page}: {line}\n{done.stderr}"
        assert done.stdout or done.stderr or re.search(WRITTEN, line)
        if line.startswith("calcinosis template"):
            fill(tmp_path / line.split()[-1])


def test_what_runs_elsewhere_is_tested_there() -> None:
    for place, test in ELSEWHERE.items():
        page = place.partition(" ")[0]
        assert (DOCS / page).is_file()
        assert (ROOT / test).is_file()
