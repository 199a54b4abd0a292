"""What the site needs beyond the documents: the files that they link to outside their folder.

A hook of MkDocs. Links stay as they are in the repository, where people follow them too.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parent.parent
_BESIDE = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "LICENSE-data",
    "CITATION.cff",
    "SECURITY.md",
    "REUSE.toml",
    "Makefile",
)
_AFAR, _BESIDE_US = "https://unpkg.com/iframe-worker/shim", "offline_search.js"
_FOLDERS = ("ontology", "queries", "examples")
_LINK = re.compile(r"(\]\()([^)\s#:]+)(#[^)\s]*)?(\))")
_SPOKEN = re.compile(r"<!--.*?-->", re.DOTALL)


def on_files(files: Files, config: Any) -> Files:
    """The documents, and beside them what they link to; README.md is the first page."""
    for name in _BESIDE:
        target = "index.md" if name == "README.md" else name
        files.append(File.generated(config, target, abs_src_path=str(ROOT / name)))
    for folder in _FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                name = path.relative_to(ROOT).as_posix()
                files.append(File.generated(config, name, abs_src_path=str(path)))
    for name in sorted(_linked() - set(_BESIDE)):
        files.append(File.generated(config, name, abs_src_path=str(ROOT / name)))
    return files


def _linked() -> set[str]:
    """Files elsewhere in the repository that a document links to, by their paths in it."""
    found = set()
    for document in (ROOT / "docs").rglob("*.md"):
        for link in _LINK.finditer(document.read_text(encoding="utf-8")):
            path = Path(posixpath.normpath(posixpath.join(document.parent.as_posix(), link[2])))
            if path.is_relative_to(ROOT) and path.is_file():
                found.add(path.relative_to(ROOT).as_posix())
    return {name for name in found if name.split("/")[0] not in (*_FOLDERS, "docs")}


def on_page_markdown(markdown: str, page: Any, files: Files, **_: Any) -> str:
    """The text of a page with its links as the site lays the files out, without comments."""
    here = posixpath.dirname(page.file.src_uri)
    at = "" if page.file.src_uri in ("index.md", *_BESIDE) else here if here else "docs"

    def moved(found: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(at, found[2]))
        laid = path.removeprefix("docs/") if path != "README.md" else "index.md"
        if files.get_file_from_path(laid) is None:
            return found[0]
        return f"{found[1]}{posixpath.relpath(laid, here or '.')}{found[3] or ''}{found[4]}"

    return _LINK.sub(moved, _SPOKEN.sub("", markdown))


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """A page that takes the script for searching without a server from beside it, not from afar."""
    away = "../" * page.url.count("/")
    return output.replace(_AFAR, away + _BESIDE_US)


def on_post_template(output: str, template_name: str, **_: Any) -> str:
    """The page for what is not found, likewise."""
    return output.replace(_AFAR, _BESIDE_US) if template_name.endswith(".html") else output
