"""Asking endpoints in tests: without pauses, and with one line where there is no answer."""

from __future__ import annotations

import pytest

from calcinosis.errors import MissingProgramError
from calcinosis.graph.remote import Endpoint

ASKED = "SELECT ?x { ?x a calc:Case }"
BUILT = "CONSTRUCT { ?x a ?y } { ?x a ?y }"
PREFIXES = {"calc": "https://w3id.org/calcinosis/"}


def endpoint(url: str, timeout: float = 5.0) -> Endpoint:
    return Endpoint(url, timeout=timeout, sleep=lambda _: None, jitter=lambda: 0.5)


def refused(url: str, query: str = ASKED, timeout: float = 5.0) -> str:
    """The one line that says why there is no answer."""
    with pytest.raises(MissingProgramError) as caught:
        endpoint(url, timeout).answer(query, PREFIXES)
    assert caught.value.cure
    said = str(caught.value)
    assert said.isprintable()
    return said
