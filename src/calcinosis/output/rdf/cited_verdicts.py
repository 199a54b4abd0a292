"""What every export of verdicts shares: how one is said, and exactly what it cites."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import quote

from calcinosis import __version__
from calcinosis.explain.explanation import SCHEMA
from calcinosis.graph.ontology import Ontology
from calcinosis.output.rdf.evidence import DOI_SAFE
from calcinosis.output.references import csl
from calcinosis.reasoning.verdict import CONFLICTING, ENTAILED, REFUTED, UNDETERMINED, Verdict

_SAYS: Final = {
    ENTAILED: "\u201c{label}\u201d follows from the definition under the viewpoint {viewpoint}",
    REFUTED: "\u201c{label}\u201d is ruled out by the definition under the viewpoint {viewpoint}",
    UNDETERMINED: "\u201c{label}\u201d is open by the definition under the viewpoint {viewpoint}",
    CONFLICTING: "Of \u201c{label}\u201d nothing follows: the facts of the case contradict each"
    " other under the viewpoint {viewpoint}",
}
_DOI: Final = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)(10\.\S+)", re.IGNORECASE)


def verdict_sentence(verdict: Verdict, label: str, ontology: Ontology) -> str:
    """What a verdict verdict_sentence, in one sentence that names whose definition it rests on."""
    viewpoint = ontology.terms.label(ontology.viewpoint_iri)
    words = _SAYS[verdict].format(label=label, viewpoint=f"\u201c{viewpoint}\u201d")
    return f"{words} ({ontology.settings_words})"


def head(ontology: Ontology) -> dict[str, Any]:
    """What all explained cases share, as ``calcinosis explain -f json`` has it."""
    return {
        "schema": SCHEMA,
        "package_version": __version__,
        "ontology_version": ontology.version,
        "viewpoint": ontology.viewpoint,
        "reasoner": "compiled",
        **ontology.settings.added,
        **ontology.changed,
    }


def bibliography(ontology: Ontology, keys: Iterable[str]) -> Iterator[bytes]:
    """The references of these keys, each once, as CSL-JSON, in order of their keys."""
    yield csl.write(map(ontology.library.reference, sorted(set(keys)))).encode()


def address(source: str) -> str | None:
    """The address of the DOI that the source of a case is; None where it is none.

    >>> address("doi:10.1000/xyz")
    'https://doi.org/10.1000/xyz'
    """
    found = _DOI.fullmatch(source.strip())
    return "https://doi.org/" + quote(found[1], safe=DOI_SAFE) if found else None
