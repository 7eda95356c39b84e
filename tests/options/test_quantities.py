"""Amounts as they are typed mean one thing, or are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.errors import UsageError
from ecgmpi.options.quantities import Allowance, Seconds
from ecgmpi.options.running import Running


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        (" 1.5 H ", 5400),
        ("30m", 1800),
        ("30min", 1800),
        ("1d", 86400),
        ("1:30:00", 5400),
        ("1-12:00:00", 129600),
        (90, 90),
        (90.5, 90.5),
    ],
)
def test_a_time(typed: object, seconds: float) -> None:
    assert Running(time_limit=typed).time_limit == seconds  # type: ignore[arg-type]


@given(st.integers(0, 30), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_a_time_by_the_clock(days: int, hours: int, minutes: int, seconds: int) -> None:
    whole = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    assert float(Seconds.parse(f"{days}-{hours:02d}:{minutes:02d}:{seconds:02d}")) == whole
    assert float(Seconds.parse(f"{days * 24 + hours}:{minutes}:{seconds}")) == whole
    assert float(Seconds.parse(f"{whole}s")) == whole


@pytest.mark.parametrize("typed", ["1:30", "2 hours", "1:60:00", "", "-5", "nan", True, None, []])
def test_what_is_no_time_is_refused_with_what_is_one(typed: object) -> None:
    if typed is None:
        assert Running(time_limit=typed).time_limit is None
        return
    with pytest.raises(UsageError, match=r"--time-limit .*: give a time: 90 or 90s, 30m, 2h"):
        Running(time_limit=typed)  # type: ignore[arg-type]


def test_a_time_too_short_to_end_in_is_refused() -> None:
    with pytest.raises(UsageError, match=r"--time-limit 5: give at least 20 s$"):
        Running(time_limit="5")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "of_200"), [("10", 10), (10, 10), ("0", 0), ("5%", 10), ("0.5%", 1), (" 0 %", 0)]
)
def test_an_allowance(typed: object, of_200: float) -> None:
    allowance = Running(max_failures=typed).max_failures  # type: ignore[arg-type]
    assert allowance is not None
    assert allowance.of(200) == of_200


@given(st.integers(0, 10**9) | st.floats(0, 99.9).map(lambda share: f"{share}%"))
def test_an_allowance_is_said_as_it_is_typed(typed: object) -> None:
    allowance = Allowance.parse(typed)
    assert allowance.percent == str(typed).endswith("%")
    assert Allowance.parse(allowance) == allowance


@pytest.mark.parametrize("typed", ["-1", "1.5", "100%", "%", "few", "nan%", "", True, 2.5])
def test_what_is_no_allowance_is_refused_with_what_is_one(typed: object) -> None:
    with pytest.raises(UsageError, match=r"--max-failures .*: give a whole number, or a per"):
        Running(max_failures=typed)  # type: ignore[arg-type]
