"""Literals of compiled definitions, as numbers of a type of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NewType

Literal = NewType("Literal", int)
"""``2 * variable`` when the variable is affirmed, ``2 * variable + 1`` when it is denied."""


def denial(literal: Literal) -> Literal:
    """The literal that says the opposite."""
    return Literal(literal ^ 1)


def ones(bits: int) -> Iterator[int]:
    """The places of the ones in a number, from the lowest; its literals, where it is a set."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
