"""Calls that do not fit, in the project's words; no option is given twice in silence."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Final

import click

from calcinosis.errors import UsageError, nearest, quoted

_COMMAND: Final = re.compile(r"No such command '(.*)'", re.DOTALL)
_VALUE: Final = re.compile(r"'(.*?)' is not one of", re.DOTALL)


def usage_error(error: click.ClickException) -> UsageError:
    """What click found wrong with a call, as one line with the nearest that would do."""
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    where = ctx.command_path if ctx else "calcinosis"
    cure = f"'{where} --help' shows how to call it"
    unknown = _COMMAND.match(error.message)
    if isinstance(error, click.NoSuchOption) and ctx:
        known = [option for param in ctx.command.get_params(ctx) for option in param.opts]
        name = error.option_name
        return UsageError(
            f"there is no option {name}", where, nearest(name, known, 1, otherwise=cure)
        )
    if unknown and ctx and isinstance(ctx.command, click.Group):
        hint = nearest(unknown[1], ctx.command.list_commands(ctx), 1, otherwise=cure)
        return UsageError(f"there is no command {quoted(unknown[1])}", where, hint)
    if isinstance(error, click.MissingParameter) and error.param:
        name = (error.param.metavar or error.param.human_readable_name).rstrip(".")
        return UsageError(f"{name} is missing", where, cure)
    if isinstance(error, click.BadParameter) and error.param:
        return _bad_value(error, error.param, cure)
    if isinstance(error, click.BadOptionUsage):
        name = error.option_name
        if "does not take" in error.message:
            return UsageError("it takes no value", name, "Leave the value out")
        return UsageError("it needs a value", name, f"Write {name} and what it is")
    return UsageError(_sentence(error.format_message()), where, cure)


def _bad_value(error: click.BadParameter, param: click.Parameter, cure: str) -> UsageError:
    given = _VALUE.match(error.message)
    choices = param.type.choices if given and isinstance(param.type, click.Choice) else ()
    near = nearest(given[1], map(str, choices), 1) if given else ""
    where = max(param.opts, key=len) if isinstance(param, click.Option) else param.metavar
    return UsageError(_sentence(error.message), where or "", near or cure)


def _sentence(message: str) -> str:
    """A message on one line that goes on after a colon."""
    line = " ".join(message.split()).rstrip(".")
    return line[:1].lower() + line[1:]


class Command(click.Command):
    """As click's, but an option of one value that is repeated is a UsageError."""

    def make_parser(self, ctx: click.Context) -> Any:
        """The parser of the command's options."""
        parser = super().make_parser(ctx)
        parse = parser.parse_args

        def checked(args: list[str]) -> Any:
            found = parse(args)
            if not ctx.resilient_parsing:
                _refuse_repeated(found[2])
            return found

        parser.parse_args = checked  # type: ignore[method-assign]
        return parser


def _refuse_repeated(given: list[click.Parameter]) -> None:
    for parameter, times in Counter(given).items():
        if times == 1 or not isinstance(parameter, click.Option):
            continue
        if not (parameter.multiple or parameter.count or parameter.is_flag):
            name = max(parameter.opts, key=len)
            raise UsageError(f"it is given {times} times", name, "Give it once, with one value")
