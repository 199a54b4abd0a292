"""Requests made up from the API's document find nothing; a log that tells of faults does."""

from __future__ import annotations

import pytest
from proofs import fuzz_api


@pytest.mark.slow
def test_two_hundred_requests_find_nothing() -> None:
    with fuzz_api.serving() as (address, said):
        code, found = fuzz_api.fuzz(address, 200, "fuzzing", seed=1)
    assert code == 0, found
    assert len(said) > 100
    assert fuzz_api.faults(said) == []


def test_what_a_log_says_of_faults_is_found() -> None:
    fine = "2026-11-29T15:37:58Z GET /api/search 200 3 ms\n"
    bad = "2026-11-29T15:37:58Z fault: KeyError at api.py:3\n"
    assert fuzz_api.faults([fine, bad, "Traceback (most recent call last):\n"]) == [
        bad,
        "Traceback (most recent call last):\n",
    ]
