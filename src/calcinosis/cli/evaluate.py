"""``calcinosis evaluate``."""

from __future__ import annotations

import json

import click

from calcinosis.api import Settings, load
from calcinosis.cli.options import (
    Out,
    format_option,
    ontology_option,
    output_options,
    reasoner_option,
    settings_options,
)
from calcinosis.cli.usage import Command


@click.command(cls=Command, short_help="Judge the classifier by published cases.")
@format_option("text", "json", "markdown")
@settings_options
@reasoner_option
@ontology_option
@output_options
def evaluate(
    *,
    form: str,
    settings: Settings,
    reasoner: str,
    ontology: str | None,
    out: Out,
) -> None:
    """Judge the classifier by the published cases that come with the package.

    \b
    Example:
      calcinosis evaluate -f markdown -o evaluation.md
    """
    from calcinosis.output.words import evaluation as render

    found = load(settings=settings, ontology=ontology, reasoner=reasoner).evaluate()
    with out.writing() as stream:
        if form == "json":
            stream.write(json.dumps(found.to_dict(), ensure_ascii=False, indent=1) + "\n")
        else:
            stream.write(render.text(found) if form == "text" else render.markdown(found))
