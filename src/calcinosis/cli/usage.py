"""Calls that do not fit, in the project's words; no option is given twice in silence.

A parameter says by its type that it names what a command reads or writes; before anything is read,
what is written is compared with it.
"""

from __future__ import annotations

import os
import re
import stat
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


class InputPath(click.Path):
    """The name of what a command reads, or of a ``folder`` for it; ``-`` is standard input.

    What is read as a whole has an ``end``, which a device has not.
    """

    def __init__(self, *, folder: bool = False, end: bool = False) -> None:
        super().__init__()
        self.folder = folder
        self.end = end

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The name as it is; a file where a folder is asked for is refused."""
        _refuse_impossible(self, value, param, ctx, wholly=self.folder)
        if self.folder:
            self._refuse_no_folder(value, param, ctx)
        if self.end and _is_device(value):
            self.fail(f"file {quoted(value)} is a device", param, ctx)
        return value

    def _refuse_no_folder(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> None:
        try:
            found = os.stat(value)  # noqa: PTH116 (it is text)
        except (FileNotFoundError, NotADirectoryError):
            return  # who reads it says what is missing there
        except OSError as error:
            what = f"directory {quoted(value)} cannot be read ({error.strerror})"
            self.fail(what, param, ctx)
        if not stat.S_ISDIR(found.st_mode):
            self.fail(f"directory {quoted(value)} is a file", param, ctx)


def _is_device(name: str) -> bool:
    try:
        return stat.S_ISCHR(os.stat(name).st_mode)  # noqa: PTH116 (it is text)
    except (OSError, ValueError):
        return False


class OutputPath(click.Path):
    """The name of what a command writes: a file, or also a folder; without one, to a stream."""

    def __init__(self, *, folders: bool = False, standard: bool = False) -> None:
        super().__init__()
        self.folders = folders
        self.standard = standard

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The name as it is; a folder where a file is asked for is refused."""
        _refuse_impossible(self, value, param, ctx)
        if not self.folders and os.path.isdir(value):  # noqa: PTH112 (of a name too long, no error)
            self.fail(f"file {quoted(value)} is a directory", param, ctx)
        return value


def _refuse_impossible(
    kind: click.Path,
    value: str,
    param: click.Parameter | None,
    ctx: click.Context | None,
    *,
    wholly: bool = True,
) -> None:
    """Refuse what no file is called; if not ``wholly``, who reads says it of NUL and of nothing."""
    try:
        name = os.fsencode(value)
        is_possible = not wholly or (name != b"" and b"\x00" not in name)
    except UnicodeEncodeError:
        is_possible = False
    if not is_possible:
        kind.fail(f"{quoted(value)} is no name that a file can have", param, ctx)


class Command(click.Command):
    """As click's, but an option of one value that is repeated is a UsageError.

    So is an output that is an input, or another output.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, if it writes nothing that it reads."""
        outputs = _named(self, ctx, OutputPath)
        if outputs:
            from calcinosis.output.files import own_ontology, refuse_overlaps

            inputs = _named(self, ctx, InputPath)
            if "ontology" in ctx.params and ctx.params["ontology"] is None:
                inputs.append(own_ontology())
            refuse_overlaps(inputs, outputs)
        return super().invoke(ctx)

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


def _named(command: click.Command, ctx: click.Context, kind: type[click.Path]) -> list[str]:
    """The names that the parameters of a kind have; ``-`` for standard output."""
    found: list[str] = []
    for parameter in command.params:
        value = ctx.params.get(parameter.name or "")
        if not isinstance(parameter.type, kind):
            continue
        if value is None and getattr(parameter.type, "standard", False):
            value = "-"
        found += [value] if isinstance(value, str) else value or ()
    return found


def _refuse_repeated(given: list[click.Parameter]) -> None:
    for parameter, times in Counter(given).items():
        if times == 1 or not isinstance(parameter, click.Option):
            continue
        if not (parameter.multiple or parameter.count or parameter.is_flag):
            name = max(parameter.opts, key=len)
            raise UsageError(f"it is given {times} times", name, "Give it once, with one value")
