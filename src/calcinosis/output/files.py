"""Files and folders written whole or not at all, archives that are the same everywhere, times.

A stream that goes into a file writes beside it, under a name of its own that only its owner may
read, and is put in place when all of it is on the disk. What is read by a call is never written.
"""

from __future__ import annotations

import errno
import io
import os
import re
import shutil
import signal
import stat
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from calcinosis import names
from calcinosis.errors import UsageError
from calcinosis.graph.locate import data
from calcinosis.output.streams import Descriptor, failures_named, written

if TYPE_CHECKING:
    from calcinosis.graph.ontology import Ontology

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can hold
_TIMES: Final = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(?=</)")
_FORCE: Final = "Add --force to overwrite it"


def archive(files: Mapping[str, bytes]) -> bytes:
    """Files as a zip archive, in their order, without times."""
    import zipfile

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, content)
    return stream.getvalue()


def timeless(workbook: bytes) -> bytes:
    """An Excel workbook without the time at which it was written."""
    import zipfile

    with zipfile.ZipFile(io.BytesIO(workbook)) as packed:
        files = {name: packed.read(name) for name in sorted(packed.namelist())}
    core = "docProps/core.xml"
    files[core] = _TIMES.sub(rb"\g<1>1980-01-01T00:00:00Z", files[core])
    return archive(files)


# -- one file --------------------------------------------------------------------------------


@contextmanager
def writing(name: str, *, force: bool) -> Iterator[IO[str]]:
    """A stream of text into what ``name`` names: a file, a device, a pipe, an open descriptor.

    A file appears, or with ``force`` is replaced, when all was written; one that appears in the
    meantime is kept without ``force``. UsageError where it cannot be written, or is there already.
    """
    with failures_named(name):
        direct = _direct(name)
    if direct is not None:
        with written(Descriptor(direct, name, shared=True)) as stream:
            yield stream
    else:
        with replacing(Path(os.path.realpath(name)), force=force, where=name) as stream:
            yield stream


_DESCRIPTOR: Final = re.compile(r"/dev/(?:std(in|out|err)|fd/(\d+))|/proc/self/fd/(\d+)")
_STANDARD: Final = {"in": 0, "out": 1, "err": 2}


def _direct(name: str) -> int | None:
    """A descriptor for what nothing can be put in the place of; None for a file."""
    found = _DESCRIPTOR.fullmatch(name)
    if found:  # what is open is written on where it stands; opened anew it would be cut off
        return os.dup(int(found[2] or found[3] or _STANDARD[found[1]]))
    is_there = _status(name)
    if name.endswith(os.sep) or (is_there and stat.S_ISDIR(is_there.st_mode)):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if is_there is None or stat.S_ISREG(is_there.st_mode):
        return None
    return os.open(name, os.O_WRONLY)


def _status(name: str | Path) -> os.stat_result | None:
    """What is there, links followed; None for nothing."""
    try:
        return Path(name).stat()
    except FileNotFoundError:
        return None


@contextmanager
def replacing(target: Path, *, force: bool = True, where: str = "") -> Iterator[IO[str]]:
    """A stream whose text becomes the file ``target`` at the end, or leaves no trace.

    Errors as ``writing``, with ``where`` in them.
    """
    where = where or str(target)
    with failures_named(where):
        mode = _mode(target, where, force=force)
    temporary = _beside(target)
    try:
        with failures_named(where):
            number = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        below = Descriptor(number, where)
        below.name = str(temporary)
        with written(below) as stream:
            yield stream
            stream.flush()
            with failures_named(where):
                os.fsync(number)
                temporary.chmod(mode)
        with failures_named(where), undisturbed():
            _put(temporary, target, where, force=force)
    finally:
        with undisturbed(), suppress(OSError):
            temporary.unlink()


def _mode(target: Path, where: str, *, force: bool) -> int:
    """The mode that the file gets; errors where it may not be written."""
    old = _status(target)
    if old is None:
        return default_mode(0o666)
    if not force:
        raise UsageError("the file exists", where, _FORCE)
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return stat.S_IMODE(old.st_mode) & 0o777


