"""Fail where a JUnit report of pytest has a skipped or expected-to-fail test, or no test."""

from __future__ import annotations

import sys
from xml.etree import ElementTree


def main(report: str) -> int:
    """Print what was not run; 1 if there is anything, or nothing was run at all."""
    cases = list(ElementTree.parse(report).iter("testcase"))  # noqa: S314 (pytest wrote it)
    skipped = [(case, why) for case in cases for why in case.iter("skipped")]
    for case, why in skipped:
        name = f"{case.get('classname')}::{case.get('name')}"
        print(f"Not run: {name} ({why.get('type')}: {why.get('message')})")
    print(f"{len(cases)} tests, {len(skipped)} of them skipped or expected to fail.")
    return int(bool(skipped) or not cases)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
