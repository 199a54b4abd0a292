"""``calcinosis cite``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from calcinosis.api import load
from calcinosis.cli import complete
from calcinosis.cli.asked import put_together, refuse_parameters, set_by
from calcinosis.cli.options import (
    Graph,
    Out,
    format_option,
    from_option,
    ontology_option,
    output_options,
    sheet_options,
    viewpoint_option,
)
from calcinosis.cli.refused import refusals, say_not_understood
from calcinosis.cli.terminal import say
from calcinosis.cli.usage import Command, InputPath
from calcinosis.errors import UsageError
from calcinosis.output.references.styles import PLAIN

if TYPE_CHECKING:
    from calcinosis.api import Bibliography


@click.command(cls=Command, short_help="Write the references that carry an answer or a verdict.")
@click.argument("keys", nargs=-1, metavar="[KEY...]", shell_complete=complete.keys)
@click.option(
    "--subtype",
    "subtypes",
    multiple=True,
    metavar="NAME",
    help="What carries this subtype.",
    shell_complete=complete.term("subtype"),
)
@click.option(
    "--condition",
    "conditions",
    multiple=True,
    metavar="NAME",
    help="What carries the claims about a condition, intervention, finding or site.",
    shell_complete=complete.term("condition", "intervention", "finding", "site"),
)
@click.option("--below", is_flag=True, help="With --condition: also claims about kinds of it.")
@click.option(
    "--case",
    "cases",
    multiple=True,
    type=InputPath(),
    metavar="FILE",
    help="What carries the verdicts on cases.",
    shell_complete=complete.files,
)
@click.option(
    "--query",
    "queries",
    multiple=True,
    metavar="NAME",
    help="What carries a named look-up.",
    shell_complete=complete.look_ups,
)
@format_option("text", "bibtex", "ris", "csl-json")
@click.option(
    "--style",
    type=InputPath(end=True),
    default=PLAIN,
    show_default=True,
    metavar="NAME",
    help="Of text: vancouver, ama, apa, harvard, nature, arthritis-rheumatism, or a CSL file.",
    shell_complete=complete.styles,
)
@from_option
@viewpoint_option
@sheet_options("cases")
@partial(ontology_option, parameters=True)
@output_options
def cite(
    *,
    keys: tuple[str, ...],
    subtypes: tuple[str, ...],
    conditions: tuple[str, ...],
    below: bool,
    cases: tuple[str, ...],
    kind: str,
    queries: tuple[str, ...],
    parameters: tuple[str, ...],
    form: str,
    style: str,
    viewpoint: str,
    graph: Graph,
    out: Out,
) -> int:
    """Write the references that carry an answer or a verdict, for papers and reference managers.

    KEY is the key of a reference, such as reiter-2011 or ref:reiter-2011. Several things
    asked for are put together; without any, every reference is written.

    \b
    Examples:
      calcinosis cite reiter-2011 --style apa
      calcinosis cite --subtype iatrogenic -f bibtex -o iatrogenic.bib
      calcinosis cite --case examples/patients.yaml -f csl-json -o patients.json
      calcinosis cite --query causes --with subtype=iatrogenic
    """
    if style != PLAIN and form != "text":
        raise UsageError("a style is for text", "--style", "Leave it out, or use -f text")
    given = {"subtype": subtypes, "condition": conditions}
    values = set_by(parameters)
    refuse_parameters(queries, values, given)
    kg = load(viewpoint, **graph)
    judged = kg.classify(cases, kind=kind) if cases else None
    found = kg.cite(
        *keys,
        subtype=subtypes or None,
        condition=conditions or None,
        cases=judged,
        query=queries or None,
        parameters=values,
        below=below,
    )
    write_bibliography(found, form, style, out, kg.ontology.overlay_words)
    refused = refusals(found.refused)
    if not out.quiet:
        say_not_understood(len(one.not_understood) for one in (judged.cases if judged else ()))
        others = {"": keys, "--subtype": subtypes, "--condition": conditions, "--case": cases}
        say(put_together(queries, others), line=False)
        if not found and not refused:
            say("No reference carries that.")
    return refused


def write_bibliography(
    found: Bibliography, form: str, style: str, out: Out, laid: str = ""
) -> None:
    """Write references in one of the formats of this command.

    ``laid`` is what was laid over the release; RIS and CSL-JSON have no place for it.
    """
    text = {
        "text": lambda: found.text(style),
        "bibtex": found.bibtex,
        "ris": found.ris,
        "csl-json": found.csl_json,
    }[form]()
    below = {"text": f"Told {laid}.\n", "bibtex": f"% Told {laid}.\n"} if laid else {}
    with out.writing() as stream:
        stream.write(text + below.get(form, ""))
