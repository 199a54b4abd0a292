"""How a sheet is read, between the file that ``calcinosis map`` writes and a form of the page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import yaml

from calcinosis.output.markup import Markup, join, tag, void
from calcinosis.output.site.patient_faults import put_buttons
from calcinosis.output.site.patient_state import TERMS
from calcinosis.output.wording import capital

_FIELD: Final = re.compile(r"(column|value)\.(\d{1,5})\.([a-z]{1,8})\Z")
_ASKED: Final = re.compile(r"\?\s*(.*)")
_COUNT: Final = re.compile(r"# (\d+ rows? of \d+ patients?)\.")
_LINE: Final = re.compile(
    r'(?P<indent> *)(?P<key>"(?:[^"\\]|\\.)*"|\w+):.*?(?:  # (?P<said>.*))?\Z'
)
COUNTED: Final = "map_visits"
EACH: Final = "each"
COUNTING: Final = {
    EACH: "each visit as a case of its own",
    "latest": "the latest visit of each patient",
    "first": "the first visit of each patient",
}
"""Which rows of a patient count, and the words for it; ``COUNTED`` is the field that says it."""
Fields = Iterable[tuple[str, str]]
Units = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ColumnRead:
    """One column as it is read: ``asked`` is what is doubtful, or lacks a unit.

    ``fault`` is what is wrong with what was written of it, which stands in its fields.
    ``lacks_unit`` says that numbers of it have none.
    """

    key: str
    as_: str
    unit: str
    term: str
    why: str
    reads: str
    asked: str
    fault: str = ""
    lacks_unit: bool = False

    @property
    def is_read(self) -> bool:
        """Whether anything of it gets into a case."""
        return self.as_ not in ("ignored", "private")


@dataclass(frozen=True, slots=True)
class Mapped:
    """How a sheet is read: its columns, and the words that were not understood.

    ``words`` are the column, the word, what it stands for, and how often it stands there;
    ``near`` by column and word what one may have meant that stands for nothing yet.
    """

    counted: str
    head: Mapping[str, Any]
    said: Mapping[str, str]
    columns: Sequence[ColumnRead]
    words: Sequence[tuple[str, str, str, str]]
    near: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)

    def unread(self) -> Iterator[tuple[str, str, str]]:
        """The column, the list of a case that it fills, and the word of what means nothing yet."""
        filled = {one.key: one.as_ for one in self.columns}
        for key, word, meant, _ in self.words:
            if not meant and filled.get(key) in TERMS:
                yield key, filled[key], word


def without(text: str, keys: Iterable[str]) -> str:
    """A mapping of a form without what it says of some columns."""
    found = json.loads(text)
    found["columns"] = {key: one for key, one in found["columns"].items() if key not in keys}
    return json.dumps(found, ensure_ascii=False)


def marked(found: Mapped, text: str, faults: Mapping[str, str]) -> Mapped:
    """The same with what a form says of columns that have a fault, and with the faults."""
    sent = json.loads(text)["columns"]

    def column(one: ColumnRead) -> ColumnRead:
        if one.key not in faults:
            return one
        stated = sent.get(one.key, {})
        as_, unit, term = (str(stated.get(part, "")) for part in ("as", "unit", "term"))
        return replace(one, as_=as_, unit=unit, term=term, fault=faults[one.key])

    return replace(found, columns=[column(one) for one in found.columns])


def mapped(text: str) -> Mapped:
    """A mapping as ``calcinosis map`` writes it, with what its remarks say."""
    found = yaml.safe_load(text)
    said = _remarks(text)
    count = _COUNT.search(text)
    words = [
        (str(key), str(word), _text(meant), said.get(("values", str(key), str(word)), ""))
        for key, values in (found.pop("values", None) or {}).items()
        for word, meant in values.items()
    ]
    columns = [_column(str(k), v, said) for k, v in (found.pop("columns", None) or {}).items()]
    told = {key[0]: words_ for key, words_ in said.items() if len(key) == 1}
    return Mapped(count[1] if count else "", found, told, columns, words)


def _column(key: str, parts: Mapping[str, Any], said: Mapping[tuple[str, ...], str]) -> ColumnRead:
    why = _text(parts.get("why"))
    doubt = why.removeprefix("? ") if why.startswith("? ") else ""
    unit = _ASKED.fullmatch(said.get(("columns", key, "unit"), ""))
    return ColumnRead(
        key,
        _text(parts.get("as")),
        _text(parts.get("unit")),
        _text(parts.get("term")),
        why.removeprefix("? "),
        _text(parts.get("reads")),
        "; ".join(filter(None, (doubt, unit[1] if unit else ""))),
        lacks_unit=unit is not None,
    )


def _remarks(text: str) -> dict[tuple[str, ...], str]:
    """What stands behind the lines of a mapping, by the keys down to there."""
    found: dict[tuple[str, ...], str] = {}
    path: list[str] = []
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None or line.lstrip().startswith("#"):
            continue
        depth = len(match["indent"]) // 2
        key = match["key"]
        path[depth:] = [json.loads(key) if key.startswith('"') else key]
        if match["said"]:
            found[tuple(path)] = match["said"]
    return found


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


# -- from the form -------------------------------------------------------------------------


def of_fields(fields: Fields) -> str:
    """The mapping that a form holds, as JSON, which is YAML; empty where it holds none."""
    parts: dict[str, dict[int, dict[str, str]]] = {"column": {}, "value": {}}
    single: dict[str, str] = {}
    for name, value in fields:
        if match := _FIELD.match(name):
            parts[match[1]].setdefault(int(match[2]), {})[match[3]] = value
        else:
            single[name] = value.strip()
    if not parts["column"]:
        return ""
    found: dict[str, Any] = {
        key: single[f"map_{key}"] for key in ("sheet", "visits", "ids") if single.get(f"map_{key}")
    }
    if single.get("map_header", "").isdigit():
        found["header"] = int(single["map_header"])
    found["columns"] = {
        one["key"]: {
            part: one[part].strip() for part in ("as", "unit", "term") if one.get(part, "").strip()
        }
        for _, one in sorted(parts["column"].items())
        if "key" in one
    }
    values: dict[str, dict[str, str]] = {}
    for one in parts["value"].values():
        if one.get("meant", "").strip() and {"key", "word"} <= one.keys():
            values.setdefault(one["key"], {})[one["word"]] = one["meant"].strip()
    if values:
        found["values"] = values
    return json.dumps(found, ensure_ascii=False, indent=1)


# -- to the form ---------------------------------------------------------------------------


def fields(found: Mapped, offered: Iterable[str], units: Units) -> Markup:
    """The mapping as fields: what is asked first, then all columns in their order.

    ``units`` are those of each test by its label, to choose from.
    """
    return join(
        _head(found),
        _columns(found, units),
        _words(found),
        tag("datalist", *(void("option", value=one) for one in offered), id="columns"),
    )


def _head(found: Mapped) -> Markup:
    asked = [one for one in found.columns if one.asked]
    left = [one for one in found.columns if not one.is_read]
    read = len(found.columns) - len(left)
    told = [f"{found.counted}; {read} of {len(found.columns)} columns are read."]
    if asked:
        told.append(f"Asked about: {', '.join(one.key for one in asked)}.")
    if found.words:
        told.append(f"Words that are not understood: {len(found.words)}, below the columns.")
    hidden = [
        void("input", type="hidden", name_=f"map_{key}", value=str(found.head[key]))
        for key in ("sheet", "header", "ids")
        if key in found.head
    ]
    by_rows = "ids" in found.head
    note = tag("p", capital(found.said.get("ids", "")), class_="hint") if by_rows else Markup()
    return join(*(tag("p", one) for one in told), *hidden, note, _visits(found))


def _visits(found: Mapped) -> Markup:
    said = found.said.get("visits", "").partition(":")[0]
    return tag(
        "div",
        *visits(COUNTED, str(found.head.get("visits", "")), {"": "each row is a patient"}),
        tag("p", f"{said}.", class_="hint") if said else Markup(),
        class_="field",
    )


def visits(name: str, chosen: str, more: Mapping[str, str] | None = None) -> tuple[Markup, Markup]:
    """The choice of the rows of a patient that count, with its label."""
    options = (
        tag("option", words, value=one, selected="" if one == chosen else None)
        for one, words in {**(more or {}), **COUNTING}.items()
    )
    label = tag("label", "Where a patient has several rows", for_=name)
    return label, tag("select", *options, name_=name, id=name)


def _columns(found: Mapped, units: Units) -> Markup:
    heads = ("column", "is read as", "unit", "with the term", "why; examples")
    head = tag("tr", *(tag("th", one, scope="col") for one in heads))
    rows = [_row(number, one, units) for number, one in enumerate(found.columns)]
    caption = tag(
        "caption",
        "Columns. Write ignored for one that shall not be read, private for one that no output "
        "may hold.",
    )
    body = tag("tbody", *rows)
    return tag("table", caption, tag("thead", head), body, class_="stacked mapped")


def _row(number: int, one: ColumnRead, units: Units) -> Markup:
    def box(part: str, value: str, words: str, listed: str | None = None) -> Markup:
        name = f"column.{number}.{part}"
        label = f"{one.key}: {words}"
        return void(
            "input", type="text", name_=name, value=value, aria_label=label, list_=listed,
            autocomplete="off", spellcheck="false",
            aria_invalid="true" if one.fault and part == "as" else None,
            aria_describedby=f"{name}-fault" if one.fault and part == "as" else None,
        )  # fmt: skip

    key = void("input", type="hidden", name_=f"column.{number}.key", value=one.key)
    known = units.get(one.as_, ()) if one.lacks_unit else ()
    buttons = put_buttons(f"column.{number}.unit", known, f"the unit of {one.key}")
    choice = tag("p", "Give its unit: ", buttons, class_="hint") if known else Markup()
    fault = tag("p", one.fault, id=f"column.{number}.as-fault", class_="fault")
    told = [
        join(tag("b", "asked", class_="badge open"), f" {one.asked}. ") if one.asked else Markup(),
        "" if one.asked and one.why in one.asked else one.why,
        join(void("br"), tag("span", one.reads, class_="note")) if one.reads else Markup(),
    ]
    return tag(
        "tr",
        tag("th", one.key, key, scope="row"),
        tag(
            "td",
            box("as", one.as_, "is read as", "columns"),
            fault if one.fault else Markup(),
            data_head="is read as",
        ),
        tag("td", box("unit", one.unit, "unit of numbers without one"), data_head="unit"),
        tag("td", box("term", one.term, "the term of yes and no"), data_head="with the term"),
        tag("td", *told, choice, data_head="why; examples"),
        class_="asked" if one.asked or one.fault else None,
    )


def _words(found: Mapped) -> Markup:
    if not found.words:
        return Markup()
    heads = ("word", "column", "how often", "stands for")
    head = tag("tr", *(tag("th", one, scope="col") for one in heads))
    rows = list(_word_rows(found))
    said = (
        "Words that are not understood. Write what is meant, several with a semicolon between, or "
        "n/a for nothing; what is left empty is listed with each patient, and holds back what it "
        "could change."
    )
    parts = (tag("caption", said), tag("thead", head), tag("tbody", *rows))
    return tag("table", *parts, class_="stacked mapped words")


def _word_rows(found: Mapped) -> Iterator[Markup]:
    for number, (key, word, meant, times) in enumerate(found.words):
        name = f"value.{number}"
        hidden = [
            void("input", type="hidden", name_=f"{name}.{part}", value=value)
            for part, value in (("key", key), ("word", word))
        ]
        box = void(
            "input",
            type="text",
            name_=f"{name}.meant",
            value=meant,
            aria_label=f"What {word} stands for",
            autocomplete="off",
        )
        yield tag(
            "tr",
            tag("th", word, *hidden, scope="row"),
            tag("td", key, data_head="column"),
            tag("td", times, data_head="how often"),
            tag(
                "td",
                box,
                _near(f"{name}.meant", word, found.near.get((key, word), ())),
                data_head="stands for",
            ),
        )


def _near(name: str, word: str, labels: Sequence[str]) -> Markup:
    """Buttons that put what a word may have meant into its box."""
    asked = ("Did you mean ", put_buttons(name, labels, word))
    return tag("p", *asked, class_="hint") if labels else Markup()
