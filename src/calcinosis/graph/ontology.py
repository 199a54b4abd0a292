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
from calcinosis.errors import OntologyError, UsageError, nearest, quoted
from calcinosis.graph import manifest, mapped
from calcinosis.graph.claims import Claims
from calcinosis.graph.locate import ROOT, Modules, data, files
from calcinosis.graph.phrases import Phrases
from calcinosis.graph.settings import Settings
from calcinosis.graph.terms import Terms
from calcinosis.graph.triples import Triples

if TYPE_CHECKING:
    from calcinosis.graph.words import Words

# What a reasoner sees; claims, references, laboratory and sites never reach it.
REASONED = ("schema", "conditions", "interventions", "findings", "subtypes", "roles")
_LATER = ("references", "laboratory", "anatomy", "words")
_CLAIMS = ("associations", "genes")
_RULES = "rules"  # no part of what is reasoned with: they are about facts


class Ontology:
    """One viewpoint of the graph with lookups for terms, claims and references."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings
        self.viewpoint = settings.viewpoint
        self.viewpoint_iri = names.VIEWPOINT + settings.viewpoint
        modules = sorted(p.stem for p in folder.glob("*.ttl"))
        needed = (ROOT, *REASONED, _RULES, *_LATER, *_CLAIMS, *self._imported())
        missing = [name for name in needed if name not in modules]
        if missing:
            raise OntologyError(
                f"the module {missing[0]}.ttl is missing",
                str(folder),
                "Restore it, or name a folder that holds all modules",
            )
        self.triples = Triples()
        for name in modules:
            if name not in (*_LATER, ROOT, "associations"):
                self.triples.read(folder / f"{name}.ttl")
        self.triples.read(self._viewpoint_file())
        self._counted = _Counted(self, settings)
        if not settings.is_whole:
            settings.check(self.library.bibliography)

    def leaving_out(self, settings: Settings) -> Ontology:
        """The same ontology and viewpoint with other references left out.

        What was read already is shared. UsageError as for ``load``.
        """
        other = copy(self)
        other.settings = replace(settings, viewpoint=self.viewpoint)
        if not settings.is_whole:
            settings.check(self.library.bibliography)
        other._counted = _Counted(self, other.settings)
        return other

    def _viewpoint_file(self) -> Path:
        known = viewpoints(self.folder)
        if self.viewpoint not in known:
            raise UsageError(
                f"there is no viewpoint {quoted(self.viewpoint)}",
                "--viewpoint",
                nearest(self.viewpoint, known, 1, then=f"Known: {', '.join(known)}"),
            )
        return self.folder / "viewpoints" / f"{self.viewpoint}.ttl"

    @cached_property
    def terms(self) -> Terms:
        """The terms of conditions, interventions, findings, subtypes and criteria."""
        narrower = self.folder / "narrower.sssom.tsv"
        return Terms(self.triples, mapped.files(self.folder), (narrower,))

    @cached_property
    def words(self) -> Words:
        """The reading of words by the names of the terms and the module of words."""
        from calcinosis.graph.words import Words

        return Words(self.terms, self.folder / "words.ttl")

    @cached_property
    def all_claims(self) -> Claims:
        """Associations with all their citations, whatever the settings."""
        merged = Triples()
        merged.by_subject.update(self.triples.by_subject)
        self._read_into(merged, ("associations",))
        return Claims(merged)

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
    def settings_words(self) -> str:
        """What is left out, and what may be taken and assumed of cases, in words."""
        return "; ".join(filter(None, (self.left_out_words, self.settings.added_words)))

    @property
    def leaves_nothing_out(self) -> bool:
        """Whether every citation and every axiom counts."""
        return self._counted.everything

    @cached_property
    def library(self) -> Claims:
        """The references."""
        found = Triples()
        self._read_into(found, ("references",))
        return Claims(found)

    @cached_property
    def phrases(self) -> Phrases:
        """What reports say in a sentence, by the module of rules."""
        return Phrases(self.triples)

    @cached_property
    def laboratory(self) -> Triples:
        """The laboratory module's triples."""
        found = Triples()
        self._read_into(found, ("laboratory",))
        return found

    @cached_property
    def anatomy(self) -> Triples:
        """The triples of the module of anatomical sites."""
        found = Triples()
        self._read_into(found, ("anatomy",))
        return found

    def _read_into(self, triples: Triples, modules: Iterable[str]) -> None:
        for name in modules:
            triples.read(self.folder / f"{name}.ttl")

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
        """The version that the root module states."""
        return self.root.text(names.ONTOLOGY, names.OWL + "versionInfo") or "unversioned"

    def files(self) -> list[Path]:
        """Every Turtle file of the release, the root first."""
        return files(self.folder)

    @property
    def source(self) -> Modules:
        """The files that are read under this viewpoint."""
        return Modules(self.folder, self.viewpoint)

    def reasoned_files(self) -> list[Path]:
        """The files that a reasoner sees under this viewpoint."""
        extra = [
            p
            for p in sorted(self.folder.glob("*.ttl"))
            if p.stem not in (*REASONED, *_LATER, _RULES, ROOT, "associations", "genes")
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
        return self._only(Claims(self._read.laboratory))

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
) -> Ontology:
    """Load one viewpoint from ``folder``, or from the ontology that comes with the package.

    ``settings`` say the viewpoint themselves, and what is left out. OntologyError where a file
    that belongs to it is missing, empty or not of the size that was released.
    """
    manifest.verify(folder)
    return Ontology(folder or data("ontology"), settings or Settings(viewpoint))
