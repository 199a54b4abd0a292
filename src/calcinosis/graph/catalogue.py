"""The named look-ups: queries in ``queries/lookup`` whose headers say what they are.

A header is YAML after ``#+`` at the start of a line, as in grlc (Meroño-Peñuela and Hoekstra 2016,
"grlc makes GitHub taste like Linked Data APIs")::

    #+ summary: one line
    #+ description: >-
    #+   more of it
    #+ tags: [evidence]
    #+ params:
    #+   subtype: {type: subtype, default: calcinosis cutis, description: Which subtype.}
    #+ beside: [claim]
    #+ example: {subtype: metastatic}

A parameter ``subtype`` is the variable ``?_subtype`` of a block ``VALUES ?_subtype { … }``, which
holds the default (UNDEF for none), so that each file is a query that any SPARQL engine runs as it
stands. Another value takes the default's place as an RDF term that the library writes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from calcinosis.errors import OntologyError, UnknownNameError, nearest, quoted
from calcinosis.graph import manifest
from calcinosis.graph.locate import data

if TYPE_CHECKING:
    from pyoxigraph import Literal, NamedNode

WORD, NUMBER, CODE, AUTHOR = "word", "number", "code", "author"
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
_BLOCK: Final = re.compile(r"VALUES\s+\?_(\w+)\s*\{[^{}]*\}")
_PLAIN: Final = re.compile(r"^#\+ (summary|tags): (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a look-up: its type, what it is when left out, and what it may be."""

    name: str
    type: str
    description: str
    default: str | None = None
    values: tuple[str, ...] = ()

    @property
    def option(self) -> str:
        """The option of the command line, such as ``--study-type``."""
        return "--" + self.name.replace("_", "-")


@dataclass(frozen=True)
class LookUp:
    """One named look-up as its file states it."""

    name: str
    summary: str
    description: str
    tags: tuple[str, ...]
    text: str
    parameters: tuple[Parameter, ...] = ()
    beside: tuple[str, ...] = ()
    note: str = ""
    example: Mapping[str, str] = field(default_factory=dict)

    def bound(self, values: Mapping[str, NamedNode | Literal | None]) -> str:
        """The query with the given terms in place of the defaults; None is no restriction."""

        def given(block: re.Match[str]) -> str:
            if block[1] not in values:
                return block[0]
            value = values[block[1]]
            return f"VALUES ?_{block[1]} {{ {'UNDEF' if value is None else value} }}"

        return _BLOCK.sub(given, self.text)  # all at once: a value may look like a block


class Catalogue:
    """The look-ups of a folder, read when they are asked for."""

    def __init__(self, folder: Path | None = None) -> None:
        if folder is None:
            manifest.verify(None)
        self._folder = folder or data("queries") / "lookup"

    def names(self) -> list[str]:
        """The names of all look-ups, in order."""
        return sorted(path.stem for path in self._folder.glob("*.rq"))

    def summaries(self) -> dict[str, dict[str, str]]:
        """Names and summaries by the first tag, without reading the headers as YAML."""
        groups: dict[str, dict[str, str]] = {}
        for name in self.names():
            head = dict(_PLAIN.findall(self.text(name)))
            tag = head.get("tags", "").strip("[]").split(",")[0].strip()
            groups.setdefault(tag, {})[name] = head.get("summary", "").strip("\"'")
        return dict(sorted(groups.items()))

    def look_up(self, name: str) -> LookUp:
        """One look-up; UsageError with the nearest names if there is none."""
        if not _NAME.match(name) or name not in self.names():
            raise UnknownNameError(
                f"there is no look-up {quoted(name)}",
                "query",
                nearest(name, self.names(), cutoff=0.5, then="'calcinosis query' lists them all"),
            )
        text = self.text(name)
        try:
            return _read(name, text)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise OntologyError(
                f"the header cannot be read ({error})",
                str(self._folder / f"{name}.rq"),
                "Give it summary, description, tags and params as the other files do",
            ) from error

    def text(self, name: str) -> str:
        """The query of a look-up as its file has it, which any engine runs."""
        return (self._folder / f"{name}.rq").read_text(encoding="utf-8")


@cache  # the command line asks twice: for the options, and for the answer
def _read(name: str, text: str) -> LookUp:
    import yaml

    lines = [line for line in text.splitlines() if line.startswith("#+ ")]
    try:
        head = yaml.safe_load("\n".join(line[3:] for line in lines))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    body = "\n".join(line for line in text.splitlines() if not line.startswith("#+")) + "\n"
    return LookUp(
        name=name,
        summary=head["summary"],
        description=head["description"],
        tags=tuple(head["tags"]),
        text=body,
        parameters=tuple(_parameter(key, it) for key, it in (head.get("params") or {}).items()),
        beside=tuple(head.get("beside") or ()),
        note=str(head.get("note") or ""),
        example={key: str(value) for key, value in (head.get("example") or {}).items()},
    )


def _parameter(name: str, head: Mapping[str, Any]) -> Parameter:
    default = head.get("default")
    return Parameter(
        name=name,
        type=head["type"],
        description=head["description"],
        default=None if default is None else str(default),
        values=tuple(str(value) for value in head.get("values") or ()),
    )
