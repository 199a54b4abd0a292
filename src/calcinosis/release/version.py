"""The version of each module: one dated folder of a release, which a development build says it is.

``python -m calcinosis.release.version YYYY-MM-DD[-dev] [FOLDER]`` writes the version IRI of every
module, and of the root into the catalogue, as ``releases/YYYY-MM-DD/ontology/NAME``. The terms of
a release, which may never vanish, are added to ``released.txt``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Store

from calcinosis import names
from calcinosis.graph.locate import data
from calcinosis.graph.locate import files as modules
from calcinosis.graph.manifest import CATALOG
from calcinosis.graph.triples import Triples
from calcinosis.output.files import replacing
from calcinosis.release.canonical import canonical
from calcinosis.release.finding import ERROR, Finding

RELEASED: Final = "released.txt"
RELEASES: Final = names.CC + "releases/"
DEV: Final = "-dev"
DATED: Final = re.compile(r"\d{4}-\d\d-\d\d(?:-dev)?\Z")
_HEADER: Final = re.compile(rf"^<({names.ONTOLOGY}[^>]*)> a owl:Ontology ;\n", re.MULTILINE)
_OLD: Final = re.compile(r"^    owl:versionIRI <[^>]*> ([;.])\n", re.MULTILINE)
_ENTRY: Final = re.compile(rf'"{RELEASES}[^"]*"')


def version_iri(module: str, version: str) -> str:
    """The version IRI of a module in the release, or the development build, of a day.

    >>> version_iri("https://w3id.org/calcinosis/ontology/genes", "2026-12-01")
    'https://w3id.org/calcinosis/releases/2026-12-01/ontology/genes'
    """
    return f"{RELEASES}{version}/{module.removeprefix(names.CC)}"


def version_of(iri: str) -> str:
    """The day, with its mark of a development build, in a version IRI; empty if it has none."""
    found = iri.removeprefix(RELEASES).partition("/")[0] if iri.startswith(RELEASES) else ""
    return found if DATED.match(found) else ""


def vanished_findings(store: Store, folder: Path) -> Iterator[Finding]:
    """Terms of a release that are no longer declared."""
    path = folder / RELEASED
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    verb = NamedNode(names.TYPE)
    declared = {str(q.subject)[1:-1] for q in store.quads_for_pattern(None, verb, None, None)}
    for line in lines:
        if not line.startswith("#") and names.CC + line not in declared:
            what = "the term of an earlier release is gone"
            yield Finding(ERROR, "vanished_term", line, what, "Restore it, with owl:deprecated")


def terms(folder: Path) -> set[str]:
    """The terms of all modules, without the namespace: no claim, evidence item or reference."""
    found = Triples()
    for path in modules(folder):
        found.read(path)
    ours = (iri for iri in found.by_subject if iri.startswith(names.CC))
    kept = (iri for iri in ours if not iri.startswith(names.APART) and found.iris(iri, names.TYPE))
    return {iri.removeprefix(names.CC) for iri in kept}


def _remember(folder: Path) -> None:
    """Add the terms that are there to those that were released."""
    path = folder / RELEASED
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    head = [line for line in lines if line.startswith("#")]
    with replacing(path) as stream:
        stream.write("\n".join([*head, *sorted({*lines, *terms(folder)} - {*head})]) + "\n")


def stamp(folder: Path, version: str) -> None:
    """Write the version IRI of a day into every module of a folder, and into its catalogue."""
    for path in [*folder.glob("*.ttl"), *(folder / "viewpoints").glob("*.ttl")]:
        text = _OLD.sub("", path.read_text(encoding="utf-8"))
        text = _HEADER.sub(
            lambda m: f"{m[0]}    owl:versionIRI <{version_iri(m[1], version)}> ;\n", text, count=1
        )
        with replacing(path) as stream:
            stream.write(canonical(text, str(path)))
    if not version.endswith(DEV):
        _remember(folder)
    catalog = folder / CATALOG
    entry = f'"{version_iri(names.ONTOLOGY, version)}"'
    text = _ENTRY.sub(entry, catalog.read_text(encoding="utf-8"))
    with replacing(catalog) as stream:
        stream.write(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the version; 2 for a word that is no day."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or not DATED.match(words[0]):
        sys.stderr.write("Write the day of the release, as 2026-12-01, or 2026-12-01-dev\n")
        return 2
    stamp(Path(words[1]) if len(words) > 1 else data("ontology"), words[0])
    return 0


if __name__ == "__main__":
    sys.exit(main())
