"""``calcinosis classify``."""

from __future__ import annotations

import csv
import gc
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from typing import IO

import click

from calcinosis.api import KnowledgeGraph, load
from calcinosis.cli import complete
from calcinosis.cli.once import Command
from calcinosis.cli.options import (
    format_option,
    lenient_option,
    ontology_option,
    output_options,
    reasoner_option,
    settings_options,
    writing,
)
from calcinosis.cli.tables import as_bytes, asked_form, write_rejected
from calcinosis.cli.terminal import counted, measure, refusals, style
from calcinosis.errors import InputError, UsageError
from calcinosis.facts.cells import guarded
from calcinosis.graph.settings import Settings
from calcinosis.reasoning.verdict import COLUMNS, CaseVerdict
from calcinosis.result import explained


@click.command(cls=Command, short_help="Say which subtypes follow for each case, and why.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=complete.files)
@format_option("text", "json", "jsonl", "csv", "xlsx")
@settings_options
@reasoner_option
@click.option(
    "--explain",
    is_flag=True,
    help="Say why as well: justifications, what would decide, conflicts (not in a table).",
)
@lenient_option
@click.option(
    "--rejected",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write refused rows of tables there (.csv, .tsv or .xlsx), to mend and feed again.",
)
@ontology_option
@output_options
def classify(
    *,
    files: tuple[str, ...],
    form: str,
    settings: Settings,
    reasoner: str,
    explain: bool,
    lenient: bool,
    rejected: str | None,
    ontology: str | None,
    output: str | None,
    force: bool,
    quiet: bool,
) -> int:
    """Say for each case which subtypes follow, are ruled out, or stay open, and why.

    FILE is a case file (YAML, JSON, JSON Lines), a directory of them, or - for standard input;
    or a table, one row a case (.csv, .tsv, .xlsx), such as 'calcinosis template' writes.

    \b
    Examples:
      calcinosis classify examples/patients.yaml
      calcinosis classify examples/patients.csv --rejected mend.xlsx
      calcinosis classify examples/patients.csv -f xlsx -o verdicts.xlsx
      calcinosis classify examples/patients.yaml --explain -f jsonl
    """
    if explain and form not in _SAID:
        raise UsageError(
            f"a table has no place for why (-f {form})",
            "--explain",
            f"Take -f {', -f '.join(_SAID)}, or 'calcinosis explain'",
        )
    if form == "xlsx" and output is None:
        raise UsageError("a workbook is not for the screen", "-f xlsx", "Name a file: -o FILE")
    if rejected is not None:
        asked_form(rejected, force=force)
    kg = load(settings=settings, ontology=ontology, reasoner=reasoner)
    kg.prepare()
    # The graph stays as it is, and cases are trees without circles: look for garbage seldom.
    gc.freeze()
    gc.set_threshold(100_000)
    refused: list[InputError] = []
    passed: Counter[str] = Counter()
    verdicts = kg.stream(files, lenient=lenient, traced=explain)
    stream_of = counted(verdicts, "cases", quiet=quiet)
    cases = _accepted(stream_of, refused, passed)
    if form not in _SAID and not quiet:
        cases = _saying_what_was_not_interpreted(cases)
    with writing(output, force) as stream:
        write = _EXPLAINED[form] if explain else _WRITERS[form]
        write(kg, cases, stream)
    code = refusals(refused)
    for reason, times in passed.items() if not quiet else ():
        click.echo(f"Passed over: {reason} (times: {times})", err=True)
    if rejected is not None:
        write_rejected(kg.form, refused, rejected, force=force, quiet=quiet)
    return code


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


def _saying_what_was_not_interpreted(cases: Iterable[CaseVerdict]) -> Iterator[CaseVerdict]:
    """The cases; values that no interval judges are said on standard error."""
    for item in cases:
        for remark in item.case.uninterpreted:
            said = f"{item.case.id}, {remark.where}: {remark.what}: {remark.reason}"
            click.echo(f"Not interpreted: {said}. Give {remark.cure}", err=True)
        yield item


def _text(
    kg: KnowledgeGraph, cases: Iterable[CaseVerdict], stream: IO[str], *, explain: bool = False
) -> None:
    from calcinosis.render.text import case_text, heading

    columns = measure(stream)
    if explain:
        from calcinosis.render.explanation import explanation_text

    library = kg.ontology.library.bibliography
    label = kg.ontology.terms.label(kg.ontology.viewpoint_iri)
    by = ", ".join(filter(None, (label, kg.ontology.left_out_words)))
    above = heading(by, columns, kg.ontology.settings.added_words)
    for number, case in enumerate(cases):
        stream.write("\n" if number else above)
        stream.write(case_text(case, library, width=columns, style=style(stream)))
        if explain:
            head = f"Why {case.case.id} (references numbered anew)"
            stream.write(explanation_text(kg.why(case), library, width=columns, head=head))


def _json(
    kg: KnowledgeGraph, cases: Iterable[CaseVerdict], stream: IO[str], *, explain: bool = False
) -> None:
    stream.write(kg.result(cases, explain=explain).to_json() + "\n")


def _jsonl(
    kg: KnowledgeGraph, cases: Iterable[CaseVerdict], stream: IO[str], *, explain: bool = False
) -> None:
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    for case in cases:
        found = explained(case, kg.why(case)) if explain else case.as_dict()
        stream.write(encode(found) + "\n")


def _csv(_kg: KnowledgeGraph, cases: Iterable[CaseVerdict], stream: IO[str]) -> None:
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in chain.from_iterable(case.rows() for case in cases):
        kept = {key: guarded(value) for key, value in row.items() if isinstance(value, str)}
        writer.writerow({**row, **kept})


def _xlsx(kg: KnowledgeGraph, cases: Iterable[CaseVerdict], stream: IO[str]) -> None:
    from calcinosis.render.workbook import write_workbook

    library = kg.ontology.library.bibliography
    head = kg.result().head()
    if "left_out" in head:
        head["left_out"] = kg.ontology.left_out_words
    write_workbook(cases, library, head, as_bytes(stream))


_Write = Callable[[KnowledgeGraph, Iterable[CaseVerdict], IO[str]], None]
_SAYING: dict[str, Callable[..., None]] = {"text": _text, "json": _json, "jsonl": _jsonl}
_SAID = tuple(_SAYING)  # these hold what was not interpreted
_WRITERS: dict[str, _Write] = {**_SAYING, "csv": _csv, "xlsx": _xlsx}
_EXPLAINED: dict[str, _Write] = {
    form: partial(write, explain=True) for form, write in _SAYING.items()
}
