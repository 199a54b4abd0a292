"""An evaluation as text or Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from calcinosis.render.words import VERDICT, listed
from calcinosis.study.evaluate import Disagreement, Evaluation, Share

_GROUP_HEADS = ("cases", "n", "reading", "exact set", "covered", "exact if covered")
_SUBTYPE_HEADS = ("subtype", "cases", "reading", "true", "false", "abstained", "extra")
_NOTES = (
    "strict counts what follows; leaning also an open subtype whose causal criterion is met.",
    "exact set: the claimed subtypes are exactly the authors'. covered: any subtype is claimed.",
    "true, false, abstained: among cases that the authors give this subtype. "
    "extra: claims among the others.",
    "A negative control that states the absence of calcinosis is decided by that alone. "
    "Brackets hold 95 % Wilson intervals, in percent. "
    "Reports were read in part: what is open is mostly what was not stated there.",
)


def share(value: Share) -> str:
    """A share with its interval in percent, as ``7/9 [45–94]``."""
    interval = value.interval
    if interval is None:
        return "\u2013"
    low, high = (round(100 * bound) for bound in interval)
    return f"{value.count}/{value.total} [{low}\u2013{high}]"


def _group_rows(evaluation: Evaluation) -> list[tuple[str, ...]]:
    return [
        (
            row.group,
            str(row.coverage.total),
            row.mode,
            share(row.exact),
            share(row.coverage),
            share(row.exact_where_covered),
        )
        for row in evaluation.groups
    ]


def _subtype_rows(evaluation: Evaluation) -> list[tuple[str, ...]]:
    return [
        (
            row.label.removesuffix(" calcinosis cutis"),
            "by name" if row.group == "name decides it" else row.group.removesuffix(" label"),
            row.mode,
            share(row.true),
            share(row.false),
            share(row.abstained),
            f"{row.unlabelled.count}/{row.unlabelled.total}",
        )
        for row in evaluation.subtypes
    ]


def _sentence(item: Disagreement) -> str:
    authors = listed([_short(a) for a in item.authors]) or "none of the subtypes"
    return (
        f"{item.case} ({item.group}): authors say {authors}; here {_short(item.subtype)} "
        f"{'is ' if item.verdict != 'entailed' else ''}{VERDICT[item.verdict]}. {item.reason}"
    )


def _definitions(evaluation: Evaluation) -> str:
    return ", ".join(filter(None, (evaluation.viewpoint, evaluation.left_out)))


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
        f"# {evaluation.cases} published cases, viewpoint `{_definitions(evaluation)}`",
        "",
        *_markdown_table(_GROUP_HEADS, _group_rows(evaluation)),
        "",
        *_markdown_table(_SUBTYPE_HEADS, _subtype_rows(evaluation)),
        "",
        *(f"- {note}" for note in _NOTES),
    ]
    for title, items in _lists(evaluation):
        lines += ["", f"## {title} ({len(items)})", ""]
        lines += [f"- {_sentence(item)}" for item in items]
    return "\n".join(lines) + "\n"


def _markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    return [line(heads), line(["---"] * len(heads)), *(line(row) for row in rows)]
