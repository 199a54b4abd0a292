"""Nanopublications: an assertion, where it comes from, and who published it, under one name.

Well-formed by the Nanopublication Guidelines; each is named by a Trusty URI, so that who has the
name can tell whether a letter was changed. An index is a nanopublication that lists others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, serialize

from calcinosis import __version__, names
from calcinosis.graph.ontology import Ontology
from calcinosis.output.rdf.signing import Signer
from calcinosis.output.rdf.trusty import BLANK, Node, Statement, code, filled, normalised

Triple = tuple[str, str, Node]

THIS: Final = names.NANOPUB + BLANK
ASSERTION: Final = THIS + "#assertion"
DEVELOPERS: Final = names.AGENT + "developers"
PACKAGE: Final = f"{names.AGENT}package/{__version__}"
LARGEST_INDEX: Final = 1000
"""How many nanopublications one index may list, by convention."""

_HEAD, _PROVENANCE, _INFO = (f"{THIS}#{part}" for part in ("Head", "provenance", "pubinfo"))
_SIGNATURE: Final = THIS + "#sig"
_PREFIXES: Final = {
    **{
        prefix: names.PREFIXES[prefix]
        for prefix in (
            "calc",
            "ref",
            "assoc",
            "interp",
            "rdf",
            "rdfs",
            "owl",
            "xsd",
            "dcterms",
            "cito",
        )
    },
    **{prefix: names.PREFIXES[prefix] for prefix in ("fabio", "bibo", "foaf", "RO", "biolink")},
    "agent": names.AGENT,
    "release": names.ONTOLOGY + "/",
    "nanopub": names.NANOPUB,
    "np": names.NP,
    "npx": names.NPX,
    "prov": names.PROV,
}


@dataclass(frozen=True)
class Nanopub:
    """What is published under one name, in three graphs."""

    assertion: Sequence[Triple]
    provenance: Sequence[Triple]
    info: Sequence[Triple]

    def statements(self) -> Iterator[Statement]:
        """All statements, with those of the head."""
        yield (_HEAD, THIS, names.TYPE, names.NP + "Nanopublication")
        yield (_HEAD, THIS, names.NP + "hasAssertion", ASSERTION)
        yield (_HEAD, THIS, names.NP + "hasProvenance", _PROVENANCE)
        yield (_HEAD, THIS, names.NP + "hasPublicationInfo", _INFO)
        for graph, triples in (
            (ASSERTION, self.assertion),
            (_PROVENANCE, self.provenance),
            (_INFO, self.info),
        ):
            for triple in dict.fromkeys(triples):
                yield (graph, *triple)


@dataclass(frozen=True)
class Published:
    """A nanopublication with its name: its IRI, and itself as TriG."""

    iri: str
    trig: bytes


class Publisher:
    """Names nanopublications, signs them where there is a key, and says who made them.

    ``created`` is a time, stated where it is given; ``license`` likewise.
    """

    def __init__(
        self,
        ontology: Ontology,
        creator: str = DEVELOPERS,
        *,
        license: str | None = None,  # noqa: A002 (the word for it)
        created: str | None = None,
        signer: Signer | None = None,
    ) -> None:
        self._ontology = ontology
        self._creator = creator
        self._license = license
        self._created = created
        self._signer = signer

    def publish(self, nanopub: Nanopub) -> Published:
        """The nanopublication under its name, signed where there is a key."""
        statements = [*nanopub.statements(), *((_INFO, *triple) for triple in self._made())]
        if self._signer is not None:
            statements += self._signed(statements, self._signer)
        artifact = code(normalised(statements))
        iri = names.NANOPUB + artifact
        quads = [filled(statement, artifact) for statement in statements]
        return Published(iri, _written(quads, {"this": iri, "sub": iri + "#", **_PREFIXES}))

    def indexes(self, elements: Sequence[str], title: str, description: str) -> Iterator[Published]:
        """The index of nanopublications by their IRIs; each further one goes on the one before.

        None for no nanopublications: an index that lists nothing asserts nothing.
        """
        before: str | None = None
        for start in range(0, len(elements), LARGEST_INDEX):
            end = start + LARGEST_INDEX
            listed = [(THIS, names.NPX + "includesElement", iri) for iri in elements[start:end]]
            if before is not None:
                listed.append((THIS, names.NPX + "appendsIndex", before))
            info: list[Triple] = [
                (THIS, names.TYPE, names.NPX + "NanopubIndex"),
                (THIS, names.DCTERMS + "title", Literal(title)),
                (THIS, names.DCTERMS + "description", Literal(description)),
            ]
            if end < len(elements):
                info.append((THIS, names.TYPE, names.NPX + "IncompleteIndex"))
            provenance = [(ASSERTION, names.TYPE, names.NPX + "IndexAssertion")]
            published = self.publish(Nanopub(listed, provenance, info))
            before = published.iri
            yield published

    def _made(self) -> Iterator[Triple]:
        """Who made a nanopublication of what, when and by what program, and who may use it."""
        yield (THIS, names.DCTERMS + "creator", self._creator)
        yield (THIS, names.PROV + "wasAttributedTo", self._creator)
        if self._creator == DEVELOPERS:
            yield from developers()
        if self._license:
            yield (THIS, names.DCTERMS + "license", self._license)
        if self._created:
            yield (THIS, names.DCTERMS + "created", time(self._created))
        yield from drawn_from(self._ontology)
        yield (THIS, names.PROV + "wasAttributedTo", PACKAGE)
        yield from package()

    def _signed(self, statements: Iterable[Statement], signer: Signer) -> list[Statement]:
        signed: list[Statement] = [
            (_INFO, _SIGNATURE, names.NPX + "hasAlgorithm", Literal("RSA")),
            (_INFO, _SIGNATURE, names.NPX + "hasPublicKey", Literal(signer.public_key)),
            (_INFO, _SIGNATURE, names.NPX + "hasSignatureTarget", THIS),
            (_INFO, _SIGNATURE, names.NPX + "signedBy", self._creator),
        ]
        signature = signer.sign(normalised([*statements, *signed]))
        return [*signed, (_INFO, _SIGNATURE, names.NPX + "hasSignature", Literal(signature))]


def _written(quads: Iterable[Quad], prefixes: dict[str, str]) -> bytes:
    """TriG with the prefixes in one order: pyoxigraph promises none."""
    trig = serialize(quads, format=RdfFormat.TRIG, prefixes=prefixes) or b""
    lines = trig.splitlines(keepends=True)
    lines[: len(prefixes)] = sorted(lines[: len(prefixes)], key=_prefix_order)
    return b"".join((*lines, b"\n"))


def _prefix_order(line: bytes) -> tuple[bool, bool, bytes]:
    return not line.startswith(b"@prefix this:"), not line.startswith(b"@prefix sub:"), line


def developers() -> Iterator[Triple]:
    """Who stands behind what is said: a group, which has no identifier of a person."""
    yield (DEVELOPERS, names.TYPE, names.PROV + "Agent")
    yield (DEVELOPERS, names.FOAF + "name", Literal("The calcinosis developers"))


def package() -> Iterator[Triple]:
    """The program that wrote it."""
    yield (PACKAGE, names.TYPE, names.PROV + "SoftwareAgent")
    yield (PACKAGE, names.LABEL, Literal(f"calcinosis {__version__}"))


def drawn_from(ontology: Ontology) -> Iterator[Triple]:
    """The release of the ontology that a nanopublication was drawn from."""
    release = ontology.version_iri
    yield (THIS, names.PROV + "wasDerivedFrom", release)
    yield (release, names.OWL + "versionInfo", Literal(ontology.version))


def time(text: str) -> Literal:
    """A time as RDF."""
    return Literal(text, datatype=NamedNode(names.XSD + "dateTime"))
