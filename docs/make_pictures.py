"""Write the pictures of the documentation from the ontology: python docs/make_pictures.py."""

from __future__ import annotations

import sys
from pathlib import Path

import calcinosis
from calcinosis.output.pictures import graph_pictures as pictures
from calcinosis.output.pictures.cohort_pictures import standings

HERE = Path(__file__).parent


def criteria() -> str:
    """The criteria by subtypes of the default viewpoint, as SVG."""
    return pictures.criteria(calcinosis.load().ontology, "svg").decode()


def cohort() -> str:
    """The verdicts on the teaching patients as bars, as a cohort's page shows them."""
    found = calcinosis.load().classify([HERE.parent / "examples" / "patients.yaml"])
    return standings(found.cohort).svg("cohort")


PICTURES = {"criteria.svg": criteria, "cohort.svg": cohort}


def main(check: bool) -> int:
    """Write the pictures, or with ``--check`` say which are stale."""
    stale = 0
    for name, make in PICTURES.items():
        path, text = HERE / "pictures" / name, make()
        if check:
            stale += not path.is_file() or path.read_text(encoding="utf-8") != text
        else:
            path.write_text(text, encoding="utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
