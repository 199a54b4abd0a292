"""YAML text to values: text, numbers, true and false, null, lists and mappings, nothing else.

Built from the parser's events, without its nodes and constructors, so that what is too much is
refused while it is counted. The scalars are those of YAML 1.2's core schema: a date stays text and
``no`` is a word. Every tag beyond it is refused with its line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from calcinosis.errors import InputError, quoted
from calcinosis.facts import limits
from calcinosis.facts.boundary import foreign
from calcinosis.facts.faulty import Faulty, too_deep, twice

Lines = dict[int, dict[object, int]]
"""By the ``id`` of a list or mapping: the line of each number or key, and of itself under ``...``.

Holds only as long as the document does.
"""

_PREFIX: Final = "tag:yaml.org,2002:"
_MERGE: Final = "<<"
_CHECK_EVERY: Final = 4096
_FIRST: Final = frozenset("tTfFnN~+-.0123456789")
_BOOL: Final = re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z")
_NULL: Final = re.compile(r"(?:~|null|Null|NULL|)\Z")
_INT: Final = re.compile(r"(?:[-+]?[0-9]{1,300}|0o[0-7]{1,300}|0x[0-9a-fA-F]{1,300})\Z")
_FLOAT: Final = re.compile(
    r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
)
# What is read from a plain word is narrower: a leading zero may be part of a code.
_PLAIN_BOOL: Final = re.compile(r"(?:true|True|false|False)\Z")
_PLAIN_NULL: Final = re.compile(r"(?:~|null|Null)\Z")
_PLAIN_INT: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,300})\Z")
_PLAIN_FLOAT: Final = re.compile(
    r"(?:[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?[1-9][0-9]{301,}"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
)


def _integer(text: str) -> int:
    return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))


def _number(text: str) -> float:
    is_named = text.lstrip("+-").casefold() in (".inf", ".nan")
    return float(text.replace(".", "", 1) if is_named else text)


def _truth(text: str) -> bool:
    return text.casefold() == "true"


def _nothing(_text: str) -> None:
    return None


_Read = Callable[[str], Any]
_TAGGED: Final[dict[str, tuple[re.Pattern[str], _Read]]] = {
    "int": (_INT, _integer),
    "float": (_FLOAT, _number),
    "bool": (_BOOL, _truth),
    "null": (_NULL, _nothing),
}
_PLAIN: Final[tuple[tuple[re.Pattern[str], _Read], ...]] = (
    (_PLAIN_BOOL, _truth),
    (_PLAIN_NULL, _nothing),
    (_PLAIN_INT, _integer),
    (_PLAIN_FLOAT, _number),
)


def yaml_values(text: str, where: str, lines: Lines | None = None) -> Iterator[Any]:
    """The values of the documents of a YAML text, one by one, empty ones left out.

    InputError, with its line, from where the text is not YAML, has a tag that is not read, is
    nested too deeply, or grows too large, by its aliases or as it stands. A mapping with a key
    that stands twice or merges others comes as a ``Faulty``. ``lines`` is filled if it is given.
    """
    import yaml

    if text.count("\n%") > limits.DIRECTIVES:
        raise limits.exceeded("it has", limits.DIRECTIVES, "directives", where, "Leave them out")
    builder = _Builder(where, lines)
    events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    while True:
        try:
            with foreign("this YAML", where, "Mend the file"):
                document = builder.next(events)
        except InputError as error:
            raise _not_yaml(error, where, text) from error
        if document is _END:
            return
        if document is not None:
            yield document


def _not_yaml(error: InputError, where: str, text: str) -> InputError:
    """The parser's error with its line, and in its words; another as it is."""
    import yaml

    cause = error.__cause__
    if not isinstance(cause, yaml.YAMLError):
        return error
    mark = getattr(cause, "problem_mark", None) or getattr(cause, "context_mark", None)
    position = getattr(cause, "position", None)
    line = None if mark is None else mark.line + 1
    if line is None and isinstance(position, int):
        line = text.count("\n", 0, position) + 1
    place = where if line is None else f"{where}, line {line}"
    problem = getattr(cause, "problem", None) or str(cause).splitlines()[0]
    if "nest" in problem:
        return too_deep(place)
    return InputError(f"this is not YAML: {problem}", place, _MEND if mark else "Mend the file")


