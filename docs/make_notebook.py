"""Run the notebook of the examples and keep what it shows: python docs/make_notebook.py.

Its code cells run one after another in this Python, without Jupyter. ``--check`` only says whether
what the notebook shows is what it would show now; tables of pandas, whose looks change with its
version, are only run.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).parent.parent / "examples" / "cohort.ipynb"
_SHOWN = {"text/html": "_repr_html_", "image/svg+xml": "_repr_svg_"}


def run(notebook: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The notebook with the outputs of a fresh run in ``folder``."""
    space: dict[str, Any] = {"__name__": "__main__"}
    cells = []
    number = 0
    with contextlib.chdir(folder):
        for cell in notebook["cells"]:
            if cell["cell_type"] != "code":
                cells.append(cell)
                continue
            number += 1
            outputs = _outputs("".join(cell["source"]), space, number)
            cells.append({**cell, "execution_count": number, "outputs": outputs})
    return {**notebook, "cells": cells}


def _outputs(source: str, space: dict[str, Any], number: int) -> list[dict[str, Any]]:
    """What one cell prints, and what its last expression comes to."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    value, where = None, f"cell {number}"
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(tree, where, "exec"), space)  # noqa: S102 (the notebook is ours)
        if isinstance(last, ast.Expr):
            expression = compile(ast.Expression(last.value), where, "eval")
            value = eval(expression, space)  # noqa: S307
    outputs: list[dict[str, Any]] = []
    if out.getvalue():
        text = _lines(out.getvalue())
        outputs.append({"name": "stdout", "output_type": "stream", "text": text})
    if value is not None:
        outputs.append(
            {
                "data": _data(value),
                "execution_count": number,
                "metadata": {},
                "output_type": "execute_result",
            }
        )
    return outputs


def _data(value: object) -> dict[str, list[str]]:
    shown = {kind: getattr(value, method, None) for kind, method in _SHOWN.items()}
    data = {kind: _lines(make()) for kind, make in shown.items() if make is not None}
    if "image/svg+xml" not in data:
        data["text/plain"] = _lines(repr(value))
    return data


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def stable(notebook: dict[str, Any]) -> list[object]:
    """What must be the same in every run: sources, and all outputs but the tables of pandas."""
    found: list[object] = []
    for cell in notebook["cells"]:
        outputs = cell.get("outputs", [])
        is_pandas = any("dataframe" in "".join(_html(output)) for output in outputs)
        found.append((cell["source"], is_pandas or outputs))
    return found


def _html(output: dict[str, Any]) -> list[str]:
    html: list[str] = output.get("data", {}).get("text/html", [])
    return html


def main(arguments: list[str]) -> int:
    """Write the notebook with its outputs, or with ``--check`` say whether it is stale."""
    stored = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    found = run(stored, NOTEBOOK.parent)
    if "--check" in arguments:
        if stable(stored) == stable(found):
            return 0
        sys.stderr.write(f"{NOTEBOOK.name} is out of date; run python docs/make_notebook.py\n")
        return 1
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    NOTEBOOK.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
