"""The largest inputs that expand: each is refused within ten seconds and two gigabytes.

python -m proofs.limits
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from tests import hostile

SECONDS: Final = 10.0
BYTES: Final = 2_000_000_000
MB: Final = 1_000_000


def _many(text: bytes, megabytes: int) -> Iterable[bytes]:
    chunk = text * (MB // len(text))
    return (chunk for _ in range(megabytes))


def _book(part: str, content: Callable[[], Iterable[bytes]]) -> Callable[[Path], object]:
    return lambda path: hostile.book(path, {part: content()})


def _text(content: Callable[[], Iterable[bytes]]) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        with path.open("wb") as stream:
            stream.writelines(content())

    return write


MADE: Final[dict[str, Callable[[Path], object]]] = {
    "row.xlsx": _book(hostile.SHEET, lambda: hostile.sheet([b"<row r='2000000000'/>"])),
    "far.xlsx": _book(hostile.SHEET, lambda: hostile.sheet(hostile.wide(200_000))),
    "empty.xlsx": _book(hostile.STRINGS, lambda: hostile.strings(_many(b"<si/>", 500))),
    "declared.xlsx": _book(
        hostile.STRINGS, lambda: hostile.strings(_many(b"<si/>", 5), declared=100_000_000)
    ),
    "long.xlsx": _book(
        hostile.STRINGS,
        lambda: hostile.strings([b"<si><t>", *_many(b"x", 900), b"</t></si>"]),
    ),
    "tag.xlsx": _book(
        hostile.STRINGS, lambda: hostile.strings([b"<si a='", *_many(b"x", 900), b"'/>"])
    ),
    "pairs.yaml": _text(lambda: [hostile.fan("list", "!!pairs").encode()]),
    "merge.yaml": _text(lambda: [hostile.fan("map", "!!merge").encode()]),
    "key.yaml": _text(lambda: [hostile.aliased_key(MB, 20_000).encode()]),
    "flat.yaml": _text(lambda: [b"[", *_many(b"a,", 19), b"]"]),
    "maps.yaml": _text(lambda: [b"[", *_many(b"{},", 19), b"]"]),
    "line.jsonl": _text(lambda: [*_many(b"x", 1000), b"\n{}\n"]),
    "maps.json": _text(lambda: [b"[", *_many(b"{},", 99), b"{}]"]),
    "line.csv": _text(lambda: [b"id\n", *_many(b"x", 1000)]),
    "quote.csv": _text(lambda: [b'id\n"', *_many(b"x\n", 1000)]),
}


def _taken() -> float:
    """Seconds of processor time that our processes took, whatever else the machine does."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def told(path: Path) -> str:
    """What becomes of one input: what it took, and what was said; in a process of its own."""
    began = _taken()
    done = subprocess.run(
        [sys.executable, "-m", "calcinosis", "classify", str(path), "-f", "jsonl"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60 * SECONDS,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2 * BYTES, 2 * BYTES)),
    )
    took = _taken() - began
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1000
    said = (done.stderr.strip().splitlines() or ["nothing"])[-1].partition(path.name)[2]
    good = done.returncode == 3 and took < SECONDS and most < BYTES
    mark = "    " if good else "NOT "
    return f"{mark}{path.name:14}{took:6.1f} s  up to {most / MB:5.0f} MB so far  {said[:90]}"


def main() -> None:
    """Make, classify and forget one input after the other; exit 1 if one takes too much."""
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for name, make in MADE.items():
            path = Path(folder, name)
            make(path)
            line = told(path)
            failed |= line.startswith("NOT")
            print(line, flush=True)
            path.unlink()
    sys.exit(failed)


if __name__ == "__main__":
    main()
