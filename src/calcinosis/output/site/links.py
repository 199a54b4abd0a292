"""How the pages of a site refer to one another: from a server, or as files of a folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from calcinosis import names

HOME: Final = "index"
READING: Final = "reading"
"""The part of a claim's page that says what is read into it."""


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of pages; ``root`` leads from the page to the home, ``end`` ends a file's name.

    ``edition`` says at the foot of each page which versions it is made of. ``known`` are the paths
    that have a page, where not all have.

    >>> Links().of("https://w3id.org/calcinosis/reference/reiter-2011")
    '/reference/reiter-2011'
    >>> Links(root="../", end=".html").of("https://w3id.org/calcinosis/Case")
    '../Case.html'
    """

    root: str = "/"
    end: str = ""
    edition: str = ""
    known: frozenset[str] | None = None

    @property
    def is_live(self) -> bool:
        """Whether a server answers what a file cannot: forms, queries, other formats."""
        return not self.end

    def to(self, path: str = "", **parameters: str) -> str:
        """The address of a page by its path below the home; "" is the home itself."""
        name = f"{path or HOME}{self.end}" if self.end else path
        asked = f"?{urlencode(parameters)}" if parameters else ""
        return f"{self.root}{quote(name)}{asked}"

    def of(self, iri: str) -> str:
        """The address of what an IRI names: a page of ours, a part of one, or the IRI itself.

        Evidence for a claim, and what is read into one, stand on the page of the claim.

        >>> Links().of("https://w3id.org/calcinosis/evidence/a-causes-b.reiter-2011")
        '/association/a-causes-b#reiter-2011'
        """
        path, part = iri, ""
        if iri.startswith(names.EVID):
            claim, _, part = iri.removeprefix(names.EVID).partition(".")
            path = f"{names.ASSOC}{claim}"
        elif iri.startswith(names.INTERP):
            path, part = f"{names.ASSOC}{iri.removeprefix(names.INTERP)}", READING
        local = path.removeprefix(names.CC)
        if local == path or (self.known is not None and local not in self.known):
            return iri
        return self.to(local) + (f"#{part}" if part else "")

    def at(self, path: str) -> str:
        """The address of what stands at a path below our namespace, as ``of``."""
        return self.of(names.CC + path)

    def asset(self, name: str) -> str:
        """The address of a style sheet, script or picture."""
        return f"{self.root}assets/{name}"
