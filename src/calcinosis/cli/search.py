"""``calcinosis search``."""

from __future__ import annotations

import click

from calcinosis.api import load
from calcinosis.cli.options import Graph, Out, format_option, ontology_option, output_options
from calcinosis.cli.terminal import say, style, width
from calcinosis.cli.usage import Command


@click.command(cls=Command, short_help="Find terms, analytes and references by name or code.")
@click.argument("text", nargs=-1, required=True, metavar="TEXT...")
@click.option(
    "-n",
    "--number",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    help="How many to show at most.",
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    metavar="KIND",
    help="Only this kind: subtype, condition, intervention, finding, reference …; repeatable.",
)
@format_option("text", "json", "csv")
@ontology_option
@output_options
def search(
    *,
    text: tuple[str, ...],
    number: int,
    kinds: tuple[str, ...],
    form: str,
    graph: Graph,
    out: Out,
) -> None:
    """Find terms, analytes and references by label, synonym, title or code, the best first.

    TEXT may be misspelt, and a part of a name is enough.

    \b
    Examples:
      calcinosis search MONDO:0016367
    """
    from calcinosis.output.words import term as render

    kg = load(**graph)
    found, laid = kg.search(" ".join(text), number, kinds), kg.ontology.overlay_words
    with out.writing() as stream:
        if form == "text":
            stream.write(render.hits_text(found, width=width(), style=style(stream)))
            stream.write(f"Told {laid}.\n" if laid else "")
        else:
            write = render.hits_json if form == "json" else render.hits_csv
            stream.write(write(found, laid))
    if not found and not out.quiet:
        say("Nothing is near to it.")
