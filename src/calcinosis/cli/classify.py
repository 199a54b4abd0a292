"""``calcinosis classify``."""

from __future__ import annotations

import gc
from functools import partial

import click

from calcinosis.api import Settings, load
from calcinosis.api.written import LONG, Counting
from calcinosis.cli import complete
from calcinosis.cli.answers import (
    ANNOTATED,
    COUNTED,
    SAID,
    SHAPES,
    Answer,
    check,
    check_views,
    saying_what_was_not_interpreted,
    write,
)
from calcinosis.cli.in_words import views_of
from calcinosis.cli.options import (
    Graph,
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
from calcinosis.cli.template import asked_form, write_rejected
from calcinosis.cli.terminal import with_progress
from calcinosis.cli.usage import Command, InputPath, OutputPath


@click.command(cls=Command, short_help="Say which subtypes follow for each case, and why.")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=InputPath(),
    metavar="FILE...",
    shell_complete=complete.files,
)
@format_option(
    *("text", "json", "jsonl", "csv", "xlsx", "parquet"),
    *("html", "markdown", "svg", "png", "pdf", "phenopacket", "fhir"),
)
@settings_options
@reasoner_option
@click.option(
    "--explain",
    is_flag=True,
    help="Say why as well: justifications, what would decide, conflicts (not in a table).",
)
@click.option(
    "--details/--summary",
    default=None,
    help="In text: each patient in full below the summary of more than six, or the summary and a "
    "line each of however few.",
)
@click.option(
    "--shape",
    type=click.Choice(SHAPES),
    help="Of a table (csv, parquet): wide, a row a patient in words; tidy, a row a patient and "
    "subtype; long, the same with all that a verdict hangs on (default). table-1 describes the "
    "patients for a paper (csv, text, markdown). Of a picture (svg, png, pdf): bars of the "
    "verdicts (default), overlaps of the criteria met, or what is missing.",
)
@click.option(
    "--each-viewpoint",
    is_flag=True,
    help="How many come to what under each viewpoint, with names taken at their word and not, and "
    "whose verdicts differ (text, markdown, html, json, xlsx; csv has each verdict of each). It "
    "judges the cases anew each time.",
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
    details: bool | None,
    shape: str | None,
    each_viewpoint: bool,
    strict: bool,
    kind: str,
    rejected: str | None,
    graph: Graph,
    out: Out,
) -> int:
    """Say for each case which subtypes follow, are ruled out, or stay open, and why.

    More than six are told as a cohort: first what they come to, what is missing and what would
    settle most, then each in a line.

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
      calcinosis classify examples/published -f csv --shape wide -o cohort.csv
      calcinosis classify examples/patients.yaml --explain -f jsonl
      calcinosis classify examples/patients.yaml -f phenopacket
    """
    check_views(form, files, shape, asked=each_viewpoint)
    check(form, shape=shape, details=details, explain=explain, to_file=out.file is not None)
    if rejected is not None:
        asked_form(rejected, force=out.force)
    kg = load(settings=settings, **graph, reasoner=reasoner)
    counting = Counting(kg)
    refused = Refused(keep=rejected is not None, also=counting.refuse if form in COUNTED else None)
    verdicts = kg.stream(
        files, strict=strict, kind=kind, explain=explain or form in ANNOTATED, refused=refused
    )
    # The graph stays as it is, and cases are trees without circles: look for garbage seldom.
    gc.freeze()
    gc.set_threshold(100_000)
    unknown = NotUnderstood()
    cases = unknown.counting(with_progress(verdicts, "cases", quiet=out.quiet))
    if form not in SAID and not out.quiet:
        cases = saying_what_was_not_interpreted(cases)
    views = partial(views_of, kg, files, strict=strict, kind=kind) if each_viewpoint else None
    with out.writing() as stream:
        write(form, Answer(kg, verdicts, cases, counting, shape or LONG, views, details), stream)
    if rejected is not None:
        others = refused.count - len(refused.rows)
        write_rejected(kg.form, refused.rows, others, rejected, force=out.force, quiet=out.quiet)
    if not out.quiet:
        unknown.say()
    return refused.end()
