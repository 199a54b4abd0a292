"""What others make of a value and want again: it is kept with the value, and ends with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self, TypeVar, cast

T = TypeVar("T")


class Keeper:
    """A value that keeps what is made of it."""

    def __init__(self) -> None:
        self._made: dict[Callable[[Self], Any], Any] = {}

    def once(self, make: Callable[[Self], T]) -> T:
        """What a function makes of it, made when it is first asked for."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast("T", self._made[make])
