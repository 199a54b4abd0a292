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
    "36 hours": "PT36H",
    "P1Y6M10DT3H": "P1Y6M10DT3H",
    "15 months": "P15M",
    "400 days": "P400D",
    "46 y": "P46Y",
    "3 weeks": "P3W",
    "P3W": "P3W",
    "1 year 2 weeks": "P1Y14D",
    "2 weeks 3 days": "P17D",
    "24 hours": "P1D",
    "P1DT24H": "P2D",
    "1 day 12 hours": "P1DT12H",
    "PT3H30M": "PT3H30M",
    "1.5 years": "P1Y6M",
    "1.1 years": "P1Y1M6D",
    "2.5 months": "P2M15D",
    "2.5 weeks": "P18D",
    "1.5 days": "P1DT12H",
    "0.1 days": "PT2H24M",
    "1.5 hours": "PT1H30M",
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
    is_whole = all("." not in number for number, _ in parts)
    assert again == pytest.approx(days, abs=1e-5 if is_whole else 1.0)
    date, _, time = found.partition("T")
    assert PERIOD.fullmatch(date) or (date == "P" and time)
    assert "." not in found
    if time:
        assert any(unit in ("hours", "h", "days", "d") for _, unit in parts)
    assert duration(found) == found


@pytest.mark.java
def test_java_reads_them() -> None:
    from calcinosis.reasoning.java import java

    jpype = java()
    period, length = jpype.JClass("java.time.Period"), jpype.JClass("java.time.Duration")
    for wanted in STATED.values():
        date, _, time = wanted.partition("T")
        if not time:
            period.parse(wanted)
        if time and not re.search("[YMW]", date):
            length.parse(wanted)
    with pytest.raises(jpype.JClass("java.time.format.DateTimeParseException")):
        period.parse("P366.2425D")
