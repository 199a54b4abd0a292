"""The citation styles that come with the package, by the names people give them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from calcinosis.errors import UsageError, quoted

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
    from importlib.resources import files

    if style in STYLES:
        folder = files("calcinosis") / "styles"
        return (folder / f"{STYLES[style]}.csl").read_text(encoding="utf-8")
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
