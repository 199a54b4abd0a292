"""What a clerk works with: the graph by the settings of each request, and what was sent with it."""

from __future__ import annotations

import base64
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from calcinosis.api import KnowledgeGraph, Settings
from calcinosis.api.graph import by_settings

Answered = tuple[dict[str, Any], bytes]
"""What the answer is, and the answer."""
Asked = Mapping[str, Any]

_KEPT: Final = 6  # graphs by their settings
_UNSAFE: Final = re.compile(r"[^\w.() -]+")
_LONGEST: Final = 100


class Desk:
    """The graphs that are asked, by their settings: the last few are kept."""

    def __init__(self, kg: KnowledgeGraph) -> None:
        self._first = kg
        self._kept: OrderedDict[Settings, KnowledgeGraph] = OrderedDict()

    def graph(self, given: Mapping[str, Any]) -> KnowledgeGraph:
        """The graph by settings, as ``Settings`` takes them; UsageError for what is unknown."""
        values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value
                  for key, value in given.items()}  # fmt: skip
        values.setdefault("viewpoint", self._first.ontology.settings.viewpoint)
        return self.by(Settings(**values))

    def by(self, settings: Settings) -> KnowledgeGraph:
        """The graph by these settings; UsageError for what is unknown."""
        if settings == self._first.ontology.settings:
            return self._first
        found = self._kept.get(settings) or by_settings(self._first, settings)
        self._kept[settings] = found
        self._kept.move_to_end(settings)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return found

    @contextmanager
    def laid(self, files: list[Mapping[str, str]]) -> Iterator[list[str]]:
        """What was sent, as files in the working directory, by names of their own."""
        paths: list[str] = []
        try:
            for file in files:
                path = _free_name(file["name"], paths)
                paths.append(path)
                Path(path).write_bytes(base64.b64decode(file["data"]))
            yield paths
        finally:
            emptied(Path())


def emptied(folder: Path) -> None:
    """Remove the files of a folder."""
    for path in folder.iterdir():
        path.unlink()


def _free_name(name: str, taken: list[str]) -> str:
    """A name without signs of a path, and no other file's."""
    kept = _UNSAFE.sub("_", name.replace("\\", "/").rpartition("/")[2]).lstrip(".-")
    stem, dot, suffix = kept.rpartition(".")
    found = f"{stem[:_LONGEST]}{dot}{suffix[:20]}"
    return found if found not in taken else f"{len(taken)}-{found}"
