"""``calcinosis graph``."""

from __future__ import annotations

import sys
from html import escape
from pathlib import Path

import click

from calcinosis.api import load
from calcinosis.cli import complete
from calcinosis.cli.options import (
    Graph,
    Out,
    format_option,
    ontology_option,
    output_options,
    viewpoint_option,
)
from calcinosis.cli.template import as_bytes
from calcinosis.cli.terminal import say
from calcinosis.cli.usage import Command
from calcinosis.errors import UsageError


@click.command(cls=Command, short_help="Draw what a term is linked with, and by which references.")
@click.option(
    "--around",
    metavar="TERM",
    help="What is linked with a subtype, condition or other term.",
    shell_complete=complete.term(),
)
@click.option(
    "--most",
    type=click.IntRange(min=1),
    metavar="N",
    help="With --around: how many neighbours to show, those with most references first.  "
    "[default: what a page of A4 holds]",
)
@format_option("svg", "png")
@viewpoint_option
@ontology_option
@output_options
def graph(
    *,
    around: str | None,
    most: int | None,
    form: str,
    viewpoint: str,
    graph: Graph,
    out: Out,
) -> None:
    """Draw the graph: what a term is linked with, and by which references.

    Without --around: which criteria each subtype needs by the viewpoint, and who says so. All but
    that as SVG needs matplotlib, which the extra 'graph' brings; where it is missing, the error
    says how to install it.

    \b
    Examples:
      calcinosis graph --around metastatic -o metastatic.svg
      calcinosis graph -o criteria.png
    """
    from calcinosis.output.pictures import graph_pictures as pictures

    ending = Path(out.file or "").suffix
    if ending and ending.casefold() not in (".svg", ".png"):
        what = f"no picture is written as {ending}"
        raise UsageError(what, str(out.file), "End it in .svg or .png")
    if form == "png" and out.file in (None, "-") and sys.stdout.isatty():
        raise UsageError("a PNG is not for the screen", "graph", "Name a file: -o FILE")
    if around is None and most is not None:
        raise UsageError("there is no term to show neighbours of", "--most", "Add --around")
    kg = load(viewpoint, **graph)
    if around is None:
        drawn, remark = pictures.criteria(kg.ontology, form), ""
    else:
        drawn, remark = pictures.neighbourhood(kg.lookups, around, most, form)
    with out.writing() as stream:
        as_bytes(stream).write(_marked(drawn, kg.ontology.overlay_words))
    if remark and not out.quiet:
        say(remark)


def _marked(drawn: bytes, laid: str) -> bytes:
    """A picture with what was laid over the release, where it can hold it."""
    end = b"</svg>"
    if not laid or end not in drawn:
        return drawn
    before, _, after = drawn.rpartition(end)
    return before + f"<desc>Drawn {escape(laid)}.</desc>".encode() + end + after
