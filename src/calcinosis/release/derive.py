"""Derives ``roles.ttl`` from the associations, by the query ``queries/derive/roles.rq``.

``python -m calcinosis.release.derive [--check] [FOLDER]`` writes it, or only compares.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, NamedNode, QueryTriples, RdfFormat, Store, Triple

from calcinosis import names
from calcinosis.errors import CalcinosisError, OntologyError
from calcinosis.graph.locate import data
from calcinosis.output.files import replacing
from calcinosis.release.canonical import of_triples

ROLES: Final = "roles.ttl"
# RDF 1.1 Concepts, section 3.5: a blank node written as an IRI.
_SKOLEM: Final = names.CC + ".well-known/genid/"


def roles(folder: Path) -> str:
    """The text of ``roles.ttl`` for the associations of an ontology folder."""
    source = folder / "associations.ttl"
    store = Store()
    try:
        store.load(path=str(source), format=RdfFormat.TURTLE)
    except (OSError, SyntaxError) as error:
        raise OntologyError(
            f"the associations cannot be read ({error})", str(source), "Mend or restore the file"
        ) from error
    query = (data("queries") / "derive" / "roles.rq").read_text(encoding="utf-8")
    answer = store.query(query)
    triples = {_plain(t) for t in answer} if isinstance(answer, QueryTriples) else set()
    if not triples:
        raise OntologyError(
            "no association licenses a role", str(source), "Restore cc:licenses in the file"
        )
    return of_triples(triples)


def derive(folder: Path, *, check: bool = False) -> bool:
    """Write ``roles.ttl``; whether it was out of date. ``check`` leaves it as it is."""
    path = folder / ROLES
    text = roles(folder)
    stale = not path.is_file() or path.read_text(encoding="utf-8") != text
    if stale and not check:
        with replacing(path) as stream:
            stream.write(text)
    return stale


def _plain(triple: Triple) -> Triple:
    subject = triple.subject
    if isinstance(subject, NamedNode) and subject.value.startswith(_SKOLEM):
        return Triple(
            BlankNode(subject.value.removeprefix(_SKOLEM)), triple.predicate, triple.object
        )
    return triple


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check; 0 current, 1 out of date (``--check``), 3 the associations are broken."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    check = "--check" in words
    folder = next((Path(w) for w in words if w != "--check"), None) or data("ontology")
    try:
        stale = derive(folder, check=check)
    except CalcinosisError as error:
        sys.stderr.write(f"{error}\n")
        return 3
    if stale:
        said = "is out of date; make derive writes it" if check else "written"
        sys.stderr.write(f"{folder / ROLES}: {said}\n")
    return int(stale and check)


if __name__ == "__main__":
    sys.exit(main())
