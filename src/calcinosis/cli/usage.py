"""Calls that do not fit, in the project's words: what, where, and the cure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Final

import click

from calcinosis.errors import UsageError, quoted

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
        return UsageError(f"there is no option {name}", where, _nearest(name, known) or cure)
    if unknown and ctx and isinstance(ctx.command, click.Group):
        near = _nearest(unknown[1], ctx.command.list_commands(ctx))
        return UsageError(f"there is no command {quoted(unknown[1])}", where, near or cure)
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
    near = _nearest(given[1], map(str, choices)) if given else ""
    where = max(param.opts, key=len) if isinstance(param, click.Option) else param.metavar
    return UsageError(_sentence(error.message), where or "", near or cure)


def _nearest(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"Did you mean {near[0]}?" if near else ""


def _sentence(message: str) -> str:
    """A message on one line that goes on after a colon."""
    line = " ".join(message.split()).rstrip(".")
    return line[:1].lower() + line[1:]
