"""The rate of a job, over all of it and lately."""

from __future__ import annotations

import pytest

from ecgmpi.job.pace import LATELY, Pace


def test_both_rates_agree_where_nothing_changes() -> None:
    pace = Pace(100.0)
    for second in range(1, 500):
        pace.add(100.0 + second, 20)
    assert pace.overall(599.0) == pytest.approx(20, rel=0.01)
    assert pace.lately(599.0) == pytest.approx(20, rel=0.05)


def test_the_recent_rate_follows_a_job_that_slows_down() -> None:
    pace = Pace(0.0)
    for tenth in range(10_000):
        pace.add(tenth / 10, 1 if tenth < 5000 or not tenth % 10 else 0)
    assert pace.overall(1000.0) == pytest.approx(5.5, rel=0.01)
    assert pace.lately(1000.0) == pytest.approx(1.0, rel=0.05)


def test_the_recent_rate_is_none_after_a_stall() -> None:
    pace = Pace(0.0)
    pace.add(10.0, 90)
    assert pace.lately(30.0) == 3.0
    assert pace.lately(10.0 + LATELY + 1.0) == 0.0
    assert pace.done == 90


def test_the_first_moment_makes_no_rate_of_millions() -> None:
    pace = Pace(0.0)
    pace.add(1e-6, 32)
    assert pace.overall(1e-6) == pace.lately(1e-6) == 32.0
