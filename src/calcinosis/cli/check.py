"""``calcinosis check``."""

from __future__ import annotations

import click

from calcinosis.cli.options import ontology_option


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE...]")
@ontology_option
def check(*, files: tuple[str, ...], ontology: str | None) -> int:
    r"""Check the graph, and case files if any are named; list all faults at once.

    \b
    Example:
      calcinosis check my_cases.yaml
    """
    raise click.UsageError("not yet")
