"""``calcinosis classify``."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO

import click

from calcinosis.api import KnowledgeGraph, load, tidy
from calcinosis.cli.options import (
    format_option,
    ontology_option,
    output_options,
    reasoner_option,
    viewpoint_option,
    writing,
)
from calcinosis.errors import InputError
from calcinosis.reasoning.verdict import CaseVerdict


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@format_option("text", "json", "jsonl", "csv")
@viewpoint_option
@reasoner_option
@click.option(
    "--lenient", is_flag=True, help="Pass over unknown terms, tests and units, and list them."
)
@ontology_option
@output_options
def classify(
    *,
    files: tuple[str, ...],
    form: str,
    viewpoint: str,
    reasoner: str,
    lenient: bool,
    ontology: str | None,
    output: str | None,
    force: bool,
    quiet: bool,
) -> int:
    r"""Say for each case which subtypes follow, are ruled out, or stay open, and why.

    FILE is a case file (YAML, JSON, JSON Lines), a directory of them, or - for standard input.

    \b
    Example:
      calcinosis classify examples/patients.yaml
    """
    kg = load(viewpoint, ontology=ontology, reasoner=reasoner)
    refused: list[InputError] = []
    passed: Counter[str] = Counter()
    cases = _accepted(kg.stream(files, lenient=lenient), refused, passed)
    with writing(output, force) as stream:
        _WRITERS[form](kg, cases, stream)
    for line in chain.from_iterable(str(error).splitlines() for error in refused):
        click.echo(f"Refused: {line}", err=True)
    for reason, times in passed.items() if not quiet else ():
        click.echo(f"Passed over: {reason} (times: {times})", err=True)
    return InputError.exit_code if refused else 0


def _accepted(
    items: Iterable[CaseVerdict | InputError], refused: list[InputError], passed: Counter[str]
) -> Iterator[CaseVerdict]:
    """The verdicts; what was refused, or passed over by leniency, goes into the collections."""
    for item in items:
        if isinstance(item, InputError):
            refused.append(item)
        else:
            passed.update(remark.reason for remark in item.case.unresolved)
            yield item


def _text(kg: KnowledgeGraph, cases: Iterable[CaseVerdict], stream: IO[str]) -> None:
    from calcinosis.render.text import case_text, plain

    on_terminal = stream is sys.stdout and stream.isatty()
    width = min(100, shutil.get_terminal_size((80, 24)).columns) if on_terminal else 80
    library = kg.ontology.library.bibliography
    for number, case in enumerate(cases):
        if number:
            stream.write("\n")
        style = _coloured if on_terminal and _wants_colour() else plain
        stream.write(case_text(case, library, width=width, style=style))


def _wants_colour() -> bool:
    import os

    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _coloured(text: str, colour: str) -> str:
    return click.style(text, bold=True) if colour == "bold" else click.style(text, fg=colour)


def _json(kg: KnowledgeGraph, cases: Iterable[CaseVerdict], stream: IO[str]) -> None:
    stream.write(kg.result(cases).to_json() + "\n")


def _jsonl(_kg: KnowledgeGraph, cases: Iterable[CaseVerdict], stream: IO[str]) -> None:
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    for case in cases:
        stream.write(encode(case.as_dict()) + "\n")


def _csv(_kg: KnowledgeGraph, cases: Iterable[CaseVerdict], stream: IO[str]) -> None:
    columns = ("case", "subtype", "verdict", "basis", "needed")
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(chain.from_iterable(tidy(case) for case in cases))


_WRITERS = {"text": _text, "json": _json, "jsonl": _jsonl, "csv": _csv}
