"""Where the ontology, its modules, the queries, the cases and the licence of the data are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from calcinosis.errors import OntologyError

PACKAGE: Final = Path(__file__).resolve().parent.parent
DATA: Final = PACKAGE / "_data"
CHECKOUT: Final = PACKAGE.parent.parent
ROOT: Final = "calcinosis"
"""The module that imports the others."""
CLAIMS: Final = ("associations", "citations", "evidence", "interpretations", "interpreted")
"""The modules of claims, what sources give for them, and what is read into them."""
GRAPH_OF: Final = {**dict.fromkeys(CLAIMS, "associations"), "references": "references"}
"""The named graph of each module that is not in that of the ontology."""


@dataclass(frozen=True, slots=True)
class Modules:
    """The Turtle files of one ontology under one viewpoint, and what is laid over them."""

    folder: Path
    viewpoint: str
    overlays: tuple[tuple[Path, str], ...] = ()  # each with its sum: what was checked is read

    def files(self) -> list[Path]:
        """Every file but those of other viewpoints, the root first."""
        views = self.folder / "viewpoints"
        return [p for p in files(self.folder) if p.parent != views or p.stem == self.viewpoint]


def files(folder: Path) -> list[Path]:
    """Every Turtle file of an ontology folder, the root first."""
    rest = [p for p in sorted(folder.glob("*.ttl")) if p.stem != ROOT]
    return [folder / f"{ROOT}.ttl", *rest, *sorted((folder / "viewpoints").glob("*.ttl"))]


def data(name: str) -> Path:
    """What is called ``name`` (``ontology``, ``queries``, ``examples``, ``LICENSE-data``) here.

    A wheel carries it inside the package; an editable install and a clean clone
    have it at the top of the checkout.
    """
    place = (DATA if DATA.is_dir() else CHECKOUT) / name
    if place.exists():
        return place
    raise OntologyError(
        f"{name!r} of this installation is missing",
        str(PACKAGE),
        "Install the package again: pip install --force-reinstall calcinosis",
    )
