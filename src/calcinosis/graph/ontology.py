"""The ontology as one value: modules loaded offline, one viewpoint at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import copy
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calcinosis import names
from calcinosis.errors import OntologyError, UnknownNameError, nearest, quoted
from calcinosis.graph import manifest, mapped
from calcinosis.graph.claims import Claims
from calcinosis.graph.keeper import Keeper
from calcinosis.graph.locate import ROOT, Modules, data, files
from calcinosis.graph.phrases import Phrases
from calcinosis.graph.settings import Settings
from calcinosis.graph.sites import Sites
from calcinosis.graph.terms import Terms
from calcinosis.graph.triples import Description, Triples

if TYPE_CHECKING:
    from calcinosis.graph.evidence import Item
    from calcinosis.graph.overlay import Overlay
    from calcinosis.graph.spoken import Spoken
    from calcinosis.graph.words import Words

# What a reasoner sees; claims, references, laboratory and sites never reach it.
REASONED = ("schema", "conditions", "interventions", "findings", "subtypes", "roles")
_LATER = ("references", "laboratory", "anatomy", "words", "evidence", "interpretations")
_CLAIMS = ("associations", "citations", "interpreted")
_ASIDE = ("genes", "rules")  # read with the rest, and no part of what is reasoned with


class Ontology(Keeper):
    """One viewpoint of the graph with lookups for terms, claims and references."""

    def __init__(
        self, folder: Path, settings: Settings, overlays: tuple[Overlay, ...] = ()
    ) -> None:
        super().__init__()
        self.folder = folder
        self.overlays = overlays
        self.settings = settings
        self.viewpoint = settings.viewpoint
        self.viewpoint_iri = names.VIEWPOINT + settings.viewpoint
        modules = sorted(p.stem for p in folder.glob("*.ttl"))
        needed = (ROOT, *REASONED, *_ASIDE, *_LATER, *_CLAIMS, *self._imported())
        missing = [name for name in needed if name not in modules]
        if missing:
            raise OntologyError(
                f"the module {missing[0]}.ttl is missing",
                str(folder),
                "Restore it, or name a folder that holds all modules",
            )
        self.triples = Triples()
        for name in modules:
            if name not in (*_LATER, ROOT, *_CLAIMS):
                self.triples.read(folder / f"{name}.ttl")
        self.viewpoint_into(self.viewpoint, self.triples)
        for one in overlays:
            one.add_reasoned(self.triples, self.viewpoint)
        self._counted = _Counted(self, settings)
        if not settings.is_whole:
            settings.check(self.library.bibliography)

    def leaving_out(self, settings: Settings) -> Ontology:
        """The same ontology and viewpoint with other references left out.

        What was read already is shared. UsageError as for ``load``.
        """
        other = copy(self)
        other._made = {}
        other.settings = replace(settings, viewpoint=self.viewpoint)
        if not settings.is_whole:
            settings.check(self.library.bibliography)
        other._counted = _Counted(self, other.settings)
        return other

    def viewpoints(self) -> list[str]:
        """The names of the viewpoints of the folder, and of those laid over it."""
        return [*viewpoints(self.folder), *self._laid]

    @property
    def _laid(self) -> dict[str, Overlay]:
        """The overlays that hold a viewpoint, by its name."""
        return {one.viewpoint: one for one in self.overlays if one.viewpoint}

    def viewpoint_into(self, name: str, triples: Triples) -> None:
        """Add one viewpoint's own triples to others; UsageError if there is none of that name."""
        if name in self._laid:
            self._laid[name].add_viewpoint(triples)
            return
        known = self.viewpoints()
        if name not in known:
            raise UnknownNameError(
                f"there is no viewpoint {quoted(name)}",
                "--viewpoint",
                nearest(name, known, 1, then=f"Known: {', '.join(known)}"),
            )
        triples.read(self.folder / "viewpoints" / f"{name}.ttl")

    def _viewpoint_file(self) -> Path:
        return self.folder / "viewpoints" / f"{self.viewpoint}.ttl"

    @cached_property
    def terms(self) -> Terms:
        """The terms of conditions, interventions, findings, subtypes and criteria."""
        sets = ((self.folder / f"{name}.sssom.tsv",) for name in ("narrower", "replaced"))
        return Terms(self.triples, mapped.files(self.folder), *sets)

    @cached_property
    def words(self) -> Words:
        """The reading of words by the names of the terms and the module of words."""
        from calcinosis.graph.words import Words

        return Words(self.terms, self._word_triples)

    @cached_property
    def _word_triples(self) -> Triples:
        found = Triples()
        self.read_into(found, "words")
        return found

    @cached_property
    def spoken(self) -> Spoken:
        """How reports name things, for searching."""
        from calcinosis.graph.spoken import Spoken

        return Spoken(self._word_triples, self.laboratory)

    @cached_property
    def all_claims(self) -> Claims:
        """Associations with all their citations, whatever the settings."""
        found = Triples()
        for name in _CLAIMS:
            self.read_into(found, name)
        return Claims(Triples.joined(self.triples, found))

    @cached_property
    def all_readings(self) -> Claims:
        """Reference intervals and formulas with all their citations, whatever the settings."""
        return Claims(self.laboratory)

    @cached_property
    def evidence(self) -> tuple[Item, ...]:
        """All evidence items, whatever the settings: one for each reference of each claim."""
        from calcinosis.graph.evidence import items

        found = Triples()
        self.read_into(found, "evidence")
        return tuple(items(found))

    @cached_property
    def interpretations(self) -> dict[str, Description]:
        """What is read into claims under this viewpoint, by the IRI of the interpretation."""
        found = Triples()
        self.read_into(found, "interpretations")
        return {
            iri: found.by_subject[iri]
            for iri, _ in found.subjects(names.INTERPRETS)
            if self.viewpoint_iri in (found.iris(iri, names.IN_VIEWPOINT) or (self.viewpoint_iri,))
        }

    @property
    def claims(self) -> Claims:
        """Associations with the citations that count; references come when they are asked for."""
        return self._counted.claims

    @property
    def readings(self) -> Claims:
        """Reference intervals and formulas of the laboratory with the citations that count."""
        return self._counted.readings

    @property
    def retracted(self) -> tuple[str, ...]:
        """The keys of the references that are left out because they are known to be retracted."""
        return self._counted.retracted

    @property
    def left_out(self) -> dict[str, Any]:
        """What is left out, by asking or because it is retracted, as results' JSON holds it."""
        retracted = {"retracted": list(self.retracted)} if self.retracted else {}
        return {**self.settings.to_dict(), **retracted}

    @property
    def left_out_words(self) -> str:
        """What is left out, in words; empty where nothing is."""
        retracted = f"without {', '.join(self.retracted)} (retracted)" if self.retracted else ""
        return "; ".join(filter(None, (str(self.settings), retracted)))

    @property
    def changed(self) -> dict[str, Any]:
        """What sets this apart from the release, as heads of JSON hold it; empty if nothing does.

        ``left_out`` is what is left out, ``with`` the names and hashes of what is laid over it.
        """
        laid = [one.to_dict() for one in self.overlays]
        found = {"left_out": self.left_out, "with": laid}
        return {key: value for key, value in found.items() if value}

    @property
    def overlay_words(self) -> str:
        """What is laid over the release, in words; empty where nothing is."""
        if not self.overlays:
            return ""
        from calcinosis.graph.overlay import in_words

        return in_words(self.overlays)

    @property
    def changed_words(self) -> str:
        """What is left out, and what is laid over the release, in words."""
        return "; ".join(filter(None, (self.left_out_words, self.overlay_words)))

    @property
    def settings_words(self) -> str:
        """What is changed, and what may be taken and assumed of cases, in words."""
        return "; ".join(filter(None, (self.changed_words, self.settings.added_words)))

    @property
    def is_released(self) -> bool:
        """Whether this is the release as it is: nothing left out, and nothing laid over it."""
        return self.leaves_nothing_out and not self.overlays

    @property
    def leaves_nothing_out(self) -> bool:
        """Whether every citation and every axiom counts."""
        return self._counted.everything

    @cached_property
    def library(self) -> Claims:
        """The references."""
        found = Triples()
        self.read_into(found, "references")
        return Claims(found)

    @cached_property
    def phrases(self) -> Phrases:
        """What reports say in a sentence, by the module of rules."""
        return Phrases(self.triples)

    @cached_property
    def laboratory(self) -> Triples:
        """The laboratory module's triples."""
        found = Triples()
        self.read_into(found, "laboratory")
        return found

    @cached_property
    def anatomy(self) -> Triples:
        """The triples of the module of anatomical sites."""
        found = Triples()
        self.read_into(found, "anatomy")
        return found

    @cached_property
    def sites(self) -> Sites:
        """The anatomical sites by their names and codes."""
        return Sites(self.anatomy, self.terms)

    def read_into(self, triples: Triples, module: str) -> None:
        """Add a module that is read apart, with what is laid over it, to triples."""
        triples.read(self.folder / f"{module}.ttl")
        for one in self.overlays:
            one.add(module, triples, self.viewpoint)

    def _imported(self) -> list[str]:
        """The modules beside the root that it imports."""
        if not (self.folder / f"{ROOT}.ttl").is_file():
            return []
        stated = self.root.iris(names.ONTOLOGY, names.OWL + "imports")
        ours = (iri.removeprefix(f"{names.ONTOLOGY}/") for iri in stated)
        return [name for name in ours if re.fullmatch(r"[\w-]+", name)]

    @cached_property
    def root(self) -> Triples:
        """The root module's triples: what the ontology says of itself."""
        found = Triples()
        found.read(self.folder / f"{ROOT}.ttl")
        return found

    @property
    def version(self) -> str:
        """The version that the root module states, with marks of what is laid over it."""
        stated = self.root.text(names.ONTOLOGY, names.OWL + "versionInfo") or "unversioned"
        return "+".join((stated, *(one.mark for one in self.overlays)))

    @property
    def version_iri(self) -> str:
        """The IRI of the release; one of its own where something is laid over it."""
        if self.overlays:
            return f"{names.ONTOLOGY}/{self.version}"
        return self.root.iri(names.ONTOLOGY, names.OWL + "versionIRI") or names.ONTOLOGY

    def files(self) -> list[Path]:
        """Every Turtle file of the release, the root first."""
        return files(self.folder)

    @property
    def source(self) -> Modules:
        """The files that are read under this viewpoint."""
        laid = tuple((one.path, one.sha256) for one in self.overlays)
        return Modules(self.folder, self.viewpoint, laid)

    def reasoned_files(self) -> list[Path]:
        """The files that a reasoner sees under this viewpoint."""
        extra = [
            p
            for p in sorted(self.folder.glob("*.ttl"))
            if p.stem not in (*REASONED, *_LATER, *_CLAIMS, *_ASIDE, ROOT)
        ]
        core = [self.folder / f"{name}.ttl" for name in REASONED]
        return [*core, *extra, self._viewpoint_file()]


