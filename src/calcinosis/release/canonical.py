"""The canonical Turtle form: deterministic, friendly to diffs, readable for ontologists.

The ontology header comes first, then our terms, then terms of other vocabularies, each by
IRI; definitions and annotated axioms follow the term that they are about. Blank nodes are
written in place; one that is used twice has a label made from what it belongs to. Two files
with the same graph have the same canonical form, whatever their blank nodes were called:
they are put in order by RDF Dataset Canonicalization (RDFC-1.0, W3C 2024) first.

``python -m calcinosis.release.canonical [--check] FILE…`` restores it, or only compares.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, Triple, parse

from calcinosis.errors import CalcinosisError, OntologyError
from calcinosis.output.files import replacing
from calcinosis.output.rdf.turtle import serialise

_TOKEN: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'"
    r"|<[^<>\s]*>|\\.|#[^\n]*",
    re.DOTALL,
)


def canonical(text: str, where: str = "input") -> str:
    """The canonical form of a Turtle text; OntologyError if it is broken or would lose a comment.

    Comment lines before the first statement are kept. A comment elsewhere belongs to no
    statement that could keep it, so it is refused rather than dropped.
    """
    graph = _graph(text, where)
    result = _head(text, where) + serialise(graph)
    if result != text and _graph(result, where) != graph:
        raise RuntimeError(f"{where}: the canonical form would change the graph")
    return result


def of_triples(triples: Iterable[Triple]) -> str:
    """The canonical form of a graph that was computed."""
    graph = Dataset(Quad(t.subject, t.predicate, t.object) for t in triples)
    graph.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return serialise(graph)


def restore(path: Path, *, check: bool = False) -> bool:
    """Put a file into canonical form; whether it differed. ``check`` leaves it as it is."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OntologyError(
            f"the file cannot be read ({error})", str(path), "Check that it exists and is UTF-8"
        ) from error
    result = canonical(text, str(path))
    if result != text and not check:
        with replacing(path) as stream:
            stream.write(result)
    return result != text


def _graph(text: str, where: str) -> Dataset:
    try:
        found = Dataset(parse(input=text, format=RdfFormat.TURTLE))
    except SyntaxError as error:
        raise OntologyError(
            f"this is not Turtle: {error.msg}",
            f"{where}, line {error.lineno}",
            "Mend the line, or restore the file from the repository",
        ) from error
    found.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return found


def _head(text: str, where: str) -> str:
    """The comment lines before the first statement, with an empty line after them."""
    lines = text.splitlines()
    count = next((n for n, line in enumerate(lines) if line.strip()[:1] not in ("", "#")), 0)
    rest = "\n".join(lines[count:])
    for token in _TOKEN.finditer(rest):
        if token.group().startswith("#"):
            line = count + 1 + rest.count("\n", 0, token.start())
            raise OntologyError(
                "a comment within the statements would be lost",
                f"{where}, line {line}",
                "Say it in rdfs:comment or skos:note, or move it to the top of the file",
            )
    kept = [f"{line.rstrip()}\n" for line in lines[:count] if line.strip()]
    return "".join([*kept, "\n"]) if kept else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Restore or check files; 0 in form, 1 not in form (``--check``), 3 one was refused."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    check = "--check" in words
    code = 0
    for path in (Path(word) for word in words if word != "--check"):
        try:
            changed = restore(path, check=check)
        except CalcinosisError as error:
            sys.stderr.write(f"{error}\n")
            code = 3
            continue
        if changed:
            said = "is not in canonical form; make format restores it" if check else "restored"
            sys.stderr.write(f"{path}: {said}\n")
            code = max(code, int(check))
    return code


if __name__ == "__main__":
    sys.exit(main())
