"""What stands in the place of a mapping that cannot be taken as it was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from calcinosis.errors import InputError, quoted


@dataclass(frozen=True, slots=True)
class Faulty:
    """Stands for a mapping with a fault of its own: the case around it is refused, no other."""

    what: str
    cure: str
    line: int | None = None

    def error(self, where: str) -> InputError:
        """The refusal of the case that stands at ``where``."""
        place = where if self.line is None else f"{where}, line {self.line}"
        return InputError(self.what, place, self.cure)


def twice(key: object, line: int | None = None) -> Faulty:
    """A mapping in which one key stands twice."""
    return Faulty(f"the key {quoted(key)} stands twice in one mapping", "Keep one of them", line)


def faulty(value: object) -> Faulty | None:
    """The first faulty mapping inside a value that JSON or YAML gave, or None."""
    stack: list[Any] = [value]
    while stack:
        node = stack.pop()
        kind = type(node)  # of thousands of parts, each of which the parsers made
        if kind is Faulty:
            return cast("Faulty", node)
        if kind is dict:
            stack += node.values()
        elif kind is list:
            stack += node
    return None


def too_deep(where: str) -> InputError:
    """The refusal of a value that is nested beyond what any case needs."""
    return InputError(
        "it is nested too deeply, or a part contains itself", where, "Keep to the case format"
    )
