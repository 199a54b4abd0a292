"""The command line: parses, calls one function, renders, sets the exit code."""

from __future__ import annotations

from calcinosis.cli.main import main

__all__ = ["main"]
