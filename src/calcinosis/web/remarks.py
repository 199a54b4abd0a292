"""What is remarked on tables as a whole while they are read."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from calcinosis.web.wording import over_http


@contextmanager
def remarked() -> Iterator[list[str]]:
    """What is remarked on tables as a whole."""
    found: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(over_http(record.getMessage()))

    logger, handler = logging.getLogger("calcinosis"), Kept()
    logger.addHandler(handler)
    try:
        yield found
    finally:
        logger.removeHandler(handler)
