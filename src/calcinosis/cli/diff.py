"""``calcinosis diff``."""

from __future__ import annotations

import json

import click

from calcinosis.cli import complete
from calcinosis.cli.options import Out, format_option, from_option, output_options
from calcinosis.cli.refused import refusals, say_not_understood
from calcinosis.cli.usage import Command, InputPath


@click.command(cls=Command, short_help="Say what a release lost and gained against an older one.")
@click.argument("old", type=InputPath(), metavar="OLD")
@click.argument("new", type=InputPath(), metavar="[NEW]", required=False)
@format_option("text", "json", "markdown")
@click.option(
    "--viewpoint",
    metavar="NAME",
    help="Whose definitions to use.",
    shell_complete=complete.viewpoints,
)
@click.option(
    "--cases",
    "files",
    multiple=True,
    type=InputPath(),
    metavar="FILE",
    help="Cases whose verdicts to compare; else the published ones of the package.",
)
@from_option
@output_options
def diff(
    *,
    old: str,
    new: str | None,
    form: str,
    viewpoint: str | None,
    files: tuple[str, ...],
    kind: str,
    out: Out,
) -> int:
    """Say what a release lost and gained against an older one.

    OLD and NEW are ontology folders, checkouts that hold one, or wheels of the package; without
    NEW it is the ontology of this installation. Listed are terms, references, claims and axioms,
    what follows from them, and the verdicts that change, each with its cause. The exit code is 1
    where a released term has vanished.

    \b
    Examples:
      calcinosis diff calcinosis-0.1.0-py3-none-any.whl
      git archive v0.1.0 ontology | tar -x -C old; calcinosis diff old
      calcinosis diff old new --cases patients.yaml -f json
    """
    from calcinosis.api import diff as run
    from calcinosis.output.words.difference import difference_markdown, difference_text

    by = {"viewpoint": viewpoint} if viewpoint else {}
    found = run(old, new, cases=files or None, kind=kind, **by)
    with out.writing() as stream:
        if form == "json":
            stream.write(json.dumps(found.to_dict(), ensure_ascii=False, indent=1) + "\n")
        else:
            write = difference_markdown if form == "markdown" else difference_text
            stream.write(write(found))
    code = refusals(found.refused)
    if not out.quiet:
        say_not_understood(found.verdicts.not_understood)
    return code or int(bool(found.vanished))
