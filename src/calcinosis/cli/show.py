"""``calcinosis show``."""

from __future__ import annotations

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
from calcinosis.cli.terminal import style, width
from calcinosis.cli.usage import Command


@click.command(cls=Command, short_help="Show all that is known of a term.")
@click.argument("term", nargs=-1, required=True, metavar="TERM...", shell_complete=complete.term())
@format_option("text", "json", "markdown")
@viewpoint_option
@ontology_option
@output_options
def show(
    *,
    term: tuple[str, ...],
    form: str,
    viewpoint: str,
    graph: Graph,
    out: Out,
) -> None:
    """Show all that is known of a term: definition, place, criteria, claims with references.

    TERM is a label, synonym, class name or code in any case, or the key of a reference. The word
    viewpoints sets all viewpoints side by side; the name of one tells what it says.

    \b
    Examples:
      calcinosis show reiter-2011
      calcinosis show tissue damage -f markdown
      calcinosis show viewpoints
      calcinosis show walsh-fairley-1995
    """
    page = load(viewpoint, **graph).show(" ".join(term))
    with out.writing() as stream:
        if form == "json":
            stream.write(page.to_json())
        elif form == "markdown":
            stream.write(page.markdown())
        else:
            stream.write(page.text(width=width(), style=style(stream)))
