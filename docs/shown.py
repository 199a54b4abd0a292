"""Commands that the documents show: run where the document's own files lie, output and all."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path


class Desk:
    """A folder in which a document's commands run one after the other."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp())

    def file(self, name: str, text: str, kind: str = "yaml") -> str:
        """Lay a file on the desk; returns it as a fenced block, under its name."""
        text = text.lstrip("\n")
        (self._folder / name).write_text(text, encoding="utf-8")
        return f"`{name}`:\n\n```{kind}\n{text}```"

    def run(self, command: str, most: int | None = None, code: int = 0) -> str:
        """The command and what it prints as a fenced block, ``most`` lines of it at most.

        Raises AssertionError where the exit code is not ``code``.
        """
        done = subprocess.run(  # noqa: S603 (our own program)
            [sys.executable, "-m", *shlex.split(command)],
            cwd=self._folder,
            env={**os.environ, "COLUMNS": "80", "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == code, f"{command}: exit code {done.returncode}\n{done.stdout}"
        lines = [line.rstrip() for line in done.stdout.rstrip("\n").splitlines()]
        if most is not None and len(lines) > most:
            lines = [*lines[:most], "…"]
        return "\n".join(["```console", f"$ {command}", *lines, "```"])
