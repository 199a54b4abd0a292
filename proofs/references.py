"""Leaving a reference out equals striking it out: ``python -m proofs.references [--every N]``.

For every reference and viewpoint: the shipped cases are classified with the reference left out by
the settings, and by an ontology folder from whose files it was struck out; and again for
``compare --each-reference``, which skips references that carry nothing. Exit code 1 on any
difference.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from unittest import mock

from tests.removal import Files

import calcinosis
from calcinosis import Settings, names
from calcinosis.api.graph import by_settings
from calcinosis.graph.locate import data
from calcinosis.graph.ontology import viewpoints
from calcinosis.reasoning.fragment import Fragment

QUICK = 10
CASES = [str(data("examples") / name) for name in ("published", "patients.yaml")]
Verdicts = dict[tuple[str, str], tuple[str, str | None, tuple[str, ...]]]


def verdicts(kg: calcinosis.KnowledgeGraph) -> Verdicts:
    """What is shown (a verdict, or that it is presumed), basis and assumptions by case and subtype.

    What is presumed changes with references too: by the claims that give a possible cause.
    """
    result = kg.classify(CASES)
    if result.refused:
        raise result.refused[0]
    return {
        (case.case.id, one.id): (
            one.standing,
            one.basis,
            one.presumed.assumptions if one.presumed else (),
        )
        for case in result.cases
        for one in case.subtypes
    }


def differences(viewpoint: str, step: int = 1) -> tuple[str, int, int, int, int]:
    """Viewpoint, references, those of which something fell, changed verdicts, differences.

    Only every ``step``-th reference is left out.
    """
    kg = calcinosis.load(viewpoint)
    whole = verdicts(kg)
    files = Files()
    ranked = {weight.reference: set(weight.changes) for weight in kg.rank(CASES)}
    fell = changed = wrong = 0
    keys = list(kg.ontology.library.bibliography)[::step]
    for key in keys:
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "ontology"
            struck = whole
            if files.without(key, target):
                fell += 1
                # A criterion that nobody supports any more is not necessary; it still suffices.
                with mock.patch.object(Fragment, "_check_split_form"):
                    struck = verdicts(calcinosis.load(viewpoint, ontology=target))
        left_out = verdicts(by_settings(kg, Settings(viewpoint, without=(key,))))
        moved = {at for at in whole if whole[at][0] != struck[at][0]}
        changed += len(moved)
        wrong += sum(left_out[at] != struck[at] for at in whole)
        wrong += len(moved ^ ranked.get(key, set()))
    return viewpoint, len(keys), fell, changed, wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a row a viewpoint; 1 if anything differs."""
    parser = argparse.ArgumentParser(prog="python -m proofs.references", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help=f"the default viewpoint, every {QUICK}th reference"
    )
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every Nth reference")
    asked = parser.parse_args(arguments)
    chosen = [names.DEFAULT_VIEWPOINT] if asked.quick else viewpoints()
    step = QUICK if asked.quick else asked.every
    began = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        rows = list(pool.map(differences, chosen, [step] * len(chosen)))
    print("| viewpoint | references | something fell | verdicts changed | differences |")
    print("|---|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    print(f"\n{time.perf_counter() - began:.0f} s")
    return int(any(row[-1] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
