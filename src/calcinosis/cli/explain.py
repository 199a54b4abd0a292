"""``calcinosis explain``."""

from __future__ import annotations

import textwrap
from collections import deque

import click

from calcinosis.api import ON_CONFLICT, Explanations, KnowledgeGraph, Settings, load
from calcinosis.cli import complete
from calcinosis.cli.options import (
    Graph,
    Out,
    format_option,
    from_option,
    ontology_option,
    output_options,
    settings_options,
    sheet_options,
    strict_option,
)
from calcinosis.cli.refused import NotUnderstood, refusals
from calcinosis.cli.terminal import measure
from calcinosis.cli.usage import Command, InputPath
from calcinosis.errors import UsageError


@click.command(
    cls=Command, short_help="Say why each subtype follows or is ruled out, step by step."
)
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=InputPath(),
    metavar="CASE...",
    shell_complete=complete.files,
)
@format_option("text", "json", "markdown", "html", "ttl")
@click.option(
    "--subtype",
    metavar="NAME",
    help="Explain the verdict on this subtype only.",
    shell_complete=complete.term("subtype"),
)
@click.option("--id", "identifier", metavar="ID", help="Explain the case with this id only.")
@click.option(
    "--on-conflict",
    type=click.Choice(ON_CONFLICT),
    default=ON_CONFLICT[0],
    show_default=True,
    help="Which side to set aside where facts contradict each other; it is always listed.",
)
@strict_option
@from_option
@settings_options
@sheet_options()
@ontology_option
@output_options
def explain(
    *,
    files: tuple[str, ...],
    form: str,
    subtype: str | None,
    identifier: str | None,
    on_conflict: str,
    strict: bool,
    kind: str,
    settings: Settings,
    graph: Graph,
    out: Out,
) -> int:
    """Say why each subtype follows or is ruled out, and what contradicts.

    CASE is a case file or a table, as 'calcinosis classify' takes it. Each verdict comes with
    all its minimal justifications: no fact or axiom of one can be left out of it. The
    best supported one comes first. A contradictory case comes with all sets of facts that cannot
    hold together, and with all ways to mend it.

    \b
    Examples:
      calcinosis explain examples/patients.yaml --id teaching-metastatic
      calcinosis explain examples/patients.yaml -f html -o why.html
      calcinosis explain examples/patients.yaml --subtype idiopathic -f json
    """
    kg = load(settings=settings, **graph)
    found = kg.explain(
        files, subtype, identifier=identifier, on_conflict=on_conflict, strict=strict, kind=kind
    )
    if identifier is not None and not found:  # refused cases may hide it: say both
        refusals(found.refused)
        raise UsageError(f"no case that was read has the id {identifier!r}", "--id", "Check it")
    with out.writing() as stream:
        stream.write(_WRITERS[form](kg, found, measure(stream)))
    code = refusals(found.refused)
    if not out.quiet:
        unknown = NotUnderstood()
        deque(unknown.counting(one.verdict for one in found), 0)
        unknown.say()
    return code


def _json(_kg: KnowledgeGraph, found: Explanations, _width: int) -> str:
    return found.to_json() + "\n"


def _text(kg: KnowledgeGraph, found: Explanations, width: int) -> str:
    from calcinosis.api.written import whose
    from calcinosis.output.words.explanation import explanation_text

    above = textwrap.wrap(f"By {whose(kg)}.", width)
    texts = (explanation_text(one, kg.library, width=width) for one in found)
    return "\n".join(above) + "\n\n" + "\n".join(texts)


def _markdown(kg: KnowledgeGraph, found: Explanations, _width: int) -> str:
    from calcinosis.api.written import explanations_markdown

    return explanations_markdown(kg, found)


def _html(kg: KnowledgeGraph, found: Explanations, _width: int) -> str:
    from calcinosis.api.written import explanations_page

    return explanations_page(kg, found)


def _ttl(kg: KnowledgeGraph, found: Explanations, _width: int) -> str:
    from calcinosis.output.rdf.prov import provenance

    return provenance(found, kg.ontology, found.head.to_dict())


_WRITERS = {"text": _text, "json": _json, "markdown": _markdown, "html": _html, "ttl": _ttl}
