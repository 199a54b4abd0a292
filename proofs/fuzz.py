"""Mutations of valid files, by bytes and by structure, from a seed; what was found is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

CORPUS: Final = Path(__file__).parent.parent / "tests" / "data" / "corpus"

_BYTES: Final = (
    *(b"\x00", b"\xff", b"\r", b"\n"),
    *map(str.encode, ("\ufeff", "\u2028", "\u200b", "\U0001f600")),
)


class Mutator:
    """Changes a valid file a little, by the same seed always the same.

    ``words`` are the tokens that its readers look for: tags, quotes, numbers that are too large.
    """

    def __init__(self, seed: int, words: Sequence[bytes]) -> None:
        self.random = Random(seed)
        self._words = (*words, *_BYTES)

    def mutated(self, data: bytes, most: int = 4) -> bytes:
        """The data with up to ``most`` changes."""
        for _ in range(self.random.randint(1, most)):
            data = self._once(data)
        return data

    def _once(self, data: bytes) -> bytes:
        random = self.random
        start = random.randint(0, len(data))
        end = min(len(data), start + random.choice((1, 2, 5, 20, 200)))
        part = data[start:end]
        kind = random.randrange(6)
        if kind == 0:  # insert a word
            return data[:start] + random.choice(self._words) + data[start:]
        if kind == 1:  # put a word in the place of something
            return data[:start] + random.choice(self._words) + data[end:]
        if kind == 2:  # leave out
            return data[:start] + data[end:]
        if kind == 3:  # repeat
            return data[:end] + part * random.choice((1, 2, 50)) + data[end:]
        if kind == 4:  # one other byte
            return data[:start] + bytes([random.randrange(256)]) + data[start + 1 :]
        other = random.randint(0, len(data))  # move
        rest = data[:start] + data[end:]
        return rest[:other] + part + rest[other:]


def keep(data: bytes, suffix: str, folder: Path = CORPUS / "readers") -> Path:
    """Keep a finding, by the name of what it holds; the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{hashlib.sha256(data).hexdigest()[:12]}{suffix}"
    path.write_bytes(data)
    return path
