"""Verdicts and explanations in the forms in which they are carried away, each written as it comes.

The command line and the server write them by the same functions, so that they say the same.
"""

from __future__ import annotations

import json
import textwrap
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO, StringIO
from itertools import chain, islice
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Final

from calcinosis.api.result import HANDFUL
from calcinosis.errors import InputError

if TYPE_CHECKING:
    from calcinosis.api.graph import KnowledgeGraph
    from calcinosis.api.result import Explanations, Head, Verdicts
    from calcinosis.explain.explanation import Explanation
    from calcinosis.output.words.cohort_tables import Told
    from calcinosis.reasoning.verdict import CaseVerdict
    from calcinosis.study.table_one import TableOne
    from calcinosis.study.tally import Tally
    from calcinosis.study.views import Views

LONG: Final = "long"
TABLE_1: Final = "table-1"
IN_MEMORY: Final = 5_000_000
"""Bytes of what waits for the answer to stand before it; more wait in a file."""


class Counting:
    """What counts a cohort under way; it is loaded when there is something to count."""

    def __init__(self, kg: KnowledgeGraph) -> None:
        self._kg = kg
        self.is_cohort = False
        self.refused = 0

    @cached_property
    def tally(self) -> Tally:
        """The counts so far."""
        from calcinosis.study.tally import Tally

        return Tally(self._kg.classifier.case_classes)

    def if_many(self, cases: Iterable[CaseVerdict]) -> Iterator[CaseVerdict]:
        """The same cases, counted as they go by if they are more than a handful."""
        few: list[CaseVerdict] = []
        for case in cases:
            few.append(case)
            if len(few) > HANDFUL or self.is_cohort:
                self.is_cohort = True
                for one in few:
                    self.tally.add(one)
                few.clear()
            yield case

    def refuse(self, error: InputError) -> None:
        """Count an input that was refused."""
        self.refused += 1
        self.tally.refuse(error)


