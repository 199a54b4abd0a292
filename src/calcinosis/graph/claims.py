"""Claims: associations, their references, and how far each reference was read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from calcinosis import names
from calcinosis.graph.triples import Description, Triples

_GIVES_BASIS = names.CC + "givesBasisFor"


@dataclass(frozen=True, slots=True)
class Citation:
    """One reference of a claim: its key, how far it was read, and on which side it stands."""

    reference: str
    read: str
    disputes: bool = False


@dataclass(frozen=True, slots=True)
class Association:
    """One claim with its references, as the ontology states it."""

    iri: str
    id: str
    kind: str
    label: str
    subject: str
    predicate: str
    object: str
    contexts: tuple[str, ...]
    statement: str
    mechanism: str | None
    citations: tuple[Citation, ...]
    contested: bool
    contested_by: tuple[str, ...]
    licenses: str | None
    where_taken: bool
    gives_basis_for: tuple[str, ...]
    editorial: str | None
    yields: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<{self.kind} {self.label}>"

    @property
    def topic(self) -> str:
        """The kind without the word that all kinds share, such as ``Cause``."""
        return self.kind.removesuffix("Association")

    @property
    def references(self) -> tuple[str, ...]:
        """The keys of the references that support the claim."""
        return tuple(c.reference for c in self.citations if not c.disputes)

    @property
    def has_value(self) -> bool:
        """Whether the object is a value in words and no term."""
        return not self.object.startswith(("http://", "https://"))

    @property
    def ends(self) -> tuple[str, ...]:
        """Subject, object and contexts; the object may be a value in words."""
        return (self.subject, self.object, *self.contexts)

    @property
    def named(self) -> tuple[str, ...]:
        """The IRIs of the terms that the claim names: subject, object and contexts."""
        return (self.subject, *self.contexts) if self.has_value else self.ends


@dataclass(frozen=True, slots=True)
class Author:
    """One author or editor as printed."""

    family: str
    given: str = ""
    corporate: bool = False

    def __str__(self) -> str:
        return f"{self.family} {self.given}".strip()


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference, complete as printed; a field that was not seen is empty."""

    key: str
    kind: str
    label: str
    title: str
    authors: tuple[Author, ...]
    more_authors: bool
    editors: tuple[Author, ...]
    more_editors: bool
    container: str
    year: int | None
    volume: str
    issue: str
    first_page: str
    last_page: str
    edition: str
    publisher: str
    place: str
    doi: str
    pmid: str
    pmcid: str
    uri: str
    study_type: str
    seed_number: int | None
    comment: str
    retracted: bool = False

    def __repr__(self) -> str:
        return f"<Reference {self.key}>"

    @property
    def curie(self) -> str:
        """The identifier that others know it by: PMID, else DOI, PMC number or our own key."""
        if self.pmid:
            return f"PMID:{self.pmid}"
        if self.doi:
            return f"doi:{self.doi}"
        if self.pmcid:
            return f"PMC:{self.pmcid.removeprefix('PMC')}"
        return f"ref:{self.key}"


class References(dict[str, Reference]):
    """References by key."""

    def __repr__(self) -> str:
        return f"<References: {len(self)}, by key>"


