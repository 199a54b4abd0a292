"""A picture of many verdicts: for each subtype, how many cases came to what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from calcinosis.output.markup import html_text
from calcinosis.output.wording import VERDICT
from calcinosis.reasoning.verdict import CaseVerdict, SubtypeVerdict

_LEFT, _TOP, _BAR, _ROW, _HEIGHT, _RIGHT = 230, 64, 560, 40, 26, 24
_SHADES: Final = {
    "entailed": ("#1f5f8b", "#ffffff"),
    "presumed": ("#4f93bd", "#1b2733"),
    "criterion": ("#8fbfdc", "#1b2733"),
    "association": ("#cfe3f0", "#1b2733"),
    "undetermined": ("#f2f2f2", "#1b2733"),
    "refuted": ("#b9b9b9", "#1b2733"),
    "conflicting": ("#7a1f1f", "#ffffff"),
}
_OPEN: Final = {"criterion": "open, causal criterion met", "association": "open, cited cause"}
_WORDS: Final[dict[str, str]] = dict(VERDICT.items()) | _OPEN
_DIGIT: Final = 8


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG picture; notebooks show it."""

    svg: str

    def __repr__(self) -> str:
        return f"<Picture: SVG, {len(self.svg)} characters>"

    def _repr_svg_(self) -> str:
        return self.svg


def verdict_picture(cases: Iterable[CaseVerdict]) -> Picture:
    """Bars of the cases by verdict, one bar a subtype; each part has its number in it."""
    counts: dict[str, Counter[str]] = {}
    total = 0
    for case in cases:
        total += 1
        for subtype in case.subtypes:
            counts.setdefault(subtype.label, Counter())[_kind(subtype)] += 1
    width, height = _LEFT + _BAR + _RIGHT, _TOP + _ROW * len(counts) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        ' font-family="system-ui, sans-serif" font-size="13" fill="#1b2733">',
        f"<title>Verdicts on {total} cases by subtype</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *_key({kind for found in counts.values() for kind in found}),
    ]
    for number, (label, found) in enumerate(counts.items()):
        parts += _bar(_TOP + _ROW * number, label, found, total)
    return Picture("\n".join([*parts, "</svg>"]) + "\n")


def _kind(subtype: SubtypeVerdict) -> str:
    if subtype.standing == "undetermined" and subtype.basis:
        return subtype.basis
    return subtype.standing


def _key(kinds: set[str]) -> list[str]:
    """What each shade means, in the order of the bars."""
    parts, x = [], 12
    for kind in (kind for kind in _SHADES if kind in kinds):
        fill, _ = _SHADES[kind]
        parts.append(
            f'<rect x="{x}" y="20" width="14" height="14" fill="{fill}" stroke="#7a8ca0"/>'
        )
        parts.append(f'<text x="{x + 20}" y="32">{html_text(_WORDS[kind])}</text>')
        x += 44 + 7 * len(_WORDS[kind])
    return parts


def _bar(y: int, label: str, found: Counter[str], total: int) -> list[str]:
    middle = y + _HEIGHT / 2 + 5
    parts = [f'<text x="{_LEFT - 12}" y="{middle:g}" text-anchor="end">{html_text(label)}</text>']
    x = float(_LEFT)
    for kind, (fill, ink) in _SHADES.items():
        wide = _BAR * found[kind] / total
        if not wide:
            continue
        parts.append(
            f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="{_HEIGHT}" fill="{fill}"'
            f' stroke="#7a8ca0"><title>{html_text(_WORDS[kind])}: {found[kind]}</title></rect>'
        )
        if wide >= _DIGIT * len(str(found[kind])):
            parts.append(
                f'<text x="{x + wide / 2:.1f}" y="{middle:g}" text-anchor="middle"'
                f' fill="{ink}">{found[kind]}</text>'
            )
        x += wide
    return parts
