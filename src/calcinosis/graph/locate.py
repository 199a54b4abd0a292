"""Where the ontology, the queries, the published cases and the licence of the data are."""

from __future__ import annotations

from pathlib import Path

from calcinosis.errors import OntologyError

_PACKAGE = Path(__file__).resolve().parent.parent
_CHECKOUT = _PACKAGE.parent.parent


def data(name: str) -> Path:
    """What is called ``name`` (``ontology``, ``queries``, ``examples``, ``LICENSE-data``) here.

    A wheel carries it inside the package; an editable install and a clean clone
    have it at the top of the checkout.
    """
    for base in (_PACKAGE / "_data", _CHECKOUT):
        place = base / name
        if place.exists():
            return place
    raise OntologyError(
        f"{name!r} of this installation is missing",
        str(_PACKAGE),
        "Install the package again: pip install --force-reinstall calcinosis",
    )
