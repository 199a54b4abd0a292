"""Files that come as bytes, kept in memory while they are read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def in_memory(name: str, data: bytes) -> Iterator[Path]:
    """A path by which the bytes are read under a name; its folder is gone afterwards.

    Nothing of them is written to a disk where the system has files in memory (Linux): the path is
    a link to one. Elsewhere it is a file that nobody else may read.
    """
    with tempfile.TemporaryDirectory(prefix="calcinosis-") as folder:
        path = Path(folder, name)
        if not hasattr(os, "memfd_create"):
            path.write_bytes(data)
            yield path
            return
        with open(os.memfd_create(name), "w+b") as stream:  # noqa: PTH123 (it has no path)
            stream.write(data)
            stream.flush()
            path.symlink_to(f"/proc/self/fd/{stream.fileno()}")
            yield path
            path.unlink()


def without_folder(text: str, path: Path) -> str:
    """A text without the folder of such a path, as people know the file."""
    return text.replace(f"{path.parent}{os.sep}", "")
