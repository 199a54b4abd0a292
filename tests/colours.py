"""Colours as people see them: luminance and contrast (WCAG 2), and eyes without red or green."""

from __future__ import annotations

import math
from collections.abc import Sequence

# Viénot, Brettel and Mollon 1999: linear red, green, blue as protanopes and deuteranopes see them.
_PROTANOPIA = ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0))
_DEUTERANOPIA = ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0))


def linear(colour: str) -> list[float]:
    values = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    return [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]


def luminance(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def without_red(colour: str) -> str:
    return _seen(colour, _PROTANOPIA)


def without_green(colour: str) -> str:
    return _seen(colour, _DEUTERANOPIA)


def _seen(colour: str, matrix: Sequence[Sequence[float]]) -> str:
    values = linear(colour)
    mixed = [sum(a * b for a, b in zip(row, values, strict=True)) for row in matrix]
    clipped = [min(1.0, max(0.0, value)) for value in mixed]
    signs = [v * 12.92 if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055 for v in clipped]
    return "#" + "".join(f"{round(255 * value):02x}" for value in signs)


def distance(one: str, other: str) -> float:
    """How far two colours are apart in CIELAB (CIE 1976): 2 is just seen."""
    return math.dist(_lab(one), _lab(other))


def _lab(colour: str) -> list[float]:
    red, green, blue = linear(colour)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    a, b, c = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return [116 * b - 16, 500 * (a - b), 200 * (b - c)]