@dataclass(frozen=True, slots=True)
class Written:
    """Verdicts under way, what counts them, and the shape of their table; written once.

    ``views`` gives the same cases under every viewpoint, if that was asked for.
    """

    kg: KnowledgeGraph
    verdicts: Verdicts
    cases: Iterable[CaseVerdict]
    counting: Counting
    shape: str = LONG
    views: Callable[[], Views] | None = None

    @property
    def laid(self) -> str:
        """What is laid over the release, in words."""
        return ", ".join(map(str, self.kg.ontology.overlays))

    @property
    def made_by(self) -> tuple[str, str]:
        """Whose definitions, and what versions, in words."""
        return whose(self.kg), _versions(self.verdicts.head.to_dict())

    def json(self, stream: IO[str]) -> None:
        """As ``Result.to_json`` writes it, but a case at a time; a cohort's summary comes last."""
        head = {**self.verdicts.head.to_dict(), "cases": []}
        stream.write(json.dumps(head, ensure_ascii=False, indent=1).removesuffix("]\n}"))
        empty = True
        for case in self.counting.if_many(self.cases):
            text = json.dumps(self.verdicts.case_to_dict(case), ensure_ascii=False, indent=1)
            stream.write(("\n  " if empty else ",\n  ") + text.replace("\n", "\n  "))
            empty = False
        stream.write("]" if empty else "\n ]")
        if self.counting.is_cohort:
            found = self.counting.tally.cohort().to_dict()
            _part("cohort", found, stream)
        if self.views is not None:
            _part("viewpoints", self.views().to_dict(), stream)
        stream.write("\n}\n")

    def jsonl(self, stream: IO[str]) -> None:
        """A case a line."""
        encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        laid = {key: kept for key, kept in self.verdicts.head.changed.items() if key == "with"}
        for case in self.cases:
            stream.write(encode({**self.verdicts.case_to_dict(case), **laid}) + "\n")

    def csv(self, stream: IO[str]) -> None:
        """A table in the shape that is asked for, or of every viewpoint."""
        if self.views is not None:
            from calcinosis.output.sheets.cohort import views_csv

            deque(self.cases, 0)  # what was refused is told of once
            views_csv(self.views(), stream, self.laid)
        elif self.shape == TABLE_1:
            from calcinosis.output.sheets.cohort import table_one_csv

            table_one_csv(self.table_one(), stream, self.laid)
        elif self.shape == LONG:
            from calcinosis.output.sheets.verdicts import write_csv

            write_csv(self.cases, stream, self.laid)
        else:
            from calcinosis.output.sheets.cohort import shaped_csv

            defined = self.kg.classifier.case_classes
            shaped_csv(self.cases, defined, self.shape, stream, self.laid)

    def xlsx(self, stream: IO[bytes]) -> None:
        """A workbook of sheets."""
        from calcinosis.output.sheets.verdict_book import write_workbook

        head, ontology = self.verdicts.head.to_dict(), self.kg.ontology
        if "left_out" in head:
            head["left_out"] = ontology.left_out_words
        if "with" in head:
            head["with"] = ontology.overlay_words
        tally = self.counting.tally
        write_workbook(self.cases, self.kg.library, head, stream, tally, self.views)

    def html(self, stream: IO[str]) -> None:
        """A page; patients wait in a file, for they are many, and the answer stands before them."""
        from calcinosis.output.pages.cohort import CohortPage

        alone, cases = self._one_or_more()
        if alone is not None:
            stream.write(_page(self.kg, [alone], self.verdicts.head))
            return
        page, tally = CohortPage(self.kg.library, *self.made_by), self.counting.tally
        with SpooledTemporaryFile(IN_MEMORY, "w+", encoding="utf-8", newline="") as waiting:
            for case in cases:
                waiting.write(page.row(case, tally.add(case)))
            waiting.seek(0)
            for part in page.whole(tally.cohort(), waiting, self._of_views()):
                stream.write(part)

    def markdown(self, stream: IO[str]) -> None:
        """What the cases come to, as Markdown."""
        from calcinosis.output.words.cohort_tables import markdown

        alone, cases = self._one_or_more()
        if alone is not None:
            stream.write(explanations_markdown(self.kg, [alone]))
            return
        tally = self.counting.tally
        deque(tally.counting(cases), 0)
        for part in markdown(tally.cohort(), *self.made_by, self._of_views()):
            stream.write(part)

    def _of_views(self) -> tuple[Told, ...]:
        """The tables of every viewpoint, if they were asked for."""
        if self.views is None:
            return ()
        from calcinosis.output.words.views import tables

        return tables(self.views())

    def _one_or_more(self) -> tuple[Explanation | None, Iterable[CaseVerdict]]:
        """Why one patient has the verdicts, if there is but one; else all who are still to come.

        A refused input may be a patient as well, and viewpoints are compared in a table.
        """
        cases = iter(self.cases)
        few = list(islice(cases, 2))
        if len(few) == 1 and not self.counting.refused and self.views is None:
            return self.verdicts.told.afterwards(few[0]), ()
        return None, chain(few, cases)

    def in_bytes(self, form: str) -> bytes:
        """The whole in one of these forms: json, jsonl, csv, html, markdown or xlsx."""
        if form == "xlsx":
            found = BytesIO()
            self.xlsx(found)
            return found.getvalue()
        stream = StringIO(newline="")
        write: Callable[[IO[str]], None] = getattr(self, form)
        write(stream)
        return stream.getvalue().encode()

    def table_one(self) -> TableOne:
        """The patients as the first table of a paper describes them."""
        from calcinosis.study.table_one import Describing

        describing = Describing()
        for case in self.cases:
            describing.add(case)
        return describing.table()


def _part(name: str, value: dict[str, object], stream: IO[str]) -> None:
    """A further part of a document of JSON."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    stream.write(f',\n "{name}": ' + text.replace("\n", "\n "))


def explanations_page(kg: KnowledgeGraph, found: Explanations) -> str:
    """Explanations as a page."""
    return _page(kg, found, found.head)


def _page(kg: KnowledgeGraph, found: Iterable[Explanation], head: Head) -> str:
    from calcinosis.output.pages.explanation import explanation_page

    return explanation_page(found, kg.library, whose(kg), _versions(head.to_dict()))


def explanations_markdown(kg: KnowledgeGraph, found: Iterable[Explanation]) -> str:
    """Explanations as Markdown, below whose definitions they are by."""
    from calcinosis.output.markup import markdown_text
    from calcinosis.output.words.explanation import explanation_markdown

    above = "\n".join(map(markdown_text, textwrap.wrap(f"By {whose(kg)}.", 80)))
    return f"{above}\n\n" + "\n".join(explanation_markdown(one, kg.library) for one in found)


def whose(kg: KnowledgeGraph) -> str:
    """Whose definitions, and what could be taken and assumed."""
    by = ", ".join(filter(None, (kg.label, kg.ontology.changed_words)))
    return f"{by}; {kg.ontology.settings.added_words}"


def _versions(head: dict[str, object]) -> str:
    return f"calcinosis {head['package_version']}, ontology {head['ontology_version']}"
