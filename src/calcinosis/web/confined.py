"""What keeps a process that reads what strangers send to that alone: files, sockets, memory.

A process that has called ``shut`` opens no file but those of Python, of the package and of its own
room, starts no other program and asks no other machine, whatever a reader is led to do. That is by
Python's audit events, beside what the readers themselves refuse: a second fence, not the first.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import calcinosis

_PAGES: Final = Path("/proc/self/statm")
_WRITTEN: Final = 256 << 20
"""Bytes of the largest file that the process may write in its room."""
_NEVER: Final = (
    *("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.system"),
    *("os.link", "os.symlink", "os.chmod", "os.chown", "ctypes.", "webbrowser.", "ftplib."),
    *("urllib.", "http.", "smtplib.", "sqlite3.", "shutil."),
)
_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NAMED: Final = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.truncate")


class Confined:
    """The own process, kept to itself; ``room`` is the folder where it may write."""

    def __init__(self, room: Path, read: Iterable[Path]) -> None:
        self._room = _prefix(room)
        self._above = _prefix(room.parent)
        self._read = (*map(_prefix, {*map(Path, _python()), *read}), self._room)
        self._resources: Any = None
        self._taken = 0

    def shut(self) -> None:
        """From now on nothing else is opened; what is loaded by now counts not as a request's."""
        with suppress(ImportError):
            import resource

            self._resources = resource
            self._limit("CORE", 0)
            self._limit("FSIZE", _WRITTEN)
            self._space = resource.getrlimit(resource.RLIMIT_AS)[0]
            self._taken = taken()
        if self._taken:
            self._pages = os.open(_PAGES, os.O_RDONLY)  # later nothing can be opened
        sys.addaudithook(self._look)

    @contextmanager
    def within(self, megabytes: int) -> Iterator[None]:
        """Allow so much memory beside what is loaded, where the system can say and limit it."""
        if not self._taken:
            yield
            return
        self._limit("AS", self._taken + (megabytes << 20))
        try:
            yield
        finally:
            self._limit("AS", self._space)

    def has_grown_by(self, megabytes: int) -> bool:
        """Whether so much more is in use than when it was shut."""
        if not self._taken:
            return False
        return _first(os.pread(self._pages, 200, 0)) > self._taken + (megabytes << 20)

    def _limit(self, what: str, most: int) -> None:
        kind = getattr(self._resources, f"RLIMIT_{what}")
        hard = self._resources.getrlimit(kind)[1]
        unlimited = hard == self._resources.RLIM_INFINITY
        self._resources.setrlimit(kind, (most if unlimited else min(most, hard), hard))

    def _look(self, event: str, given: tuple[Any, ...]) -> None:
        if event == "open":
            self._may_open(*given)
        elif event in _NAMED:
            last = event == "os.rmdir" and _absolute(given[0]) == self._above  # it is empty then
            self._may_touch(given[0], self._above if last else self._room)
        elif event.startswith(_NEVER):
            raise PermissionError(f"{event} is not for this process")

    def _may_open(self, path: object, mode: object, flags: object) -> None:
        if isinstance(path, int):
            return
        writes = isinstance(flags, int) and flags & _WRITES
        if isinstance(mode, str):
            writes = writes or any(sign in mode for sign in "wax+")
        self._may_touch(path, *((self._room,) if writes else self._read))

    def _may_touch(self, path: object, *folders: str) -> None:
        if isinstance(path, int):
            return
        if _absolute(path).startswith(folders):
            return
        raise PermissionError("this file is not for this process")


def _python() -> Iterator[str]:
    """The folders of Python's own modules and of what is installed; never the working directory."""
    paths = sysconfig.get_paths()
    yield from (paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    yield from (one for one in sys.path if one.endswith(("site-packages", "dist-packages")))
    yield str(Path(calcinosis.__file__).parent)


def _absolute(path: object) -> str:
    """A path from the root with a separator at its end; empty for what is none."""
    if not isinstance(path, str | bytes | os.PathLike):
        return ""
    return os.path.abspath(os.fsdecode(path)) + os.sep  # noqa: PTH100 (of a name alone)


def _prefix(folder: Path) -> str:
    """How the names of all that is in a folder begin."""
    return str(folder.absolute()).rstrip(os.sep) + os.sep


def taken() -> int:
    """Bytes of address space in use; 0 where the system does not say."""
    try:
        with _PAGES.open("rb") as numbers:
            return _first(numbers.read())
    except OSError:
        return 0


def _first(numbers: bytes) -> int:
    return int(numbers.split()[0]) * os.sysconf("SC_PAGE_SIZE")
