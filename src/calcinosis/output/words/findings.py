"""Findings of a check as text: faults in full, remarks as a count unless asked for."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from calcinosis.errors import counted
from calcinosis.output.markup import markdown_table
from calcinosis.output.wording import wrapped
from calcinosis.reasoning.shares import KINDS, Share


class Finding(Protocol):
    """What is shown of a finding."""

    @property
    def severity(self) -> str: ...  # noqa: D102
    @property
    def rule(self) -> str: ...  # noqa: D102
    @property
    def subject(self) -> str: ...  # noqa: D102
    @property
    def message(self) -> str: ...  # noqa: D102
    @property
    def cure(self) -> str: ...  # noqa: D102


_SHOWN = ("not_checked", "table_read", "cases_read")  # what was left out, or read, is never hidden
_WORDS = {"ERROR": "fault", "WARN": "warning", "INFO": "remark"}


def text(findings: Sequence[Finding], *, everything: bool = False, width: int = 80) -> str:
    """The findings, gravest first, and a last line that counts them."""
    shown = [f for f in findings if everything or f.severity != "INFO" or f.rule in _SHOWN]
    lines: list[str] = []
    for finding in shown:
        head = f"{_WORDS[finding.severity].upper()} {finding.rule}"
        lines.append(f"{head}: {finding.subject}")
        lines += wrapped(f"{finding.message}. {finding.cure}.", width, 2, 0)
    counts = Counter(finding.severity for finding in findings)
    summary = ", ".join(
        counted(counts[s], word) if counts[s] else f"no {word}s" for s, word in _WORDS.items()
    )
    hidden = counts["INFO"] and not everything
    lines.append(f"{summary}{' (remarks are listed with --all)' if hidden else ''}")
    return "\n".join(lines) + "\n"


def shares_text(found: Sequence[Share], width: int = 80) -> str:
    """What verdict-bearing axioms rest on, a line a viewpoint, in percent and counts."""
    lines = ["", "Axioms that bear verdicts, and what they rest on"]
    for share in found:
        parts = [
            f"{words} {share.counts[kind]} ({share.counts[kind] / share.bearing:.0%})"
            for kind, words in KINDS.items()
            if kind != "placed" and share.counts[kind]
        ]
        said = f"{share.viewpoint}: {share.bearing}: {', '.join(parts)}"
        lines += textwrap.wrap(
            said, width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
        )
    placed = max(share.counts["placed"] for share in found)
    said = f"Not counted: {placed} a viewpoint that only place a word by what it means."
    return "\n".join([*lines, *textwrap.wrap(said, width)]) + "\n"


def shares_markdown(found: Sequence[Share]) -> str:
    """The same as a Markdown table, a column a viewpoint."""
    heads = ["", *(share.viewpoint for share in found)]
    rows = [
        [words, *(str(share.counts[kind]) for share in found)]
        for kind, words in KINDS.items()
        if any(share.counts[kind] for share in found)
    ]
    return "\n".join(markdown_table(heads, rows, numbers=True)) + "\n"
