"""What the pages of tables share."""

from __future__ import annotations

from calcinosis.output.markup import Markup
from calcinosis.output.site.links import Links


def style(links: Links) -> Markup:
    """What the head of a page of tables asks for."""
    return Markup(f'<link rel="stylesheet" href="{links.asset("tables.css")}">\n')
