"""``calcinosis evaluate``."""

from __future__ import annotations

import json
from collections.abc import Callable

import click

from calcinosis.api import Evaluation, Settings, Sheet, load, other_ways
from calcinosis.cli import complete
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
from calcinosis.cli.refused import refusals, say_not_understood
from calcinosis.cli.usage import Command, InputPath


@click.command(cls=Command, short_help="Judge the classifier by cases and their labels.")
@click.argument(
    "files", nargs=-1, type=InputPath(), metavar="[CASES]...", shell_complete=complete.files
)
@format_option("text", "json", "markdown", "html")
@click.option(
    "--labels",
    type=InputPath(),
    metavar="FILE",
    help="A table (.csv, .tsv, .xlsx, .ods) of what others call the cases: id and label, and kind, "
    "source, note beside them; it may be the table of the cases itself.",
)
@click.option(
    "--second",
    type=InputPath(),
    metavar="FILE",
    help="The same cases by another encoder, read as CASES are: how far facts and verdicts agree.",
)
@click.option(
    "--against",
    multiple=True,
    metavar="NAME=VALUE",
    help="Another way of judging the same cases, for a paired test: viewpoint, assume, take, "
    "without, before, min-read, or release (an ontology folder, checkout or wheel); may be "
    "repeated.",
)
@click.option(
    "--keep-own-source",
    is_flag=True,
    help="Let a case's own source support what decides the case; it is left out otherwise.",
)
@settings_options
@reasoner_option
@strict_option
@sheet_options(second="second")
@from_option
@ontology_option
@output_options
def evaluate(
    *,
    files: tuple[str, ...],
    form: str,
    labels: str | None,
    second: str | Sheet | None,
    against: tuple[str, ...],
    keep_own_source: bool,
    settings: Settings,
    reasoner: str,
    strict: bool,
    kind: str,
    graph: Graph,
    out: Out,
) -> int:
    """Judge the classifier by cases and their labels.

    CASES are case files or tables, as 'calcinosis classify' takes them; without any, the published
    cases that come with the package, of which only counts are told: the rules were chosen on them.
    A label is a subtype, several with semicolons between, or none for a control. Told are
    agreement and accuracy with intervals, risk and coverage, every case, a paragraph for a paper's
    methods, and where each item of STARD 2015 is answered.

    \b
    Examples:
      calcinosis evaluate -f markdown -o evaluation.md
      calcinosis evaluate patients.xlsx --labels labels.csv -o study.html
      calcinosis evaluate first.yaml --labels labels.csv --second second.yaml
      calcinosis evaluate --against viewpoint=minars --against assume=nothing
    """
    kg = load(settings=settings, **graph, reasoner=reasoner)
    with other_ways(kg, against) as ways:
        found = kg.evaluate(
            files or None,
            labels,
            second=second,
            against=ways,
            keep_own_source=keep_own_source,
            strict=strict,
            kind=kind,
        )
    if labels is not None and not files:
        out.say("Note: no cases are named, so the labels are taken for the published cases.")
    with out.writing() as stream:
        stream.write(_WRITERS[form](found))
    code = refusals(found.refused)
    if found.flow.labels_unmatched:
        ids = ", ".join(found.flow.labels_unmatched[:_SHOWN])
        out.say(
            f"Note: labels of no case are set aside ({len(found.flow.labels_unmatched)}): {ids}"
        )
    if not out.quiet:
        say_not_understood(found.not_understood)
    return code


_SHOWN = 10


def _text(found: Evaluation) -> str:
    from calcinosis.output.words.evaluation import text

    return text(found)


def _markdown(found: Evaluation) -> str:
    from calcinosis.output.words.evaluation import markdown

    return markdown(found)


def _html(found: Evaluation) -> str:
    from calcinosis.output.pages.evaluation import evaluation_page

    return evaluation_page(found)


def _json(found: Evaluation) -> str:
    return json.dumps(found.to_dict(), ensure_ascii=False, indent=1) + "\n"


_WRITERS: dict[str, Callable[[Evaluation], str]] = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
    "html": _html,
}