def _beside(target: Path) -> Path:
    """A name that nothing has, in the folder of ``target``: hidden, and on the same disk."""
    return target.parent / f".calcinosis-{os.urandom(8).hex()}"


def _put(temporary: Path, target: Path, where: str, *, force: bool) -> None:
    if force:
        temporary.replace(target)
    else:
        try:
            _put_new(temporary, target)
        except FileExistsError as error:
            raise UsageError("a file has appeared there meanwhile", where, _FORCE) from error
    _sync(target.parent)


def _put_new(temporary: Path, target: Path) -> None:
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):  # a disk without links: the name is taken first
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            temporary.replace(target)
        except BaseException:
            target.unlink()
            raise


def _sync(folder: Path) -> None:
    """Have the disk keep the names in a folder, where it can be asked to."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


_SIGNALS: Final = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


@contextmanager
def undisturbed() -> Iterator[None]:
    """Signals that end a program wait until the body is done; only a thread of its own is not."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    try:
        for number, known in before.items():
            if known is not None:
                signal.signal(number, lambda number, _frame: came.append(number))
        yield
    finally:
        for number, known in before.items():
            if known is not None:
                signal.signal(number, known)
        for number in came[:1]:
            signal.raise_signal(number)


# -- a folder --------------------------------------------------------------------------------


def replace_folder(files: Mapping[str, Iterable[bytes]], name: str, *, force: bool) -> int:
    """Write files, each in parts, as the folder ``name``, which is replaced whole or not at all.

    What else is in the folder stays; how many files that are. UsageError where it is there and
    ``force`` is not given, where something appears there meanwhile, or where it cannot be written.
    """
    with failures_named(name):
        target = Path(os.path.realpath(name))
        old = _status(name)
        if old is not None:
            _refuse_folder(name, target, old, force=force)
        fresh, aside = _beside(target), _beside(target)
        try:
            fresh.mkdir(0o700)
            for file, parts in files.items():
                _write_part(fresh / file, parts)
            stayed = _carry(target, fresh) if old is not None else 0
            fresh.chmod(default_mode(0o777) if old is None else stat.S_IMODE(old.st_mode))
            with undisturbed():
                _swap(fresh, target, aside, name, is_there=old is not None)
        finally:
            with undisturbed():
                shutil.rmtree(fresh, ignore_errors=True)
    return stayed


def _refuse_folder(name: str, target: Path, old: os.stat_result, *, force: bool) -> None:
    if not force:
        cure = "Add --force to replace the files in it that have the same names"
        raise UsageError("it exists", name, cure)
    if not stat.S_ISDIR(old.st_mode):
        raise UsageError("it is a file", name, "Name a folder, or a .zip file")
    if Path.cwd().is_relative_to(target):
        raise UsageError("you are in that folder, and it is replaced", name, "Go out of it first")
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _write_part(place: Path, parts: Iterable[bytes]) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("wb") as stream:
        stream.writelines(parts)
        stream.flush()
        os.fsync(stream.fileno())


def _carry(old: Path, fresh: Path) -> int:
    """Give a new folder what else is in the old one, without moving it; how many files."""
    carried = 0
    for folder, below, files in os.walk(old, onerror=_raise):
        here = fresh / Path(folder).relative_to(old)
        here.mkdir(exist_ok=True)
        links = [one for one in below if Path(folder, one).is_symlink()]
        for file in (*files, *links):
            if not os.path.lexists(here / file):
                _carry_one(Path(folder, file), here / file)
                carried += 1
    for folder, _, _ in os.walk(old):
        shutil.copystat(folder, fresh / Path(folder).relative_to(old))
    return carried


def _raise(error: OSError) -> None:
    raise error


def _carry_one(old: Path, new: Path) -> None:
    try:
        os.link(old, new, follow_symlinks=False)
    except (OSError, NotImplementedError):
        shutil.copy2(old, new, follow_symlinks=False)


