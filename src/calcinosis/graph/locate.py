"""Where the ontology, the queries and the published cases are."""

from __future__ import annotations

from pathlib import Path

from calcinosis.errors import OntologyError

_PACKAGE = Path(__file__).resolve().parent.parent
_CHECKOUT = _PACKAGE.parent.parent


def data(name: str) -> Path:
    """The folder ``name`` (``ontology``, ``queries``, ``examples``) of this installation.

    A wheel carries the folders inside the package; an editable install and a clean clone
    have them at the top of the checkout.
    """
    for base in (_PACKAGE / "_data", _CHECKOUT):
        folder = base / name
        if folder.is_dir():
            return folder
    raise OntologyError(
        f"the folder {name!r} of this installation is missing",
        str(_PACKAGE),
        "Install the package again: pip install --force-reinstall calcinosis",
    )
