"""``calcinosis classify``."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import IO

import click

from calcinosis.api import CaseVerdict, KnowledgeGraph, Settings, Verdicts, load
from calcinosis.cli import complete
from calcinosis.cli.options import (
    Out,
    format_option,
    from_option,
    ontology_option,
    output_options,
    reasoner_option,
    settings_options,
    sheet_options,
    strict_option,
)
from calcinosis.cli.refused import NotUnderstood, Refused
from calcinosis.cli.template import as_bytes, asked_form, write_rejected
from calcinosis.cli.terminal import counted, measure, say, style
from calcinosis.cli.usage import Command, InputPath, OutputPath
from calcinosis.errors import UsageError


@click.command(cls=Command, short_help="Say which subtypes follow for each case, and why.")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=InputPath(),
    metavar="FILE...",
    shell_complete=complete.files,
)
@format_option("text", "json", "jsonl", "csv", "xlsx", "phenopacket", "fhir")
@settings_options
@reasoner_option
@click.option(
    "--explain",
    is_flag=True,
    help="Say why as well: justifications, what would decide, conflicts (not in a table).",
)
@strict_option
@from_option
@click.option(
    "--rejected",
    type=OutputPath(),
    metavar="FILE",
    help="Write refused rows of tables there (.csv, .tsv or .xlsx), to mend and feed again.",
)
@sheet_options()
@ontology_option
@output_options
def classify(
    *,
    files: tuple[str, ...],
    form: str,
    settings: Settings,
    reasoner: str,
    explain: bool,
    strict: bool,
    kind: str,
    rejected: str | None,
    ontology: str | None,
    out: Out,
) -> int:
    """Say for each case which subtypes follow, are ruled out, or stay open, and why.

    FILE is a case file (YAML, JSON, JSON Lines), a directory of them, or - for standard input;
    or a table, one row a case (.csv, .tsv, .xlsx, .ods), as it was saved ('calcinosis map' shows
    how it is read) or such as 'calcinosis template' writes.
    Phenopackets and FHIR R4 (a Bundle, NDJSON) are read as they are; -f phenopacket and -f fhir
    write what came in with the verdicts beside it, one a line.

    \b
    Examples:
      calcinosis classify examples/patients.yaml
      calcinosis classify examples/patients.csv --rejected mend.xlsx
      calcinosis classify examples/patients.csv -f xlsx -o verdicts.xlsx
      calcinosis classify examples/patients.yaml --explain -f jsonl
      calcinosis classify examples/patients.yaml -f phenopacket
    """
    if explain and form not in _SAID:
        raise UsageError(
            f"there is no place for why (-f {form})",
            "--explain",
            f"Take -f {', -f '.join(_SAID)}, or 'calcinosis explain'",
        )
    if form == "xlsx" and out.file is None:
        raise UsageError("a workbook is not for the screen", "-f xlsx", "Name a file: -o FILE")
    if rejected is not None:
        asked_form(rejected, force=out.force)
    kg = load(settings=settings, ontology=ontology, reasoner=reasoner)
    refused = Refused(keep=rejected is not None)
    verdicts = kg.stream(
        files, strict=strict, kind=kind, explain=explain or form in _ANNOTATED, refused=refused
    )
    # The graph stays as it is, and cases are trees without circles: look for garbage seldom.
    gc.freeze()
    gc.set_threshold(100_000)
    unknown = NotUnderstood()
    cases = unknown.counting(counted(verdicts, "cases", quiet=out.quiet))
    if form not in _SAID and not out.quiet:
        cases = _saying_what_was_not_interpreted(cases)
    with out.writing() as stream:
        _WRITERS[form](kg, verdicts, cases, stream)
    if rejected is not None:
        others = refused.count - len(refused.rows)
        write_rejected(kg.form, refused.rows, others, rejected, force=out.force, quiet=out.quiet)
    if not out.quiet:
        unknown.say()
    return refused.end()


_MANY = 20  # lines of one kind on standard error


def _saying_what_was_not_interpreted(cases: Iterable[CaseVerdict]) -> Iterator[CaseVerdict]:
    """The cases; values that no interval judges are said on standard error, the first of many."""
    count = 0
    for item in cases:
        for remark in item.case.uninterpreted:
            count += 1
            said = f"{item.case.id}, {remark.where}: {remark.what}: {remark.reason}"
            if count <= _MANY:
                say(f"Not interpreted: {said}. Give {remark.cure}", one_line=True)
        yield item
    if count > _MANY:
        say(f"Not interpreted: {count - _MANY} more values, which -f json lists with each case")


def _text(
    kg: KnowledgeGraph, verdicts: Verdicts, cases: Iterable[CaseVerdict], stream: IO[str]
) -> None:
    from calcinosis.output.words.verdicts import case_text, heading

    columns, why = measure(stream), verdicts.why
    if why:
        from calcinosis.output.words.explanation import explanation_text

    by = ", ".join(filter(None, (kg.label, kg.ontology.left_out_words)))
    above = heading(by, columns, kg.ontology.settings.added_words)
    for number, case in enumerate(cases):
        stream.write("\n" if number else above)
        stream.write(case_text(case, kg.library, width=columns, style=style(stream)))
        if why:
            head = f"Why {case.case.id} (references numbered anew)"
            stream.write(explanation_text(why(case), kg.library, width=columns, head=head))


def _json(
    _kg: KnowledgeGraph, verdicts: Verdicts, cases: Iterable[CaseVerdict], stream: IO[str]
) -> None:
    """As ``Result.to_json`` writes it, but a case at a time: no run is too long for it."""
    head = json.dumps({**verdicts.head.to_dict(), "cases": []}, ensure_ascii=False, indent=1)
    stream.write(head.removesuffix("]\n}"))
    empty = True
    for case in cases:
        text = json.dumps(verdicts.case_to_dict(case), ensure_ascii=False, indent=1)
        stream.write(("\n  " if empty else ",\n  ") + text.replace("\n", "\n  "))
        empty = False
    stream.write("]\n}\n" if empty else "\n ]\n}\n")


def _jsonl(
    _kg: KnowledgeGraph, verdicts: Verdicts, cases: Iterable[CaseVerdict], stream: IO[str]
) -> None:
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    for case in cases:
        stream.write(encode(verdicts.case_to_dict(case)) + "\n")


def _csv(
    _kg: KnowledgeGraph, _verdicts: Verdicts, cases: Iterable[CaseVerdict], stream: IO[str]
) -> None:
    from calcinosis.output.sheets.verdicts import write_csv

    write_csv(cases, stream)


def _xlsx(
    kg: KnowledgeGraph, verdicts: Verdicts, cases: Iterable[CaseVerdict], stream: IO[str]
) -> None:
    from calcinosis.output.sheets.verdicts import write_workbook

    head = verdicts.head.to_dict()
    if "left_out" in head:
        head["left_out"] = kg.ontology.left_out_words
    write_workbook(cases, kg.library, head, as_bytes(stream))


def _annotated(
    kg: KnowledgeGraph, verdicts: Verdicts, cases: Iterable[CaseVerdict], stream: IO[str], form: str
) -> None:
    """What came in, a line each, with the verdicts beside it."""
    from calcinosis.output.exchange import fhir, phenopacket

    assert verdicts.why is not None
    write = {"phenopacket": phenopacket.packets, "fhir": fhir.bundles}[form]
    for one in write(kg.ontology, map(verdicts.why, cases)):
        stream.write(json.dumps(one, ensure_ascii=False) + "\n")


_Write = Callable[[KnowledgeGraph, Verdicts, Iterable[CaseVerdict], IO[str]], None]
_SAYING: dict[str, _Write] = {"text": _text, "json": _json, "jsonl": _jsonl}
_SAID = tuple(_SAYING)  # these hold what was not interpreted
_ANNOTATED = ("phenopacket", "fhir")
_WRITERS: dict[str, _Write] = {
    **_SAYING,
    "csv": _csv,
    "xlsx": _xlsx,
    **{form: partial(_annotated, form=form) for form in _ANNOTATED},
}
