"""Commands and what they share: version, errors, exit codes, closed pipes."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from calcinosis import __version__
from calcinosis.cli.classify import classify
from calcinosis.cli.check import check
from calcinosis.cli.evaluate import evaluate
from calcinosis.errors import CalcinosisError

INTERRUPTED = 130
OUR_BUG = 70


def _version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from calcinosis.graph.ontology import load

        click.echo(f"calcinosis {__version__} (ontology {load().version})")
        ctx.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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


for command in (classify, evaluate, check):
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with the code that the contract gives."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
    sys.exit(_run(arguments))


def _run(arguments: list[str] | None) -> int:
    try:
        code: Any = cli.main(arguments, prog_name="calcinosis", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader went away: end quietly, and keep Python from flushing into the void.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except CalcinosisError as error:
        click.echo(f"Error: {error}", err=True)
        return error.exit_code
    return code if isinstance(code, int) else 0
