"""``calcinosis compare``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import IO

import click

from calcinosis.api import Comparison, KnowledgeGraph, Ranking, Settings, load
from calcinosis.cli.options import (
    Graph,
    Out,
    format_option,
    from_option,
    leaving_out_options,
    ontology_option,
    output_options,
    sheet_options,
    strict_option,
)
from calcinosis.cli.refused import refusals, say_not_understood
from calcinosis.cli.usage import Command, InputPath
from calcinosis.errors import UsageError


@click.command(cls=Command, short_help="Put two settings side by side over the same cases.")
@click.argument("files", nargs=-1, required=True, type=InputPath(), metavar="CASE...")
@format_option("text", "json", "csv", "markdown")
@click.option(
    "--viewpoint",
    "viewpoints",
    multiple=True,
    metavar="NAME",
    help="Whose definitions to use; given twice, the two are compared.",
)
@leaving_out_options
@click.option(
    "--each-reference",
    is_flag=True,
    help="Leave out each reference alone, and rank them by the verdicts that change.",
)
@strict_option
@sheet_options()
@from_option
@ontology_option
@output_options
def compare(
    *,
    files: tuple[str, ...],
    form: str,
    viewpoints: tuple[str, ...],
    settings: Settings,
    each_reference: bool,
    strict: bool,
    kind: str,
    graph: Graph,
    out: Out,
) -> int:
    """Put two settings side by side over the same cases.

    CASE is a case file or a table, as 'calcinosis classify' takes it. The left side is the
    viewpoint as it is; the right side is the second viewpoint, or the same one, with what is to be
    left out left out, and only what --assume and --take allow. Listed are the axioms that lose
    their last support, a table of the verdicts, each verdict that changes, and the axioms and
    references that make the difference.

    \b
    Examples:
      calcinosis compare examples/patients.yaml --min-read text
      calcinosis compare examples/published --viewpoint seed-reiter-2011 \\
        --viewpoint walsh-fairley-1995
      calcinosis compare examples/published --each-reference
    """
    if len(viewpoints) > 2:
        raise UsageError("more than two viewpoints are given", "--viewpoint", "Compare two at once")
    sides = _sides(viewpoints, settings, each_reference=each_reference)
    kg = load(settings=sides[0], **graph)
    found: Comparison | Ranking
    with out.writing() as stream:
        if each_reference:
            found = kg.rank(files, strict=strict, kind=kind)
            _RANKS[form](kg, found, stream)
        else:
            found = kg.compare(sides[1], files, strict=strict, kind=kind)
            _WRITERS[form](kg, found, stream)
    code = refusals(found.refused)
    if not out.quiet:
        say_not_understood(found.not_understood)
    return code


def _sides(
    viewpoints: Sequence[str], settings: Settings, *, each_reference: bool
) -> tuple[Settings, Settings]:
    left = Settings(viewpoints[0]) if viewpoints else Settings()
    right = replace(settings, viewpoint=viewpoints[-1] if viewpoints else left.viewpoint)
    if each_reference:
        if len(viewpoints) > 1:
            raise UsageError(
                "one viewpoint is ranked at a time", "--each-reference", "Give one --viewpoint"
            )
        return right, right
    if left == right:
        raise UsageError(
            "both sides are the same",
            "compare",
            "Give a second --viewpoint, or what to leave out: --without, --before, --min-read, "
            "--without-study-type, --without-editorial, or --each-reference; or what to add: "
            "--assume, --take",
        )
    return left, right


def _text(kg: KnowledgeGraph, found: Comparison, stream: IO[str]) -> None:
    from calcinosis.output.words.comparison import comparison_text

    stream.write(comparison_text(found, kg.library))


def _markdown(kg: KnowledgeGraph, found: Comparison, stream: IO[str]) -> None:
    from calcinosis.output.words.comparison import comparison_markdown

    stream.write(comparison_markdown(found, kg.library))


def _json(_kg: KnowledgeGraph, found: Comparison | Ranking, stream: IO[str]) -> None:
    stream.write(json.dumps(found.to_dict(), ensure_ascii=False, indent=1) + "\n")


def _csv(_kg: KnowledgeGraph, found: Comparison, stream: IO[str]) -> None:
    from calcinosis.output.sheets.verdicts import comparison_csv

    comparison_csv(found, stream)


def _rank_text(kg: KnowledgeGraph, found: Ranking, stream: IO[str]) -> None:
    from calcinosis.output.words.comparison import weights_text

    stream.write(weights_text(found.by, found, kg.library))


def _rank_markdown(kg: KnowledgeGraph, found: Ranking, stream: IO[str]) -> None:
    from calcinosis.output.words.comparison import weights_markdown

    stream.write(weights_markdown(found.by, found, kg.library))


def _rank_csv(_kg: KnowledgeGraph, found: Ranking, stream: IO[str]) -> None:
    from calcinosis.output.sheets.verdicts import ranking_csv

    ranking_csv(found, stream)


_WRITERS = {"text": _text, "json": _json, "csv": _csv, "markdown": _markdown}
_RANKS = {"text": _rank_text, "json": _json, "csv": _rank_csv, "markdown": _rank_markdown}
