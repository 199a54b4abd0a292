"""What an installation takes: calcinosis and the packages that come with it, as a table.

    python -m benchmarks.install

Extras are left out, and so is whatever else the environment has.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

_REQUIREMENT = re.compile(r"([\w.-]+)\s*(?:\[([^\]]*)\])?([^;]*)(?:;(.*))?")
_EXTRA = re.compile(r"extra == [\"']([^\"']+)[\"']")


def size(package: Distribution) -> int:
    """The bytes of a package's files that are there; caches of Python do not count."""
    files = [f for f in package.files or () if "__pycache__" not in f.parts]
    paths = [Path(file.locate()) for file in files]
    return sum(path.stat().st_size for path in paths if path.is_file())


def asked(name: str, extras: str) -> list[tuple[str, str]]:
    """What a package asks for beside itself, each with its extras."""
    found = []
    for line in distribution(name).requires or ():
        match = _REQUIREMENT.match(line)
        assert match is not None
        extra = _EXTRA.search(match[4] or "")
        if extra is None or extra[1] in extras.split(","):
            found.append((re.sub(r"[-_.]+", "-", match[1]).lower(), match[2] or ""))
    return found


def main() -> int:
    """Print the table, the largest first, and the sum."""
    by: dict[str, set[str]] = {"calcinosis": set()}
    sizes: dict[str, float] = {}
    waiting = [("calcinosis", "")]
    while waiting:
        name, extras = waiting.pop()
        try:
            sizes[name] = size(distribution(name)) / 1e6
        except PackageNotFoundError:  # for another Python or system
            continue
        for other, more in asked(name, extras):
            if other not in by:
                waiting.append((other, more))
            by.setdefault(other, set()).add(name)
    print("| package | MB | asked for by |\n|---|--:|---|")
    for name, much in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"| {name} | {much:.1f} | {', '.join(sorted(by[name]))} |")
    print(f"| {len(sizes)} packages | {sum(sizes.values()):.1f} | |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
