"""An evaluation as text or Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from calcinosis.output.markup import markdown_table, markdown_text
from calcinosis.output.wording import VERDICT, capital, listed
from calcinosis.reasoning.verdict import PRESUMED
from calcinosis.study.evaluate import Disagreement, Evaluation, Share

_GROUP_HEADS = ("cases", "n", "exact", "+ presumed", "covered", "+ presumed", "right if covered")
_SUBTYPE_HEADS = ("subtype", "cases", "true", "+ presumed", "ruled out", "extra", "+ presumed")
_NOTES = (
    "The rules were chosen on these cases, so that only counts are given and no precision.",
    "Strict counts stand first, beside them those with what is presumed as well.",
    "exact: the claimed subtypes are exactly the authors'. covered: any subtype is claimed. right "
    "if covered: the exact ones of these, strict and presumed.",
    "true: claimed among the cases that the authors give this subtype. ruled out: among the same. "
    "extra: claimed among the others.",
    "A negative control that states the absence of calcinosis is decided by that alone. "
    "Reports were read in part: what is open is mostly what was not stated there.",
)


def share(value: Share) -> str:
    """A share as ``7/9``."""
    return f"{value.count}/{value.total}" if value.total else "\u2013"


def _group_rows(evaluation: Evaluation) -> list[tuple[str, ...]]:
    found = {(row.group, row.mode): row for row in evaluation.groups}
    pairs = [
        (row, found[row.group, PRESUMED]) for (_, mode), row in found.items() if mode == "strict"
    ]
    return [
        (
            strict.group,
            str(strict.coverage.total),
            share(strict.exact),
            share(presumed.exact),
            share(strict.coverage),
            share(presumed.coverage),
            f"{share(strict.exact_where_covered)}, {share(presumed.exact_where_covered)}",
        )
        for strict, presumed in pairs
    ]


def _subtype_rows(evaluation: Evaluation) -> list[tuple[str, ...]]:
    found = {(row.subtype, row.group, row.mode): row for row in evaluation.subtypes}
    rows: list[tuple[str, ...]] = []
    for (subtype, group, mode), presumed in found.items():
        if mode == PRESUMED:
            strict = found.get((subtype, group, "strict"))
            rows.append(
                (
                    presumed.label.removesuffix(" calcinosis cutis"),
                    "by name" if group == "name decides it" else group.removesuffix(" label"),
                    share(strict.true) if strict else f"0/{presumed.true.total}",
                    share(presumed.true),
                    share(presumed.false),
                    share(strict.unlabelled) if strict else f"0/{presumed.unlabelled.total}",
                    share(presumed.unlabelled),
                )
            )
    return rows


def _sentence(item: Disagreement) -> str:
    authors = listed([_short(a) for a in item.authors]) or "none of the subtypes"
    return (
        f"{item.case} ({item.group}): authors say {authors}; here {_short(item.subtype)} "
        f"{'is ' if item.verdict != 'entailed' else ''}{VERDICT[item.verdict]}. {item.reason}"
    )


def _definitions(evaluation: Evaluation) -> str:
    return f"{evaluation.viewpoint}; {evaluation.settings}"


def _beside(evaluation: Evaluation) -> list[str]:
    """What presuming changes, by name, and the test with hidden levels."""
    wrong = [f"{case} ({_short(subtype)})" for case, subtype in evaluation.newly_wrong]
    withheld = evaluation.withheld
    hidden = [f"{case} ({_short(subtype)})" for case, subtype in withheld.wrong]
    return [
        f"Gained by presuming ({len(evaluation.gained)}): {listed(evaluation.gained) or 'none'}",
        f"Lost by presuming ({len(evaluation.lost)}): {listed(evaluation.lost) or 'none'}",
        f"Newly wrong by presuming ({len(wrong)}): {listed(wrong) or 'none'}",
        f"Raised levels hidden in the {withheld.cases} cases that state one: a subtype is then "
        f"claimed in {withheld.presumed}, one that does not follow with the level in "
        f"{len({case for case, _ in withheld.wrong})}: {listed(hidden) or 'none'}",
    ]


def _short(subtype: str) -> str:
    return subtype.removesuffix("CalcinosisCutis").casefold()


def text(evaluation: Evaluation, width: int = 80) -> str:
    """The evaluation as plain text in ``width`` columns."""
    lines = [
        *textwrap.wrap(
            f"{evaluation.cases} published cases under the viewpoint {_definitions(evaluation)}",
            width,
        ),
        "",
        *_table(_GROUP_HEADS, _group_rows(evaluation)),
        "",
        *_table(_SUBTYPE_HEADS, _subtype_rows(evaluation)),
        "",
    ]
    lines += [line for note in _NOTES for line in textwrap.wrap(note, width)]
    lines.append("")
    for told in _beside(evaluation):
        lines += textwrap.wrap(told, width, subsequent_indent="  ")
    for title, items in _lists(evaluation):
        lines += ["", f"{title} ({len(items)})"]
        for item in items:
            lines += textwrap.wrap(
                _sentence(item), width, initial_indent="  ", subsequent_indent="    "
            )
    return "\n".join(lines) + "\n"


def _lists(evaluation: Evaluation) -> list[tuple[str, tuple[Disagreement, ...]]]:
    return [
        ("Disagreements", evaluation.disagreements),
        ("Differences in cases without a single answer, or outside", evaluation.unscored),
        ("Abstentions", evaluation.abstentions),
    ]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    rows = [heads, *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    lines = ["  ".join(f"{c:<{w}}" for c, w in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, "  ".join("-" * w for w in widths))
    return [line.rstrip() for line in lines]


def markdown(evaluation: Evaluation) -> str:
    """The evaluation as Markdown."""
    lines = [
        f"# {evaluation.cases} published cases, viewpoint `{evaluation.viewpoint}`",
        "",
        markdown_text(f"{capital(evaluation.settings)}."),
        "",
        *markdown_table(_GROUP_HEADS, _group_rows(evaluation)),
        "",
        *markdown_table(_SUBTYPE_HEADS, _subtype_rows(evaluation)),
        "",
        *(f"- {note}" for note in _NOTES),
        "",
        "## What presuming changes",
        "",
        *(f"- {markdown_text(told)}" for told in _beside(evaluation)),
    ]
    for title, items in _lists(evaluation):
        lines += ["", f"## {title} ({len(items)})", ""]
        lines += [f"- {markdown_text(_sentence(item))}" for item in items]
    return "\n".join(lines) + "\n"