class _Counted:
    """What counts, by settings, of what an ontology has read."""

    def __init__(self, read: Ontology, settings: Settings) -> None:
        self._read = read
        self._settings = settings

    @property
    def everything(self) -> bool:
        return self._settings.is_whole and not self.retracted

    @cached_property
    def claims(self) -> Claims:
        return self._only(self._read.all_claims)

    @cached_property
    def readings(self) -> Claims:
        return self._only(self._read.all_readings)

    def _only(self, claims: Claims) -> Claims:
        if self.everything:
            return claims
        library = self._read.library.bibliography
        return claims.only(lambda c: self._settings.keeps(c, library.get(c.reference)))

    @cached_property
    def retracted(self) -> tuple[str, ...]:
        path = self._read.folder / "references.ttl"
        # The module is large, and one verdict needs no reference: look before reading it.
        marked = b"status/retracted" in path.read_bytes()
        if self._settings.with_retracted or not marked:
            return ()
        return tuple(k for k, ref in self._read.library.bibliography.items() if ref.retracted)


def viewpoints(folder: Path | None = None) -> list[str]:
    """The names of the viewpoints in an ontology folder."""
    folder = folder or data("ontology")
    return sorted(path.stem for path in (folder / "viewpoints").glob("*.ttl"))


def load(
    viewpoint: str = names.DEFAULT_VIEWPOINT,
    folder: Path | None = None,
    settings: Settings | None = None,
    overlays: Iterable[Path | Overlay] = (),
) -> Ontology:
    """Load one viewpoint from ``folder``, or from the ontology that comes with the package.

    ``settings`` say the viewpoint themselves, and what is left out; ``overlays`` are files to lay
    over it. OntologyError where a file that belongs to it is missing, empty or not of the size
    that was released, and for an overlay as ``overlay.read``.
    """
    manifest.verify(folder)
    folder = folder or data("ontology")
    laid: tuple[Overlay, ...] = ()
    if paths := tuple(overlays):
        from calcinosis.graph.overlay import read

        laid = read(folder, paths)
    return Ontology(folder, settings or Settings(viewpoint), laid)
