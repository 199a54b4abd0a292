"""The citation styles that come with the package, by the names people give them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from calcinosis.errors import OntologyError, UsageError, quoted
from calcinosis.graph.locate import PACKAGE

PLAIN: Final = "plain"
STYLES: Final[dict[str, str]] = {
    "ama": "american-medical-association",
    "apa": "apa",
    "arthritis-rheumatism": "arthritis-and-rheumatism",
    "harvard": "harvard-cite-them-right",
    "nature": "nature",
    "vancouver": "nlm-citation-sequence",
}


def source(style: str) -> str:
    """The XML of a style: one of STYLES, or any CSL file by its path.

    UsageError if the name is unknown or the file cannot be read.
    """
    if style in STYLES:
        return _ours(STYLES[style])
    if not style.endswith(".csl"):
        known = ", ".join((PLAIN, *STYLES))
        raise UsageError(
            f"there is no style {quoted(style)}", "style", f"Known: {known}; or name a .csl file"
        )
    try:
        return Path(style).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            "the style cannot be read", style, "Name a CSL file as Zotero's style repository has it"
        ) from error


def _ours(name: str) -> str:
    path = PACKAGE / "styles" / f"{name}.csl"
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OntologyError(
            "the style is missing or cannot be read",
            str(path),
            "Install the package again, or restore the file from the repository",
        ) from error
