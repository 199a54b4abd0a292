"""The page for a cohort: a sheet, how it is read, which can be mended, then the summary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from calcinosis.errors import CalcinosisError
from calcinosis.output.markup import Markup, join, tag, void
from calcinosis.output.pages.cohort import INLINE
from calcinosis.output.site import cohort_map
from calcinosis.output.site.carried import MAPPING, OF_COHORT
from calcinosis.output.site.cohort_map import Mapped
from calcinosis.output.site.frame import page
from calcinosis.output.site.links import Links
from calcinosis.output.site.patient_fields import Fields
from calcinosis.output.site.patient_form import Offer, judged_by
from calcinosis.output.site.patient_state import State
from calcinosis.output.site.patient_verdict import faults

HERE: Final = "cohort"
COUNTED: Final = "visits"
"""The field that says which rows of a patient count, where no mapping does."""
_REFUSED: Final = "refused"


@dataclass(frozen=True, slots=True)
class Summary:
    """A cohort as its page has it: the answer in a sentence, the rest as markup.

    ``counted`` says which rows of a patient do; empty where none has several.
    """

    answer: str
    content: str
    by: str
    counted: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows: a mapping to confirm, a summary, or what was wrong.

    ``fields`` are those that were sent, the sheet among them, for the next step.
    """

    state: State
    name: str = ""
    fields: Sequence[tuple[str, str]] = ()
    mapped: Mapped | None = None
    summary: Summary | None = None
    refused: Sequence[CalcinosisError] = ()
    remarks: Sequence[str] = field(default_factory=tuple)


def cohort_page(
    shown: Shown, offer: Offer, columns: Iterable[str], accepted: Iterable[str], links: Links
) -> str:
    """The whole page."""
    lead = (
        "Drop a sheet as it was saved, one patient or visit a row: see how it is read, mend that, "
        "and get what the patients come to. It is worked on in memory, and nothing is stored."
    )
    style = f'<link rel="stylesheet" href="{links.asset("patient.css")}">\n'
    return page(
        "Cohort",
        tag("h1", "Cohort"),
        tag("p", lead, class_="lead screen"),
        faults(shown.refused, _REFUSED) if shown.refused else Markup(),
        _choose(shown, offer, accepted, links),
        _read(shown, offer, columns, links) if shown.mapped else Markup(),
        _summary(shown, links) if shown.summary else Markup(),
        links=links,
        here=HERE,
        scripts=("cohort.js",),
        head=Markup(style),
    )


def _choose(shown: Shown, offer: Offer, accepted: Iterable[str], links: Links) -> Markup:
    """The first step: which sheet, and by what it is judged."""
    hint = (
        "Excel, OpenDocument, CSV or TSV; or case files and phenopackets. Names, dates of birth "
        "and addresses are told by their headings and get into no output."
    )
    is_to_blame = bool(shown.refused) and not shown.mapped
    sheet = tag(
        "fieldset",
        tag("legend", "Another sheet" if shown.name else "Sheet"),
        tag("label", "File", for_="file", class_="unseen"),
        void(
            "input",
            type="file",
            name_="file",
            id="file",
            accept=",".join(accepted),
            aria_describedby=_REFUSED if is_to_blame else None,
            aria_invalid="true" if is_to_blame else None,
        ),
        tag("p", hint, class_="hint"),
        tag(
            "div",
            _button("map", "Show how it is read", class_="main"),
            _button("summary", "Summarise at once"),
            class_="row",
        ),
        class_="drop",
    )
    earlier = tag(
        "details",
        tag("summary", "A mapping from before"),
        tag(
            "div",
            tag("label", "Mapping (YAML)", for_="mapping"),
            void("input", type="file", name_="mapping", id="mapping", accept=".yaml,.yml,.csv"),
            tag("p", "Or the data dictionary of a REDCap project (CSV).", class_="hint"),
            class_="field",
        ),
        class_="card part",
    )
    return tag(
        "form",
        sheet,
        earlier,
        judged_by(shown.state, offer, Fields()),
        method="post",
        action=links.to(HERE),
        enctype="multipart/form-data",
        class_="screen",
        id="choose",
    )


def _read(shown: Shown, offer: Offer, columns: Iterable[str], links: Links) -> Markup:
    """The second step: how the sheet is read, to be mended and confirmed."""
    assert shown.mapped is not None
    buttons = tag(
        "div",
        _button("summary", "Confirm and summarise", class_="main"),
        tag("button", "Save this mapping (YAML)", type="submit", formaction=_to(MAPPING, links)),
        class_="row",
    )
    return tag(
        "section",
        tag("h2", f"How {shown.name} is read", id="read"),
        _form(
            links,
            _kept(shown.fields, ("map_", "column.", "value.", "do", "put", COUNTED)),
            cohort_map.fields(shown.mapped, columns, offer.tests),
            buttons,
        ),
        aria_labelledby="read",
    )


def _summary(shown: Shown, links: Links) -> Markup:
    assert shown.summary is not None
    carry = [
        tag("button", words, type="submit", formaction=_to(kind, links))
        for kind, words in OF_COHORT.items()
    ]
    form = _form(
        links,
        _kept(shown.fields, ("do", "put")),
        tag(
            "div",
            *carry,
            _button("map", "Change how it is read", class_="quiet"),
            class_="row screen",
        ),
    )
    (script,) = INLINE[1]
    return tag(
        "section",
        tag("h2", "Summary", id="summary"),
        tag("p", shown.summary.answer, class_="lead answer"),
        *(tag("p", one, class_="message") for one in shown.remarks),
        _counted(shown, links) if shown.summary.counted else Markup(),
        form,
        Markup(shown.summary.content),
        tag("p", f"By {shown.summary.by}.", class_="note"),
        Markup(f"<script>{script}</script>\n"),
        aria_labelledby="summary",
    )


def _counted(shown: Shown, links: Links) -> Markup:
    """Which rows of a patient count, to choose again: as the mapping says it, if there is one."""
    assert shown.summary is not None
    names = [name for name, _ in shown.fields]
    name = cohort_map.COUNTED if cohort_map.COUNTED in names else COUNTED
    choice = tag("div", *cohort_map.visits(name, shown.summary.counted), class_="field")
    again = _button("summary", "Summarise again")
    kept = _kept(shown.fields, ("do", "put", name))
    return _form(links, kept, tag("div", choice, again, class_="row screen"))


def _form(links: Links, *parts: Markup) -> Markup:
    return tag(
        "form",
        *parts,
        method="post",
        action=links.to(HERE),
        enctype="multipart/form-data",
    )


def _kept(sent: Iterable[tuple[str, str]], but: tuple[str, ...]) -> Markup:
    """What was sent, as hidden fields, but those whose names begin so."""
    return join(
        *(
            void("input", type="hidden", name_=name, value=value)
            for name, value in sent
            if not name.startswith(but)
        )
    )


def _to(kind: str, links: Links) -> str:
    return f"{links.to(HERE)}/{kind}"


def _button(do: str, words: str, class_: str | None = None) -> Markup:
    return tag("button", words, type="submit", name_="do", value=do, class_=class_)
