"""Where the ontology, the queries, the published cases and the licence of the data are."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from calcinosis.errors import OntologyError

PACKAGE: Final = Path(__file__).resolve().parent.parent
DATA: Final = PACKAGE / "_data"
CHECKOUT: Final = PACKAGE.parent.parent


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
