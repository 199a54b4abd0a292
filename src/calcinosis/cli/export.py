"""``calcinosis export``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

import click

from calcinosis.api import Settings, load
from calcinosis.cli.asked import put_together, set_by
from calcinosis.cli.endings import KNOWN, chosen_format, ending_of, spelt
from calcinosis.cli.options import (
    Graph,
    Out,
    from_option,
    ontology_option,
    output_options,
    settings_options,
    sheet_options,
)
from calcinosis.cli.refused import refusals, say_not_understood
from calcinosis.cli.template import as_bytes
from calcinosis.cli.terminal import say
from calcinosis.cli.usage import Command, InputPath
from calcinosis.errors import UsageError
from calcinosis.output.formats import FORMATS

Files = Mapping[str, Iterable[bytes]]


@click.command(cls=Command, short_help="Write the graph in a format that other programs read.")
@click.argument("name", metavar="[FORMAT]", required=False)
@click.option("--subtype", "subtypes", multiple=True, metavar="NAME", help="What is said of it.")
@click.option(
    "--condition",
    "conditions",
    multiple=True,
    metavar="NAME",
    help="What is said of a condition, intervention, finding or site.",
)
@click.option(
    "--reference", "references", multiple=True, metavar="KEY", help="What rests on a reference."
)
@click.option(
    "--query", "queries", multiple=True, metavar="NAME", help="The claims that a look-up answers."
)
@click.option(
    "--cases",
    multiple=True,
    type=InputPath(),
    metavar="FILE",
    help="The verdicts on cases, and what they rest on.",
)
@click.option(
    "--sign-key",
    type=InputPath(end=True),
    metavar="FILE",
    help="Sign nanopublications with this RSA key, a PEM file; never by itself.",
)
@click.option("--creator", metavar="ORCID", help="With --sign-key: who signs.")
@click.option(
    "--include",
    multiple=True,
    metavar="FORMAT",
    help="Of ro-crate: a format to put into it, instead of its own choice; may be repeated.",
)
@click.option(
    "--inferred", is_flag=True, help="Ontology formats: also the axioms that follow, marked."
)
@click.option("--base", is_flag=True, help="Ontology formats: without labels of others' terms.")
@from_option
@settings_options
@sheet_options("cases")
@partial(ontology_option, parameters=True)
@partial(output_options, folders=True)
def export(
    *,
    name: str | None,
    subtypes: tuple[str, ...],
    conditions: tuple[str, ...],
    references: tuple[str, ...],
    queries: tuple[str, ...],
    parameters: tuple[str, ...],
    cases: tuple[str, ...],
    kind: str,
    sign_key: str | None,
    creator: str | None,
    include: tuple[str, ...],
    inferred: bool,
    base: bool,
    settings: Settings,
    graph: Graph,
    out: Out,
) -> int:
    """Write the graph, or what is asked for of it, in a format that other programs read.

    Every statement keeps its citations, how far they were read, and what is our own reading.
    Without FORMAT the formats are listed. Several things asked for are put together; without
    any, the whole graph is written. A format of several files needs a folder or a .zip file.

    \b
    Examples:
      calcinosis export associations-csv --subtype metastatic -o metastatic.csv
      calcinosis export xlsx -o calcinosis.xlsx
      calcinosis export owl --inferred -o calcinosis.owl
    """
    name = _asked(name, out.file)
    if name is None:
        if subtypes or conditions or references or queries or cases:
            raise UsageError("no format is asked for", "export", "Name one: export FORMAT …")
        with out.writing() as stream:
            stream.write(_listing())
        return 0
    kg = load(settings=settings, **graph)
    found = kg.export(
        name,
        sign_key=sign_key,
        creator=creator,
        subtype=subtypes or None,
        condition=conditions or None,
        reference=references or None,
        query=queries or None,
        parameters=set_by(parameters),
        cases=cases or None,
        kind=kind,
        include=include,
        inferred=inferred,
        base=base,
    )
    parts = found.parts()
    if not parts:
        return refusals(found.refused)
    _write(parts, found.format.media_type, out)
    if not out.quiet:
        others = {"--subtype": subtypes, "--condition": conditions, "--reference": references}
        say(put_together(queries, {**others, "--cases": cases}), line=False)
        told = found.selection.explanations
        say_not_understood(len(one.verdict.not_understood) for one in told)
    return refusals(found.refused)


def _asked(name: str | None, output: str | None) -> str | None:
    """The format by its name, or by the ending of the file; any may be asked for as a .zip."""
    if name is not None and (output or "").casefold().endswith(".zip"):
        return name
    return chosen_format(name, output, {form.name: spelt(form.suffix) for form in FORMATS})


def _listing() -> str:
    formatter = click.HelpFormatter(width=80)
    for group in dict.fromkeys(form.group for form in FORMATS):
        with formatter.section(group.capitalize()):
            formatter.write_dl(
                [
                    (form.name, f"{form.purpose} ({form.media_type})")
                    for form in FORMATS
                    if form.group == group
                ]
            )
    return formatter.getvalue().lstrip("\n")


def _write(files: Files, media_type: str, out: Out) -> None:
    if len(files) > 1:
        _write_several(files, out)
        return
    is_text = media_type.startswith("text/") or media_type.endswith(
        ("json", "xml", "yaml", "turtle", "trig")
    )
    if out.file in (None, "-") and not is_text and sys.stdout.isatty():
        raise UsageError("this format is not for the screen", "export", "Name a file: -o FILE")
    _refuse_other_than_a_file(out.file, next(iter(files)))
    (parts,) = files.values()
    with out.writing(media_type) as stream:
        below = as_bytes(stream)
        for part in parts:
            below.write(part)


def _refuse_other_than_a_file(output: str | None, file: str) -> None:
    if output is not None and output.endswith(("/", os.sep)):
        raise UsageError("this format is one file", output, f"Name the file: {output}{file}")
    if output is not None and output.casefold().endswith(".zip"):
        cure = f"End it in {file[file.index('.') :]}; several files: ro-crate"
        raise UsageError("this format is one file and no archive", output, cure)


def _write_several(files: Files, out: Out) -> None:
    """Into a folder, which appears when all of it was written, or into a zip archive."""
    if out.file in (None, "-"):
        names = ", ".join(files)
        raise UsageError(
            f"this format has several files ({names})", "export", "Name a folder or .zip: -o NAME"
        )
    target = Path(str(out.file))
    if target.suffix.casefold() == ".zip":
        from calcinosis.output.files import archive

        with out.writing("zip") as stream:
            as_bytes(stream).write(archive({name: b"".join(p) for name, p in files.items()}))
        return
    if ending_of(str(out.file)) in KNOWN and not target.is_dir():
        what = f"this format has several files, and {target.suffix} is the ending of one"
        raise UsageError(what, str(target), "Name a folder, or a .zip file")
    from calcinosis.output.files import replace_folder

    stayed = replace_folder(files, str(out.file), force=out.force)
    if stayed:
        many = "other file" if stayed == 1 else "other files"
        out.say(f"{stayed} {many} in {out.file} stayed as before.")
