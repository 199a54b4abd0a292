"""Commands and what they share: version, errors, exit codes, closed pipes."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from calcinosis import __version__
from calcinosis.cli import complete  # noqa: F401 (Bash completes by a class of its own)
from calcinosis.cli.terminal import say, say_bug, say_error, standard_streams
from calcinosis.errors import CalcinosisError, RefusedWarning
from calcinosis.output.streams import ClosedPipeError

# In the order of the help text; each is imported only when it is asked for.
COMMANDS = (
    "classify",
    "explain",
    "compare",
    "map",
    "template",
    "query",
    "sparql",
    "show",
    "search",
    "cite",
    "export",
    "graph",
    "serve",
    "mcp",
    "evaluate",
    "check",
    "diff",
    "add",
)
INTERRUPTED = 130
OUR_BUG = 70


def _version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from calcinosis.api import load_ontology

        click.echo(f"calcinosis {__version__} (ontology {load_ontology().version})")
        ctx.exit()


class InterruptedRunError(Exception):
    """The user pressed Ctrl-C."""


class StoppedRunError(BaseException):
    """The system asks the program to end; ``number`` is its signal."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(signal.Signals(number).name)


class _Commands(click.Group):
    """Commands imported late, whose closed pipes and interrupts end as the contract says."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module = import_module(f"calcinosis.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def make_context(self, *arguments: Any, **extra: Any) -> click.Context:
        with _endings():
            return super().make_context(*arguments, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _endings():
            return super().invoke(ctx)


@contextmanager
def _endings() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise ClosedPipeError from error
    except KeyboardInterrupt as error:
        raise InterruptedRunError from error


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the versions of package and ontology.",
)
def cli() -> None:
    """Calcinosis cutis: which subtype follows from a patient's facts, and from which papers.

    Research software, not medical advice. A verdict says that a definition's criteria are
    met, not that a cause is proven.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with the code that the contract gives."""
    with standard_streams(), _signals(), warnings.catch_warnings():
        warnings.simplefilter("ignore", RefusedWarning)  # each command tells of them itself
        code = _run(arguments)
    sys.exit(code)


@contextmanager
def _signals() -> Iterator[None]:
    """Signals that end a program end this one in order; what is ignored, as by nohup, stays so."""

    def stop(number: int, _frame: object) -> None:
        raise StoppedRunError(number)

    before = {}
    if threading.current_thread() is threading.main_thread():
        known = [getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP")]
        for number in known:
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, stop)
    hook = sys.unraisablehook
    sys.unraisablehook = _Again(hook)
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, handler)


class _Again:
    """What sends a signal anew that came where Python drops exceptions, as in a callback."""

    def __init__(self, otherwise: Callable[[Any], object]) -> None:
        self._otherwise = otherwise

    def __call__(self, dropped: Any) -> None:
        error = dropped.exc_value
        if isinstance(error, KeyboardInterrupt | StoppedRunError):
            number = getattr(error, "number", signal.SIGINT)
            later = threading.Timer(0.01, os.kill, (os.getpid(), number))
            later.daemon = True
            later.start()
        else:
            self._otherwise(dropped)


def _refused_call(error: click.ClickException) -> int:
    if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):
        error.show()  # the help, where nothing is asked for
        return error.exit_code
    from calcinosis.cli.usage import usage_error

    told = usage_error(error)
    say_error(told, "Error")
    return told.exit_code


def _run(arguments: list[str] | None) -> int:
    try:
        code: Any = cli.main(arguments, prog_name="calcinosis", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.ClickException as error:
        return _refused_call(error)
    except (click.Abort, KeyboardInterrupt, InterruptedRunError):
        say("Interrupted.")
        return INTERRUPTED
    except StoppedRunError as error:
        say(f"Stopped by {error}.")
        return 128 + error.number
    except ClosedPipeError:
        return 0
    except CalcinosisError as error:
        say_error(error, "Error")
        return error.exit_code
    except Exception:  # noqa: BLE001 (the one place where a bug of ours ends)
        say_bug(traceback.format_exc())
        return OUR_BUG
    return code if isinstance(code, int) else 0
