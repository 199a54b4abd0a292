"""Overlays: a site's own Turtle files, laid over an ontology without changing what ships.

A file adds synonyms and remarks to what ships, and classes, claims, references and words of its
own, and interpretations of any claim; what these license becomes role axioms, as in a release. A
file that holds a viewpoint is that viewpoint, read when it is asked for, and its interpretations
count there alone. Nothing that ships is redefined, and nothing is imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NoReturn

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse

from calcinosis import names
from calcinosis.errors import OntologyError, close_to, did_you_mean, quoted, visible
from calcinosis.graph import derived
from calcinosis.graph.derived import EVERY, Derived, added
from calcinosis.graph.locate import CLAIMS, Modules, files
from calcinosis.graph.triples import Triples

PARTS: Final = (*CLAIMS, "references", "laboratory", "anatomy", "words")
"""The modules that are read apart; all else belongs to the ontology, or to the viewpoint."""
REST: Final = "ontology"
VIEWPOINT: Final = "viewpoint"
_VIEWPOINTS: Final = "viewpoints"
_MOST: Final = 10_000_000

_HEADER: Final = names.OWL + "Ontology"
_IMPORTS: Final = names.OWL + "imports"
_AXIOM: Final = (names.ANNOTATED_SOURCE, names.ANNOTATED_PROPERTY, names.ANNOTATED_TARGET)
_PROPERTY: Final = re.compile(re.escape(names.OWL) + r"(Annotation|Object|Datatype)Property")
_BUILT_IN: Final = (names.RDF, names.RDFS, names.OWL)
_FIXED: Final = (names.CC + "Rule", names.CC + "RuleFlag")
_OF_OWL: Final = (names.OWL + "Class", names.OWL + "NamedIndividual", names.OWL + "Axiom")
_ADDED: Final = frozenset(
    (
        names.SYNONYM,
        names.HIDDEN,
        *(names.OBO_IN_OWL + f"has{how}Synonym" for how in ("Exact", "Narrow", "Broad", "Related")),
        names.RDFS + "comment",
        names.RDFS + "seeAlso",
        names.SKOS + "note",
        names.CC + "noRoleBecause",
    )
)
"""What may be said of that which ships."""
_OWN: Final = "Name it below https://w3id.org/calcinosis/, such as calc:OurDisease"


@dataclass(frozen=True)
class Overlay:
    """One file that is laid over an ontology: its name and hash, and its triples by part.

    ``viewpoint`` is the name of the one that it holds, or empty; ``derived`` is what its
    interpretations say of claims and the roles that follow, by viewpoint or EVERY.
    """

    name: str
    sha256: str
    path: Path = field(compare=False)
    parts: Mapping[str, tuple[Triple, ...]] = field(compare=False, repr=False)
    derived: Mapping[str, Derived] = field(compare=False, repr=False)
    viewpoint: str = ""

    def __str__(self) -> str:
        """The file by name, with the beginning of its hash."""
        return f"{self.name} (sha256 {self.sha256[:12]})"

    @property
    def mark(self) -> str:
        """What the version of an ontology with it has behind the plus sign."""
        return f"{re.sub(r'[^A-Za-z0-9]+', '-', self.path.stem)}.{self.sha256[:12]}"

    def to_dict(self) -> dict[str, str]:
        """Name and hash, as results' JSON holds them."""
        return {"name": self.name, "sha256": self.sha256}

    def add(self, part: str, triples: Triples, viewpoint: str = EVERY) -> None:
        """Add one part to triples, as far as it counts under a viewpoint."""
        for number, (name, found) in enumerate(self.counted(viewpoint)):
            if name == part:
                triples.add(found, Path(f"{part}-{number}-{self.sha256}"))

    def add_viewpoint(self, triples: Triples) -> None:
        """Add the viewpoint to triples."""
        self.add(VIEWPOINT, triples, self.viewpoint)

    def add_reasoned(self, triples: Triples, viewpoint: str) -> None:
        """Add the terms, and the roles: a role that is there already rests on the claims too."""
        self.add(REST, triples)
        known = {axiom: node for node, axiom in triples.annotated()}
        roles = Triples()
        self.add("roles", roles, viewpoint)
        for node, axiom in roles.annotated():
            said = roles.by_subject[node]
            if axiom in known:
                for key in (names.CC + "restsOn", names.CC + "editorial"):
                    about = triples.by_subject[known[axiom]]
                    about[key] = [*about.get(key, []), *said.get(key, [])]
                continue
            source, predicate, target = axiom
            triples.by_subject[node] = said
            triples.by_subject.setdefault(source, {}).setdefault(predicate, []).append(target)

    def counted(self, viewpoint: str) -> Iterator[tuple[str, tuple[Triple, ...]]]:
        """The parts that count under a viewpoint, those that are derived too."""
        for part, found in self.parts.items():
            if part != VIEWPOINT or self.viewpoint == viewpoint:
                yield part, found
        for view in dict.fromkeys((EVERY, viewpoint)):
            yield from self.derived.get(view, {}).items()

    def every(self) -> Iterator[tuple[str, tuple[Triple, ...]]]:
        """All parts, under whatever viewpoint they count."""
        yield from self.parts.items()
        for found in self.derived.values():
            yield from found.items()

    def of_viewpoints(self) -> Iterator[tuple[str, tuple[Triple, ...]]]:
        """What counts under one viewpoint alone, by its name."""
        if self.viewpoint:
            yield self.viewpoint, self.parts[VIEWPOINT]
        for view, found in self.derived.items():
            if view != EVERY:
                yield from ((view, triples) for triples in found.values())


