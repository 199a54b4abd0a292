"""What a browser may do with what this server sends: headers of every answer."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_REST: Final = (
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_OFF: Final = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"


def policy(styles: Iterable[str] = (), scripts: Iterable[str] = ()) -> str:
    """The Content-Security-Policy of a page with these blocks of style and script in it.

    A block is known by its hash: what somebody's label smuggled into a page is another.
    """
    return _policy(tuple(styles), tuple(scripts))


@lru_cache(maxsize=32)
def _policy(styles: tuple[str, ...], scripts: tuple[str, ...]) -> str:
    allowed = (" ".join(("'self'", *map(_hash, blocks))) for blocks in (styles, scripts))
    style, script = allowed
    return f"default-src 'none'; script-src {script}; style-src {style}; {_REST}"


def _hash(block: str) -> str:
    digest = base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()
    return f"'sha256-{digest}'"


HEADERS: Final = {
    "Content-Security-Policy": policy(),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": _OFF,
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""What every answer has, unless it says otherwise itself."""
