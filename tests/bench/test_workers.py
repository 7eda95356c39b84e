"""What is made of the times of two workers, of two ranks, and of what the machine itself gives."""

from __future__ import annotations

import pytest

from tests.bench.figures import Figure
from tests.bench.spent import Spent
from tests.bench.workers import told


def figures(one: float, two: float, ranks: float, alone: float, both: float) -> dict[str, Figure]:
    """Of three rounds, alike, in which a recording took so many ms by the clock."""
    ms = {"one": one, "two": two, "ranks": ranks, "alone": alone, "both": both}
    found = {name: [Spent(20e-3, 1e-3 * wall)] * 3 for name, wall in ms.items()}
    return {figure.name: figure for figure in told(found)}


def test_gains_are_ratios_of_rates() -> None:
    found = figures(20, 10.5, 10.6, 20, 10)
    assert found["workers.gain"].value == pytest.approx(20 / 10.5)
    assert found["workers.share"].value == pytest.approx(10 / 10.5)
    assert found["workers.ranks_share"].value == pytest.approx(10.5 / 10.6)
    assert not any(figure.missed for figure in found.values())


@pytest.mark.parametrize(
    ("two", "ranks", "missed"), [(13, 13, "workers.share"), (10.5, 13, "workers.ranks_share")]
)
def test_workers_or_ranks_that_gain_too_little_fail(two: float, ranks: float, missed: str) -> None:
    found = figures(20, two, ranks, 20, 10)
    assert [name for name, figure in found.items() if figure.missed] == [missed]


def test_nothing_is_judged_where_other_work_has_the_cores() -> None:
    found = figures(20, 20, 30, 20, 18)
    assert not any(figure.missed for figure in found.values())
    assert "not judged" in found["workers.share"].about
