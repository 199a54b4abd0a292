"""When something was made, as far as that can be said and stay the same."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Final

from calcinosis import names
from calcinosis.errors import UsageError
from calcinosis.graph.ontology import Ontology

_VARIABLE: Final = "SOURCE_DATE_EPOCH"


def stated() -> str | None:
    """The time that SOURCE_DATE_EPOCH states, for builds that can be repeated; None without it.

    UsageError where it is not a number of seconds.
    """
    seconds = os.environ.get(_VARIABLE)
    if not seconds:
        return None
    try:
        return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            f"{seconds!r} is not a time", _VARIABLE, "Give seconds since 1970, as date +%s does"
        ) from error


def released(ontology: Ontology) -> str | None:
    """When the release of the ontology was issued."""
    return ontology.root.text(names.ONTOLOGY, names.DCTERMS + "issued")
