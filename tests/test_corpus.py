"""What fuzzing found once, and files like it, is read or refused by name for ever."""

from __future__ import annotations

from pathlib import Path

import pytest
from proofs import fuzz, fuzz_readers
from proofs.fuzz import Mutator

import calcinosis

FOUND = sorted(path for path in (fuzz.CORPUS / "readers").iterdir() if path.is_file())


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_what_was_found_is_judged_or_refused(kg: calcinosis.KnowledgeGraph, path: Path) -> None:
    assert fuzz_readers.fault(kg, path, None) == ""


@pytest.mark.parametrize("kind", fuzz_readers.kinds(), ids=lambda kind: kind.suffix)
def test_the_files_to_start_from_are_valid_and_counted(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path, kind: fuzz_readers.Kind
) -> None:
    path = tmp_path / f"a{kind.suffix}"
    path.write_bytes(kind.valid)
    assert fuzz_readers.fault(kg, path, kind.count(kind.valid)) == ""
    assert len(kg.classify(path).cases) >= 2
    assert kind.count(kind.valid) in (3, None)


def test_a_loss_would_be_found(kg: calcinosis.KnowledgeGraph, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"id": "a"}, {"id": "b"}]')
    assert fuzz_readers.fault(kg, path, 3) == "3 cases were written, 2 came out"


def test_one_seed_gives_the_same_inputs() -> None:
    one, other = (Mutator(7, (b"!!bool ",)) for _ in range(2))
    assert [one.mutated(b"id: a\n") for _ in range(9)] == [
        other.mutated(b"id: a\n") for _ in range(9)
    ]
