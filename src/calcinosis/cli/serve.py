"""``calcinosis serve``."""

from __future__ import annotations

import click

from calcinosis.api import load
from calcinosis.cli.options import Graph, ontology_option, viewpoint_option
from calcinosis.cli.usage import Command


@click.command(cls=Command, short_help="Serve the graph on this machine.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Where to listen; 0 takes one that is free.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Who may ask: this machine alone, or, with 0.0.0.0, everybody who reaches it.",
)
@viewpoint_option
@ontology_option
def serve(*, port: int, host: str, viewpoint: str, graph: Graph) -> None:
    """Serve the graph: pages for people, a SPARQL endpoint at /sparql, an API under /api.

    \b
    Examples:
      calcinosis serve
      calcinosis serve --port 8080
    """
    import uvicorn

    from calcinosis.web.app import application

    uvicorn.run(application(load(viewpoint, **graph)), host=host, port=port, log_level="warning")
