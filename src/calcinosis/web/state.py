"""What every request of the server works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from starlette.requests import HTTPConnection

from calcinosis.api import KnowledgeGraph
from calcinosis.output.site.links import Links
from calcinosis.web.children import Pool

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one request may take: seconds, megabytes of memory and of answer, bytes of body.

    ``processes`` answer queries at once, ``ready`` of them (and at most two that judge cases) are
    there before they are asked, and so many requests may be ``waiting`` for one.
    """

    seconds: float = 30.0
    megabytes: int = 512
    body: int = 10_000_000
    processes: int = 6
    ready: int = 1
    waiting: int = 100

    @property
    def clerks(self) -> int:
        """Processes that judge cases at most."""
        return max(2, self.processes // 2)


@dataclass(frozen=True, slots=True)
class Site:
    """The loaded graph, the processes that answer about it, and what they may take."""

    kg: KnowledgeGraph
    queries: Pool
    clerks: Pool
    bounds: Bounds
    links: Links
    _made: dict[Callable[[Site], Any], Any] = field(default_factory=dict, init=False, repr=False)

    def once(self, make: Callable[[Site], T]) -> T:
        """What a function makes of it, made when it is first asked for and kept."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast("T", self._made[make])


def site(request: HTTPConnection) -> Site:
    """What the request works with."""
    return cast("Site", request.app.state.site)
