"""Ages as durations: what was stated, in a form that Java's date arithmetic reads."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calcinosis.facts import age
from calcinosis.facts.age import duration

# The grammar of java.time.Period.parse, from its documentation; at least one unit is there.
PERIOD = re.compile(
    r"[-+]?P(?=[-+\d])(?:[-+]?\d+Y)?(?:[-+]?\d+M)?(?:[-+]?\d+W)?(?:[-+]?\d+D)?", re.IGNORECASE
)
STATED = {
    "1 year 1 day": "P1Y1D",
    "36 hours": "P1D",
    "P1Y6M10DT3H": "P1Y6M10D",
    "15 months": "P15M",
    "400 days": "P400D",
    "46 y": "P46Y",
    "3 weeks": "P3W",
    "P3W": "P3W",
    "1 year 2 weeks": "P1Y14D",
    "2 weeks 3 days": "P17D",
    "24 hours": "P1D",
    "P1DT24H": "P2D",
    "1 day 12 hours": "P1D",
    "PT3H30M": "P0D",
    "1.5 years": "P1Y6M",
    "1.1 years": "P1Y1M6D",
    "2.5 months": "P2M15D",
    "2.5 weeks": "P18D",
    "1.5 days": "P1D",
    "0.1 days": "P0D",
    "1.5 hours": "P0D",
    "0 days": "P0D",
    "0 hours": "P0D",
    "P0Y": "P0D",
    "1 year, 6 months and 10 days old": "P1Y6M10D",
}
UNITS = st.sampled_from(["years", "months", "weeks", "days", "hours", "y", "mo", "wk", "d", "h"])
NUMBERS = st.one_of(
    st.integers(0, 2000).map(str),
    st.decimals(0, 100, places=2, allow_nan=False).map(str),
)


@pytest.mark.parametrize(("stated", "wanted"), STATED.items())
def test_an_age_is_what_was_stated(stated: str, wanted: str) -> None:
    assert duration(stated) == wanted


@pytest.mark.parametrize("text", ["", "59", "old", "P", "PT", "PT30M", "1 fortnight", "P-1Y"])
def test_what_is_no_age_is_no_duration(text: str) -> None:
    assert duration(text) is None
    assert age.days(text) is None


@given(st.lists(st.tuples(NUMBERS, UNITS), min_size=1, max_size=4))
def test_a_duration_is_as_long_and_read_by_a_period(parts: list[tuple[str, str]]) -> None:
    stated = " ".join(f"{number} {unit}" for number, unit in parts)
    found, days = duration(stated), age.days(stated)
    assert found is not None
    assert days is not None
    again = age.days(found)
    assert again is not None
    has_parts = any("." in number or unit in ("hours", "h") for number, unit in parts)
    assert again == pytest.approx(days, abs=2.0 if has_parts else 1e-5)
    assert PERIOD.fullmatch(found)
    assert "." not in found
    assert duration(found) == found


@pytest.mark.java
def test_java_reads_them() -> None:
    from calcinosis.reasoning.java import java

    jpype = java()
    period = jpype.JClass("java.time.Period")
    for wanted in STATED.values():
        period.parse(wanted)
    with pytest.raises(jpype.JClass("java.time.format.DateTimeParseException")):
        period.parse("P366.2425D")
