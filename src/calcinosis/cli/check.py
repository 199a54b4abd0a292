"""``calcinosis check``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from calcinosis.cli import complete
from calcinosis.cli.options import (
    Graph,
    Out,
    format_option,
    ontology_option,
    output_options,
    sheet_options,
)
from calcinosis.cli.terminal import measure
from calcinosis.cli.usage import Command, InputPath


@click.command(cls=Command, short_help="Check the graph, or case files; list all faults at once.")
@click.argument(
    "files", nargs=-1, type=InputPath(), metavar="[FILE...]", shell_complete=complete.files
)
@format_option("text", "json")
@click.option("--all", "everything", is_flag=True, help="List remarks too, not only faults.")
@click.option(
    "--no-reasoner", is_flag=True, help="Leave the OWL reasoner out, even where Java is there."
)
@sheet_options()
@ontology_option
@output_options
def check(
    *,
    files: tuple[str, ...],
    form: str,
    everything: bool,
    no_reasoner: bool,
    graph: Graph,
    out: Out,
) -> int:
    """Check the graph, or case files if any are named; list all faults at once.

    With --with it looks at what is laid over the graph, and at case files by it.

    Of a file it says in a line what was read, and of a table what 'calcinosis map' would ask.

    Of the graph it looks at Turtle, SHACL, queries, mappings, the OWL 2 DL profile and consistency
    (these two where Java is). The exit code is 1 where there is a fault.

    \b
    Example:
      calcinosis check my_cases.yaml
    """
    from calcinosis.api import check as run
    from calcinosis.api import shares
    from calcinosis.output.words.findings import shares_text, text

    out.say("Checking …")
    folder, laid = graph["ontology"], [Path(path) for path in graph["overlays"]]
    found = run(Path(folder) if folder else None, files, reasoner=not no_reasoner, overlays=laid)
    with out.writing() as stream:
        if form == "json":
            stream.write(json.dumps([f.to_dict() for f in found], ensure_ascii=False, indent=1))
            stream.write("\n")
        else:
            columns = measure(stream)
            stream.write(text(found, everything=everything, width=columns))
            if not files and not any(finding.severity == "ERROR" for finding in found):
                counted = list(shares(Path(folder) if folder else None))
                stream.write(shares_text(counted, columns))
    return int(any(finding.severity == "ERROR" for finding in found))
