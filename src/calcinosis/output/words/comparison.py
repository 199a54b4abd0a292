"""Two settings side by side, as text or Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from calcinosis.errors import counted, listed
from calcinosis.explain.links import Given, Link
from calcinosis.graph.claims import Reference
from calcinosis.output.markup import markdown_table, markdown_text
from calcinosis.output.references.lines import line
from calcinosis.output.wording import VERDICT, capital, short, wrapped
from calcinosis.reasoning.verdict import Standing
from calcinosis.study.compare import ORDER, By, Change, Comparison, Judging, Reason, Weight

_UNDEFINED = "not a subtype there"
_MANY = 6

Library = Mapping[str, Reference]


def comparison_text(found: Comparison, library: Library, width: int = 80) -> str:
    """The comparison as plain text: axioms, table, changes, references."""
    lines = wrapped(_head(found), width, hang=0)
    for title, items in _fallen_away(found):
        lines += ["", *wrapped(f"{title}:", width, hang=0)]
        lines += _items(items, width)
    lines += ["", *_table_text(found)]
    lines += ["", *wrapped(_summary(found), width, hang=0)]
    for change in found.changes:
        lines += wrapped(said_of(change), width, 2)
    cited = _cited(found)
    if cited:
        lines += ["", "References"]
        for key in cited:
            lines += wrapped(f"{key}: {line(library[key], key)}", width, 2)
    return "\n".join(lines) + "\n"


def comparison_markdown(found: Comparison, library: Library) -> str:
    """The comparison as Markdown."""
    lines = [markdown_text(_head(found))]
    for title, items in _fallen_away(found):
        lines += ["", f"**{title}**", "", *(f"- {markdown_text(item)}" for item in items)]
    heads, rows = _table(found)
    lines += ["", *markdown_table(heads, rows), "", markdown_text(_summary(found)), ""]
    lines += [f"- {markdown_text(said_of(change))}" for change in found.changes]
    cited = _cited(found)
    if cited:
        lines += ["", "**References**", ""]
        lines += [f"- {key}: {markdown_text(line(library[key], key))}" for key in cited]
    return "\n".join(lines) + "\n"


def weights_text(by: By, weights: Sequence[Weight], library: Library, width: int = 80) -> str:
    """The references without which a verdict changes, as plain text."""
    lines = [
        *wrapped(f"By {by}.", width, hang=0),
        "",
        *wrapped(_weights_head(weights), width, hang=0),
    ]
    for weight in weights:
        said = f"{weight.reference}: {_weight(weight)}. {_reference(library, weight)}"
        lines += wrapped(said, width, 2)
    return "\n".join(lines) + "\n"


def weights_markdown(by: By, weights: Sequence[Weight], library: Library) -> str:
    """The references without which a verdict changes, as a Markdown table."""
    rows = [
        (
            _reference(library, weight),
            str(len(weight.changes)),
            str(weight.cases),
            str(weight.axioms),
        )
        for weight in weights
    ]
    heads = ("without", "verdicts that change", "cases", "axioms that fall")
    head = [markdown_text(f"By {by}."), "", markdown_text(_weights_head(weights)), ""]
    return "\n".join([*head, *markdown_table(heads, rows)]) + "\n"


# -- the parts -------------------------------------------------------------------------------


def _head(found: Comparison) -> str:
    left, right = found.by
    return f"Left: {left}. Right: {right}."


def _fallen_away(found: Comparison) -> Iterator[tuple[str, list[str]]]:
    """What only one side has, with a title: axioms, then intervals, in words."""
    same = found.left.viewpoint == found.right.viewpoint
    for noun, lost, gained in (
        ("axiom", _links(found.lost), _links(found.gained)),
        ("rule", _links(found.lost, rules=True), _links(found.gained, rules=True)),
        (
            "reference interval or formula",
            list(map(_interval, found.lost_intervals)),
            list(map(_interval, found.gained_intervals)),
        ),
    ):
        for without, having, items in (("right", "left", lost), ("left", "right", gained)):
            if items:
                number = _numbered(len(items), noun)
                how = same and noun != "rule"  # a rule may be switched off, and lose no support
                yield f"{number} {_fallen(len(items), without, having, same=how)}", items


def _links(links: Iterable[Link], *, rules: bool = False) -> list[str]:
    return [_link(link) for link in links if (link.form == "rule") is rules]


def _fallen(number: int, without: str, having: str, *, same: bool) -> str:
    loses = "loses its" if number == 1 else "lose their"
    return f"{loses} last support on the {without}" if same else f"only on the {having}"


def _numbered(number: int, noun: str) -> str:
    if noun.endswith("formula") and number != 1:
        return f"{number} reference intervals or formulas"
    return counted(number, noun)


def _interval(one: Judging) -> str:
    return f"{one.label} [{listed(list(one.references))}]"


def _link(link: Link) -> str:
    keys = listed(list(dict.fromkeys(source.reference for source in link.sources)))
    return f"{link.words} [{keys or 'our own reading'}]"


def _summary(found: Comparison) -> str:
    if not found.changes:
        return f"No verdict on {counted(found.cases, 'case')} changes."
    return (
        f"{counted(len(found.changes), 'verdict')} on {found.changed_cases} of "
        f"{counted(found.cases, 'case')} "
        f"{'change' if len(found.changes) > 1 else 'changes'}:"
    )


def said_of(change: Change) -> str:
    """A verdict that changes, with its reasons, as one sentence or several."""
    said = f"{change.case}: {change.label}: {_verdict(change.left)} \u2192 {_verdict(change.right)}"
    return ". ".join([said, *map(_reason, change.reasons)])


def _verdict(verdict: Standing | None) -> str:
    return _UNDEFINED if verdict is None else VERDICT[verdict]


def _reason(reason: Reason) -> str:
    links = [_link(link) for link in reason.links]
    return f"Only on the {reason.side}: {'; '.join([*links, *map(_given, reason.facts)])}"


def _given(given: Given) -> str:
    keys = listed(list(given.fact.references))
    return f"{given.fact} [{keys}]" if keys else str(given.fact)


def _cited(found: Comparison) -> list[str]:
    keys = {key for change in found.changes for reason in change.reasons for key in reason.cited}
    return sorted(keys)


def _table(found: Comparison) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Cases by subtype and left verdict, in rows, and right verdict, in columns."""
    rights = [v for v in ORDER if any(right == v for _, _, right in found.table)]
    heads = ("subtype", "left \\ right", *(_short(right) for right in rights))
    rows = []
    for subtype, left in dict.fromkeys((s, left) for s, left, _ in found.table):
        counts = (found.table.get((subtype, left, right), 0) for right in rights)
        label = short(found.labels[subtype])
        rows.append((label, _short(left), *map(_number, counts)))
    return heads, rows


