"""A cohort as one HTML page: the answer, then the patients, who can be filtered without a server.

The page needs nothing else. Its one script is ours and named by its hash; without it the table is
whole. Patients are written as they come, the answer when all are there.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Final

from calcinosis.graph.claims import Reference
from calcinosis.output.markup import Markup, bullets, html_text, join, table, tag
from calcinosis.output.pages.style import STYLE
from calcinosis.output.pictures.cohort_pictures import (
    DARK,
    STATUS,
    Drawn,
    missing,
    overlaps,
    standings,
)
from calcinosis.output.references.lines import html_reference
from calcinosis.output.wording import SIGN, VERDICT, short
from calcinosis.output.words import cohort_tables as told
from calcinosis.output.words import reasons
from calcinosis.reasoning.verdict import (
    CONFLICTING,
    ENTAILED,
    PRESUMED,
    STANDINGS,
    UNDETERMINED,
    CaseVerdict,
    JudgedCriterion,
    SubtypeVerdict,
)
from calcinosis.study.cohort import Cohort, Patient

_TOLD: Final = (ENTAILED, PRESUMED, CONFLICTING)
_FACTS: Final = 3
_CITED: Final = 4
_LONGEST: Final = 24
"""Letters of a word that a column of a table has room for."""
_STYLE: Final = (
    STYLE
    + """
[hidden] { display: none !important; }
figure.chart { max-width: 30rem; padding: .3rem; }
@media screen and (prefers-color-scheme: dark) {
%DARK% }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr));
  gap: 0 1.5rem; align-items: start; }
#patients { line-height: 1.35; } #patients tbody th, #patients td:last-child { min-width: 6rem;
  overflow-wrap: anywhere; } #patients summary { cursor: pointer; }
#patients td:last-child { width: 34%; } #patients p, #patients ul { margin: .3rem 0; }
#patients td[data-is] b { display: inline-block; padding: 0 .4em; border-radius: .2em;
  font-weight: 400; border: 1px solid transparent; }
