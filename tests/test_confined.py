"""What a process that keeps to itself can still open, and what it takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from calcinosis.web import confined


@pytest.mark.slow
@pytest.mark.parametrize(
    "work",
    [
        "open('/etc/passwd')",
        "open(outside)",
        "open(outside, 'w')",
        "os.open(outside, os.O_RDONLY)",
        "pathlib.Path(outside).unlink()",
        "os.rename(outside, 'x')",
        "os.symlink(outside, 'x')",
        "socket.create_connection(('127.0.0.1', 9))",
        "subprocess.run(['id'])",
        "os.system('id')",
    ],
)
def test_a_process_that_keeps_to_itself_opens_nothing_else(tmp_path: Path, work: str) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("secret")
    room = tmp_path / "room"
    room.mkdir()
    code = (
        "import os, pathlib, socket, subprocess, sys\n"
        "from calcinosis.web.confined import Confined\n"
        "room, outside = pathlib.Path(sys.argv[1]), sys.argv[2]\n"
        "os.chdir(room)\n"
        "kept = Confined(room, [])\n"
        "kept.shut()\n"
        "open('mine', 'w').close(); open('mine').close(); os.remove('mine')\n"
        "import colorsys, wave\n"
        f"try:\n    {work}\nexcept PermissionError as error:\n    print('kept:', error)\n"
    )
    words = [sys.executable, "-c", code, str(room), str(outside)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("kept: "), done.stderr
    assert outside.read_text() == "secret"


def test_the_system_says_how_much_memory_is_taken() -> None:
    assert confined.taken() > 0 or not Path("/proc").exists()