def _table_text(found: Comparison) -> list[str]:
    heads, rows = _table(found)
    table = [heads, *rows]
    widths = [max(len(row[n]) for row in table) for n in range(len(heads))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in table]
    lines.insert(1, "  ".join("-" * w for w in widths))
    return [line.rstrip() for line in lines]


def _short(verdict: Standing | None) -> str:
    return "undefined" if verdict is None else VERDICT[verdict]


def _number(count: int) -> str:
    return str(count) if count else "."


def _weights_head(weights: Sequence[Weight]) -> str:
    if not weights:
        return "No verdict changes without any one reference."
    several = len(weights) > 1
    return (
        f"Without {f'one of {len(weights)} references' if several else 'one reference'} "
        "a verdict changes:"
    )


def _weight(weight: Weight) -> str:
    verdicts = counted(len(weight.changes), "verdict")
    change = "change" if len(weight.changes) > 1 else "changes"
    return (
        f"{verdicts} on {counted(weight.cases, 'case')} {change}, "
        f"{counted(weight.axioms, 'axiom')} {'fall' if weight.axioms != 1 else 'falls'}"
    )


def _reference(library: Library, weight: Weight) -> str:
    return capital(line(library[weight.reference], weight.reference))


def _items(items: Sequence[str], width: int) -> list[str]:
    shown = [part for item in items[:_MANY] for part in wrapped(item, width, 2)]
    more = len(items) - _MANY
    return [*shown, f"  and {more} more (all in -f json)"] if more > 0 else shown
