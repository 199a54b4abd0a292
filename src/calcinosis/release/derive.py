"""Derives modules of the ontology from others, by the queries of ``queries/derive``.

``python -m calcinosis.release.derive [--check] [FOLDER]`` writes them, or only compares.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, Store, Triple

from calcinosis import names
from calcinosis.errors import CalcinosisError, OntologyError
from calcinosis.graph.derived import follows
from calcinosis.graph.locate import CHECKOUT, data
from calcinosis.output.files import replacing
from calcinosis.release.canonical import of_triples

DERIVED: Final = {
    "citations": ("evidence",),
    "interpreted": ("interpretations",),
    "roles": ("associations", "interpreted"),
}
"""The modules that are derived, each with those that its query reads, in the order of work."""


def derived(folder: Path, name: str) -> str:
    """The text of a derived module of an ontology folder."""
    store = Store()
    for module in DERIVED[name]:
        source = folder / f"{module}.ttl"
        try:
            text = derived(folder, module) if module in DERIVED else source.read_bytes()
            store.load(text, format=RdfFormat.TURTLE)
        except (OSError, SyntaxError, UnicodeDecodeError) as error:
            raise OntologyError(
                f"the module cannot be read ({error})", str(source), "Mend or restore the file"
            ) from error
    triples = follows(name, store)
    if not triples:
        raise OntologyError(
            f"nothing in it gives {name}", str(source), f"Restore what {name}.rq asks for"
        )
    return of_triples({*triples, *_header(store, name)})


def _header(store: Store, name: str) -> Iterator[Triple]:
    """What the header has in common with that of its source: version, and where to ask."""
    source = DERIVED[name][0]
    ours, theirs = (NamedNode(f"{names.ONTOLOGY}/{one}") for one in (name, source))
    for predicate in (names.OWL + "versionIRI", names.RDFS + "seeAlso", names.RDFS + "comment"):
        for quad in store.quads_for_pattern(theirs, NamedNode(predicate), None, None):
            value = quad.object
            if isinstance(value, NamedNode) and value.value.endswith(f"/{source}"):
                value = NamedNode(value.value.removesuffix(source) + name)
            yield Triple(ours, quad.predicate, value)


def derive(folder: Path, name: str, *, check: bool = False) -> bool:
    """Write a derived module; whether it was out of date. ``check`` leaves it as it is."""
    path = folder / f"{name}.ttl"
    text = derived(folder, name)
    stale = not path.is_file() or path.read_text(encoding="utf-8") != text
    if stale and not check:
        with replacing(path) as stream:
            stream.write(text)
    return stale


def _own() -> Path:
    """The folder of the checkout that this code is of."""
    own = data("ontology")
    if own != CHECKOUT / own.name:
        cure = "Name the folder of a checkout, or run make derive in it"
        raise OntologyError("the modules of an installed package are not changed", str(own), cure)
    return own


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check; 0 current, 1 out of date (``--check``), 3 a module is broken.

    Without a folder it is the checkout's; 3 where the package is an installed copy.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    check = "--check" in words
    try:
        folder = next((Path(w) for w in words if w != "--check"), None) or _own()
        stale = [name for name in DERIVED if derive(folder, name, check=check)]
    except CalcinosisError as error:
        sys.stderr.write(f"{error}\n")
        return 3
    for name in stale:
        said = "is out of date; make derive writes it" if check else "written"
        sys.stderr.write(f"{folder / f'{name}.ttl'}: {said}\n")
    return int(bool(stale) and check)


if __name__ == "__main__":
    sys.exit(main())
