"""An evaluation as one HTML file: no scripts, nothing from the network; screen, phone and paper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from calcinosis.errors import listed, visible
from calcinosis.output.markup import Markup, bullets, tag
from calcinosis.output.pages.style import STACKED
from calcinosis.output.pictures import study_pictures
from calcinosis.output.wording import VERDICT
from calcinosis.output.words.evaluation import sections
from calcinosis.output.words.reporting import steps
from calcinosis.output.words.sections import Items, Part, Section, Table
from calcinosis.study.evaluate import Evaluation

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b2733; --page: #fff; --line: #aab6c2; --head: #e9eff5;
  --link: #0b4f8a; --follows: #cfe3f0; --presumed: #e6f0f8; --out: #ececec; --against: #f3d9d0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e9ef; --page: #14191f; --line: #4a5866;
  --head: #222c36; --link: #8fc4ee; --follows: #1d4a69; --presumed: #1c3547; --out: #2b3036;
  --against: #5a2f22; } }
html { font-size: 16px; }
body { font: 1rem/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; color: var(--ink);
  background: var(--page); margin: 0 auto; max-width: 68rem; padding: 1rem 1.25rem;
  overflow-wrap: break-word; }
h1 { font-size: 1.5rem; line-height: 1.25; }
h2 { font-size: 1.25rem; margin-top: 2.2rem; padding-top: .6rem;
  border-top: 2px solid var(--line); }
a { color: var(--link); }
.answer { font-size: 1.15rem; border-left: 4px solid var(--link); padding-left: .8rem; }
nav ul { columns: 16rem; padding-left: 1.2rem; }
.wide { overflow-x: auto; margin: .8rem 0; padding-right: 1.5rem; display: inline-block;
  box-sizing: border-box; max-width: 100%; vertical-align: top; }
table { border-collapse: collapse; font-size: .875rem; }
caption { text-align: left; font-weight: 600; padding: .2rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem; border: 1px solid var(--line);
  overflow-wrap: break-word; }
#versions td { overflow-wrap: anywhere; }
thead th { background: var(--head); overflow-wrap: normal; }
tbody th { font-weight: 600; }
td.follows { background: var(--follows); font-weight: 600; } td.presumed {
  background: var(--presumed); } td.ruled-out { background: var(--out); } td.contradictory {
  background: var(--against); }
#table td:last-child, #stard td:last-child { min-width: 16rem; }
figure { margin: 1rem 0; } figure svg { width: 100%; max-width: 40rem; height: auto; }
:target { outline: 2px solid var(--link); }
@media screen and (max-width: 44rem) { body { padding: .5rem .8rem; }
  .wide { padding-right: 0; display: block; } #table td:last-child, #stard td:last-child {
  min-width: 0; }
%STACKED% }
@page { size: A4 landscape; margin: 14mm; }
@media print { :root { --ink: #000; --page: #fff; --line: #888; --head: #eee; --link: #000;
  --follows: #dde9f2; --presumed: #eef4f9; --out: #f0f0f0; --against: #f3d9d0; }
  html { font-size: 9pt; } body { max-width: none; padding: 0; } nav { display: none; }
  .wide { display: block; overflow: visible; padding-right: 0; }
  a { text-decoration: none; } h1, h2, caption { break-after: avoid; }
  tr, figure, li { break-inside: avoid; } thead { display: table-header-group;
  break-after: avoid; } section:not(#table):not(#stard) .wide { break-inside: avoid; } }
""".replace("%STACKED%", STACKED.replace("--soft", "--head").replace("--rule", "--line"))
_MARKED: Final = {word: word.replace(" ", "-") for word in VERDICT.values()}
_STARD: Final = "stard"


