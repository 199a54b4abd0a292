"""``calcinosis map``."""

from __future__ import annotations

import click

from calcinosis.api import Sheet, load, sheet_map
from calcinosis.cli import complete
from calcinosis.cli.options import Graph, Out, ontology_option, output_options
from calcinosis.cli.usage import Command, InputPath


@click.command(
    cls=Command,
    short_help="Show how a sheet is read, as a file to mend and classify by.",
)
@click.argument("sheet", type=InputPath(), metavar="SHEET", shell_complete=complete.files)
@click.option(
    "--map",
    "mapping",
    type=InputPath(),
    metavar="FILE",
    help="Begin with an earlier mapping.",
)
@ontology_option
@output_options
def map(  # noqa: A001 (the word for it)
    *, sheet: str, mapping: str | None, graph: Graph, out: Out
) -> None:
    """Show how a sheet is read: each column, what it is taken for, and why.

    SHEET is a table as it was saved, one patient or visit a row. What is written is a small YAML
    file: mend in it what is wrong, and write there what the words mean that were not understood.

    \b
    Example:
      calcinosis map cohort.xlsx -o cohort.map.yaml
      calcinosis classify cohort.xlsx --map cohort.map.yaml
    """
    kg = load(**graph)
    found = sheet_map(kg, Sheet(sheet, mapping))
    if laid := kg.ontology.overlay_words:
        found = f"# Read {laid}.\n{found}"
    with out.writing() as stream:
        stream.write(found)
