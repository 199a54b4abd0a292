"""Mutated modules of the ontology: each loads and judges, or is refused in one line.

A module of a copy of the ontology is changed as the seed says: bytes, lines and statements lost,
doubled or swapped, words exchanged. With --ontology it is then loaded and judges the example's
patients. It fails where anything but an error for the caller is raised, or where that takes more
than a minute.

    python -m proofs.fuzz_modules --inputs 200 --seed 1
"""

from __future__ import annotations

import argparse
import faulthandler
import random
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import calcinosis
from calcinosis import names
from calcinosis.errors import CalcinosisError
from calcinosis.graph.locate import data

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "tests" / "data" / "corpus" / "modules"
LIMIT = 60.0
_CASES = ROOT / "examples" / "patients.yaml"
_WORD = re.compile(rb"[\w-]*:[\w-]+")
_STRANGE = (b"", b"[", b"]", b"(", b")", b'"', b"\x00", b"\xff", b"<", b"_:x", b"1e999", b"a", b".")
_Change = Callable[[bytes, random.Random], bytes]


def _byte(text: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(text) or 1)
    return text[:at] + rng.choice(_STRANGE) + text[at + rng.randint(0, 2) :]


def _lines(text: bytes, rng: random.Random, times: int) -> bytes:
    lines = text.splitlines(keepends=True) or [b""]
    at = rng.randrange(len(lines))
    return b"".join([*lines[:at], *([lines[at]] * times), *lines[at + 1 :]])


def _statement(text: bytes, rng: random.Random, times: int) -> bytes:
    parts = text.split(b"\n\n")
    at = rng.randrange(len(parts))
    return b"\n\n".join([*parts[:at], *([parts[at]] * times), *parts[at + 1 :]])


def _word(text: bytes, rng: random.Random) -> bytes:
    words = [match.span() for match in _WORD.finditer(text)] or [(0, 0)]
    (begin, end), (other, until) = rng.choice(words), rng.choice(words)
    return text[:begin] + text[other:until] + text[end:]


def _cut(text: bytes, rng: random.Random) -> bytes:
    return text[: rng.randrange(len(text) or 1)]


CHANGES: tuple[_Change, ...] = (
    _byte,
    lambda text, rng: _lines(text, rng, 0),
    lambda text, rng: _lines(text, rng, 2),
    lambda text, rng: _statement(text, rng, 0),
    lambda text, rng: _statement(text, rng, 2),
    *(_word, _word, _word, _cut),
)


def mutated(text: bytes, rng: random.Random) -> bytes:
    """A module with one to three changes."""
    for _ in range(rng.randint(1, 3)):
        text = rng.choice(CHANGES)(text, rng) or b"\n"
    return text


def fault(folder: Path) -> str:
    """What is wrong with how a folder is taken; empty where nothing is, or ``refused``."""
    began = time.monotonic()
    try:
        kg = calcinosis.load(ontology=folder)
        if not kg.ontology.root.by_subject.get(names.ONTOLOGY):
            return "the root says nothing of the ontology"
        kg.classify(_CASES).rows()
    except CalcinosisError as error:
        if len(str(error).splitlines()) != 1:
            return f"it is not refused in one line: {error}"
        return "refused"
    except BaseException as error:  # noqa: BLE001 (whatever it is, it is the finding)
        return f"it raises {type(error).__name__}: {error}"
    took = time.monotonic() - began
    return f"it takes {took:.0f} s" if took > LIMIT else ""


def main(words: list[str] | None = None) -> int:
    """1 if an input has found a fault; it is kept in the corpus, and a test runs that."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after that")
    given = parser.parse_args(words)
    began = time.monotonic()
    found: Counter[str] = Counter()
    tried = 0
    with TemporaryDirectory() as name:
        folder = Path(shutil.copytree(data("ontology"), Path(name) / "ontology"))
        modules = [*sorted(folder.glob("*.ttl")), folder / "viewpoints/seed-reiter-2011.ttl"]
        for number in range(given.inputs):
            if time.monotonic() - began > given.seconds:
                break
            tried += 1
            rng = random.Random(f"{given.seed}:{number}")
            path = rng.choice(modules)
            whole = path.read_bytes()
            path.write_bytes(mutated(whole, rng))
            faulthandler.dump_traceback_later(2 * LIMIT, exit=True)
            wrong = fault(folder)
            faulthandler.cancel_dump_traceback_later()
            if wrong:
                found[wrong] += 1
            if wrong not in ("", "refused"):
                print(f"input {number} of seed {given.seed}, {path.name}: {wrong}", flush=True)
                if found[wrong] == 1:
                    CORPUS.mkdir(parents=True, exist_ok=True)
                    kept = f"{path.stem}.{given.seed}-{number}.ttl"
                    (CORPUS / kept).write_bytes(path.read_bytes())
            path.write_bytes(whole)
    refused, took = found.pop("refused", 0), time.monotonic() - began
    print(f"{tried:,} modules, {refused} refused, {found.total()} faults, {took:.0f} s")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
