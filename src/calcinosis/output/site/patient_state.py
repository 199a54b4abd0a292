"""What the patient's page is about: one case in the case format, and by what it is judged.

It comes as the fields of a form, or as the JSON that stands in the fragment of an address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from calcinosis.errors import InputError
from calcinosis.facts.case import LISTS
from calcinosis.graph.settings import ASSUMPTIONS, Settings

ID: Final = "patient"
TERMS: Final = (*LISTS, "excluded")
"""The lists of terms, each item of which may say more than its term."""
LAB_PARTS: Final = ("test", "value", "unit", "low", "high", "level", "when", "note")
AGE_UNITS: Final = ("years", "months", "weeks", "days")
_ROW: Final = re.compile(
    rf"({'|'.join((*TERMS, 'labs', 'sites'))})\.(\d{{1,4}})\.([a-z_]{{1,12}})\Z"
)
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?\Z")
_AGE: Final = re.compile(rf"(\d+(?:[.,]\d+)?) ({'|'.join(AGE_UNITS)})\Z")
_LINE_END: Final = re.compile(r"\r\n?|\n")
_SAID: Final = {"yes": True, "no": False}
Fields = Iterable[tuple[str, str]]
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class State:
    """A case, and the settings that differ from the server's; ``viewpoint`` is empty for its own.

    ``assume`` is None where everything may be assumed that the server's settings allow.
    """

    case: Mapping[str, Any] = field(default_factory=lambda: {"id": ID})
    viewpoint: str = ""
    assume: tuple[str, ...] | None = None
    take: bool = True

    def settings(self, own: Settings) -> Settings:
        """The settings by which the case is judged, on the server's ``own``."""
        assume = own.assume if self.assume is None else self.assume
        viewpoint = self.viewpoint or own.viewpoint
        return replace(own, viewpoint=viewpoint, assume=assume, take=own.take and self.take)

    def to_json(self) -> str:
        """The state as the fragment of an address holds it."""
        found: dict[str, Any] = {"case": self.case}
        if self.viewpoint:
            found["viewpoint"] = self.viewpoint
        if self.assume is not None:
            found["assume"] = list(self.assume)
        if not self.take:
            found["take"] = False
        return json.dumps(found, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def of_json(cls, text: str) -> State:
        """The state that a fragment holds; InputError where it holds none."""
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise _broken() from error
        if not isinstance(found, dict) or not isinstance(found.get("case"), dict):
            raise _broken()
        assume = found.get("assume")
        if assume is not None and not isinstance(assume, list):
            raise _broken()
        chosen = None if assume is None else tuple(one for one in ASSUMPTIONS if one in assume)
        return cls(found["case"], str(found.get("viewpoint", "")), chosen, found.get("take", True))

    @classmethod
    def of_fields(cls, fields: Fields) -> State:
        """The state that a form holds; rows that name nothing are left out."""
        single: dict[str, list[str]] = {}
        rows: dict[str, dict[int, Row]] = {}
        for name, value in fields:
            if match := _ROW.match(name):
                rows.setdefault(match[1], {}).setdefault(int(match[2]), {})[match[3]] = value
            else:
                single.setdefault(name, []).append(value)
        texts = {name: values[0].strip() for name, values in single.items()}
        assume = tuple(one for one in ASSUMPTIONS if one in single.get("assume", ()))
        return cls(
            _case(texts, rows, single.get("workup_complete", [])),
            texts.get("viewpoint", ""),
            None if "settings" not in single or assume == ASSUMPTIONS else assume,
            "settings" not in single or "take" in single,
        )

    def with_item(self, key: str, item: object) -> State:
        """The same with one more item of a list of the case."""
        items = self.case.get(key)
        kept = items if isinstance(items, list) else [] if items is None else [items]
        return replace(self, case={**self.case, key: [*kept, item]})


def _broken() -> InputError:
    what = "what stands behind the # of the address is no patient of this page"
    return InputError(what, "the address", "Copy the whole address again, or fill in the form")


# -- from the form -------------------------------------------------------------------------


def _case(
    texts: Mapping[str, str], rows: Mapping[str, Mapping[int, Row]], worked_up: list[str]
) -> dict[str, Any]:
    status = texts.get("calcinosis") or "unknown"
    sites = [one["term"].strip() for one in _ordered(rows, "sites", "term")]
    found: dict[str, Any] = {
        "id": texts.get("id") or ID,
        "source": texts.get("source"),
        "sex": texts.get("sex"),
        "age": _age(texts),
        "calcinosis": {"status": status, "sites": sites} if sites else status,
        **{key: [_item(row) for row in _ordered(rows, key, "term")] for key in TERMS},
        "labs": [_lab(row) for row in _ordered(rows, "labs", "test")],
        "workup_complete": [one for one in worked_up if one.strip()],
        "other": [one.strip() for one in _LINE_END.split(texts.get("other", "")) if one.strip()],
        "assume": texts.get("case_assume"),
    }
    return {key: value for key, value in found.items() if value}


def _age(texts: Mapping[str, str]) -> str:
    age, unit = texts.get("age", ""), texts.get("age_unit") or AGE_UNITS[0]
    return f"{age} {unit}" if _NUMBER.match(age.replace(",", ".", 1)) else age


def _ordered(rows: Mapping[str, Mapping[int, Row]], key: str, named: str) -> Iterable[Row]:
    """The rows of a list in their order, but those that are to be removed or name nothing."""
    kept = (row for _, row in sorted(rows.get(key, {}).items()) if "remove" not in row)
    return (row for row in kept if row.get(named, "").strip())


def _item(row: Row) -> object:
    item: dict[str, Any] = {"term": row["term"].strip()}
    for link in ("at_deposit", "cause"):
        if row.get(link) in _SAID:
            item[link] = _SAID[row[link]]
    if row.get("when", "at") not in ("", "at"):
        item["when"] = row["when"]
    if row.get("note", "").strip():
        item["note"] = row["note"].strip()
    return item if len(item) > 1 else item["term"]


def _lab(row: Row) -> dict[str, Any]:
    given = {part: row.get(part, "").strip() for part in LAB_PARTS}
    item: dict[str, Any] = {"test": given["test"]}
    if given["value"]:
        item["value"] = _number(given["value"])
    for part in ("unit", "level", "note"):
        if given[part]:
            item[part] = given[part]
    if given["low"] or given["high"]:
        item["interval"] = [_number(given[one]) for one in ("low", "high")]
    if given["when"] not in ("", "at"):
        item["when"] = given["when"]
    return item


def _number(text: str) -> object:
    if not text:
        return None
    if not _NUMBER.match(text):
        return text
    return float(text) if "." in text else int(text)


# -- to the form ---------------------------------------------------------------------------


def age_parts(case: Mapping[str, Any]) -> tuple[str, str]:
    """The age as the form has it: number and unit, or words as they stand."""
    text = _text(case.get("age"))
    match = _AGE.match(text)
    return (match[1], match[2]) if match else (text, AGE_UNITS[0])


def status_and_sites(case: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Whether there is calcinosis, and where."""
    stated = case.get("calcinosis")
    if not isinstance(stated, Mapping):
        return _text(stated) or "unknown", []
    return _text(stated.get("status")) or "unknown", [
        _text(one) for one in _listed(stated, "sites")
    ]


def item_row(item: object) -> Row:
    """An item of a list of terms as a row of the form."""
    if not isinstance(item, Mapping):
        return {"term": _text(item)}
    said = {True: "yes", False: "no"}
    return {
        key: said[value] if isinstance(value, bool) else _text(value) for key, value in item.items()
    }


def lab_row(item: object) -> Row:
    """A laboratory result as a row of the form."""
    if not isinstance(item, Mapping):
        return {"test": _text(item)}
    bounds = dict(zip(("low", "high"), _listed(item, "interval"), strict=False))
    return {key: _text(value) for key, value in {**item, **bounds}.items() if key != "interval"}


def rows(case: Mapping[str, Any], key: str) -> list[object]:
    """The items of a list of a case."""
    return _listed(case, key)


def lines(case: Mapping[str, Any], key: str) -> str:
    """The items of a list of a case, one a line."""
    return "\n".join(_LINE_END.sub(" ", _text(one)) for one in _listed(case, key))


def _listed(case: Mapping[str, Any], key: str) -> list[object]:
    found = case.get(key)
    if isinstance(found, list | tuple):
        return list(found)
    return [] if found is None else [found]


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