class Claims:
    """The associations and references of a loaded ontology."""

    def __init__(self, triples: Triples, keeps: Callable[[Citation], bool] | None = None) -> None:
        self._triples = triples
        self._keeps = keeps

    def only(self, keeps: Callable[[Citation], bool]) -> Claims:
        """The same claims with the citations that ``keeps`` keeps."""
        other = Claims(self._triples, keeps)
        other._stated, other._claims_of = self._stated, self._claims_of  # read once for all
        return other

    @cached_property
    def _citations(self) -> dict[str, tuple[Citation, ...]]:
        kept = {iri: tuple(filter(self._keeps, self._stated[iri])) for iri in self._touched}
        whole = {**self._stated, **kept}
        return {iri: found for iri, found in whole.items() if found} if kept else whole

    @cached_property
    def _touched(self) -> set[str]:
        """The IRIs of what has a citation that does not count."""
        if self._keeps is None:
            return set()
        gone = (claims for cited, claims in self._claims_of.items() if not self._keeps(cited))
        return {claim for claims in gone for claim in claims}

    @cached_property
    def _claims_of(self) -> dict[Citation, list[str]]:
        """The IRIs of what cites, by citation: far fewer than the claims that have them."""
        found: dict[Citation, list[str]] = {}
        for claim, citations in self._stated.items():
            for citation in citations:
                found.setdefault(citation, []).append(claim)
        return found

    @cached_property
    def fallen(self) -> frozenset[str]:
        """The IRIs of what was supported by citations none of which counts."""
        supported = (iri for iri in self._touched if not all(c.disputes for c in self._stated[iri]))
        return frozenset(iri for iri in supported if not self.references(iri))

    @cached_property
    def _stated(self) -> dict[str, tuple[Citation, ...]]:
        citations: dict[str, list[Citation]] = {}
        for node, (claim, predicate, reference) in self._triples.annotated():
            if claim.startswith(names.CC) and predicate in (names.EVIDENCE, names.DISPUTES):
                citations.setdefault(claim, []).append(
                    Citation(
                        names.local(str(reference)),
                        self._triples.text(node, names.CC + "read") or "",
                        predicate == names.DISPUTES,
                    )
                )
        return {claim: tuple(sorted(found, key=_side)) for claim, found in citations.items()}

    def citing(self) -> Iterator[str]:
        """The IRIs of what has citations that count."""
        return iter(self._citations)

    def citations(self, iri: str) -> tuple[Citation, ...]:
        """The citations of any resource that cites, supporting ones first."""
        return self._citations.get(iri, ())

    def references(self, iri: str) -> tuple[str, ...]:
        """The keys of the references that support a claim."""
        return tuple(c.reference for c in self.citations(iri) if not c.disputes)

    def description(self, iri: str) -> Description:
        """All that is stated of a resource, as it stands; empty if nothing is."""
        return self._triples.by_subject.get(iri, {})

    def association(self, iri: str) -> Association:
        """One association by IRI; KeyError if there is none."""
        t = self._triples
        subject = t.iri(iri, names.CC + "subject")
        if subject is None:
            raise KeyError(iri)
        where_taken = t.iri(iri, names.CC + "licensesWhereTaken")
        kind = next((k for k in t.iris(iri, names.TYPE) if k.startswith(names.CC)), "")
        target = (t.objects(iri, names.CC + "object") or [""])[0]
        return Association(
            iri=iri,
            id=names.local(iri),
            kind=names.local(kind),
            label=t.text(iri, names.LABEL) or names.local(iri),
            subject=subject,
            predicate=t.iri(iri, names.CC + "predicate") or "",
            object=target if isinstance(target, str) else target.value,
            contexts=tuple(t.iris(iri, names.CC + "context")),
            statement=t.text(iri, names.CC + "statement") or "",
            mechanism=t.text(iri, names.CC + "mechanism"),
            citations=self.citations(iri),
            contested=t.text(iri, names.CC + "contested") == "true",
            contested_by=tuple(t.iris(iri, names.CC + "contestedBy")),
            licenses=t.iri(iri, names.CC + "licenses") or where_taken,
            where_taken=where_taken is not None,
            gives_basis_for=tuple(t.iris(iri, _GIVES_BASIS)),
            editorial=t.text(iri, names.CC + "editorial"),
            yields=tuple(t.iris(iri, names.CC + "yields")),
        )

    @cached_property
    def associations(self) -> dict[str, Association]:
        """All associations by IRI."""
        return {
            iri: self.association(iri) for iri, _ in self._triples.subjects(names.CC + "subject")
        }

    @property
    def roles(self) -> set[str]:
        """The role categories that some association licenses."""
        found = set[str]()
        for predicate in ("licenses", "licensesWhereTaken"):
            for _, categories in self._triples.subjects(names.CC + predicate):
                found.update(map(str, categories))
        return found

    def tests(self) -> list[Association]:
        """The claims that a test helps to establish something, those that have fallen left out."""
        every = self._triples.instances(names.CC + "TestAssociation")
        return [self.association(iri) for iri in every if iri not in self.fallen]

    def basis_claims(self, viewpoint: str) -> list[Association]:
        """The cause claims that give an open verdict a basis under a viewpoint.

        A claim whose licence is contested counts only where the viewpoint takes it, and one that
        has fallen does not count.
        """
        taken = set(self._triples.iris(viewpoint, names.CC + "takes"))
        subject, giving = names.CC + "subject", self._triples.subjects(_GIVES_BASIS)
        claims = [self.association(iri) for iri, _ in giving if self._triples.iri(iri, subject)]
        held = (c for c in claims if c.iri not in self.fallen)
        return [c for c in held if not c.where_taken or c.iri in taken]

    @cached_property
    def bibliography(self) -> References:
        """All references by key."""
        return References(
            (names.local(iri), self._reference(iri))
            for iri in self._triples.by_subject
            if iri.startswith(names.REF) and self._triples.iris(iri, names.TYPE)
        )

    def reference(self, key: str) -> Reference:
        """One reference by key; KeyError if there is none."""
        return self.bibliography[key]

    def _people(self, iri: str, predicate: str) -> tuple[Author, ...]:
        t = self._triples
        placed: list[tuple[int, Author]] = []
        for node in t.iris(iri, names.CC + predicate):
            position = int(t.text(node, names.CC + "position") or 0)
            name = t.text(node, names.FOAF + "name")
            family = t.text(node, names.FOAF + "familyName") or name or ""
            given = t.text(node, names.FOAF + "givenName") or ""
            placed.append((position, Author(family, given, name is not None)))
        return tuple(author for _, author in sorted(placed, key=lambda pair: pair[0]))

    def _reference(self, iri: str) -> Reference:
        t = self._triples

        def text(predicate: str) -> str:
            return t.text(iri, predicate) or ""

        year, number = text(names.CC + "year"), text(names.CC + "seedNumber")
        kinds = [k for k in t.iris(iri, names.TYPE) if k.startswith(names.FABIO)]
        return Reference(
            key=names.local(iri),
            kind=kinds[0].removeprefix(names.FABIO) if kinds else "",
            label=text(names.LABEL),
            title=text(names.DCTERMS + "title"),
            authors=self._people(iri, "authorship"),
            more_authors=text(names.CC + "moreAuthors") == "true",
            editors=self._people(iri, "editorship"),
            more_editors=text(names.CC + "moreEditors") == "true",
            container=text(names.CC + "containerTitle"),
            year=int(year) if year else None,
            volume=text(names.PRISM + "volume"),
            issue=text(names.PRISM + "issueIdentifier"),
            first_page=text(names.PRISM + "startingPage"),
            last_page=text(names.PRISM + "endingPage"),
            edition=text(names.BIBO + "edition"),
            publisher=text(names.DCTERMS + "publisher"),
            place=text(names.DCTERMS + "spatial"),
            doi=text(names.BIBO + "doi"),
            pmid=text(names.BIBO + "pmid"),
            pmcid=text(names.CC + "pmcid"),
            uri=text(names.BIBO + "uri"),
            study_type=text(names.CC + "studyType"),
            seed_number=int(number) if number else None,
            comment=" ".join(t.texts(iri, names.RDFS + "comment")),
            retracted=names.RETRACTED in t.iris(iri, names.BIBO + "status"),
        )


def contested_pairs(
    claims: Iterable[Association], every: Mapping[str, Association]
) -> Iterator[tuple[Association, list[Association]]]:
    """Each contested claim with those of the other side, which ``every`` has; each pair once."""
    seen: set[frozenset[str]] = set()
    for claim in claims:
        pairs = {iri: frozenset((claim.iri, iri)) for iri in sorted(claim.contested_by)}
        others = [every[iri] for iri, pair in pairs.items() if pair not in seen]
        seen.update(pairs.values())
        if others:
            yield claim, others


def _side(citation: Citation) -> bool:
    return citation.disputes
