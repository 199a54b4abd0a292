"""Text of a case file to the values in it: YAML, JSON, and a line of JSON Lines.

YAML goes through the C loader where it is there. It is read with the scalars of YAML 1.2, so a
date stays text and ``no`` is a word; a key may stand only once in a mapping.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, ClassVar

from calcinosis.errors import InputError, quoted

_DEPTH_LIMIT = 50
_SIZE_LIMIT = 2_000_000
_CHARACTERS_A_NODE = 64  # so that an alias of one long text counts by its length


class Doubled:
    """Stands for a mapping in which one key stands twice: the case around it is refused."""

    def __init__(self, key: object, line: int | None = None) -> None:
        self.key = key
        self.line = line

    def error(self, where: str) -> InputError:
        """The refusal of the case that stands at ``where``."""
        place = where if self.line is None else f"{where}, line {self.line}"
        return InputError(
            f"the key {quoted(self.key)} stands twice in one mapping", place, "Keep one of them"
        )


def doubled(value: object) -> Doubled | None:
    """The first mapping with a doubled key inside a value that JSON or YAML gave, or None."""
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, Doubled):
            return node
        if isinstance(node, dict):
            stack += node.values()
        elif isinstance(node, list):
            stack += node
    return None


# -- JSON ------------------------------------------------------------------------------


def json_value(text: str, where: str, *, one_line: bool = False) -> Any:
    """The value of a JSON text; InputError if it is not JSON. ``one_line``: ``where`` says which.

    A mapping with a doubled key comes as a ``Doubled``.
    """
    try:
        value = json.loads(text, object_pairs_hook=_mapping)
        if "\\ud" in text or "\\uD" in text:
            json.dumps(value, ensure_ascii=False, default=str).encode()
    except RecursionError as error:
        raise too_deep(where) from error
    except json.JSONDecodeError as error:
        place = where if one_line else f"{where}, line {error.lineno}"
        raise InputError(f"this is not JSON: {error.msg}", place, _cure(error, one_line)) from error
    except UnicodeEncodeError as error:
        raise InputError(
            "a text holds half a character (a lone surrogate)",
            where,
            "Write the character itself, in UTF-8",
        ) from error
    except ValueError as error:
        raise InputError(
            "a number has too many digits", where, "Write numbers as a laboratory prints them"
        ) from error
    return value


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Doubled:
    mapping = dict(pairs)
    if len(mapping) == len(pairs):
        return mapping
    return Doubled(_twice(key for key, _ in pairs))


def _twice(keys: Iterable[str]) -> str | None:
    """The first key that stands a second time, or None."""
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            return key
        seen.add(key)
    return None


def _cure(error: json.JSONDecodeError, one_line: bool) -> str:
    if error.msg == "Extra data" and not one_line:
        return "End it there; several cases are a list, or one a line in a file ending in .jsonl"
    return "Mend the line, or check it with a JSON tool"


# -- YAML ------------------------------------------------------------------------------


def yaml_documents(text: str, where: str) -> Iterator[Any]:
    """The values of the documents of a YAML text, one by one, empty ones left out.

    InputError where the text is not YAML, is nested too deeply, or grows by its aliases. A
    mapping with a doubled key comes as a ``Doubled``.
    """
    import yaml

    try:
        for document in yaml.load_all(text, Loader=_loader()):
            if document is not None:
                if "*" in text:  # only aliases can make more of it than was written
                    _measure(document, where)
                yield document
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{where}, line {mark.line + 1}" if mark else where
        if "nest" in (error.problem or ""):
            raise too_deep(place) from error
        raise InputError(
            f"this is not YAML: {error.problem or error.context}",
            place,
            "Mend the line; text with ': ' or '#' in it needs quotes",
        ) from error
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(
            f"this is not YAML: {str(error).splitlines()[0]}", where, "Mend the file"
        ) from error


def yaml_nodes(text: str) -> Iterator[Any]:
    """The nodes, which know their lines, of the documents that ``yaml_documents`` gives.

    What is no YAML from some place on ends there.
    """
    import yaml

    try:
        for node in yaml.compose_all(text, Loader=_loader()):
            if node is not None and node.tag != "tag:yaml.org,2002:null":
                yield node
    except (yaml.YAMLError, ValueError):
        return


@cache
def _loader() -> Any:
    """A safe loader with YAML 1.2's scalars, unique keys and a limit on nesting."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]
        yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}
        _depth = 0

        def descend_resolver(self, parent: Any, index: Any) -> None:  # noqa: ARG002 (PyYAML's)
            # The composer calls this for every node before it descends. PyYAML before 6.0.4
            # recurses in C without a limit: a hundred thousand brackets ended the interpreter.
            self._depth += 1
            if self._depth > _DEPTH_LIMIT:
                raise yaml.composer.ComposerError(
                    None, None, "it is nested too deeply", parent.start_mark
                )

        def ascend_resolver(self) -> None:
            self._depth -= 1

        def construct_yaml_map(self, node: Any) -> Iterator[Any]:
            scalars = (key for key, _ in node.value if isinstance(key, yaml.ScalarNode))
            twice = _twice(key.value for key in scalars)
            if twice is not None:
                yield Doubled(twice, node.start_mark.line + 1)
            else:
                yield from super().construct_yaml_map(node)

    tag = "tag:yaml.org,2002:"
    Loader.add_constructor(f"{tag}map", Loader.construct_yaml_map)
    for name, pattern, first in _SCALARS:
        Loader.add_implicit_resolver(f"{tag}{name}", re.compile(pattern), first)
    return Loader


_SCALARS: tuple[tuple[str, str, list[str]], ...] = (
    ("bool", r"(?:true|True|false|False)\Z", list("tTfF")),
    ("null", r"(?:~|null|Null|)\Z", ["~", "n", "N", ""]),
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,300})\Z", list("-+0123456789")),
    (
        "float",
        r"(?:[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?[1-9][0-9]{301,}"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z",
        list("-+0123456789."),
    ),
)


def _measure(value: object, where: str) -> None:
    """Refuse what aliases blow up: too much of it, or a part inside itself."""
    size = 0
    stack: list[tuple[object, int]] = [(value, 0)]
    while stack:
        node, depth = stack.pop()
        size += 1
        if depth > _DEPTH_LIMIT:
            raise too_deep(where)
        if isinstance(node, str):
            size += len(node) // _CHARACTERS_A_NODE
        elif isinstance(node, dict):
            stack += [(item, depth + 1) for item in node.values()]
        elif isinstance(node, list):
            stack += [(item, depth + 1) for item in node]
        if size > _SIZE_LIMIT:
            raise InputError(
                "its aliases expand to more than two million nodes",
                where,
                "Write the cases out, or use JSON Lines",
            )


def too_deep(where: str) -> InputError:
    """The refusal of a value that is nested beyond what any case needs."""
    return InputError(
        "it is nested too deeply, or a part contains itself", where, "Keep to the case format"
    )
