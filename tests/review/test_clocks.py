"""Hosts whose clocks differ are brought onto one, and a copy of an OUT is taken as it is."""

from __future__ import annotations

import pytest

from ecgmpi.results.activity import Activity
from ecgmpi.review.clocks import AGREE, on_one_clock

BEGAN, ENDED = 1.7e9, 1.7e9 + 100.0


def ranks(*ahead: float, renewed: float | None = None) -> list[tuple[Activity, float]]:
    """Ranks that ended 10 s apart, on hosts whose clocks are so far ahead."""
    found = []
    for number, one_ahead in enumerate(ahead):
        one = Activity(number, len(ahead), 0, "", f"node{number}", 2, began=BEGAN + one_ahead)
        one.renewed = ENDED + 10 * number + one_ahead
        # The file is there a little later.
        found.append((one, ENDED + 10 * number + 0.1 if renewed is None else renewed))
    return found


@pytest.mark.parametrize("ahead", [3600.0, -3600.0, AGREE + 1])
def test_a_clock_that_is_off_is_corrected(ahead: float) -> None:
    found = on_one_clock(ranks(0.0, ahead, 0.0, 1.0))
    assert [one.began for one in found] == pytest.approx([BEGAN, BEGAN, BEGAN, BEGAN + 1], abs=0.2)
    assert [one.lasted for one in found] == pytest.approx([100.0, 110.0, 120.0, 130.0])


def test_a_filesystem_that_was_slow_is_no_clock_that_is_off() -> None:
    """Two ranks have one clock, and the file of one was late."""
    (first, renewed), (second, late), *others = ranks(0.0, 0.0, 0.0, 0.0)
    second.host = first.host
    found = on_one_clock([(first, renewed), (second, late + 60.0), *others])
    assert {one.began for one in found} == {BEGAN}


@pytest.mark.parametrize("copied", [ENDED + 86400.0, 0.0])
def test_times_of_the_files_of_a_copy_mean_nothing(copied: float) -> None:
    pairs = ranks(0.0, 0.0, 0.0, renewed=copied)
    assert on_one_clock(pairs) == [one for one, _ in pairs]


def test_nothing_is_on_any_clock() -> None:
    assert on_one_clock([]) == []