def evaluation_page(evaluation: Evaluation) -> str:
    """One HTML document for an evaluation, the answer first."""
    first, *rest = sections(evaluation)
    title = first.title.replace("`", "")
    head = tag(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        tag("title", title),
        tag("style", Markup(_STYLE)),
    )
    settings, answer = (_words(part) for part in first.parts)
    contents = [tag("a", one.title, href=f"#{one.anchor}") for one in rest]
    body = tag(
        "body",
        tag("header", tag("h1", title), tag("p", answer, class_="answer"), tag("p", settings)),
        tag("nav", bullets(contents), aria_label="Contents"),
        tag("main", *(_section(one, evaluation, rest) for one in rest)),
    )
    return visible(f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n")


def evaluation_part(evaluation: Evaluation) -> str:
    """The answer and the first section as a part of a page, for notebooks."""
    first, second, *_ = sections(evaluation)
    head = [tag("p", _words(part)) for part in first.parts]
    return str(tag("section", *head, *(_part(part, second.anchor, {}) for part in second.parts)))


def _words(part: Part) -> str:
    return part if isinstance(part, str) else ""


def _section(section: Section, evaluation: Evaluation, all_of_them: list[Section]) -> Markup:
    titles = {one.title: one.anchor for one in all_of_them}
    parts = [_part(part, section.anchor, titles) for part in section.parts]
    name = f"{section.anchor}-title"
    return tag(
        "section",
        tag("h2", section.title, id=name),
        *_pictures(section.anchor, evaluation),
        *parts,
        id=section.anchor,
        aria_labelledby=name,
    )


def _pictures(anchor: str, evaluation: Evaluation) -> Iterator[Markup]:
    if anchor == "curve":
        yield tag("figure", study_pictures.curve(evaluation.curve, rates=evaluation.is_own))
    elif anchor == "flow":
        ends = [
            f"{mode}: {listed([f'{name} {count}' for name, count in sorted(answers.items())])}"
            for mode, answers in evaluation.flow.answers.items()
            if answers
        ]
        yield tag("figure", study_pictures.flow(steps(evaluation.flow), ends))


def _part(part: Part, anchor: str, titles: dict[str, str]) -> Markup:
    if isinstance(part, str):
        return tag("p", part)
    if isinstance(part, Items):
        return bullets([tag("span", line) for line in part.lines])
    return _table(part, anchor, titles) if part.rows else Markup()


def _table(table: Table, anchor: str, titles: dict[str, str]) -> Markup:
    """A table that is stacked where the page is narrow, and scrolls within itself if need be."""
    head = tag("tr", *(tag("th", one, scope="col") for one in table.heads))
    rows = []
    for first, *rest in table.rows:
        cells = [
            _cell(text, one, links=titles if anchor == _STARD and column == _WHERE else {})
            for column, (one, text) in enumerate(zip(table.heads[1:], rest, strict=True))
        ]
        rows.append(tag("tr", tag("th", first, scope="row"), *cells))
    caption = tag("caption", table.caption)
    stacked = None if _fits(table) else "stacked"
    whole = tag("table", caption, tag("thead", head), tag("tbody", *rows), class_=stacked)
    return tag("div", whole, class_="wide", role="region", tabindex=0, aria_label=table.caption)


def _fits(table: Table) -> bool:
    """Whether a table fits a phone: by the longest word of each column, and the room beside it."""
    columns = zip(table.heads, *table.rows, strict=True)
    words = (max(map(len, " ".join(column).split()), default=0) for column in columns)
    return sum(word + _BESIDE for word in words) <= _A_PHONE


_BESIDE: Final = 3
_A_PHONE: Final = 41
_WHERE: Final = 2  # the column of STARD's list that names sections, behind the first


def _cell(text: str, head: str, links: dict[str, str]) -> Markup:
    if not links:
        return tag("td", text, class_=_MARKED.get(text), data_head=head)
    parts: list[object] = []
    for title in filter(None, text.split("; ")):
        parts += [tag("br")] if parts else []
        parts.append(tag("a", title, href=f"#{links[title]}") if title in links else title)
    return tag("td", *parts, data_head=head)
