"""What ``classify`` writes for people: a handful of patients in full, more as a cohort."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain, islice
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Final

from calcinosis.api import HANDFUL, CaseVerdict, KnowledgeGraph, Verdicts
from calcinosis.api.written import IN_MEMORY, Counting
from calcinosis.cli.terminal import measure, style

if TYPE_CHECKING:
    from calcinosis.api import Views

_MORE: Final = "\nEach patient in full: --details. As tables: -f xlsx, -f csv --shape wide.\n"


def write_text(
    kg: KnowledgeGraph,
    verdicts: Verdicts,
    cases: Iterable[CaseVerdict],
    stream: IO[str],
    *,
    counting: Counting,
    details: bool | None,
) -> None:
    """Write the cases: in full if they are a handful, else what they come to and a line each.

    With ``details`` each stands in full below what more than a handful come to; with False a
    handful is a cohort too.
    """
    from calcinosis.output.words.verdicts import heading

    cases = iter(cases)
    few = list(islice(cases, HANDFUL + 1))
    is_cohort = len(few) > HANDFUL or details is False
    in_full = not is_cohort or bool(details) or verdicts.why is not None
    by = ", ".join(filter(None, (kg.label, kg.ontology.changed_words)))
    added = kg.ontology.settings.added_words
    if few or is_cohort:  # of nothing that was read there is nothing to say
        stream.write(heading(by, measure(stream), added, signs=in_full))
    every = _full(kg, verdicts, stream) if in_full else None
    if is_cohort:
        _cohort(counting, chain(few, cases), stream, every)
    elif every is not None:
        _one_after_another(map(every, few), stream)


def _full(kg: KnowledgeGraph, verdicts: Verdicts, stream: IO[str]) -> Callable[[CaseVerdict], str]:
    """A function that writes a case in full, with why if that was asked for."""
    from calcinosis.output.words.verdicts import case_text

    columns, why = measure(stream), verdicts.why

    def text(case: CaseVerdict) -> str:
        questions = verdicts.told.questions(case) if why is None else ()  # else why says them
        found = case_text(case, kg.library, width=columns, style=style(stream), questions=questions)
        if why is None:
            return found
        from calcinosis.output.words.explanation import explanation_text

        head = f"Why {case.case.id} (references numbered anew)"
        return found + explanation_text(why(case), kg.library, width=columns, head=head)

    return text


def _one_after_another(texts: Iterable[str], stream: IO[str]) -> None:
    for number, text in enumerate(texts):
        stream.write(("\n" if number else "") + text)


def _cohort(
    counting: Counting,
    cases: Iterable[CaseVerdict],
    stream: IO[str],
    every: Callable[[CaseVerdict], str] | None,
) -> None:
    """What the cases come to, then each; texts of cases wait in a file, for they are many."""
    from calcinosis.output.words.cohort import LINES, patient_lines, summary_text

    columns, colours = measure(stream), style(stream)
    with SpooledTemporaryFile(IN_MEMORY, "w+", encoding="utf-8", newline="") as waiting:
        for case in counting.tally.counting(cases):
            if every is not None:
                waiting.write(f"\n{every(case)}")
        cohort = counting.tally.cohort()
        stream.write(summary_text(cohort, width=columns, style=colours))
        if every is None and cohort.patients:
            stream.write(f"\n{colours(LINES, 'bold')}\n")
            for line in patient_lines(cohort, width=columns, style=colours):
                stream.write(line)
            stream.write(_MORE)
        waiting.seek(0)
        for line in waiting:
            stream.write(line)


def views_of(kg: KnowledgeGraph, files: Iterable[str], *, strict: bool, kind: str) -> Views:
    """The cases under each viewpoint; what was remarked of their tables is not said again."""
    import logging

    from calcinosis.api import each_viewpoint

    logger = logging.getLogger("calcinosis")
    before, logger.disabled = logger.disabled, True
    try:
        return each_viewpoint(kg, files, strict=strict, kind=kind)
    finally:
        logger.disabled = before


def write_views(found: Views, stream: IO[str]) -> None:
    """Write how many cases come to what under each viewpoint, and where these differ."""
    from calcinosis.output.words.views import views_text

    stream.write("\n" + views_text(found, width=measure(stream), style=style(stream)))