def in_words(overlays: Sequence[Overlay]) -> str:
    """That an answer was made with these files; empty where there are none."""
    if not overlays:
        return ""
    which = "which is" if len(overlays) == 1 else "which are"
    return f"with {' and '.join(map(str, overlays))}, {which} no part of the release"


def read(folder: Path, paths: Iterable[Path | Overlay]) -> tuple[Overlay, ...]:
    """Files to lay over the ontology of a folder, in their order; each may build on those before.

    OntologyError for what cannot be read, says what is not known, or redefines what ships.
    """
    found: list[Overlay] = []
    shipped = None
    for path in paths:
        if isinstance(path, Overlay):  # it was read for this folder before
            found.append(path)
            continue
        shipped = shipped or _shipped(folder)
        found.append(_Reading(path, shipped).overlay())
    return tuple(found)


def again(modules: Modules) -> Iterator[Overlay]:
    """The overlays of modules, read once more; OntologyError if one has changed since."""
    wanted = dict(modules.overlays)
    for one in read(modules.folder, wanted):
        if one.sha256 != wanted[one.path]:
            raise OntologyError("it changes while it is read", str(one.path), "Ask once more")
        yield one


# -- what ships ----------------------------------------------------------------------------


@dataclass
class _Shipped:
    """What is there already: where each thing is described, and what kinds and properties are."""

    modules: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    properties: set[str] = field(default_factory=set)
    headers: set[str] = field(default_factory=set)
    viewpoints: set[str] = field(default_factory=set)
    triples: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def add(self, module: str, found: Iterable[Triple]) -> None:
        """Note the triples of a module about what has a name."""
        for triple in found:
            predicate, subject, term = triple.predicate.value, triple.subject, triple.object
            if not isinstance(subject, NamedNode):
                continue
            iri = subject.value
            self.triples.setdefault((iri, predicate, str(term)), module)
            if predicate == names.TYPE and isinstance(term, NamedNode):
                self._typed(module, iri, term.value)
            self.modules.setdefault(iri, module)

    def _typed(self, module: str, iri: str, kind: str) -> None:
        if kind == _HEADER:
            self.headers.add(iri)
        elif _PROPERTY.fullmatch(kind):
            self.properties.add(iri)
        elif kind == names.CC + "Viewpoint":
            self.viewpoints.add(names.local(iri))
        elif kind not in _OF_OWL:
            self.kinds.setdefault(kind, module)


def _shipped(folder: Path) -> _Shipped:
    found = _Shipped()
    for path in files(folder):
        module = _VIEWPOINTS if path.parent.name == _VIEWPOINTS else path.stem
        found.add(module, (quad.triple for quad in parse(path=str(path), format=RdfFormat.TURTLE)))
    found.modules |= dict.fromkeys(found.properties, "schema")
    return found


# -- one file ------------------------------------------------------------------------------


