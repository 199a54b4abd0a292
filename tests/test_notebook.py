"""The notebook runs, and shows what it would show now."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "examples" / "cohort.ipynb"


@pytest.mark.slow
def test_the_notebook_runs_and_its_outputs_are_current() -> None:
    script = ROOT / "docs" / "make_notebook.py"
    done = subprocess.run([sys.executable, str(script), "--check"], check=False)
    assert done.returncode == 0, "run: python docs/make_notebook.py"


def test_the_notebook_was_run_from_top_to_bottom_without_an_error() -> None:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    kinds = {
        kind for cell in cells for output in cell["outputs"] for kind in output.get("data", {})
    }
    assert {"text/html", "image/svg+xml"} <= kinds
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])
    assert not any(output["output_type"] == "error" for cell in cells for output in cell["outputs"])
