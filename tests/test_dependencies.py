"""What pyproject.toml allows, CONTRIBUTING.md lists and the lock holds fit together."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| `?([\w-]+)`? \| `([^`]+)` in `([\w/.]+)` \| ([^|]*) \|$", re.MULTILINE)


def requirements(*extras: str) -> dict[str, str]:
    """The bounds of what an installation needs, with some extras, by name."""
    more = (line for extra in extras for line in PROJECT["optional-dependencies"][extra])
    named = (re.match(r"([\w-]+)(.*)", line) for line in (*PROJECT["dependencies"], *more))
    return {found.group(1): found.group(2) for found in named if found}


def test_a_library_whose_private_parts_are_used_has_an_upper_bound() -> None:
    rows = _ROW.findall(CONTRIBUTING)
    assert len(rows) >= 5
    for name, part, file, bound in rows:
        source = (ROOT / "src" / "calcinosis" / file).read_text(encoding="utf-8")
        assert all(word in source for word in part.split(", ")), (name, part, file)
        assert bound == requirements("mcp")[name].rpartition(",")[2].replace("<", "below ")


def test_every_dependency_has_a_lower_bound_and_a_reason() -> None:
    section = CONTRIBUTING.partition("\n## Dependencies")[2].partition("\n## ")[0]
    for name, bounds in requirements().items():
        assert bounds.startswith(">="), name
        assert re.search(rf"^\| {name} \| .*\w+.* \|$", section, re.MULTILINE | re.IGNORECASE), name


def test_the_lock_has_hashes_for_all_that_a_developer_installs() -> None:
    lock = (ROOT / "requirements" / "dev.lock").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)", lock, re.MULTILINE))
    assert len(pinned) > 100
    assert lock.count("--hash=sha256:") >= len(pinned)
    names = {re.sub(r"[-_.]+", "-", name).lower() for name in requirements()}
    assert names <= {re.sub(r"[-_.]+", "-", name).lower() for name in pinned}


def test_the_promises_are_in_a_distribution() -> None:
    security = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", security, re.MULTILINE)
    assert headings == ["What is promised", "What is not", "Threat model", "Report"]
    model = security.partition("## Threat model")[2].partition("\n## ")[0]
    assert len(re.findall(r"^\| ", model, re.MULTILINE)) == 1 + 13