class _Reading:
    """One file as it is read and refused."""

    def __init__(self, path: Path, shipped: _Shipped) -> None:
        self._path, self._shipped = path, shipped
        self._content = _content(path)
        self._triples = self._parsed()
        self._own: dict[str, set[str]] = {}
        self._owner: dict[str, Any] = {}
        self._axioms: dict[str, dict[str, Any]] = {}
        for triple in self._triples:
            subject = str(triple.subject)
            if triple.predicate.value == names.TYPE and isinstance(triple.subject, NamedNode):
                self._own.setdefault(triple.subject.value, set()).add(str(triple.object)[1:-1])
            if triple.predicate.value in _AXIOM:
                self._axioms.setdefault(subject, {})[triple.predicate.value] = triple.object
            elif isinstance(triple.object, BlankNode):
                self._owner[str(triple.object)] = triple.subject
        self._headers = {iri for iri, kinds in self._own.items() if _HEADER in kinds}
        self._viewpoint = self._named_viewpoint()
        self._triples += self._belonging() if self._viewpoint else ()

    def overlay(self) -> Overlay:
        """The file as a value; OntologyError for the first that is wrong with it."""
        from hashlib import sha256

        kept: dict[str, list[Triple]] = {}
        for triple in self._triples:
            self._refuse_unknown(triple)
            part = self._part(triple)
            if part:
                kept.setdefault(part, []).append(triple)
        if not kept:
            self._refuse("", "it says nothing", "Name a file with statements of your own")
        for node in self._axioms:
            self._refuse_annotated(node)
        for part, triples in kept.items():
            self._shipped.add(part, triples)
        kept["citations"] = [
            *kept.get("citations", ()),
            *added("citations", kept.get("evidence", ())),
        ]
        return Overlay(
            visible(self._path.name, lines=False),
            sha256(self._content).hexdigest(),
            self._path,
            {part: tuple(triples) for part, triples in kept.items()},
            self._derived(kept),
            self._viewpoint,
        )

    def _belonging(self) -> Iterator[Triple]:
        """That interpretations which name no viewpoint belong to that of the file."""
        view = NamedNode(names.VIEWPOINT + self._viewpoint)
        placed = {_name(t.subject) for t in self._triples if t.predicate == derived.IN_VIEWPOINT}
        for iri, kinds in self._own.items():
            if derived.INTERPRETATION in kinds and iri not in placed:
                yield Triple(NamedNode(iri), derived.IN_VIEWPOINT, view)

    def _derived(self, kept: Mapping[str, Sequence[Triple]]) -> dict[str, Derived]:
        """What the interpretations of the file say of claims, which may be those that ship."""
        readings = kept.get("interpretations", ())
        read = {_name(t.object) for t in readings if t.predicate == derived.INTERPRETS}
        subject = derived.SUBJECT
        shipped = [
            Triple(NamedNode(claim), subject, NamedNode(cause[1:-1]))
            for claim, said, cause in (self._shipped.triples if read else ())
            if claim in read and said == subject.value
        ]
        return derived.by_viewpoint(readings, (*kept.get("associations", ()), *shipped))

    def _parsed(self) -> list[Triple]:
        try:
            return [
                q.triple
                for q in parse(
                    input=self._content, format=RdfFormat.TURTLE, rename_blank_nodes=True
                )
            ]
        except SyntaxError as error:
            what = f"this is not Turtle: {' '.join(str(error.msg).split())}"
            raise OntologyError(what, f"{self._path}, line {error.lineno}", "Mend it") from error
        except UnicodeDecodeError as error:
            raise OntologyError("it is not UTF-8", str(self._path), "Save it as UTF-8") from error

    def _refuse(self, iri: str, what: str, cure: str) -> NoReturn:
        """OntologyError at the first line where the name stands."""
        raise OntologyError(what, place(self._path, self._content, names.local(iri)), cure)

    def _named_viewpoint(self) -> str:
        kind = names.CC + "Viewpoint"
        found = sorted(iri for iri, kinds in self._own.items() if kind in kinds)
        if len(found) > 1:
            self._refuse(found[1], "the file holds two viewpoints", "Write a file for each")
        if not found:
            return ""
        name = found[0].removeprefix(names.VIEWPOINT)
        if name in self._shipped.viewpoints:
            self._refuse(name, f"there is a viewpoint {name} already", "Give yours another name")
        if not re.fullmatch(r"[\w-]+", name):
            cure = f"Name it {names.VIEWPOINT}our-name"
            self._refuse(found[0], f"{quoted(name)} is no name of a viewpoint", cure)
        return name

    # -- what is refused ---------------------------------------------------------------

    def _refuse_unknown(self, triple: Triple) -> None:
        """Refuse imports, undeclared properties, and names of ours that are not known."""
        predicate, target = triple.predicate.value, triple.object
        if isinstance(target, Triple):
            self._refuse("", "it has a statement about a statement", "Annotate it with owl:Axiom")
        if predicate == _IMPORTS and target.value not in self._shipped.headers:
            what = f"it imports {quoted(target.value)}, and nothing is fetched or opened"
            cure = "Take the import out; give a second file with a second --with"
            self._refuse(target.value, what, cure)
        declared = predicate in self._shipped.properties or predicate.startswith(_BUILT_IN)
        kinds = self._own.get(predicate, ())
        if not declared and not any(map(_PROPERTY.fullmatch, kinds)):
            what = f"the property {names.curie(predicate)} is not declared"
            cure = "Declare it as owl:AnnotationProperty, or correct its name"
            self._refuse(predicate, what, self._near(predicate, self._shipped.properties, cure))
        is_head = _name(triple.subject) in self._headers  # which adds nothing, whatever it names
        for node in (triple.subject, *(() if is_head else (target,))):
            if isinstance(node, NamedNode) and node.value.startswith(names.CC):
                self._refuse_unknown_name(node.value)

    def _refuse_unknown_name(self, iri: str) -> None:
        if iri in self._shipped.modules or iri in self._own or iri in self._shipped.headers:
            return
        kind = next((k for k in (names.REF, names.ASSOC, names.VIEWPOINT) if iri.startswith(k)), "")
        word = {names.REF: "reference", names.ASSOC: "claim", names.VIEWPOINT: "viewpoint"}
        what = f"there is no {word.get(kind, 'term')} {names.curie(iri)}"
        known = [one for one in self._shipped.modules if one.startswith(kind or names.CC)]
        cure = "Correct the name, or say in the file what it is"
        self._refuse(iri, what, self._near(iri, known, cure))

    def _near(self, iri: str, known: Iterable[str], then: str) -> str:
        words = {names.local(one): one for one in known}
        near = close_to(names.local(iri), words, 1)
        return did_you_mean((names.curie(words[word]) for word in near), then=then)

    def _refuse_annotated(self, node: str) -> None:
        """Refuse an annotation of what the file does not state itself."""
        source, prop, target = (self._axioms[node].get(key) for key in _AXIOM)
        if source is None or prop is None or target is None:
            self._refuse("", "an owl:Axiom lacks a part", "Give source, property and target")
        stated = Triple(source, prop, target) in self._stated
        module = self._shipped.triples.get((_name(source), prop.value, str(target)), "")
        if not stated or module not in ("", _VIEWPOINTS if self._viewpoint else ""):
            iri = _name(source)
            what = f"it annotates what {names.curie(iri)} says in the release"
            self._refuse(iri, what, "Annotate statements of your own only")

    @cached_property
    def _stated(self) -> set[Triple]:
        return set(self._triples)

    # -- where it belongs --------------------------------------------------------------

    def _part(self, triple: Triple) -> str:
        """The part that a triple belongs to; empty for one that adds nothing."""
        owner = self._owner_of(triple.subject)
        if isinstance(owner, BlankNode):
            return self._loose(triple, owner)
        iri = owner.value
        if iri in self._headers:
            if iri in self._shipped.headers:
                self._refuse(iri, f"{iri} is a module of the release", "Give yours another IRI")
            return ""
        if iri in self._shipped.modules:
            return self._of_shipped(triple, iri)
        return self._of_own(iri)

    def _owner_of(self, node: Any) -> Any:
        """The named node that a blank one belongs to, or the last blank one."""
        seen = set()
        while isinstance(node, BlankNode) and node not in seen:
            seen.add(node)
            axiom = self._axioms.get(str(node), {})
            node = axiom.get(names.ANNOTATED_SOURCE) or self._owner.get(str(node)) or node
        return node

    def _loose(self, triple: Triple, owner: BlankNode) -> str:
        """A class expression with no owner says what suffices, which only a viewpoint may."""
        above = self._subclasses.get(owner.value, [])
        if not self._viewpoint or not any(map(self._is_case_class, above)):
            iri = above[0] if above else triple.predicate.value
            what = "a class expression of no class of the file would redefine what ships"
            self._refuse(iri, what, "Say it of a class of your own, or in a viewpoint's case class")
        return VIEWPOINT

    def _is_case_class(self, iri: str) -> bool:
        shipped = self._shipped.modules.get(iri) == _VIEWPOINTS
        return shipped or (iri in self._own and iri not in self._shipped.modules)

    def _of_shipped(self, triple: Triple, iri: str) -> str:
        module, predicate = self._shipped.modules[iri], triple.predicate.value
        if self._viewpoint and module == _VIEWPOINTS:
            return VIEWPOINT
        if self._viewpoint and (predicate == names.SUBCLASS or _is_blank(triple)):
            return VIEWPOINT
        if not _is_blank(triple):
            if (iri, predicate, str(triple.object)) in self._shipped.triples:
                return ""
            if predicate not in _ADDED:
                what = f"{names.curie(iri)} ships, and {names.curie(predicate)} would redefine it"
                cure = "Only synonyms and remarks may be added; say the rest of a name of your own"
                self._refuse(iri, what, cure)
        return module if module in PARTS else REST

    def _of_own(self, iri: str) -> str:
        kinds = self._own.get(iri, set())
        if not kinds:
            self._refuse(iri, f"{names.curie(iri)} is described in no release", "Give it a type")
        if not iri.startswith(names.CC) and not any(map(_PROPERTY.fullmatch, kinds)):
            self._refuse(iri, f"{quoted(iri)} would not be read: it is no name of ours", _OWN)
        if not kinds.isdisjoint(_FIXED):
            cure = "Leave it out; --take and --assume say which rules are used"
            self._refuse(iri, "a rule of reading needs a program", cure)
        modules = [self._shipped.kinds.get(kind, "") for kind in sorted(kinds)]
        modules += [self._shipped.modules.get(above, "") for above in self._above(iri)]
        part = next((module for module in modules if module in PARTS), REST)
        return VIEWPOINT if self._viewpoint and part == REST else part

    def _above(self, iri: str) -> Iterator[str]:
        """The classes above one of the file's own, of which the last ships."""
        seen, ahead = {iri}, [iri]
        while ahead:
            one = ahead.pop()
            yield one
            for triple in self._subclasses.get(one, ()):
                if triple not in seen:
                    seen.add(triple)
                    ahead.append(triple)

    @cached_property
    def _subclasses(self) -> dict[str, list[str]]:
        """The named classes above each class of the file, blank ones too."""
        found: dict[str, list[str]] = {}
        for one in self._triples:
            if one.predicate.value == names.SUBCLASS and isinstance(one.object, NamedNode):
                found.setdefault(_name(one.subject), []).append(one.object.value)
        return found


def _is_blank(triple: Triple) -> bool:
    return isinstance(triple.subject, BlankNode)


def _name(node: object) -> str:
    """The IRI of a node, or the name of a blank one."""
    return str(getattr(node, "value", ""))


def place(path: Path, content: bytes, word: str) -> str:
    """The file and, where a word stands in it, the first line that has it."""
    lines = content.decode(errors="replace").splitlines()
    for name in filter(None, (word, word.rpartition("/")[2])):
        pattern = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
        line = next((n for n, one in enumerate(lines, 1) if pattern.search(one)), 0)
        if line:
            return f"{path}, line {line}"
    return str(path)


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise OntologyError("there is no such file", str(path), "Check the name")
        with path.open("rb") as stream:
            found = stream.read(_MOST + 1)
    except OSError as error:
        what = f"it cannot be read ({error.strerror})"
        raise OntologyError(what, str(path), "Check that it may be read") from error
    if len(found) > _MOST:
        what = f"it is longer than {_MOST:,} bytes"
        raise OntologyError(what, str(path), "Lay a smaller file over the ontology")
    return found
