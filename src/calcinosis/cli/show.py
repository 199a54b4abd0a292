"""``calcinosis show``."""

from __future__ import annotations

from typing import Any

import click

from calcinosis.cli import complete
from calcinosis.cli.once import Command
from calcinosis.cli.options import (
    format_option,
    ontology_option,
    output_options,
    viewpoint_option,
    writing,
)
from calcinosis.cli.terminal import style, width


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
    ontology: str | None,
    output: str | None,
    force: bool,
    quiet: bool,
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
    from calcinosis.cli.query import asking

    del quiet  # accepted everywhere; this command makes no remarks
    ask = asking(viewpoint, ontology)
    library = ask.ontology.library.bibliography
    render, page = _asked(ask, " ".join(term))
    with writing(output, force) as stream:
        if form == "json":
            stream.write(render.to_json(page))
        elif form == "markdown":
            stream.write(render.markdown(page, library))
        else:
            stream.write(render.text(page, library, width=width(), style=style(stream)))


def _asked(ask: Any, text: str) -> tuple[Any, Any]:
    """What is asked for, viewpoints or a term, with the module that writes it."""
    from calcinosis.graph import viewpoints
    from calcinosis.render import term
    from calcinosis.render import viewpoints as side_by_side

    if text.casefold() == "viewpoints":
        return side_by_side, viewpoints.read(ask.ontology)
    view = viewpoints.named(ask.ontology, text)
    return (term, ask.page(text)) if view is None else (side_by_side, [view])
