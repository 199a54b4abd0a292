"""Words that reports use, and what is offered for one not understood: near in meaning, or none."""

from __future__ import annotations

from random import Random

import pytest

from calcinosis.graph.likeness import Names, containing, slip
from tests.shared import graph
from tests.typed import labels, problem


def test_a_word_that_is_spelled_nearly_so_is_another_word_where_a_stem_differs() -> None:
    for typed, other in (
        ("dermoid", "desmoid"),
        ("hyperphosphatasia", "hyperphosphataemia"),
        ("hyperphosphatasia", "hypophosphatasia"),
        ("hyperthyrodism", "hypothyroidism"),
    ):
        assert other not in problem(typed).suggestions, typed
    assert problem("hyperthyrodism").suggestions


@pytest.mark.slow
def test_no_name_that_is_near_is_passed_over() -> None:
    entries = graph().lookups.lexicon.entries.values()
    names = sorted({tuple(word.casefold().split()) for entry in entries for word in entry.words})
    compared, drawn = Names(names), Random(1)
    for asked in drawn.sample(names, 60):
        turned = " ".join(asked)
        at = drawn.randrange(len(turned))
        whole = tuple(f"{turned[:at]}{turned[at + 1 :]}".split())
        assert compared.slips(whole) == {n: slip(whole, n) for n in names if slip(whole, n)}
        near = {n for n in names if containing(asked, n, frozenset())}
        assert near <= compared.having(asked)
        assert len(compared.having(asked)) < len(names) / 4


def test_a_bare_code_that_is_wider_than_a_term_names_the_term() -> None:
    for code in ("L90.5", "L905", "ICD10CM:L90.5"):
        assert problem(code).suggestions == ("scar",)


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("FHH", "disorder of calcium or phosphate metabolism"),
        ("Berardinelli-Seip syndrome", "lipodystrophy"),
        ("Chagas", "parasitic infection"),
        ("CKD stage IIIb", "chronic kidney disease"),
        ("von Kossa stain: positive", "basophilic calcium deposits on skin histology"),
        ("Moenckeberg's disease", ""),
        ("Mönckeberg's disease", "arterial calcification"),
        ("medial calcification", ""),
        ("UC", ""),
    ],
)
def test_a_further_word_is_its_term_or_none(typed: str, label: str) -> None:
    assert labels(typed) == ([label] if label else [])
