"""Print one of the README's commands: the fenced blocks for a shell under "Two commands"."""

from __future__ import annotations

import re
import sys
from pathlib import Path

_SECTION = re.compile(r"^## Two commands\n(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def commands(text: str, language: str = "sh") -> list[str]:
    """The blocks of one language, in order."""
    section = _SECTION.search(text)
    found = _BLOCK.findall(section.group(1)) if section else []
    return [block for name, block in found if name == language]


if __name__ == "__main__":
    readme = Path(sys.argv[1]).read_text(encoding="utf-8")
    print(commands(readme)[int(sys.argv[2]) - 1], end="")
