"""``calcinosis show``."""

from __future__ import annotations

import click

from calcinosis.cli import complete
from calcinosis.cli.options import (
    format_option,
    ontology_option,
    output_options,
    viewpoint_option,
    writing,
)
from calcinosis.cli.terminal import style, width


@click.command(short_help="Show all that is known of a term.")
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

    TERM is a label, synonym, class name or code in any case, or the key of a reference.

    \b
    Examples:
      calcinosis show reiter-2011
      calcinosis show tissue damage -f markdown
    """
    from calcinosis.cli.query import asking
    from calcinosis.render import term as render

    del quiet  # accepted everywhere; this command makes no remarks
    ask = asking(viewpoint, ontology)
    page = ask.page(" ".join(term))
    library = ask.ontology.library.bibliography
    with writing(output, force) as stream:
        if form == "json":
            stream.write(render.to_json(page))
        elif form == "markdown":
            stream.write(render.markdown(page, library))
        else:
            stream.write(render.text(page, library, width=width(), style=style(stream)))