def _swap(fresh: Path, target: Path, aside: Path, where: str, *, is_there: bool) -> None:
    try:
        if is_there:
            target.rename(aside)
        fresh.rename(target)
    except OSError as error:
        if is_there and aside.exists():
            aside.rename(target)
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise UsageError("something has appeared there meanwhile", where, _FORCE) from error
        raise
    _sync(target.parent)
    shutil.rmtree(aside, ignore_errors=True)


# -- what may not be written -----------------------------------------------------------------


def refuse_overlaps(inputs: Iterable[str], outputs: Iterable[str]) -> None:
    """UsageError where an output is an input or another output, or lies in a folder that is read.

    Links are followed, and hard ones known; ``-`` is standard input or output. What cannot be
    looked at is left to who opens it.
    """
    read = [(name, found) for name in inputs if (found := _looked_at(name, 0)) is not None]
    seen: dict[tuple[int, int, str] | None, str] = {}
    for name in outputs:
        is_there, above, place = _placed(name)
        for source, found in read:
            if is_there and os.path.samestat(found, is_there):
                what = f"this call reads it too, as {_called(source, 'standard input')}"
                raise UsageError(what, _called(name), "Name another file")
            if stat.S_ISDIR(found.st_mode) and any(map(partial(os.path.samestat, found), above)):
                what = f"it lies in {source}, which this call reads"
                raise UsageError(what, name, "Write it somewhere else")
            if is_there and stat.S_ISDIR(is_there.st_mode) and _lies_in(source, is_there):
                what = f"it holds {source}, which this call reads"
                raise UsageError(what, name, "Name another folder")
        if place in seen:
            what = f"it is where {_called(seen[place])} goes as well"
            raise UsageError(what, _called(name), "Name two files")
        if place is not None:
            seen[place] = name


def own_ontology() -> str:
    """The ontology folder that is read where no other is named."""
    return str(data("ontology"))


def _called(name: str, standard: str = "standard output") -> str:
    return standard if name == "-" else name


def _looked_at(name: str | Path, standard: int) -> os.stat_result | None:
    """What is there, if it is a file or a folder; ``-`` is a standard stream."""
    try:
        found = os.fstat(standard) if name == "-" else Path(name).stat()
    except (OSError, ValueError):
        return None
    return found if stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode) else None


def _placed(
    name: str,
) -> tuple[os.stat_result | None, list[os.stat_result], tuple[int, int, str] | None]:
    """What is there, the folders above, and what no two outputs may share."""
    is_there = _looked_at(name, 1)
    above = [] if name == "-" else _above(name)
    if is_there is not None:
        return is_there, above, (is_there.st_dev, is_there.st_ino, "")
    is_other = os.path.exists(name)  # noqa: PTH110 (of a name too long, no error)
    if name == "-" or not above or is_other:  # a device or a pipe, or nowhere
        return None, above, None
    return None, above, (above[0].st_dev, above[0].st_ino, Path(os.path.realpath(name)).name)


def _above(name: str) -> list[os.stat_result]:
    """The folders that a file lies in, the nearest first."""
    try:
        folders = Path(os.path.realpath(name)).parents
    except (OSError, ValueError):
        return []
    found = (_looked_at(folder, 0) for folder in folders)
    return [one for one in found if one is not None]


def _lies_in(source: str, folder: os.stat_result) -> bool:
    return source != "-" and any(os.path.samestat(one, folder) for one in _above(source))


def default_mode(all_rights: int) -> int:
    """The mode of a new file or folder by the user's mask, which is read only by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return all_rights & ~mask


_VARIABLE: Final = "SOURCE_DATE_EPOCH"


def time_stated() -> str | None:
    """The time that SOURCE_DATE_EPOCH states, for builds that can be repeated; None without it.

    UsageError where it is not a number of seconds.
    """
    seconds = os.environ.get(_VARIABLE)
    if not seconds:
        return None
    from datetime import UTC, datetime

    try:
        return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            f"{seconds!r} is not a time", _VARIABLE, "Give seconds since 1970, as date +%s does"
        ) from error


def time_released(ontology: Ontology) -> str | None:
    """When the release of the ontology was issued."""
    return ontology.root.text(names.ONTOLOGY, names.DCTERMS + "issued")
