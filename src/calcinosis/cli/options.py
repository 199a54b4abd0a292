"""Options that several commands share, and how their output is written."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import PurePath
from typing import IO, Any, Final, TypeVar, cast

import click
from click.core import ParameterSource

from calcinosis.api import READ, RECORDS, TABLES, VISITS, Settings, Sheet, assumed
from calcinosis.cli import complete, endings
from calcinosis.cli.terminal import for_people, say
from calcinosis.cli.usage import InputPath, OutputPath
from calcinosis.errors import UsageError
from calcinosis.output.streams import failures_named

F = TypeVar("F", bound=Callable[..., Any])


def viewpoint_option(command: F) -> F:
    """``--viewpoint NAME``."""
    return click.option(
        "--viewpoint",
        default=Settings().viewpoint,
        show_default=True,
        metavar="NAME",
        help="Whose criteria.",
        shell_complete=complete.viewpoints,
    )(command)


def leaving_out_options(command: F) -> F:
    """What to leave out of the definitions, gathered into one argument ``settings``.

    With an argument ``viewpoint`` (a name) the settings hold it too, and the command gets it not.
    """

    @wraps(command)
    def gathered(**given: Any) -> Any:
        values = {name: given.pop(name) for name in _LEFT_OUT}
        if "viewpoint" in given:
            values["viewpoint"] = given.pop("viewpoint")
        return command(settings=Settings(**values), **given)

    for option in reversed(tuple(_LEFT_OUT.values())):
        gathered = option(gathered)
    return cast("F", gathered)


def settings_options(command: F) -> F:
    """``--viewpoint`` and what to leave out, as one argument ``settings``."""
    return viewpoint_option(leaving_out_options(command))


_LEFT_OUT: Final[dict[str, Callable[[Any], Any]]] = {
    "without": click.option(
        "--without", multiple=True, metavar="KEY", help="Leave out a reference; may be repeated."
    ),
    "before": click.option(
        "--before",
        type=click.IntRange(1800, 2200),
        metavar="YEAR",
        help="Leave out references that are not from before that year.",
    ),
    "min_read": click.option(
        "--min-read",
        type=click.Choice(READ),
        help="Leave out what was read less far than that.",
    ),
    "without_study_type": click.option(
        "--without-study-type",
        multiple=True,
        metavar="TYPE",
        help="Leave out references of a type of study, such as review; may be repeated.",
    ),
    "without_editorial": click.option(
        "--without-editorial", is_flag=True, help="Leave out axioms that are our own reading."
    ),
    "with_retracted": click.option(
        "--with-retracted",
        is_flag=True,
        help="Keep references that are known to be retracted; they are left out otherwise.",
    ),
    "assume": click.option(
        "--assume",
        metavar="WHAT",
        default="all",
        show_default=True,
        callback=lambda _context, _option, words: assumed(words),
        help="What may be assumed where nothing is said, for what is presumed: nothing, all, or "
        "some of levels, work-up, causes, with commas between.",
    ),
    "take": click.option(
        "--take",
        type=click.Choice(["all", "nothing"]),
        default="all",
        show_default=True,
        callback=lambda _context, _option, word: word == "all",
        help="Whether names say more than themselves where nothing is stated against it: a "
        "disease that it is the cause, an entity of its own that it was worked up.",
    ),
}


def reasoner_option(command: F) -> F:
    """``--reasoner compiled|hermit``."""
    return click.option(
        "--reasoner",
        type=click.Choice(["compiled", "hermit"]),
        default="compiled",
        show_default=True,
        help="hermit is the OWL reasoner that the compiled one is proven equal to; it needs Java.",
    )(command)


def strict_option(command: F) -> F:
    """``--strict``."""
    return click.option(
        "--strict",
        is_flag=True,
        help="Refuse a case with a word, test, level, unit or value that is not understood.",
    )(command)


def sheet_options(name: str = "files", second: str = "") -> Callable[[F], F]:
    """``--map FILE`` and ``--visit WHICH``, for the tables among the inputs called ``name``.

    An input called ``second``, of one file, is read by the same, but for ``--second-map FILE``.
    What is remarked on a table as a whole is said on standard error, if anything is.
    """

    def decorate(command: F) -> F:
        @wraps(command)
        def gathered(*, mapping: str | None, visit: str | None, **given: Any) -> Any:
            paths, beside = given[name], given[second] if second else None
            own_map = given.pop("second_map", None)
            tables = [path for path in (*paths, beside) if path and _is_table(path)]
            if (mapping or visit) and not tables:
                raise _no_table("--map" if mapping else "--visit")
            if own_map and beside not in tables:
                raise _no_table("--second-map")
            given[name] = tuple(
                Sheet(path, mapping, visit or "") if path in tables else path for path in paths
            )
            if beside is not None and beside in tables:
                given[second] = Sheet(beside, own_map or mapping, visit or "")
            with _remarks_said(quiet=bool(given.get("quiet")), wanted=bool(tables)):
                return command(**given)

        if second:
            gathered = click.option(
                "--second-map",
                type=InputPath(),
                metavar="FILE",
                help=f"How to read the columns of --{second}; if left out, as --map says.",
            )(gathered)
        for option in (
            click.option(
                "--visit",
                type=click.Choice(VISITS),
                help="Which of several rows of a patient in a table counts; each is ID, ID@2 …",
            ),
            click.option(
                "--map",
                "mapping",
                type=InputPath(),
                metavar="FILE",
                help="How to read the columns of a table, as 'calcinosis map' writes it.",
            ),
        ):
            gathered = option(gathered)
        return cast("F", gathered)

    return decorate


def _is_table(path: str) -> bool:
    return PurePath(path).suffix.casefold() in TABLES


def _no_table(where: str) -> UsageError:
    cure = f"Name one that ends in {', '.join(TABLES)}"
    return UsageError("there is no table to read by it", where, cure)


@contextmanager
def _remarks_said(*, quiet: bool, wanted: bool) -> Iterator[None]:
    """Say the remarks on tables as they come; nothing of them if ``quiet``."""
    if not wanted:
        yield
        return
    import logging

    class Saying(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if not quiet:
                say(f"Note: {record.getMessage()}", one_line=True)

    logger, handler = logging.getLogger("calcinosis"), Saying()
    logger.addHandler(handler)
    before, logger.propagate = logger.propagate, False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = before


def from_option(command: F) -> F:
    """``--from KIND``, as an argument ``kind``."""
    return click.option(
        "--from",
        "kind",
        type=click.Choice(RECORDS),
        default=None,
        callback=lambda _context, _option, kind: kind or "",
        help="What the records are, where what they hold does not tell: a case in our own format, "
        "or another's.",
    )(command)


_TURTLE: Final = re.compile(r"(?![\w-]+=).*\.ttl", re.IGNORECASE | re.DOTALL)
Graph = dict[str, Any]
"""Which graph to load, as ``load`` takes it: the folder, and what is laid over it."""


def _in_checkout(
    _context: click.Context, _option: click.Parameter, place: str | None
) -> str | None:
    """The ontology folder of a checkout, where ``place`` is one; else the place as it is."""
    inside = os.path.join(place or "", "ontology")  # noqa: PTH118 (a name may be none's)
    is_checkout = place and os.path.isfile(os.path.join(inside, "calcinosis.ttl"))  # noqa: PTH113, PTH118
    return inside if is_checkout else place


def ontology_option(command: F, *, parameters: bool = False) -> F:
    """``--ontology DIR`` and ``--with FILE.ttl`` as one argument ``graph``.

    With ``parameters``, ``--with NAME=VALUE`` sets those of look-ups, as one argument of that name.
    """

    @wraps(command)
    def gathered(*, ontology: str | None, overlays: tuple[str, ...], **given: Any) -> Any:
        if parameters:
            files = tuple(filter(_TURTLE.fullmatch, overlays))
            given["parameters"] = tuple(one for one in overlays if one not in files)
            overlays = files
        code = command(graph={"ontology": ontology, "overlays": overlays}, **given)
        quiet = given["quiet"] if "quiet" in given else given["out"].quiet
        if overlays and not quiet:
            laid = ", ".join(PurePath(one).name for one in overlays)
            say(f"With {laid}: the answer is not the release's.", one_line=True)
        return code

    sets = "With --query, NAME=VALUE: a parameter of the look-up, such as subtype=metastatic. "
    for option in (
        click.option(
            "--with",
            "overlays",
            multiple=True,
            type=InputPath(),
            metavar="FILE.ttl|NAME=VALUE" if parameters else "FILE.ttl",
            help=(sets if parameters else "")
            + "Lay a Turtle file of your own over the graph: synonyms, classes, claims, "
            "references, words, a viewpoint; every answer is marked. May be repeated.",
            shell_complete=complete.settings if parameters else complete.files,
        ),
        click.option(
            "--ontology",
            type=InputPath(folder=True),
            metavar="DIR",
            callback=_in_checkout,
            help="Another ontology folder than the package's own, or a checkout that holds one.",
        ),
    ):
        gathered = option(gathered)
    return cast("F", gathered)


@dataclass(frozen=True)
class Out:
    """Where a command writes its answer, and whether it says what is beside it."""

    file: str | None
    force: bool
    quiet: bool
    form: str | None = None

    @contextmanager
    def writing(self, form: str | None = None) -> Iterator[IO[str]]:
        """The stream of the answer, as ``writing`` has it; for people, it shows what is in it.

        ``form`` is the format where the call names none.
        """
        with writing(self.file, self.force) as stream:
            is_text = (self.form or form or "text") in _FOR_PEOPLE
            yield for_people(stream) if is_text or stream.isatty() else stream

    def say(self, text: str, *, line: bool = True) -> None:
        """Say something on standard error, unless nothing is to be said."""
        if not self.quiet:
            say(text, line=line)


_FOR_PEOPLE: Final = ("text", "table", "markdown")


def output_options(command: F, *, folders: bool = False) -> F:
    """``-o FILE``, ``--force`` and ``-q`` as one argument ``out``; the file may be a folder."""

    @wraps(command)
    def gathered(*, output: str | None, force: bool, quiet: bool, **given: Any) -> Any:
        return command(out=Out(output, force, quiet, given.get("form")), **given)

    for option in (
        click.option("-q", "--quiet", is_flag=True, help="No remarks on standard error."),
        click.option("--force", is_flag=True, help="Overwrite an existing output file."),
        click.option(
            "-o",
            "--output",
            type=OutputPath(folders=folders, standard=True),
            metavar="FILE",
            help="Write there instead of to standard output.",
        ),
    ):
        gathered = option(gathered)
    return cast("F", gathered)


_BESIDE: Final = 60  # letters that have room beside an option


def format_option(*formats: str, without: str = "") -> Callable[[F], F]:
    """``-f FORMAT``; without it, the ending of ``-o FILE`` chooses, and then the first format.

    ``without`` says what the command writes where neither chooses, if that is not the first.
    UsageError where the ending is that of another of the formats than the one asked for.
    """
    default = None if without else formats[0]
    otherwise = f", or {without}" if without else ""
    is_long = len("|".join(formats)) > _BESIDE
    among = f": {', '.join(formats)}" if is_long else ""

    def decorate(command: F) -> F:
        @wraps(command)
        def chosen(*, form: str | None, output: str | None, **given: Any) -> Any:
            source = click.get_current_context().get_parameter_source("form")
            asked = None if source is ParameterSource.DEFAULT else form
            known = {name: endings.FORMATS.get(name, ()) for name in formats}
            form = endings.chosen_format(asked, output, known, "-f ") or default
            return command(form=form, output=output, **given)

        return click.option(
            "-f",
            "--format",
            "form",
            type=click.Choice(formats),
            default=default,
            show_default=True,
            metavar="FORMAT" if is_long else None,
            help=f"How to write the answer{among}; if left out, as FILE ends{otherwise}.",
        )(cast("F", chosen))

    return decorate


@contextmanager
def writing(output: str | None, force: bool) -> Iterator[IO[str]]:
    """Standard output, or a file that appears only when all of it was written.

    UsageError if the file exists and ``force`` is not given, or where writing fails: what was
    there before stays as it was. ClosedPipeError if the reader of standard output went away.
    """
    if output is not None and output != "-":
        from calcinosis.output.files import writing as writing_file

        with writing_file(output, force=force) as stream:
            yield stream
        return
    if sys.stdout is None:
        raise UsageError("it is closed", "standard output", "Write to a file with -o")
    yield sys.stdout
    with failures_named("standard output"):
        sys.stdout.flush()
