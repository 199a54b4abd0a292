"""What an evaluation was made with and from: versions, settings, and the hashes of all files."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from calcinosis import __version__
from calcinosis.facts.source import SUFFIXES
from calcinosis.facts.tabular import Sheet
from calcinosis.graph.ontology import Ontology


@dataclass(frozen=True, slots=True)
class Hashed:
    """A file by what it was for, its name without its folder, and its SHA-256.

    The hash is empty of what can be read only once, such as standard input.
    """

    role: str
    name: str
    sha256: str

    def to_dict(self) -> dict[str, str]:
        """The file for JSON."""
        return {"role": self.role, "name": self.name, "sha256": self.sha256}


@dataclass(frozen=True, slots=True)
class Versions:
    """The program, the ontology, the definitions and settings, and the files.

    ``ontology_sha256`` is that of the lines ``sha256  name`` of all its modules, in order.
    """

    package: str
    python: str
    ontology: str
    ontology_iri: str
    ontology_sha256: str
    viewpoint: str
    settings: str
    reasoner: str
    files: tuple[Hashed, ...]

    def to_dict(self) -> dict[str, Any]:
        """All of it for JSON."""
        told = {key: getattr(self, key) for key in self.__dataclass_fields__}
        return {**told, "files": [one.to_dict() for one in self.files]}


def versions_of(ontology: Ontology, reasoner: str, files: Iterable[Hashed] = ()) -> Versions:
    """What is used here, by a loaded ontology."""
    return Versions(
        __version__,
        platform.python_version(),
        ontology.version,
        ontology.version_iri,
        sum_of_modules(ontology),
        ontology.viewpoint,
        ontology.settings_words,
        reasoner,
        tuple(files),
    )


def sum_of_modules(ontology: Ontology) -> str:
    """The SHA-256 of the lines ``sha256  name`` of all modules of an ontology, in order."""
    source = ontology.source
    modules = [
        f"{_sum(path)}  {path.relative_to(source.folder).as_posix()}\n" for path in source.files()
    ]
    modules += [f"{one.sha256}  {one.name}\n" for one in ontology.overlays]
    return sha256("".join(modules).encode()).hexdigest()


def hashed(role: str, given: object) -> Iterator[Hashed]:
    """The files behind what cases or labels were given as; nothing of what Python gave itself."""
    if isinstance(given, Sheet):
        if given.map is not None:
            yield from _files("map", Path(given.map))
        given = given.path
    if isinstance(given, str | Path):
        yield from _files(role, Path(given))
    elif isinstance(given, list | tuple):
        for one in given:
            yield from hashed(role, one)


def _files(role: str, path: Path) -> Iterator[Hashed]:
    if path.is_dir():
        found = sorted(one for one in path.rglob("[!.]*") if one.suffix.casefold() in SUFFIXES)
        yield from (Hashed(role, one.relative_to(path).as_posix(), _sum(one)) for one in found)
    elif path.is_file():
        yield Hashed(role, path.name, _sum(path))
    else:
        yield Hashed(role, "standard input" if str(path) == "-" else path.name, "")


def _sum(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return file_digest(stream, "sha256").hexdigest()
    except OSError:  # who reads it says what is wrong
        return ""
