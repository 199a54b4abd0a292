"""The single fields of the form for one patient, each with what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from calcinosis.output.markup import Markup, join, tag, void
from calcinosis.output.site.patient_faults import Fault, asked

Row = Mapping[str, str]


class Fields:
    """Makes fields; those that have a fault say so to everybody, and point to its words."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults: dict[str, list[Fault]] = {}
        for one in faults:
            self._faults.setdefault(one.name, []).append(one)

    def has(self, *names: str) -> bool:
        """Whether something is wrong with one of these fields."""
        return any(name in self._faults for name in names)

    def word(self, key: str, name: str, value: str, label: str) -> Markup:
        """A field for a term, which a script makes a box with suggestions of."""
        control = self.input(
            name,
            value,
            hint=f"{key}-hint" if key != "sites" else "",
            list_=f"offered-{key}",
            data_words="tests" if key == "labs" else key,
        )
        return self.field(name, label, control, class_="field word")

    def input(self, name: str, value: str, hint: str = "", **attributes: object) -> Markup:
        """A box for a line of text; ``hint`` is the id of what is said of it."""
        given = {"autocomplete": "off", "spellcheck": "false", "type": "text", **attributes}
        return void("input", id=name, name_=name, value=value, **given, **self._marks(name, hint))

    def area(self, name: str, value: str) -> Markup:
        """A box for several lines of text."""
        return tag("textarea", value, id=name, name_=name, rows="3", **self._marks(name))

    def select(self, name: str, options: Mapping[str, str], chosen: str, label: str) -> Markup:
        """A choice of options by their values; one that is chosen and unknown is added."""
        if chosen not in options:
            options = {**options, chosen: chosen}
        found = (
            tag("option", words, value=value, selected="" if value == chosen else None)
            for value, words in options.items()
        )
        marks = self._marks(name)
        return tag("select", *found, id=name, name_=name, aria_label=label or None, **marks)

    def field(self, name: str, label: str, *controls: Markup, class_: str = "field") -> Markup:
        """Controls with their label, and what is wrong with them."""
        held = tag("span", *controls, class_="row") if len(controls) > 1 else controls[0]
        return tag("div", tag("label", label, for_=name), held, self.told(name), class_=class_)

    def small(self, name: str, label: str, options: Mapping[str, str], chosen: str) -> Markup:
        """A choice with its label."""
        return self.field(name, label, self.select(name, options, chosen, ""))

    def note(self, name: str, row: Row) -> Markup:
        """The note of a row."""
        return self.field(f"{name}.note", "Note", self.input(f"{name}.note", row.get("note", "")))

    def told(self, name: str) -> Markup:
        """What is wrong with a field, with buttons that mend it."""
        faults = self._faults.get(name, ())
        return _told(name, faults) if faults else Markup()

    def apart(self) -> Markup:
        """What is wrong with all fields, for a script to put it beside those that are there."""
        told = (
            tag("template", _told(name, faults), data_for=name)
            for name, faults in self._faults.items()
            if name
        )
        return join(*told)

    def _marks(self, name: str, hint: str = "") -> dict[str, str | None]:
        is_wrong = name in self._faults
        described = " ".join(filter(None, (hint, _told_id(name) if is_wrong else "")))
        return {
            "aria_describedby": described or None,
            "aria_invalid": "true" if is_wrong else None,
        }


def _told_id(name: str) -> str:
    """The id of what is said of a field's faults; the script finds it by this end."""
    return f"{name}-fault"


def _told(name: str, faults: Iterable[Fault]) -> Markup:
    parts = (tag("p", fault.words, asked(fault)) for fault in faults)
    return tag("div", *parts, id=_told_id(name), class_="fault")
