"""How the pages of a site refer to one another: from a server, or as files of a folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from calcinosis import names

HOME: Final = "index"


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of pages; ``root`` leads from the page to the home, ``end`` ends a file's name.

    >>> Links().of("https://w3id.org/calcinosis/reference/reiter-2011")
    '/reference/reiter-2011'
    >>> Links(root="../", end=".html").of("https://w3id.org/calcinosis/Case")
    '../Case.html'
    """

    root: str = "/"
    end: str = ""

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
        """The address of what an IRI names: a page of ours, or the IRI itself."""
        return self.to(iri.removeprefix(names.CC)) if iri.startswith(names.CC) else iri

    def asset(self, name: str) -> str:
        """The address of a style sheet, script or picture."""
        return f"{self.root}assets/{name}"
