"""What is asked for as Turtle: the one place that knows the form of what is added by hand.

Each block is a module's name with the Turtle that goes into it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

from pyoxigraph import Literal, NamedNode

from calcinosis import names
from calcinosis.errors import UsageError, listed, nearest, quoted
from calcinosis.graph.claims import Association
from calcinosis.graph.lexicon import REFERENCE, TERMS, Lexicon
from calcinosis.graph.ontology import Ontology
from calcinosis.release.asked import Figure, NewClaim, NewReference, NewTerm, figure

Block = tuple[str, str]

_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_IDENTIFIERS: Final = {
    "doi": (
        re.compile(r'10\.\d{4,9}/[^\s"]+'),
        r"(https?://(dx\.)?doi\.org/|doi:\s*)",
        "10.1000/x",
    ),
    "pmid": (re.compile(r"[1-9]\d{0,7}"), r"pmid:\s*", "12345678"),
    "url": (re.compile(r"https?://[^\s<>\"{}|\\^`]+"), r"\s+", "https://example.org/page"),
}
_TYPES: Final = ("JournalArticle", "ReviewArticle", "BookChapter", "ConferencePaper", "WebPage")
_PLACED: Final = "Placed by what the words mean; no source is needed for it."


def blocks(new: NewClaim, ontology: Ontology) -> Iterator[Block]:
    """The blocks of all that is asked for; UsageError for a name that is not known, or taken."""
    at = _Names(new, ontology)
    if new.new_reference is not None:
        yield "references", _reference(new.new_reference, at)
    if new.new_term is not None:
        yield at.module, _term(new.new_term, at)
    yield "associations", _claim(new, at)
    yield "interpretations", _interpretation(new, at)
    yield "evidence", _item(new, at)


# -- the forms -------------------------------------------------------------------------------


def _claim(new: NewClaim, at: _Names) -> str:
    like = at.alike
    contexts = "".join(f" ; calc:context <{at.term(one, '--context')}>" for one in new.contexts)
    return (
        f"<{at.claim}> a <{names.CC}{like.kind}> , owl:NamedIndividual ;\n"
        f"  rdfs:label {_words(new.label)} ; calc:statement {_words(new.statement)} ;\n"
        f"  calc:predicate <{at.predicate}> ;\n"
        f"  calc:subject <{at.term(new.subject, '--subject')}> ;\n"
        f"  calc:object <{at.term(new.object, '--object')}>{contexts} .\n"
    )


def _interpretation(new: NewClaim, at: _Names) -> str:
    """What we read into the claim, if anything: the role of its subject, and why."""
    said = ""
    if new.role:
        target = at.term(new.object, "--object")
        role = at.term(new.role, "--role")
        said += f" ;\n  calc:licenses <{role}> ; calc:givesBasisFor <{target}>"
    if new.reason:
        said += f" ;\n  calc:editorial {_words(new.reason)}"
    if not said:
        return ""
    return (
        f"<{names.INTERP}{new.id}> a calc:Interpretation , owl:NamedIndividual ;\n"
        f"  rdfs:label {_words(f'our reading of: {new.label}')} ;\n"
        f"  calc:interprets <{at.claim}>{said} .\n"
    )


def _item(new: NewClaim, at: _Names) -> str:
    side = "Against" if new.against else "For"
    key, printed = at.reference
    created = datetime.now(UTC).strftime("%Y-%m-%dT00:00:00Z")
    locator = f" ; calc:locator {Literal(new.locator)}" if new.locator else ""
    design = f" ; calc:studyDesign <{at.design}>" if new.design else ""
    figures = "".join(f" ; calc:figure [ {_figure(figure(one))} ]" for one in new.figures)
    return (
        f"<{names.EVID}{new.id}.{key}> a calc:EvidenceItem , owl:NamedIndividual ;\n"
        f"  rdfs:label {_words(f'{printed} {side.lower()}: {new.label}')} ;\n"
        f"  calc:evidence{side} <{at.claim}> ; dcterms:source <{names.REF}{key}> ;\n"
        f'  calc:read {Literal(new.read)} ; dcterms:created "{created}"^^xsd:dateTime ;\n'
        f"  dcterms:creator {Literal(new.curator)}{locator}{design}{figures} .\n"
    )


def _figure(one: Figure) -> str:
    told = {
        "measure": _plain(one.measure),
        "comparator": _plain(one.comparator),
        "estimate": _typed(one.estimate, "decimal"),
        "confidenceLow": _typed(one.low, "decimal"),
        "confidenceHigh": _typed(one.high, "decimal"),
        "casesCounted": _typed(one.cases, "integer"),
        "total": _typed(one.total, "integer"),
        "measuredIn": _plain(one.unit),
        "pValue": _plain(one.p),
        "population": _plain(one.population),
        "adjustedFor": _plain(one.adjusted),
    }
    return " ; ".join(f"calc:{name} {value}" for name, value in told.items() if value)


def _reference(new: NewReference, at: _Names) -> str:
    authors = "".join(f" ;\n  calc:authorship [ {one} ]" for one in map(_author, *_placed(new)))
    told = {
        "dcterms:title": _plain(new.title),
        "calc:containerTitle": _plain(new.container),
        "calc:year": _typed(new.year, "integer"),
        "bibo:doi": _plain(at.identifier("doi")),
        "bibo:pmid": _plain(at.identifier("pmid")),
        "bibo:uri": _plain(at.identifier("url")),
    }
    said = "".join(f" ;\n  {name} {value}" for name, value in told.items() if value)
    unseen = "".join(f" ;\n  rdfs:comment {_words(one)}" for one in _unseen(new))
    return (
        f"<{names.REF}{new.key}> a <{names.FABIO}{new.type}> , owl:NamedIndividual ;\n"
        f"  rdfs:label {_words(at.reference[1])} ;\n"
        f"  calc:studyType {Literal(new.study_type)}{said}{authors}{unseen} .\n"
    )


def _placed(new: NewReference) -> tuple[range, tuple[str, ...]]:
    return range(1, len(new.authors) + 1), new.authors


def _author(position: int, text: str) -> str:
    family, comma, given = (part.strip() for part in text.partition(","))
    if not comma:
        return f"calc:position {position} ; foaf:name {_plain(family)}"
    who = f"calc:position {position} ; foaf:familyName {_plain(family)}"
    return f"{who} ; foaf:givenName {_plain(given)}" if given else who


def _unseen(new: NewReference) -> Iterator[str]:
    """That a part was not seen, as the references say it."""
    if not (new.doi or new.pmid):
        yield "No DOI or PMID was seen with the title."
    parts = {"authors": new.authors, "journal": new.container, "year": new.year}
    if new.type != "JournalArticle":
        del parts["journal"]
    lacking = [f"the {part}" for part, seen in parts.items() if not seen]
    if lacking:
        said = listed(lacking)
        was = "were" if len(lacking) > 1 or lacking == ["the authors"] else "was"
        yield f"{said[0].upper()}{said[1:]} {was} not seen."


def _term(new: NewTerm, at: _Names) -> str:
    definition, parent = _words(new.definition), at.parent
    source = f"<{names.REF}{at.key(new.source)}>" if new.source else "calc:OwnWords"
    return (
        f"<{at.new_term}> a owl:Class ; rdfs:label {_words(new.label)} ;\n"
        f"  IAO:0000115 {definition} ; skos:definition {definition} ;\n"
        f"  IAO:0000119 {source} ;\n"
        f"  rdfs:subClassOf <{parent}> .\n"
        f"[] a owl:Axiom ; owl:annotatedSource <{at.new_term}> ;\n"
        f"  owl:annotatedProperty rdfs:subClassOf ; owl:annotatedTarget <{parent}> ;\n"
        f"  calc:editorial {_words(_PLACED)} .\n"
    )


def _words(text: str) -> str:
    return str(Literal(text, language="en"))


def _plain(text: str) -> str:
    return str(Literal(text)) if text else ""


def _typed(text: str, kind: str) -> str:
    return str(Literal(text, datatype=NamedNode(names.XSD + kind))) if text else ""


# -- the names -------------------------------------------------------------------------------


@dataclass
class _Names:
    """What the names of a claim stand for in an ontology, or will."""

    new: NewClaim
    ontology: Ontology

    @cached_property
    def lexicon(self) -> Lexicon:
        return Lexicon(self.ontology)

    @cached_property
    def claim(self) -> str:
        """The IRI of the claim; UsageError for a name that is taken, or none."""
        id_ = self.new.id
        if not _ID.fullmatch(id_):
            cure = "Write words in small letters with hyphens: one-thing-causes-another"
            raise UsageError(f"{quoted(id_)} is no name of a claim", "--id", cure)
        if names.ASSOC + id_ in self.ontology.all_claims.associations:
            raise UsageError(f"there is a claim {id_} already", "--id", "Give yours another name")
        return names.ASSOC + id_

    @cached_property
    def alike(self) -> Association:
        """A claim of the kind with the predicate that most claims of the kind have."""
        claims = self.ontology.all_claims.associations.values()
        known = sorted({one.topic for one in claims})
        kind = self.new.kind
        same = [one for one in claims if one.topic.casefold() == kind.casefold()]
        if not same:
            cure = nearest(kind, known, 1, then=f"Known: {', '.join(known)}")
            raise UsageError(f"there is no kind of claim {quoted(kind)}", "--kind", cure)
        usual = Counter(one.predicate for one in same).most_common(1)[0][0]
        return next(one for one in same if one.predicate == usual)

    @cached_property
    def predicate(self) -> str:
        """The IRI of the relation, by default the usual one; UsageError for one that none has."""
        used = {one.predicate for one in self.ontology.all_claims.associations.values()}
        known = {names.curie(iri): iri for iri in used}
        asked = self.new.predicate or self.alike.predicate
        if asked in used:
            return asked
        if asked not in known:
            cure = nearest(asked, known, 1, then=f"Known: {', '.join(sorted(known))}")
            raise UsageError(f"there is no relation {quoted(asked)}", "--predicate", cure)
        return known[asked]

    def term(self, text: str, where: str) -> str:
        """The IRI of a term, that of the new one included."""
        label = self.new.new_term.label if self.new.new_term else ""
        if label and names.normal(text) == names.normal(label):
            return self.new_term
        return self.lexicon.resolve(text, TERMS, where).iri

    def key(self, text: str) -> str:
        """The key of a reference, that of the new one included."""
        fresh = self.new.new_reference
        if fresh and text == fresh.key:
            return text
        return self.lexicon.resolve(text, (REFERENCE,), "--definition-source").id

    @cached_property
    def design(self) -> str:
        """The IRI of the design, which may be named by its label."""
        designs = self.ontology.triples.instances(names.CC + "StudyDesign")
        labels = {self.ontology.triples.text(iri, names.LABEL) or "": iri for iri in designs}
        known = {**labels, **{names.local(iri): iri for iri in designs}}
        if self.new.design not in known:
            cure = nearest(self.new.design, known, 1, then=f"Known: {', '.join(sorted(labels))}")
            raise UsageError(f"there is no design {quoted(self.new.design)}", "--design", cure)
        return known[self.new.design]

    # -- the reference ---------------------------------------------------------------------

    @cached_property
    def reference(self) -> tuple[str, str]:
        """The key of the reference and its label; UsageError for a key or work that is there."""
        fresh = self.new.new_reference
        if fresh is not None and self.new.reference != fresh.key:
            cure = f"Leave --reference out, or add a claim for each: it cites {fresh.key}"
            raise UsageError("it is not the new reference", "--reference", cure)
        if fresh is None:
            known = self.lexicon.resolve(self.new.reference, (REFERENCE,), "--reference")
            return known.id, known.label
        self._refuse_reference(fresh)
        family = fresh.authors[0].partition(",")[0].strip() if fresh.authors else ""
        label = f"{family or fresh.title} {fresh.year}".strip()
        taken = {one.label for one in self.ontology.library.bibliography.values()}
        return fresh.key, f"{label} ({fresh.key})" if label in taken else label

    def _refuse_reference(self, fresh: NewReference) -> None:
        where = "--new-reference"
        library = self.ontology.library.bibliography
        if not _ID.fullmatch(fresh.key):
            cure = "Write small letters, digits and hyphens: doe-2024"
            raise UsageError(f"{quoted(fresh.key)} is no key", where, cure)
        if fresh.key in library:
            cure = f"Cite it with --reference {fresh.key}, or give yours another key"
            raise UsageError(f"there is a reference {fresh.key} already", where, cure)
        if not fresh.title:
            raise UsageError("the title is missing", "--title", "Write it as printed")
        if fresh.year and not re.fullmatch(r"1[89]\d\d|20\d\d", fresh.year):
            raise UsageError(f"{quoted(fresh.year)} is no year", "--year", "Write it as 2024")
        self._refuse_word(fresh.type, _TYPES, "--type")
        types = sorted({one.study_type for one in library.values()})
        self._refuse_word(fresh.study_type, types, "--study-type")
        for one in library.values():
            if one.title and names.normal(one.title) == names.normal(fresh.title):
                raise _same("title", one.key, "--title")

    def _refuse_word(self, text: str, known: tuple[str, ...] | list[str], where: str) -> None:
        if text not in known:
            cure = nearest(text, known, 1, then=f"Known: {', '.join(known)}")
            raise UsageError(f"{quoted(text)} is not known", where, cure)

    def identifier(self, name: str) -> str:
        """An identifier of the new reference in its form; UsageError for one that is there."""
        text = getattr(self.new.new_reference, name)
        form, before, example = _IDENTIFIERS[name]
        found = re.sub(rf"^{before}", "", text.strip(), flags=re.IGNORECASE)
        if found and not form.fullmatch(found):
            what = f"{quoted(text)} has not the form of one"
            raise UsageError(what, f"--{name}", f"Write it as {example}, or leave it out")
        for one in self.ontology.library.bibliography.values():
            known = one.uri if name == "url" else getattr(one, name)
            if found and known.casefold() == found.casefold():
                raise _same("address" if name == "url" else name.upper(), one.key, f"--{name}")
        return found

    # -- the term --------------------------------------------------------------------------

    @cached_property
    def new_term(self) -> str:
        """The IRI of the new class, by its label; UsageError for one that is there."""
        fresh = self.new.new_term
        label = fresh.label if fresh else ""
        told = map(names.normal, (self.new.subject, self.new.object, *self.new.contexts))
        if names.normal(label) not in told:
            cure = "Name it in --subject, --object or --context, or leave it out"
            raise UsageError("the claim does not name it", "--new-term", cure)
        ascii_ = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
        name = "".join(word[:1].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", ascii_))
        if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name):
            cure = "Write it in letters, beginning with one"
            raise UsageError(f"{quoted(label)} is no label", "--new-term", cure)
        there = self.lexicon.find(label, TERMS) or self.lexicon.find(name, TERMS)
        if there:
            cure = f"Name it with --subject {quoted(there[0].label)}"
            raise UsageError(f"there is a term {quoted(label)} already", "--new-term", cure)
        return names.CC + name

    @cached_property
    def parent(self) -> str:
        """The IRI of what the new class is a kind of."""
        fresh = self.new.new_term
        if not fresh or not fresh.parent or not fresh.definition:
            lacks = "--definition" if fresh and fresh.parent else "--parent"
            raise UsageError("it is missing", lacks, "A new term says what it is a kind of and is")
        return self.lexicon.resolve(fresh.parent, TERMS, "--parent").iri

    @cached_property
    def module(self) -> str:
        """The module of the new class: the one that has most of the kinds of its parent."""
        children = {self.parent, *self.lexicon.terms.children.get(self.parent, ())}
        found: Counter[str] = Counter()
        for path in self.ontology.folder.glob("*.ttl"):
            said = path.read_text(encoding="utf-8")
            declared = set(re.findall(r"^calc:(\w+) a owl:Class", said, re.MULTILINE))
            here = {iri for iri in children if names.local(iri) in declared}
            if path.stem not in ("schema", "subtypes"):
                found[path.stem] = len(here)
        module, count = max(found.items(), key=lambda pair: (pair[1], pair[0]))
        if not count:
            cure = "Name a condition, intervention, finding, gene or site"
            raise UsageError("no module has kinds of it", "--parent", cure)
        return module


def _same(what: str, key: str, where: str) -> UsageError:
    said = f"{key} has the same {what}"
    return UsageError(said, where, f"Cite it with --reference {key}, or correct yours")
