"""A process that answers queries over the quads of a file, in the place of the graph's."""

from __future__ import annotations

import sys
from pathlib import Path

from pyoxigraph import RdfFormat, Store

from calcinosis.graph.stored import Stored
from calcinosis.graph.worker import serve


def command(quads: Path) -> list[str]:
    """Its command line."""
    code = "from tests.endpoint_worker import main; main()"
    return [sys.executable, "-P", "-c", code, str(quads.absolute())]


def main() -> None:
    """Load N-Quads, and answer."""
    serve(_stored)


def _stored() -> Stored:
    store = Store()
    store.load(path=sys.argv[1], format=RdfFormat.N_QUADS)
    return Stored(store, {})
