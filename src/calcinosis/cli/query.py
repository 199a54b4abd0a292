"""``calcinosis query``: a subcommand for each named look-up, made from its header."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

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
from calcinosis.cli.sparql import asked_endpoint, endpoint_options, write_answer
from calcinosis.cli.terminal import say, waiting
from calcinosis.cli.usage import Command

_TABLES = ("table", "csv", "tsv", "json", "xml", "markdown")


class LookUps(click.Group):
    """The look-ups of the catalogue as commands; a header is read when its command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (as click has it)
        """The names of all look-ups."""
        from calcinosis.api import Catalogue

        return Catalogue().names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a look-up, or None."""
        return _command(cmd_name) if cmd_name in self.list_commands(ctx) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but an unknown name is answered with the nearest."""
        if not ctx.resilient_parsing and not args[0].startswith("-"):
            return args[0], _command(args[0]), args[1:]
        return super().resolve_command(ctx, args)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 (as click has it)
        formatter: click.HelpFormatter,
    ) -> None:
        """The look-ups in groups, with a line each."""
        from calcinosis.api import Catalogue

        for tag, group in Catalogue().summaries().items():
            with formatter.section(tag.capitalize()):
                formatter.write_dl(list(group.items()))


@click.group(cls=LookUps, invoke_without_command=True)
@click.pass_context
def query(ctx: click.Context) -> None:
    """Ask a named question; without a name, list them.

    Each look-up has options of its own, which take labels, synonyms or codes in any case.

    \b
    Examples:
      calcinosis query subtypes
      calcinosis query supports --reference reiter-2011 -f csv
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def _command(name: str) -> click.Command:
    from calcinosis.api import Catalogue

    look_up = Catalogue().look_up(name)
    call: Callable[..., Any] = _call(name)
    for decorate in (output_options, ontology_option, viewpoint_option, endpoint_options):
        call = decorate(call)
    call = format_option(*_TABLES)(call)
    call = click.option(
        "--show-sparql",
        is_flag=True,
        help="Write the query that would be asked, to change it for calcinosis sparql.",
    )(call)
    for parameter in reversed(look_up.parameters):
        call = _option(parameter)(call)
    example = shlex.join(["calcinosis", "query", name, *_arguments(look_up)])
    text = f"{look_up.summary}.\n\n{look_up.description}\n\n\b\nExample:\n  {example}"
    return click.command(name, cls=Command, help=text, short_help=look_up.summary)(call)


def _arguments(look_up: Any) -> list[str]:
    options = {parameter.name: parameter.option for parameter in look_up.parameters}
    return [word for name, value in look_up.example.items() for word in (options[name], value)]


def _call(name: str) -> Callable[..., None]:
    def call(
        *,
        form: str,
        endpoint: str | None,
        timeout: float | None,
        memory: int | None,
        viewpoint: str,
        graph: Graph,
        show_sparql: bool,
        out: Out,
        **given: str | None,
    ) -> None:
        kg = load(viewpoint, **graph)
        if show_sparql:
            with out.writing() as stream:
                stream.write(kg.lookups.text(name, given))
            return
        with waiting(quiet=out.quiet) as tell:
            at = asked_endpoint(endpoint, tell)
            table = kg.query(name, endpoint=at, timeout=timeout, memory=memory, **given)
        with out.writing() as stream:
            write_answer(table, form, kg.prefixes, stream)
        if table.remark and not out.quiet and form not in ("table", "markdown"):
            say(table.remark)

    return call


def _option(parameter: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    known = f"One of {', '.join(parameter.values)}." if parameter.values else ""
    default = f"[default: {parameter.default}]" if parameter.default is not None else ""
    text = " ".join(part for part in (parameter.description, known, default) if part)
    return click.option(
        parameter.option,
        parameter.name,
        metavar=parameter.type.split(" or ")[0].upper(),
        help=text,
        shell_complete=complete.value(parameter),
    )
