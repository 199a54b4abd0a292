"""The page for one patient: the form, what its facts come to, and what can be carried away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from calcinosis.errors import CalcinosisError, did_you_mean, listed
from calcinosis.output.markup import Markup, bullets, join, tag, void
from calcinosis.output.site import patient_faults
from calcinosis.output.site.carried import OF_PATIENT
from calcinosis.output.site.frame import page
from calcinosis.output.site.links import Links
from calcinosis.output.site.parts import separated
from calcinosis.output.site.patient_faults import Fault
from calcinosis.output.site.patient_fields import Fields
from calcinosis.output.site.patient_form import Offer, fields
from calcinosis.output.site.patient_state import ID, State
from calcinosis.output.site.patient_verdict import (
    Judged,
    Stated,
    add_button,
    answer,
    faults,
    in_words,
    verdict,
)

HERE: Final = "patient"
ACCEPTED: Final = ".yaml,.yml,.json,.jsonl,.ndjson,.pb,.ttl,.jsonld"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a piece of a sentence states, the piece itself, and what it would be read as."""

    stated: Stated
    words: str
    reads: Sequence[str]


@dataclass(frozen=True, slots=True)
class Left:
    """What of a sentence is not understood, what it may mean, and what states each of that."""

    words: str
    suggestions: Sequence[str] = ()
    means: Sequence[Stated] = ()


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a sentence states that is not in the case yet; and what of it is not understood."""

    items: Sequence[Proposal]
    left: Sequence[Left] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """All that a page for one patient shows.

    ``sentence`` is the pasted text, ``refused`` what a file or button could not give, by the field
    ``refused_at``; ``others`` the cases of a file by id, ``remarks`` what is to be known of a
    loaded case.
    """

    state: State
    judged: Judged | CalcinosisError
    sentence: str = ""
    proposed: Proposed | None = None
    refused: Sequence[CalcinosisError] = ()
    others: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    remarks: Sequence[str] = ()
    refused_at: str = ""

    def marks(self, name: str, hint: str = "") -> dict[str, str | None]:
        """The attributes that say that a field above was refused, and where that is told."""
        is_wrong = bool(self.refused) and self.refused_at == name
        described = " ".join(filter(None, (hint, _REFUSED if is_wrong else "")))
        return {
            "aria_describedby": described or None,
            "aria_invalid": "true" if is_wrong else None,
        }


_REFUSED: Final = "refused"
_SENTENCE: Final = "sentence"


def patient_page(shown: Shown, offer: Offer, examples: Mapping[str, str], links: Links) -> str:
    """The whole page."""
    lead = (
        "State what is known of a patient: which subtypes follow, are ruled out or stay open, by "
        "which criteria and sources. Nothing is stored, and nothing leaves this server. "
        "Bookmark the address to keep the facts: they stand behind its #, which no server gets."
    )
    style = f'<link rel="stylesheet" href="{links.asset("patient.css")}">\n'
    return page(
        "Patient",
        tag("h1", "Patient"),
        tag("p", lead, class_="lead screen"),
        body(shown, offer, examples, links),
        links=links,
        here=HERE,
        scripts=("patient.js",),
        head=Markup(style),
    )


def body(shown: Shown, offer: Offer, examples: Mapping[str, str], links: Links) -> Markup:
    """The form with the verdicts beside it, which a script can put in the place of another."""
    return tag(
        "form",
        # What the Enter key presses: the first button of a form.
        tag(
            "button",
            "Judge",
            type="submit",
            name_="do",
            value="judge",
            class_="unseen",
            tabindex="-1",
        ),
        _load(shown, examples),
        tag(
            "div",
            tag(
                "div",
                _sentence(shown),
                fields(shown.state, offer, Fields(_faults(shown))),
                _judge(),
                class_="given screen",
            ),
            tag("div", result(shown, links), class_="result", id="result"),
            tag("p", tag("a", "To the verdicts", href="#verdicts"), class_="jump screen"),
            class_="patient",
        ),
        method="post",
        action=links.to(HERE),
        enctype="multipart/form-data",
        id="patient",
        autocomplete="off",
        data_words=f"{links.to(HERE)}/words.json",
        data_state=State().to_json(),
    )


def part(shown: Shown, links: Links) -> Markup:
    """The verdicts without the form, and for the script what is wrong with the fields of it."""
    return result(shown, links, Fields(_faults(shown)).apart())


def _faults(shown: Shown) -> list[Fault]:
    judged = shown.judged
    return patient_faults.found(
        judged if isinstance(judged, CalcinosisError) else judged.explanation
    )


def result(shown: Shown, links: Links, more: Markup | None = None) -> Markup:
    """The verdicts, with what can be carried away; ``data-state`` is the state for an address."""
    return tag(
        "section",
        tag("h2", "Verdicts", id="verdicts", tabindex="-1"),
        tag("p", f"Case: {shown.state.case.get('id') or ID}", class_="paper"),
        tag("p", answer(shown.judged), class_="lead", id="answer"),
        _judge(),
        verdict(shown.judged, links),
        _carry(shown, links),
        more or Markup(),
        aria_labelledby="verdicts",
        data_state=shown.state.to_json(),
    )


def _judge() -> Markup:
    """The button that does without a script what is done by itself with one."""
    button = tag("button", "Judge", type="submit", name_="do", value="judge", class_="main")
    return tag("p", button, class_="nojs screen")


# -- parts ---------------------------------------------------------------------------------


def _load(shown: Shown, examples: Mapping[str, str]) -> Markup:
    here = shown.state.case.get("id")  # so that it is seen which one was loaded
    options = [
        tag(
            "option",
            f"{key}: {source}" if source else key,
            value=key,
            selected="" if key == here else None,
        )
        for key, source in examples.items()
    ]
    blank = tag("option", "choose a published case", value="")
    example = tag(
        "div",
        tag("label", "Example", for_="example"),
        tag(
            "span",
            tag("select", blank, *options, name_="example", id="example", **shown.marks("example")),
            _button("example", "Load"),
            class_="row",
        ),
        class_="field",
    )
    file = tag(
        "div",
        tag("label", "Case file, phenopacket or FHIR bundle", for_="file"),
        tag(
            "span",
            void(
                "input",
                type="file",
                name_="file",
                id="file",
                accept=ACCEPTED,
                **shown.marks("file"),
            ),
            _button("file", "Read"),
            class_="row",
        ),
        class_="field",
    )
    told = join(
        _refused(shown) if shown.refused_at != _SENTENCE else Markup(),
        *(tag("p", one, class_="message", role="status") for one in shown.remarks),
        _others(shown.others),
    )
    clear = tag("div", _button("clear", "Begin anew"), class_="field")
    return tag(
        "section",
        tag("h2", "Begin with a case", class_="unseen"),
        tag("div", example, file, clear, class_="row load"),
        told,
        class_="screen",
    )


def _refused(shown: Shown) -> Markup:
    return faults(shown.refused, _REFUSED) if shown.refused else Markup()


def _others(cases: Mapping[str, Mapping[str, Any]]) -> Markup:
    if not cases:
        return Markup()
    buttons = [
        tag(
            "button",
            name,
            type="submit",
            name_="state",
            value=State(case).to_json(),
        )
        for name, case in cases.items()
    ]
    said = tag("p", f"The file holds {len(cases)} cases. Which one?")
    return tag("div", said, tag("p", *buttons, class_="row"), class_="message", role="status")


def _sentence(shown: Shown) -> Markup:
    hint = (
        "Paste a sentence of a report. What it states is proposed, and nothing counts before you "
        "add it."
    )
    area = tag(
        "textarea",
        shown.sentence,
        name_=_SENTENCE,
        id=_SENTENCE,
        rows="3",
        spellcheck="false",
        **shown.marks(_SENTENCE, "sentence-hint"),
    )
    return tag(
        "fieldset",
        tag("legend", "From a text"),
        tag("label", "Sentence of a report", for_="sentence", class_="unseen"),
        area,
        tag("p", hint, class_="hint", id="sentence-hint"),
        _refused(shown) if shown.refused_at == _SENTENCE else Markup(),
        _button("propose", "Propose facts"),
        _proposed(shown.proposed),
    )


def _proposed(found: Proposed | None) -> Markup:
    if found is None:
        return Markup()
    items = [
        join(
            add_button(one.stated, "Add", f"{one.words} ({in_words(*one.stated)})"),
            f", from \u201c{one.words}\u201d",
            f", read as {listed(list(one.reads))}" if one.reads else "",
        )
        for one in found.items
    ]
    parts = [bullets(items) if items else tag("p", "Nothing more to add was understood.")]
    if found.left:
        parts += [tag("p", "Not understood:"), bullets([_left(one) for one in found.left])]
    return tag("div", *parts, id="proposed", class_="message", role="status", tabindex="-1")


def _left(one: Left) -> Markup:
    if not one.means:
        return join(f"{one.words} {did_you_mean(one.suggestions)}".strip())
    taken = [
        add_button(stated, "Add", in_words(*stated).partition(": ")[2]) for stated in one.means
    ]
    return join(one.words, " Did you mean ", separated(taken, " or "))


_CASE_FILE: Final = "The case file holds all that stands above, and is read here again."
_ALL: Final = "So does the phenopacket, but for notes, remarks and what bears on no verdict."
_LEFT: Final = (
    "So is the phenopacket, but its standard has no place for this, without which the verdicts may "
    "differ:"
)


def _kept(judged: Judged) -> Markup:
    """What a phenopacket of a patient does not hold."""
    left = judged.not_carried
    told = f"{_CASE_FILE} {_LEFT if left else _ALL}"
    told_of = tag("p", told, class_="hint")
    return join(told_of, bullets([join(one) for one in left])) if left else told_of


def _carry(shown: Shown, links: Links) -> Markup:
    if isinstance(shown.judged, CalcinosisError):
        return Markup()
    buttons = [
        tag(
            "button",
            words,
            type="submit",
            formaction=f"{links.to(HERE)}/{kind}",
            data_carry="",
        )
        for kind, words in OF_PATIENT.items()
    ]
    return tag(
        "div",
        tag("h3", "Carry away"),
        tag("div", *buttons, class_="row"),
        _kept(shown.judged),
        class_="screen",
    )


def _button(do: str, words: str) -> Markup:
    return tag("button", words, type="submit", name_="do", value=do)
