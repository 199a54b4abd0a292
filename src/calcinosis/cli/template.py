"""``calcinosis template``."""

from __future__ import annotations

import click

from calcinosis.api import load
from calcinosis.cli.once import Command
from calcinosis.cli.options import ontology_option
from calcinosis.cli.tables import write_form


@click.command(cls=Command, short_help="Write an empty form for patients, to fill in and classify.")
@click.argument("file", type=click.Path(dir_okay=False), metavar="FILE")
@ontology_option
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.option("-q", "--quiet", is_flag=True, help="No remarks on standard error.")
def template(*, file: str, ontology: str | None, force: bool, quiet: bool) -> None:
    """Write an empty form for patients, one row each: fill it in, and classify it.

    FILE ends in .xlsx (with drop-downs, a filled example and a legend), .csv or .tsv.

    \b
    Example:
      calcinosis template patients.xlsx
    """
    write_form(load(ontology=ontology).form, file, force=force)
    if not quiet:
        click.echo(f"Fill in {file}, then: calcinosis classify {file}", err=True)