_MEND: Final = "Mend the line; text with ': ' or '#' in it needs quotes"
_END: Final = object()
_NO_KEY: Final = object()


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read; ``size`` and ``height`` are those of its parts."""

    value: list[Any] | dict[Any, Any]
    line: int
    anchor: str | None
    size: int = 1
    height: int = 1
    key: object = _NO_KEY
    key_line: int = 0
    fault: Faulty | None = None
    lines: dict[object, int] = field(default_factory=dict)


class _Builder:
    """Builds one document after the other from events."""

    def __init__(self, where: str, lines: Lines | None) -> None:
        import yaml

        self._where = where
        self._lines = lines
        self._size = 0
        self._expanded = False
        self._clock = limits.Clock(where, limits.AS_LINES)
        self._open: list[_Open] = []
        # By anchor: the value, its size and its height; None while it is being read.
        self._anchors: dict[str, tuple[Any, int, int] | None] = {}
        self._root: Any = None
        self._handlers: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.AliasEvent: self._alias,
            yaml.SequenceStartEvent: self._begin,
            yaml.MappingStartEvent: self._begin,
            yaml.SequenceEndEvent: self._end,
            yaml.MappingEndEvent: self._end,
            yaml.DocumentStartEvent: self._document,
        }
        self._last = yaml.DocumentEndEvent
        self._mapping = yaml.MappingStartEvent

    def next(self, events: Iterator[Any]) -> Any:
        """The next document, or ``_END``."""
        for number, event in enumerate(events):
            if number % _CHECK_EVERY == 0:
                self._clock.check()
            kind = type(event)
            if kind is self._last:
                return self._root
            handler = self._handlers.get(kind)
            if handler is not None:
                handler(event)
        return _END

    def _refuse(self, line: int, what: str, cure: str) -> NoReturn:
        raise InputError(what, f"{self._where}, line {line}", cure)

    def _document(self, event: Any) -> None:
        self._count(1, event.start_mark.line + 1)
        self._anchors.clear()
        if self._lines is not None:
            self._lines.clear()
        self._root = None

    # -- the events of a value -------------------------------------------------------

    def _scalar(self, event: Any) -> None:
        line, text = event.start_mark.line + 1, event.value
        value = self._read(event, text, line)
        size = 1 + len(text) // limits.CHARACTERS_A_NODE
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, size, 0)
        if text == _MERGE and event.implicit[0] and self._is_at_key():
            self._open[-1].fault = Faulty(f"the key {_MERGE!r} merges mappings", _NO_MERGE, line)
        self._add(value, size, 0, line)

    def _is_at_key(self) -> bool:
        top = self._open[-1] if self._open else None
        return top is not None and isinstance(top.value, dict) and top.key is _NO_KEY

    def _read(self, event: Any, text: str, line: int) -> Any:
        tag = event.tag
        if tag is None:
            return _plain(text) if event.implicit[0] else text
        if tag in ("!", f"{_PREFIX}str"):
            return text
        pattern, read = _TAGGED.get(tag.removeprefix(_PREFIX), (None, str))
        if pattern is None or not tag.startswith(_PREFIX):
            self._unknown_tag(tag, line)
        if not pattern.match(text):
            name = tag.removeprefix(_PREFIX)
            self._refuse(line, f"{quoted(text)} is no !!{name} of YAML 1.2", "Drop the tag")
        return read(text)

    def _unknown_tag(self, tag: str, line: int) -> NoReturn:
        name = f"!!{tag.removeprefix(_PREFIX)}" if tag.startswith(_PREFIX) else tag
        self._refuse(line, f"the tag {quoted(name)} is not read", _TAGS)

    def _alias(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if event.anchor not in self._anchors:
            what = f"this is not YAML: the alias {quoted(event.anchor)} has no anchor"
            self._refuse(line, what, "Mend the line, or write it out")
        known = self._anchors[event.anchor]
        if known is None:
            raise too_deep(f"{self._where}, line {line}")
        self._expanded = True
        self._add(*known, line)

    def _begin(self, event: Any) -> None:
        line = event.start_mark.line + 1
        is_mapping = type(event) is self._mapping
        if event.tag not in (None, "!", f"{_PREFIX}{'map' if is_mapping else 'seq'}"):
            self._unknown_tag(event.tag, line)
        if len(self._open) >= limits.DEPTH:
            raise too_deep(f"{self._where}, line {line}")
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._open.append(_Open({} if is_mapping else [], line, event.anchor))
        self._count(1, line)

    def _end(self, _event: Any) -> None:
        done = self._open.pop()
        value = done.value if done.fault is None else done.fault
        if self._lines is not None:
            self._lines[id(value)] = {...: done.line, **done.lines}
        if done.anchor is not None:
            self._anchors[done.anchor] = (value, done.size, done.height)
        self._put(value, done.size, done.height, done.line)

    # -- into what is open -----------------------------------------------------------

    def _count(self, size: int, line: int) -> None:
        self._size += size
        if self._size > limits.NODES:
            what = "its aliases expand to" if self._expanded else "it holds"
            place = f"{self._where}, line {line}"
            raise limits.exceeded(what, limits.NODES, "parts", place, limits.AS_LINES)

    def _add(self, value: Any, size: int, height: int, line: int) -> None:
        """Put a whole value where it belongs, and count it."""
        self._count(size, line)
        if len(self._open) + height > limits.DEPTH:
            raise too_deep(f"{self._where}, line {line}")
        self._put(value, size, height, line)

    def _put(self, value: Any, size: int, height: int, line: int) -> None:
        if not self._open:
            self._root = value
            return
        top = self._open[-1]
        top.size += size
        top.height = max(top.height, height + 1)
        if isinstance(top.value, list):
            self._mark(top, len(top.value), line)
            top.value.append(value)
        elif top.key is _NO_KEY:
            self._key(top, value, line)
        else:
            self._mark(top, top.key, top.key_line)
            top.value[top.key] = value
            top.key = _NO_KEY

    def _mark(self, top: _Open, key: object, line: int) -> None:
        if self._lines is not None:
            top.lines[key] = line

    def _key(self, top: _Open, key: Any, line: int) -> None:
        if isinstance(key, list | dict | Faulty):
            self._refuse(line, "a key is a list or a mapping", "Write a word before the colon")
        if key in top.value and top.fault is None:
            top.fault = twice(key, top.line)
        top.key, top.key_line = key, line


def _plain(text: str) -> Any:
    """The value of a plain word by the core schema."""
    if not text:
        return None
    if text[0] in _FIRST:
        for pattern, read in _PLAIN:
            if pattern.match(text):
                return read(text)
    return text


_NO_MERGE: Final = "Write the keys out: merging is not read"
_TAGS: Final = "Leave tags out; !!str, !!int, !!float, !!bool, !!null, !!seq and !!map may stand"
