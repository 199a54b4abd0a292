"""``calcinosis sparql``."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

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
from calcinosis.cli.terminal import say, style, waiting, width
from calcinosis.cli.usage import Command, InputPath
from calcinosis.errors import UsageError

if TYPE_CHECKING:
    from calcinosis.api import Answer, Endpoint

F = TypeVar("F", bound=Callable[..., Any])

_FORMATS = (
    *("table", "csv", "tsv", "json", "xml", "markdown"),
    *("turtle", "ntriples", "jsonld"),
)


def endpoint_options(command: F) -> F:
    """``--endpoint URL``, ``--timeout SECONDS`` and ``--memory MB``."""
    command = click.option(
        "--memory",
        type=int,
        metavar="MB",
        help="What the query may take beside the graphs [default: 1024]; with --endpoint, how large"
        " the answer may be [256].",
    )(command)
    command = click.option(
        "--timeout",
        type=float,
        metavar="SECONDS",
        help="How long to wait for the whole answer, each time that it is asked [default: 30; with"
        " --endpoint 60].",
    )(command)
    return click.option(
        "--endpoint",
        metavar="URL",
        help="Ask this SPARQL endpoint instead of the ontology on this machine.",
    )(command)


def asked_endpoint(url: str | None, tell: Callable[[str], None]) -> Endpoint | None:
    """The endpoint that the options name; None where they name none."""
    if url is None:
        return None
    from calcinosis.api import Endpoint

    return Endpoint(url, tell=tell)


@click.command(cls=Command)
@click.argument("query", type=InputPath(), metavar="QUERY", shell_complete=complete.files)
@format_option(*_FORMATS, without="as table, or turtle for a graph")
@endpoint_options
@viewpoint_option
@ontology_option
@output_options
def sparql(
    *,
    query: str,
    form: str | None,
    endpoint: str | None,
    timeout: float | None,
    memory: int | None,
    viewpoint: str,
    graph: Graph,
    out: Out,
) -> None:
    """Run a SPARQL 1.1 query.

    QUERY is the query itself, the name of a file that holds it, or - for standard input. The
    prefixes of the ontology are known. The graphs graph:ontology, graph:associations,
    graph:references, graph:mappings, graph:inferred and graph:edges are asked together, or each
    by GRAPH; graph:metadata counts what is in them (VoID) and has example queries. All viewpoints
    have graphs of their own, such as views:minars, for GRAPH.

    \b
    Examples:
      calcinosis sparql 'SELECT ?label { ?x calc:caseOf/rdfs:label ?label }'
      calcinosis sparql query.rq -f csv -o answer.csv
    """
    text = query_text(query)
    if not text.strip():
        raise UsageError("the query is empty", "sparql", _CURE)
    kg = load(viewpoint, **graph)
    with waiting(quiet=out.quiet) as tell:
        at = asked_endpoint(endpoint, tell)
        answer = kg.sparql(text, endpoint=at, timeout=timeout, memory=memory)
    from calcinosis.output.words.answer import own_form

    with out.writing(own_form(answer)) as stream:
        write_answer(answer, form, kg.prefixes, stream)
    remark = getattr(answer, "remark", "")
    if remark and not out.quiet and form not in (None, "table", "markdown"):
        say(remark)


_BEGINS = re.compile(r"\s*(?:prefix|base|select|ask|construct|describe)\s", re.IGNORECASE)


_MOST = 10_000_000
_CURE = "Give a query in quotes, the name of a file, or - for standard input"


def query_text(query: str) -> str:
    """A query as it is given, or as it stands in the file or on standard input that is named."""
    if query == "-":
        return _standard_input()
    if not query.strip() or "{" in query or "\n" in query or _BEGINS.match(query):
        return query
    path = Path(query)
    try:
        with path.open("rb") as stream:
            return _decoded(stream.read(_MOST + 1), query)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"it is no query, and no file that can be read ({getattr(error, 'strerror', error)})",
            query,
            _CURE,
        ) from error


def _standard_input() -> str:
    if sys.stdin is None:
        raise UsageError("it is closed", "standard input", _CURE)
    try:
        return _decoded(sys.stdin.buffer.read(_MOST + 1), "standard input")
    except OSError as error:
        what = f"it cannot be read ({error.strerror})"
        raise UsageError(what, "standard input", _CURE) from error


def _decoded(content: bytes, where: str) -> str:
    if len(content) > _MOST:
        raise UsageError(f"it is no query, being longer than {_MOST:,} bytes", where, _CURE)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError("it is not UTF-8", where, "Save it as UTF-8") from error


def write_answer(
    answer: Answer, form: str | None, prefixes: Mapping[str, str], stream: IO[str]
) -> None:
    """Write an answer in a format, as wide as the terminal."""
    from calcinosis.output.words.answer import written

    stream.write(written(answer, form, prefixes, width=width(), style=style(stream)))
