"""``calcinosis mcp``."""

from __future__ import annotations

import sys

import click

from calcinosis.api import load
from calcinosis.cli.options import Graph, ontology_option, viewpoint_option
from calcinosis.cli.terminal import say
from calcinosis.cli.usage import Command
from calcinosis.errors import MissingProgramError, UsageError, to_install


@click.command(cls=Command, short_help="Let an assistant ask the graph (Model Context Protocol).")
@click.option("--http", is_flag=True, help="Over streamable HTTP on 127.0.0.1, not over stdio.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=None,
    metavar="N",
    help="With --http: the port; 0 takes a free one.  [default: 8001]",
)
@viewpoint_option
@click.option("-q", "--quiet", is_flag=True, help="No remarks on standard error.")
@ontology_option
def mcp(*, http: bool, port: int | None, viewpoint: str, quiet: bool, graph: Graph) -> None:
    """Serve the graph to an assistant: search, look-ups, SPARQL, verdicts, references.

    Without --http the assistant starts this command itself and talks to it over standard input and
    output. All is read-only, no tool opens a file, and nothing listens beyond this machine. It
    needs the extra 'mcp'; where that is missing, the error says how to install it.

    \b
    Examples:
      calcinosis mcp
      calcinosis mcp --http --port 8001
    """
    if port is not None and not http:
        raise UsageError("there is nothing that listens", "--port", "Add --http")
    try:
        from calcinosis.web import assistant
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "calcinosis":
            raise
        what = f"the package {error.name!r} is not installed"
        raise MissingProgramError(what, "calcinosis mcp", f"Run: {to_install('mcp')}") from error
    kg = load(viewpoint, **graph)
    if http:
        tell = (lambda _: None) if quiet else (lambda at: say(f"Listening at {at}"))
        assistant.serve_http(kg, 8001 if port is None else port, tell)
    else:
        if not quiet and sys.stdin is not None and sys.stdin.isatty():
            say("Waiting for an assistant on standard input; Ctrl-C ends it.")
        assistant.serve_stdio(kg)
