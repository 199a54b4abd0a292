"""The compiled classifier equals the authority: ``python -m proofs.equality [--quick|--whole]``.

For each viewpoint: (0) the authority's two ways agree; (1) every criterion over all states of its
own atoms; (2) every subtype over all states of the criteria beneath it, (2a) those included that
are defined by other criteria, and (2b) over all states of the atoms; (3) random cases of real
terms, every verdict vector with its share. Beside the viewpoints: (4) random ontologies of the
accepted forms. Exit code 1 on any difference. ``docs/reasoning.md`` says what follows from it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice

from calcinosis.graph.ontology import viewpoints
from calcinosis.reasoning.fragment import Some
from proofs import ontologies
from proofs.both import Both, Count
from proofs.concrete import cases, two_ways
from proofs.spaces import MOST_ATOMS, complete, criteria, members, subtypes

_SHARE = 20
_HEAD = (
    "viewpoint",
    "part",
    "what",
    "states",
    "of them inconsistent",
    "decisions",
    "vectors",
    "differences",
    "CPU s",
)


def first(viewpoint: str, size: str) -> list[Count]:
    """Parts 1 and 2b."""
    both = Both(viewpoint)
    found = [criteria(both, 4 if size == "quick" else MOST_ATOMS)]
    if size == "quick":
        return found
    atoms: list[Some | str] = list(dict.fromkeys(a for s in both.subtypes for a in both.atoms(s)))
    if size == "whole":
        atoms += members(both, atoms)
    return [*found, complete(both, "2b", atoms, "atoms")[0]]


def second(viewpoint: str, size: str) -> list[Count]:
    """Parts 2, 2a, 3 and 0; the last two need the verdict vectors of the others."""
    both = Both(viewpoint)
    quick = size == "quick"
    leaves = both.leaves()
    count, space = subtypes(both, leaves[: 6 if quick else None])
    below = [*leaves[: 5 if quick else None], *both.compounds()]
    whole, states = complete(both, "2a", below, "criteria")
    witnesses = {**states.witnesses(), **space.witnesses}
    same, ratio = two_ways(both, witnesses)
    same.what += f" ({ratio:.0f} times slower)"
    return [same, count, whole, cases(both, witnesses, 1 if quick else _SHARE)]


def anew(_: str, size: str) -> list[Count]:
    """Part 4, which is about no viewpoint."""
    return ontologies.compare(ontologies.FEW if size == "quick" else ontologies.MANY)


def prove(size: str = "", workers: int = 2) -> list[Count]:
    """All counts of all viewpoints, and that of random ontologies."""
    tasks: list[tuple[Callable[[str, str], list[Count]], str]] = [
        *((first, view) for view in viewpoints()),
        (anew, ""),
        *((second, view) for view in viewpoints()),  # the shorter ones last: no worker waits long
    ]
    if workers == 1:
        return [count for task, view in tasks for count in task(view, size)]
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        running = [pool.submit(task, view, size) for task, view in tasks]
        return [count for future in running for count in future.result()]


def table(counts: Sequence[Count]) -> Iterator[str]:
    """The counts as the lines of a Markdown table, with their sum."""
    yield f"| {' | '.join(_HEAD)} |"
    yield "|---|---|---|" + "--:|" * 6
    for c in sorted(counts, key=lambda c: (c.part == "4", c.viewpoint, c.part)):
        numbers = (c.states, c.inconsistent, c.decisions, c.vectors, c.differences)
        cells = (c.viewpoint, c.part, c.what, *(f"{n:,}" for n in numbers), f"{c.cpu:.1f}")
        yield f"| {' | '.join(cells)} |"
    sums = (
        sum(c.states for c in counts),
        sum(c.inconsistent for c in counts),
        sum(c.decisions for c in counts),
    )
    bad, cpu = sum(c.differences for c in counts), sum(c.cpu for c in counts)
    yield f"| all | | | {' | '.join(f'{n:,}' for n in sums)} | | {bad:,} | {cpu:.1f} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Prove, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m proofs.equality", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--quick",
        action="store_const",
        const="quick",
        dest="size",
        default="",
        help="a small part, in one process",
    )
    size.add_argument(
        "--whole",
        action="store_const",
        const="whole",
        dest="size",
        help="part 2b with the directions of levels too (a few minutes, 600 MB)",
    )
    chosen = parser.parse_args(arguments)
    start = time.perf_counter()
    counts = prove(chosen.size, 1 if chosen.size == "quick" else 2)
    print("\n".join(table(counts)))
    print(f"\n{time.perf_counter() - start:.0f} s wall")
    examples = [example for count in counts for example in count.examples]
    for example in islice(examples, 20):
        print(f"difference: {example}", file=sys.stderr)
    return 1 if examples else 0


if __name__ == "__main__":
    sys.exit(main())
