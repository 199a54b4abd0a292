"""Write the pictures of the documentation from the ontology: python docs/make_pictures.py."""

from __future__ import annotations

import sys
from pathlib import Path

import calcinosis
from calcinosis.render.picture import Cell, criteria_picture

HERE = Path(__file__).parent


def criteria() -> str:
    """The criteria by subtypes of the default viewpoint, as SVG."""
    kg = calcinosis.load()
    classifier, ontology = kg.classifier, kg.ontology
    library = ontology.library.bibliography
    columns, rows, cells = [], [], []
    for case_class in classifier.case_classes:
        column = case_class.label.removesuffix(" calcinosis cutis")
        columns.append(column)
        for iri in case_class.criteria:
            row = ontology.terms.label(iri)
            if row not in rows:
                rows.append(row)
            axiom = classifier.fragment.axioms[case_class.axioms[iri]]
            keys = dict.fromkeys(k for a in axiom.rests_on for k in ontology.claims.references(a))
            labels = tuple(library[k].label for k in keys if k in library)
            cells.append(Cell(row, column, labels))
    title = f"What each subtype needs, by {ontology.terms.label(ontology.viewpoint_iri)}"
    return criteria_picture(title, rows, columns, cells)


PICTURES = {"criteria.svg": criteria}


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
