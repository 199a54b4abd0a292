"""The forms in which ``classify`` answers."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, Final

from calcinosis.api import CaseVerdict
from calcinosis.api.written import LONG, TABLE_1, Written
from calcinosis.cli.in_words import write_text, write_views
from calcinosis.cli.template import as_bytes
from calcinosis.cli.terminal import measure, say, style
from calcinosis.errors import UsageError

PICTURES: Final = ("bars", "overlaps", "missing")
_TABLES: Final = ("wide", "tidy", LONG, TABLE_1)
SHAPES: Final = (*_TABLES, *PICTURES)


@dataclass(frozen=True, slots=True)
class Answer(Written):
    """Verdicts under way, and how they are asked for."""

    details: bool | None = None


def check(
    form: str, *, shape: str | None, details: bool | None, explain: bool, to_file: bool
) -> None:
    """UsageError where an option has no place in the form that is asked for."""
    known = _SHAPED.get(form, ())
    if shape is not None and shape not in known:
        forms = [f"-f {one}" for one, shapes in _SHAPED.items() if shape in shapes]
        raise UsageError(f"-f {form} has no such shape", shape, f"Take {' or '.join(forms)}")
    if explain and form not in SAID:
        raise UsageError(
            f"there is no place for why (-f {form})",
            "--explain",
            f"Take -f {', -f '.join(SAID)}, or 'calcinosis explain'",
        )
    if details is not None and form != "text":
        asked = "--details" if details else "--summary"
        raise UsageError(f"it is of text alone (-f {form})", asked, "Leave it out, or -f text")
    if form in _BINARY and not to_file:
        raise UsageError(
            f"{_BINARY[form]} is not for the screen", f"-f {form}", "Name a file: -o FILE"
        )


def check_views(form: str, files: Iterable[str], shape: str | None, *, asked: bool) -> None:
    """UsageError where viewpoints cannot be set side by side: in this form, or of a pipe."""
    if not asked:
        return
    if form not in _COMPARED or shape is not None:
        what = f"-f {form}" if form not in _COMPARED else f"--shape {shape}"
        cure = f"Take -f {', -f '.join(_COMPARED)} without a shape"
        raise UsageError(f"there is no place for viewpoints ({what})", "--each-viewpoint", cure)
    if "-" in files:
        what = "the cases are read several times"
        raise UsageError(what, "--each-viewpoint", "Name a file instead of standard input")


def write(form: str, answer: Answer, stream: IO[str]) -> None:
    """Write the verdicts."""
    if answer.shape == TABLE_1:
        _table_1(answer, stream, form)
    else:
        _WRITERS[form](answer, stream)


_MANY = 20  # lines of one kind on standard error


def saying_what_was_not_interpreted(cases: Iterable[CaseVerdict]) -> Iterator[CaseVerdict]:
    """The cases; values that no interval judges are said on standard error, the first of many."""
    count = 0
    for item in cases:
        for remark in item.case.uninterpreted:
            count += 1
            said = f"{item.case.id}, {remark.where}: {remark.what}: {remark.reason}"
            if count <= _MANY:
                say(f"Not interpreted: {said}. Give {remark.cure}", one_line=True)
        yield item
    if count > _MANY:
        say(f"Not interpreted: {count - _MANY} more values, which -f json lists with each case")


def _text(answer: Answer, stream: IO[str]) -> None:
    write_text(
        answer.kg,
        answer.verdicts,
        answer.cases,
        stream,
        counting=answer.counting,
        details=answer.details,
    )
    if answer.views is not None:
        write_views(answer.views(), stream)


def _parquet(answer: Answer, stream: IO[str]) -> None:
    from calcinosis.output.sheets.parquet import write_parquet

    defined = answer.kg.classifier.case_classes
    head = answer.verdicts.head.to_dict()
    write_parquet(answer.cases, defined, answer.shape, as_bytes(stream), head)


def _xlsx(answer: Answer, stream: IO[str]) -> None:
    answer.xlsx(as_bytes(stream))


def _picture(answer: Answer, stream: IO[str], form: str) -> None:
    """Bars of the verdicts, criteria met together or what is missing; all but SVG by matplotlib."""
    from calcinosis.output.pictures import cohort_pictures as pictures

    tally = answer.counting.tally
    deque(tally.counting(answer.cases), 0)
    draw = {"overlaps": pictures.overlaps, "missing": pictures.missing}
    drawn = draw.get(answer.shape, pictures.standings)(tally.cohort())
    if form == "svg":
        stream.write(drawn.svg(answer.shape))
    else:
        as_bytes(stream).write(drawn.painted(form))


def _table_1(answer: Answer, stream: IO[str], form: str) -> None:
    from calcinosis.output.words import table_one

    if form == "csv":
        answer.csv(stream)
    elif form == "markdown":
        stream.write(table_one.markdown(answer.table_one()))
    else:
        stream.write(table_one.text(answer.table_one(), width=measure(stream), style=style(stream)))


def _annotated(answer: Answer, stream: IO[str], form: str) -> None:
    """What came in, a line each, with the verdicts beside it."""
    from calcinosis.output.exchange import fhir, phenopacket

    why = answer.verdicts.why
    assert why is not None
    write_each = {"phenopacket": phenopacket.packets, "fhir": fhir.bundles}[form]
    for one in write_each(answer.kg.ontology, map(why, answer.cases)):
        stream.write(json.dumps(one, ensure_ascii=False) + "\n")


_Write = Callable[[Answer, IO[str]], None]
ANNOTATED: Final = ("phenopacket", "fhir")
SAID: Final = ("text", "json", "jsonl")
"""These hold what was not interpreted."""
_COMPARED: Final = ("text", "markdown", "html", "json", "csv", "xlsx")
COUNTED: Final = ("text", "json", "xlsx", "html", "markdown")
"""These say how many inputs were refused."""
_BINARY: Final = {
    "xlsx": "a workbook",
    "parquet": "Parquet",
    "png": "a picture",
    "pdf": "a picture",
}
_SHAPED: Final[dict[str, tuple[str, ...]]] = {
    "csv": _TABLES,
    "parquet": _TABLES[:-1],
    "text": (TABLE_1,),
    "markdown": (TABLE_1,),
    **dict.fromkeys(("svg", "png", "pdf"), PICTURES),
}
_WRITERS: Final[dict[str, _Write]] = {
    "text": _text,
    "json": Answer.json,
    "jsonl": Answer.jsonl,
    "csv": Answer.csv,
    "parquet": _parquet,
    "xlsx": _xlsx,
    "html": Answer.html,
    "markdown": Answer.markdown,
    **{form: partial(_picture, form=form) for form in ("svg", "png", "pdf")},
    **{form: partial(_annotated, form=form) for form in ANNOTATED},
}
