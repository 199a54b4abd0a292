"""R with readr reads what we write, and we read what it writes: the R of the documents runs."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import calcinosis
from calcinosis.graph.locate import data
from tests.shared import few

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.external


def rscript(code: str, folder: Path) -> str:
    """What an R script prints; the program ``calcinosis`` is this Python's."""
    program = folder / "bin" / "calcinosis"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m calcinosis "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    script = folder / "script.R"
    script.write_text(code, encoding="utf-8")
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["Rscript", "--vanilla", str(script)],
        cwd=folder,
        env={**os.environ, "PATH": path, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_r_of_the_documents_runs(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "spreadsheets.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```r\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    out = rscript(code, tmp_path)
    assert re.search(r"MetastaticCalcinosisCutis +\d", out)


def test_readr_reads_the_tidy_csv_as_it_is(tmp_path: Path, kg: calcinosis.KnowledgeGraph) -> None:
    patients = data("examples") / "patients.csv"
    code = f"""
    library(readr)
    arguments <- c("classify", shQuote("{patients}"), "-f", "csv", "-o", "v.csv")
    stopifnot(system2("calcinosis", arguments) == 0)
    v <- read_csv("v.csv", show_col_types = FALSE)
    stopifnot(nrow(problems(v)) == 0)
    cat(format_tsv(v, na = ""))
    """
    lines = [line.split("\t") for line in rscript(code, tmp_path).splitlines()]
    rows = kg.classify(patients).rows()
    assert lines[0] == list(rows[0])
    assert lines[1:] == [[value or "" for value in row.values()] for row in rows]


@pytest.mark.parametrize(
    "writer", few(["write_csv", "write_csv2", "write_excel_csv", "write_tsv"], "write_csv2")
)
def test_what_readr_writes_is_read(
    writer: str, tmp_path: Path, kg: calcinosis.KnowledgeGraph
) -> None:
    code = f"""
    library(readr)
    d <- data.frame(id = c("007", "P2"), calcinosis = "present", notes = c("Größe; = 1", NA),
                    calcium = c(9.2, NA), calcium_unit = "mg/dL", calcium_low = 8.5)
    {writer}(d, "a.csv", na = "")
    """
    rscript(code, tmp_path)
    result = kg.classify(tmp_path / "a.csv")
    assert not result.refused
    one, other = result.cases
    assert (one.case.id, len(one.case.facts), len(other.case.facts)) == ("007", 2, 1)
    assert one.case.set_aside[0].what == "Größe; = 1"


@pytest.mark.slow
def test_readr_reads_the_tables_of_an_export(tmp_path: Path, kg: calcinosis.KnowledgeGraph) -> None:
    code = """
    library(readr)
    for (name in c("associations-csv", "criteria-csv", "mappings-csv")) {
      file <- paste0(name, ".csv")
      stopifnot(system2("calcinosis", c("export", name, "-o", file)) == 0)
      table <- read_csv(file, show_col_types = FALSE)
      stopifnot(nrow(problems(table)) == 0)
      cat(name, nrow(table), ncol(table), "\\n")
    }
    """
    found = dict(line.split(" ", 1) for line in rscript(code, tmp_path).splitlines())
    for name in ("associations-csv", "criteria-csv", "mappings-csv"):
        rows = list(csv.reader(io.StringIO(bytes(kg.export(name)).decode())))
        assert found[name].split() == [str(len(rows) - 1), str(len(rows[0]))]
