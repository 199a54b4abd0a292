"""What a clerk answers for the page of a cohort: how a sheet is read, the summary, and files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

from calcinosis.api import TABLES, KnowledgeGraph, Sheet, sheet_map
from calcinosis.api.sheets import column_faults, is_long
from calcinosis.api.written import Counting, Written
from calcinosis.errors import CalcinosisError, InputError
from calcinosis.output.pages.cohort import INLINE, CohortPage
from calcinosis.output.site import cohort, cohort_map
from calcinosis.output.site.carried import MAPPING
from calcinosis.output.site.cohort_map import EACH
from calcinosis.output.site.links import Links
from calcinosis.output.site.patient_state import State
from calcinosis.output.wording import capital
from calcinosis.output.words.cohort_tables import answer
from calcinosis.web.clerk_pages import CASE_FILES, HTML, chosen, offer_of, put, stating_of
from calcinosis.web.desk import Answered, Asked, Desk
from calcinosis.web.remarks import remarked
from calcinosis.web.wording import reworded

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MAP: Final = "form.map.yaml"
_MOST: Final = 50  # remarks and faults that are told, words whose meanings are looked for


@dataclass(frozen=True, slots=True)
class _Given:
    """A sheet as it was sent, with its mapping if there is one, and the graph that judges it.

    ``visits`` says which rows of a patient count; empty if it was not chosen, and no mapping
    tells, each does.
    """

    kg: KnowledgeGraph
    paths: Sequence[str]
    visits: str = ""

    @property
    def name(self) -> str:
        return Path(self.paths[0]).name

    @property
    def is_table(self) -> bool:
        return Path(self.paths[0]).suffix.casefold() in TABLES

    @property
    def sheet(self) -> str | Sheet:
        if not self.has_rows:
            return self.paths[0]
        if len(self.paths) == 1:
            return Sheet(self.paths[0], visits=self.visits or EACH)
        return Sheet(self.paths[0], self.paths[1], self.visits)

    @property
    def has_rows(self) -> bool:
        """Whether it is a table with a case a row, of which a patient may have several."""
        return self.is_table and not is_long(self.paths[0])

    def checked(self) -> _Given:
        """InputError where there is no file, or none that is read."""
        if not self.paths:
            raise InputError("no sheet was chosen", "File", "Choose one")
        if not self.is_table and Path(self.name).suffix.casefold() not in CASE_FILES:
            cure = f"Sheets end in {', '.join(TABLES)}, case files in {', '.join(CASE_FILES)}"
            raise InputError("files that are named so are not read", self.name, cure)
        return self


def _cohort(desk: Desk, request: Asked, paths: Sequence[str]) -> Answered:
    """The page for a cohort, or a file that is carried away, as ``part`` says."""
    sent = [(str(key), str(value)) for key, value in request["fields"]]
    fields = put(sent, dict(sent).get("put", ""))
    state = State.of_fields(fields)
    part = request["part"]
    paths = _with_mapping(paths, fields)
    if part == "page":
        return _page(desk, request, cohort.Shown(state))
    try:
        if part == MAPPING:
            text = _mapping(desk, state, paths)
            return _file("text/yaml; charset=utf-8", "calcinosis-cohort.map.yaml", text)
        if part in _FILES:
            type_of, name, shape, form = _FILES[part]
            given = _Given(chosen(desk, state), paths, _visits(fields)).checked()
            return _file(type_of, f"calcinosis-cohort-{name}", _written(given, shape, form))
    except InputError:
        part = "map" if part == MAPPING else "summary"  # the page says what is wrong, and where
    return _page(desk, request, _shown(desk, part, state, fields, paths))


def _visits(fields: Sequence[tuple[str, str]]) -> str:
    """Which rows of a patient count, where that was chosen beside a summary."""
    found = dict(fields).get(cohort.COUNTED, "")
    return found if found in cohort_map.COUNTING else ""


def _with_mapping(paths: Sequence[str], fields: Sequence[tuple[str, str]]) -> Sequence[str]:
    """The sheet and its mapping: that which was sent beside it, else that of the form."""
    text = cohort_map.of_fields(fields) if len(paths) == 1 else ""
    if not text:
        return paths
    mapping = Path(_MAP)  # in the clerk's own folder, which is emptied
    mapping.write_text(text, encoding="utf-8")
    return [*paths, _MAP]


def _shown(
    desk: Desk, do: str, state: State, fields: Sequence[tuple[str, str]], paths: Sequence[str]
) -> cohort.Shown:
    """What a step of the page comes to; what was wrong stands on the page."""
    found = cohort.Shown(state, fields=fields)
    given = None
    try:
        given = _Given(chosen(desk, state), paths, _visits(fields)).checked()
        if do == "map" and given.has_rows:
            mapped = cohort_map.mapped(sheet_map(given.kg, given.sheet))
            if given.visits:
                mapped = replace(mapped, head={**mapped.head, "visits": given.visits})
            return cohort.Shown(state, given.name, fields, _with_near(given.kg, mapped))
        return _still_to_mend(_summarised(given, found), given)
    except CalcinosisError as error:
        found = cohort.Shown(state, fields=fields, refused=[_of_form(reworded(error))])
        return _still_to_mend(found, given) if given is not None else found


def _of_form(error: CalcinosisError) -> CalcinosisError:
    """The error without the name of a file that only the clerk has."""
    if not error.where.startswith(_MAP):
        return error
    return InputError(error.what, error.where.removeprefix(_MAP).lstrip(", "), error.cure)


def _still_to_mend(shown: cohort.Shown, given: _Given) -> cohort.Shown:
    """The same; where a mapping of the form was refused, with the form, its mends and faults."""
    if not shown.refused or shown.summary or list(given.paths[1:]) != [_MAP]:
        return shown
    text = cohort_map.of_fields(shown.fields)
    faults = column_faults(given.kg, json.loads(text)["columns"])
    Path(_MAP).write_text(cohort_map.without(text, faults), encoding="utf-8")
    try:
        mapped = cohort_map.mapped(sheet_map(given.kg, given.sheet))
    except InputError:
        return shown
    told = {key: f"{capital(one.what)}. {one.cure}." for key, one in faults.items()}
    refused = list(map(reworded, faults.values())) or shown.refused
    mapped = _with_near(given.kg, cohort_map.marked(mapped, text, told))
    return replace(shown, name=given.name, mapped=mapped, refused=refused)


def _with_near(kg: KnowledgeGraph, mapped: cohort_map.Mapped) -> cohort_map.Mapped:
    """The same with what the first words may have meant that are not understood."""
    stating = stating_of(kg)
    words = islice(mapped.unread(), _MOST)
    return replace(mapped, near={(key, one): stating.meanings(to, one) for key, to, one in words})


def _summarised(given: _Given, shown: cohort.Shown) -> cohort.Shown:
    kg, counting = given.kg, Counting(given.kg)
    refused: list[InputError] = []
    with remarked() as remarks:
        verdicts = kg.stream(given.sheet, refused=lambda error: refused.append(reworded(error)))
        page = CohortPage(kg.library, *Written(kg, verdicts, (), counting).made_by)
        tally = counting.tally
        rows = [page.row(case, tally.add(case)) for case in verdicts]
    found = tally.cohort(refused)
    if not found.patients:
        return cohort.Shown(shown.state, fields=shown.fields, refused=refused[:_MOST])
    by, versions = Written(kg, verdicts, (), counting).made_by
    content = "".join(page.content(found, rows))
    counted = dict(shown.fields).get(cohort_map.COUNTED, given.visits)
    is_several = len(found.rows) > len(found) or counted not in ("", EACH)
    summary = cohort.Summary(
        answer(found), content, f"{by}. {versions}", (counted or EACH) if is_several else ""
    )
    return cohort.Shown(
        shown.state, given.name, shown.fields, summary=summary, remarks=remarks[:_MOST]
    )


def _page(desk: Desk, request: Asked, shown: cohort.Shown) -> Answered:
    kg = desk.graph({})
    columns = kg.form.columns
    named = ("ignored", "private", *(one.name for one in (*columns.form, *columns.further)))
    links = Links(edition=request["edition"])
    accepted = (*TABLES, *CASE_FILES)
    text = cohort.cohort_page(shown, offer_of(kg), named, accepted, links)
    head = {"kind": "answer", "type": HTML, "status": 422 if shown.refused else 200}
    return {**head, "script": INLINE[1][0] if shown.summary else ""}, text.encode()


# -- what is carried away ------------------------------------------------------------------


def _mapping(desk: Desk, state: State, paths: Sequence[str]) -> bytes:
    given = _Given(chosen(desk, state), paths).checked()
    return sheet_map(given.kg, given.sheet).encode()


def _written(given: _Given, shape: str, form: str) -> bytes:
    counting = Counting(given.kg)
    with remarked():
        verdicts = given.kg.stream(
            given.sheet, refused=lambda error: counting.refuse(reworded(error))
        )
        return Written(given.kg, verdicts, verdicts, counting, shape).in_bytes(form)


def _file(type_of: str, name: str, body: bytes) -> Answered:
    return {"kind": "answer", "type": type_of, "name": name}, body


_CSV: Final = "text/csv; charset=utf-8"
_FILES: Final = {  # media type, name, shape of the table, form
    "xlsx": (_XLSX, "verdicts.xlsx", "long", "xlsx"),
    "csv": (_CSV, "patients.csv", "wide", "csv"),
    "long": (_CSV, "verdicts.csv", "long", "csv"),
    "json": ("application/json", "verdicts.json", "long", "json"),
    "html": (HTML, "summary.html", "long", "html"),
}
COHORT: Final = {"cohort": _cohort}
"""The verb by which the page is asked for."""
