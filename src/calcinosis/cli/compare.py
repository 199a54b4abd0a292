"""``calcinosis compare``."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import IO, TYPE_CHECKING

import click

from calcinosis.api import KnowledgeGraph, load
from calcinosis.cli.once import Command
from calcinosis.cli.options import (
    format_option,
    leaving_out_options,
    lenient_option,
    ontology_option,
    output_options,
    writing,
)
from calcinosis.cli.terminal import refusals
from calcinosis.errors import InputError, UsageError
from calcinosis.facts.cells import guarded
from calcinosis.graph.settings import Settings

if TYPE_CHECKING:
    from calcinosis.study.compare import Comparison, Weight


@click.command(cls=Command, short_help="Put two settings side by side over the same cases.")
@click.argument("files", nargs=-1, required=True, metavar="CASE...")
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
@lenient_option
@ontology_option
@output_options
def compare(
    *,
    files: tuple[str, ...],
    form: str,
    viewpoints: tuple[str, ...],
    settings: Settings,
    each_reference: bool,
    lenient: bool,
    ontology: str | None,
    output: str | None,
    force: bool,
    quiet: bool,  # noqa: ARG001 (accepted everywhere; this command has no remarks)
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
    kg = load(settings=sides[0], ontology=ontology)
    refused: list[InputError] = []
    with writing(output, force) as stream:
        if each_reference:
            weights = kg.each_reference(files, lenient=lenient, refused=refused)
            _RANKS[form](kg, weights, stream)
        else:
            found = kg.compare(sides[1], files, lenient=lenient, refused=refused)
            _WRITERS[form](kg, found, stream)
    return refusals(refused)


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
    from calcinosis.render.comparison import comparison_text

    stream.write(comparison_text(found, kg.ontology.library.bibliography))


def _markdown(kg: KnowledgeGraph, found: Comparison, stream: IO[str]) -> None:
    from calcinosis.render.comparison import comparison_markdown

    stream.write(comparison_markdown(found, kg.ontology.library.bibliography))


def _json(_kg: KnowledgeGraph, found: Comparison, stream: IO[str]) -> None:
    stream.write(json.dumps(found.to_dict(), ensure_ascii=False, indent=1) + "\n")


def _csv(_kg: KnowledgeGraph, found: Comparison, stream: IO[str]) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_COLUMNS)
    left, right = map(str, found.by)
    for change in found.changes:
        words = (link.words for reason in change.reasons for link in reason.links)
        facts = (str(given.fact) for reason in change.reasons for given in reason.facts)
        cited = (key for reason in change.reasons for key in reason.cited)
        writer.writerow(
            (
                guarded(change.case),
                change.subtype,
                change.left or "not defined",
                change.right or "not defined",
                "; ".join(dict.fromkeys((*words, *facts))),
                "; ".join(dict.fromkeys(cited)),
                left,
                right,
            )
        )


_COLUMNS = ("case", "subtype", "left", "right", "because", "references", "left_by", "right_by")


def _rank_text(kg: KnowledgeGraph, weights: list[Weight], stream: IO[str]) -> None:
    from calcinosis.render.comparison import weights_text
    from calcinosis.study.compare import By

    stream.write(weights_text(By.of(kg.ontology), weights, kg.ontology.library.bibliography))


def _rank_markdown(kg: KnowledgeGraph, weights: list[Weight], stream: IO[str]) -> None:
    from calcinosis.render.comparison import weights_markdown
    from calcinosis.study.compare import By

    stream.write(weights_markdown(By.of(kg.ontology), weights, kg.ontology.library.bibliography))


def _rank_json(kg: KnowledgeGraph, weights: list[Weight], stream: IO[str]) -> None:
    from calcinosis.study.compare import By

    ranked = [weight.as_dict() for weight in weights]
    found = {**By.of(kg.ontology).as_dict(), "references": ranked}
    stream.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")


def _rank_csv(kg: KnowledgeGraph, weights: list[Weight], stream: IO[str]) -> None:
    from calcinosis.study.compare import By

    by = str(By.of(kg.ontology))
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("reference", "verdicts", "cases", "axioms", "by"))
    for weight in weights:
        writer.writerow((weight.reference, len(weight.changes), weight.cases, weight.axioms, by))


_WRITERS = {"text": _text, "json": _json, "csv": _csv, "markdown": _markdown}
_RANKS = {"text": _rank_text, "json": _rank_json, "csv": _rank_csv, "markdown": _rank_markdown}