td[data-is="entailed"] b { background: #1f5f8b; color: #fff; }
td[data-is="presumed"] b { background: #a9cfe6; color: #1b2733; }
td[data-is="refuted"] b { background: #d0d0d0; color: #1b2733; }
td[data-is="conflicting"] b { background: #7a1f1f; color: #fff; }
td[data-is="undetermined"] b { border-color: var(--rule) !important; }
th, td { overflow-wrap: normal; } .long { overflow-wrap: anywhere; }
form { position: sticky; top: 0; background: var(--paper); padding: .5rem 0; display: flex;
  flex-wrap: wrap; gap: .4rem 1rem; } form input, form select { font: inherit; max-width: 100%; }
@media screen and (max-width: 44rem) { form { position: static; } form label { flex: 1 1 100%; }
  #patients td:last-child { width: auto; } }
@media print { form { display: none !important; } #patients { font-size: 7.5pt; }
  #patients th, #patients td { padding: 1pt 3pt; }
  #patients td[data-is] b { border: 1px solid #5b6b7b; print-color-adjust: exact; }
  figure.chart { max-width: 80mm; } .charts { grid-template-columns: 1fr 1fr; } }
"""
).replace(
    "%DARK%",
    "\n".join(f'  .chart svg [fill="{light}"] {{ fill: {dark}; }}' for light, dark in DARK.items()),
)
_SCRIPT: Final = """
(() => {
const form = document.getElementById("filter"), table = document.getElementById("patients");
const rows = [...table.tBodies[0].rows], { q, s, v } = form.elements;
const texts = rows.map((row) => row.textContent.toLowerCase());
const show = () => {
  const words = q.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let shown = 0;
  rows.forEach((row, n) => {
    const cells = s.value ? [row.cells[+s.value]] : [...row.cells].slice(1, -1);
    row.hidden = !(words.every((word) => texts[n].includes(word)) &&
      (!v.value || cells.some((cell) => cell.dataset.is === v.value)));
    shown += !row.hidden;
  });
  form.querySelector("output").value = `${shown} of ${rows.length} ${form.dataset.of}`;
};
form.hidden = false;
form.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
show();
})();
"""


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


POLICY: Final = (
    f"default-src 'none'; style-src {_hash(_STYLE)}; script-src {_hash(_SCRIPT)}; "
    "base-uri 'none'; form-action 'none'"
)
"""Only our own style and script may work, by their hashes; nothing is fetched."""


INLINE: Final = (_STYLE,), (_SCRIPT,)
"""The blocks of style and of script in the page, for a server's policy."""


class CohortPage:
    """Writes rows as patients come; ``whole`` puts the answer before them.

    References are numbered as they are met, and stand at the end. ``definitions`` says whose they
    are, ``versions`` what made the page.
    """

    def __init__(self, library: Mapping[str, Reference], definitions: str, versions: str) -> None:
        self._library = library
        self._definitions = definitions
        self._versions = versions
        self._numbers: dict[str, int] = {}

    def row(self, case: CaseVerdict, patient: Patient) -> str:
        """One patient: the verdict on each subtype, why, and the details, which are folded."""
        cells = [
            tag(
                "td",
                tag("b", VERDICT[one.standing]),
                data_head=short(one.label),
                data_is=one.standing,
            )
            for one in case.subtypes
        ]
        head = patient.why or "; ".join(patient.asks[:2]) or "details"
        details = tag("details", tag("summary", head), *self._details(case, patient))
        return str(tag("tr", tag("th", patient.id, scope="row"), *cells, tag("td", details)))

    def _details(self, case: CaseVerdict, patient: Patient) -> Iterator[Markup]:
        yield tag("p", f"Calcinosis {case.calcinosis}. {'; '.join(patient.conditions)}")
        for one in case.subtypes:
            if one.standing in _TOLD:
                yield from self._subtype(one)
            elif one.standing == UNDETERMINED and reasons.says_more(one):
                cited = join(*(self._cite(key) for key in one.basis_references[:_CITED]))
                words = f"{short(one.label)} {VERDICT[one.standing]}{reasons.lacking(one)} "
                yield tag("p", words, cited)
        lines = [
            ("Would settle", patient.asks),
            ("Not understood", patient.not_understood),
            ("Not interpreted", patient.not_interpreted),
            ("Notes", patient.flags),
        ]
        for words, found in lines:
            if found:
                yield tag("p", f"{words}: {'; '.join(found)}")
        if case.contradiction is not None:
            sides = " against ".join("; ".join(side) for side in case.contradiction)
            yield tag("p", f"Contradictory: {sides}")

    def _subtype(self, one: SubtypeVerdict) -> Iterator[Markup]:
        condition = f", if {one.presumed.condition}" if one.presumed else ""
        yield tag("p", f"{short(one.label)} {VERDICT[one.standing]}{condition}:")
        yield bullets([self._criterion(criterion) for criterion in one.criteria])

    def _criterion(self, one: JudgedCriterion) -> Markup:
        facts = one.facts[:_FACTS]
        more = len(one.facts) - len(facts)
        words = "; ".join((*facts, *([f"{more} more"] if more > 0 else [])))
        cited = join(*(self._cite(key) for key in one.references))
        sign = SIGN.get(one.status, "!")
        return join(f"{sign} {one.label} ({STATUS[one.status]}){': ' * bool(words)}{words} ", cited)

    def _cite(self, key: str) -> Markup:
        number = self._numbers.setdefault(key, len(self._numbers) + 1)
        return Markup(f'<a href="#r{number}">[{number}]</a>')

    # -- the whole ---------------------------------------------------------------------

    def whole(
        self, cohort: Cohort, rows: Iterable[str], more: Iterable[told.Told] = ()
    ) -> Iterator[str]:
        """The page in parts; ``rows`` are those of all patients, ``more`` is of viewpoints."""
        title = f"{cohort.people}: calcinosis by subtype"
        yield (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{html_text(POLICY)}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{html_text(title)}</title>\n<style>{_STYLE}</style></head>\n<body>\n"
        )
        yield tag("header", tag("h1", title), tag("p", told.answer(cohort), class_="answer"))
        yield "<main>\n"
        yield from self.content(cohort, rows, more)
        yield "</main>\n"
        yield tag("footer", tag("p", f"By {self._definitions}. {self._versions}."))
        if cohort.patients:  # else there is nothing to filter
            yield f"<script>{_SCRIPT}</script>\n"
        yield "</body></html>\n"

    def content(
        self, cohort: Cohort, rows: Iterable[str], more: Iterable[told.Told] = ()
    ) -> Iterator[str]:
        """What stands below the answer in one sentence, for a page with a style of its own."""
        yield self._answer(cohort)
        yield from self._patients(cohort, rows)
        yield self._rest(cohort)
        if views := [_table(one) for one in more]:
            yield join(tag("h2", "Under every viewpoint", id="viewpoints"), *views)
        yield self._references()

    def _answer(self, cohort: Cohort) -> Markup:
        if not cohort.patients:
            return Markup()
        charts = [
            _chart("standings", standings(cohort)),
            _chart("missing", missing(cohort)),
            _chart("overlaps", overlaps(cohort)),
        ]
        return join(
            _table(told.first(cohort)),
            tag("h2", "Subtypes"),
            tag("div", *charts, class_="charts"),
            _table(told.subtypes(cohort)),
            tag("h2", "What would settle most"),
            _table(told.plan(cohort)) or tag("p", "No patient with a known cause is open."),
            _table(told.nothing(cohort)),
        )

    def _patients(self, cohort: Cohort, rows: Iterable[str]) -> Iterator[str]:
        if not cohort.patients:
            return
        yield tag("h2", "Patients", id="list")
        yield _filter(cohort)
        heads = ["patient", *(short(one.label) for one in cohort.subtypes), "why; details"]
        head = tag("thead", tag("tr", *(tag("th", one, scope="col") for one in heads)))
        caption = tag("caption", "Each patient with the verdict on each subtype")
        yield f'<table id="patients" class="stacked">{caption}{head}<tbody>\n'
        yield from rows
        yield "</tbody></table>\n"

    def _rest(self, cohort: Cohort) -> Markup:
        parts = (
            told.conditions(cohort),
            told.contradictory(cohort),
            told.not_understood(cohort),
            told.not_interpreted(cohort),
            told.flags(cohort),
            told.refused(cohort),
        )
        tables = [found for found in map(_table, parts) if found]
        return join(tag("h2", "All patients together"), *tables) if tables else Markup()

    def _references(self) -> Markup:
        items = []
        for key, number in self._numbers.items():
            reference = self._library.get(key)
            whole = Markup(html_reference(reference)) if reference else key
            study = f" Type of study: {reference.study_type}." if reference else ""
            items.append(tag("li", whole, study, id=f"r{number}"))
        if not items:
            return Markup()
        return join(tag("h2", "References"), tag("ol", *items))


def _filter(cohort: Cohort) -> Markup:
    """The controls, which the script shows."""
    subtypes = [
        tag("option", short(one.label), value=number)
        for number, one in enumerate(cohort.subtypes, 1)
    ]
    verdicts = [tag("option", VERDICT[one], value=one) for one in STANDINGS]
    parts = (
        tag("label", "Words ", Markup('<input name="q" type="search">')),
        tag(
            "label", "Subtype ", tag("select", tag("option", "any", value=""), *subtypes, name_="s")
        ),
        tag(
            "label", "Verdict ", tag("select", tag("option", "any", value=""), *verdicts, name_="v")
        ),
        tag("output", role="status"),
    )
    of = "patients" if len(cohort.rows) == len(cohort) else "rows"
    return tag("form", *parts, id="filter", hidden="", data_of=of, aria_label="Filter the patients")


def _chart(name: str, drawn: Drawn) -> Markup:
    caption = tag("figcaption", drawn.title)
    return tag("figure", Markup(drawn.svg(name)), caption, class_="chart")


def _table(found: told.Told | None) -> Markup:
    if found is None:
        return Markup()
    rows: list[tuple[object, ...]] = [tuple(map(_cell, row)) for row in found.rows]
    return table(found.caption, tuple(found.heads), rows)


def _cell(words: str) -> object:
    """The words of a cell, which stay whole, but for one so long that no column can hold it."""
    is_long = max(map(len, words.split()), default=0) > _LONGEST
    return tag("span", words, class_="long") if is_long else words
