"""The folder of a release: every export once, and checksums that programs check."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from calcinosis.output.formats import FORMATS
from calcinosis.release.bundle import SUMS, main, sums


def test_checksums_are_of_every_file_but_their_list(tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "c").write_bytes(b"x")
    (tmp_path / SUMS).write_bytes(b"old")
    assert sums(tmp_path) == f"{hashlib.sha256(b'x').hexdigest()}  a b/c\n"


@pytest.mark.slow
def test_the_command_fills_the_folder_with_every_export(tmp_path: Path) -> None:
    (tmp_path / "calcinosis.whl").write_bytes(b"a wheel")
    assert main([str(tmp_path)]) == 0
    written = [path for path in (tmp_path / "exports").iterdir() if path.is_file()]
    assert len(written) == sum(not form.cases for form in FORMATS)
    assert all(path.stat().st_size > 100 for path in written)
    listed = {line.split("  ")[1] for line in (tmp_path / SUMS).read_text().splitlines()}
    assert {"calcinosis.whl", "exports/calcinosis.nq", "exports/calcinosis.owl"} <= listed
