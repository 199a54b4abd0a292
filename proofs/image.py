"""The image of examples/serving/Containerfile: built, run as its head says, and asked.

A base image is made of Debian's packages, so that no registry is asked. Needs root, and buildah,
debootstrap, podman and runc, all from Debian.

    python -m proofs.image [--base IMAGE]
"""

from __future__ import annotations

import argparse
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.error import URLError
from urllib.request import Request, urlopen

from tests.started import eventually

ROOT: Final = Path(__file__).parent.parent
FILE: Final = ROOT / "examples" / "serving" / "Containerfile"
SERVER: Final = "http://127.0.0.1:8000"
_STARTED: Final = 30.0
_ENDED: Final = 10.0
_SUITE: Final = "bookworm"
_PACKAGES: Final = "python3,python3-venv"
# Those of a login, which podman as root asks for above what some machines allow.
_LIMITS: Final = ("--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024")


def _run(*words: str, **told: object) -> str:
    done = subprocess.run(words, check=True, text=True, stdout=subprocess.PIPE, **told)  # type: ignore[call-overload]
    return str(done.stdout)


def base() -> str:
    """An image with Debian's Python and nothing else."""
    name = f"localhost/calcinosis-base:{_SUITE}"
    with TemporaryDirectory() as folder:
        laid, packed = Path(folder, "root"), Path(folder, "root.tar")
        _run("debootstrap", "--variant=minbase", f"--include={_PACKAGES}", _SUITE, str(laid))
        _run("tar", "-C", str(laid), "-cf", str(packed), ".")
        _run("podman", "import", "--quiet", str(packed), name)
    return name


def build(base_image: str) -> None:
    """Build the image from a wheel that is built here, as the file's head says."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(FILE, folder)
        _run(sys.executable, "-m", "build", "--wheel", "--outdir", name, str(ROOT))
        # In a chroot, with this machine's network and certificates: pip asks PyPI.
        chroot = (
            "--isolation=chroot",
            "--network=host",
            "--volume=/etc/ssl/certs:/etc/ssl/certs:ro",
        )
        given = f"--build-arg=BASE={base_image}"
        _run("buildah", "bud", *chroot, given, "-t", "calcinosis", "-f", FILE.name, cwd=folder)


def printed() -> list[str]:
    """The command in the file's head that runs it."""
    head = FILE.read_text(encoding="utf-8").replace("\\\n#", "")
    (found,) = re.findall(r"^# Run:\s+(podman run .*)$", head, re.MULTILINE)
    return shlex.split(found)


@contextmanager
def running() -> Iterator[str]:
    """A container that runs as it is printed."""
    program, verb, *words = printed()
    name = "calcinosis-tried"
    _run(program, "--runtime=runc", verb, "--detach", f"--name={name}", *_LIMITS, *words)
    try:
        yield name
    finally:
        subprocess.run(["podman", "rm", "--force", "--ignore", name], check=False, stdout=-3)


def _answer(path: str, body: bytes | None = None, kind: str = "") -> bytes:
    request = Request(SERVER + path, body, {"Content-Type": kind} if kind else {})
    with urlopen(request, timeout=30) as answer:
        return bytes(answer.read())


def _answers() -> bool:
    """Whether a query is answered, rightly."""
    with suppress(URLError, ConnectionError):
        return b'"boolean":true' in _answer("/sparql?query=ASK%20%7B%7D")
    return False


def _judges() -> bool:
    """Whether cases are judged as by the command."""
    cases = (ROOT / "examples" / "patients.yaml").read_bytes()
    command = (sys.executable, "-m", "calcinosis", "classify", "-", "-f", "csv")
    told = subprocess.run(command, input=cases, capture_output=True, check=True).stdout
    return _answer("/api/classify?format=csv", cases, "application/yaml") == told


def _is_shut(name: str, place: str) -> bool:
    """Whether nothing can be written there."""
    command = ("podman", "exec", name, "touch", f"{place}/x")
    return bool(subprocess.run(command, check=False, capture_output=True).returncode)


def _ends(name: str) -> bool:
    """Whether it ends when it is told to, before it would be killed."""
    began = time.monotonic()
    _run("podman", "stop", "--time", str(2 * int(_ENDED)), name)
    return time.monotonic() - began < _ENDED


def wrong(name: str) -> list[str]:
    """What a running container does otherwise than the file promises."""
    if not eventually(_answers, _STARTED):
        return ["nobody answers"]
    found = {
        "cases are judged otherwise than by the command": _judges(),
        "it runs as another user": _run("podman", "exec", name, "id", "-u") == "65534\n",
        "its files can be written to": all(_is_shut(name, at) for at in ("/", "/opt/calcinosis")),
        "it does not end when it is told to": _ends(name),
    }
    return [fault for fault, holds in found.items() if not holds]


def main(words: Sequence[str] | None = None) -> int:
    """1 where anything is wrong, which is said."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--base", help="an image with Python, instead of one made of Debian's packages"
    )
    given = parser.parse_args(words)
    build(given.base or base())
    with running() as name:
        found = wrong(name)
    print("\n".join([*found, f"{len(found)} faults in the image"]))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
