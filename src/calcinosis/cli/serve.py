"""``calcinosis serve``."""

from __future__ import annotations

import click

from calcinosis.api import load
from calcinosis.cli.options import Graph, ontology_option, viewpoint_option
from calcinosis.cli.terminal import say
from calcinosis.cli.usage import Command
from calcinosis.errors import MissingProgramError

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@click.command(cls=Command, short_help="Serve the graph on this machine.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Where to listen; 0 takes any that is free.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Who may ask: this machine alone, or, with 0.0.0.0, everybody who reaches it by a "
    "name of --allow-host.",
)
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="A name or address by which others ask, such as the proxy's; may be repeated.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, 3600, min_open=True),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="The longest that one request may take.",
)
@click.option(
    "--memory",
    type=click.IntRange(128, 1 << 20),
    default=512,
    show_default=True,
    metavar="MB",
    help="The memory that one request may take beside the graph.",
)
@click.option(
    "--max-body",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    metavar="MB",
    help="The largest body of a request.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=6,
    show_default=True,
    help="How many processes answer queries at most; half as many, and at least 2, judge cases.",
)
@click.option("--log", "logs", is_flag=True, help="A line a request on standard error.")
@viewpoint_option
@ontology_option
@click.option("-q", "--quiet", is_flag=True, help="Do not say where it listens.")
def serve(
    *,
    port: int,
    host: str,
    hosts: tuple[str, ...],
    timeout: float,
    memory: int,
    max_body: int,
    workers: int,
    logs: bool,
    viewpoint: str,
    graph: Graph,
    quiet: bool,
) -> int:
    """Serve the graph: pages for people, a SPARQL endpoint at /sparql, an API under /api.

    It answers this machine alone unless --host says otherwise, needs no network, and keeps nothing
    of what is sent. Ctrl-C ends it.

    \b
    Examples:
      calcinosis serve
      calcinosis serve --port 8080 --log
    """
    from calcinosis.web.running import listening, run

    listener = listening(host, port)  # who asks while the graph is loaded waits, and is answered
    kg = load(viewpoint, **graph)
    from calcinosis.web.app import application
    from calcinosis.web.state import Bounds

    bounds = Bounds(timeout, memory, max_body * 1_000_000, workers, ready=workers)
    app = application(kg, bounds, hosts=(*hosts, *_named(host)), logs=logs)

    def told() -> None:
        if not quiet:
            for line in _said(host, listener.getsockname()[1], hosts):
                say(line)

    if not run(app, listener, told, timeout):
        cure = "Give this machine more memory, or let it run more processes"
        raise MissingProgramError(
            "the processes that answer do not start", "calcinosis serve", cure
        )
    return 0


def _named(host: str) -> tuple[str, ...]:
    """The names that an address of this machine is asked by; none for all of them."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 (asked for by who starts it)
        return ()
    return (f"[{host}]" if ":" in host else host,)


def _said(host: str, port: int, hosts: tuple[str, ...]) -> list[str]:
    """Where it listens and how it ends; and what it means where others can reach it."""
    reached = host not in _LOOPBACK
    name = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104
    at = f"[{name}]" if ":" in name else name
    lines = [f"Listening at http://{at}:{port}/ (Ctrl-C ends it)."]
    if reached:
        lines.append(
            "Whoever reaches this machine can ask: there is no login and no TLS. Put a proxy that "
            "has both before it (docs/serving.md)."
        )
        if not hosts:
            lines.append("It answers to names of --allow-host alone, and to this machine's own.")
    return lines
