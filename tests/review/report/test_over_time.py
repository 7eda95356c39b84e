"""What ranks did is brought into the same bins, and nothing of it is lost or made up."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.results.activity import Activity
from ecgmpi.results.timing import STAGES
from ecgmpi.review.ranks import RankState, rank_states
from ecgmpi.review.report.over_time import MOST_BINS, Floats, over_time

BEGAN = 1.7e9


def rank(
    number: int,
    began: float = 0.0,
    lasted: float = 60.0,
    each_s: float = 0.5,
    workers: int = 1,
    silent_for: float = 0.0,
) -> RankState:
    """A rank whose workers draw all the time, a recording in so many seconds."""
    one = Activity(number, 4, 0, "", "node", workers, began=BEGAN + began, every=2.0)
    one.renewed, one.doing = one.began + lasted, "drawing"
    at = 0.0
    while at + each_s <= lasted:
        for _ in range(workers):
            for stage in range(len(STAGES)):
                spent = each_s / len(STAGES)
                one.history.spend(stage, at + stage * spent, at + (stage + 1) * spent)
                one.seconds[stage] += spent
            one.history.count(at + each_s * 0.99, failed=False)
            one.recordings += 1
        at += each_s
    return RankState(one, silent_for, 0.0, None, None, silent_for > 0, silent_for, ended=False)


def absent(shares: Floats) -> npt.NDArray[np.bool_]:
    """For each bin, whether a rank was not there."""
    gone: npt.NDArray[np.bool_] = np.isnan(shares[0])
    assert (np.isnan(shares) == gone).all()
    return gone


def test_nothing_done_is_nothing_to_show() -> None:
    assert over_time([]) is None
    assert over_time([rank(0, lasted=0.0)]) is None


RANKS = st.lists(
    st.builds(
        rank,
        st.just(0),
        began=st.floats(0.0, 50.0),
        lasted=st.floats(0.5, 300.0),
        each_s=st.floats(0.1, 5.0),
        workers=st.integers(1, 4),
    ),
    min_size=1,
    max_size=5,
)


@given(RANKS)
def test_all_that_was_done_is_in_some_bin(ranks: list[RankState]) -> None:
    told = over_time(ranks)
    assert told is not None
    assert len(told.rate) == len(told.working) <= MOST_BINS
    done = sum(one.activity.recordings for one in ranks)
    assert told.rate.sum() * told.bin_s == pytest.approx(done, rel=1e-6, abs=1e-6)
    spent = sum(sum(one.activity.seconds) for one in ranks)
    assert told.working.sum() * told.bin_s == pytest.approx(spent, rel=1e-3, abs=1e-3)
    assert sum(told.seconds.values()) == pytest.approx(spent)
    assert told.workers == sum(one.activity.workers for one in ranks)
    for shares in told.shares:
        total = shares.sum(axis=0)
        assert ((total <= 1 + 1e-9) | np.isnan(total)).all()
        assert not (shares < 0).any()


def test_a_rank_that_began_later_is_absent_before() -> None:
    told = over_time([rank(0, lasted=60.0), rank(1, began=30.0, lasted=30.0)])
    assert told is not None
    first, second = map(absent, told.shares)
    assert not first.any()
    n = len(second)
    assert second[: n // 2 - 1].all()
    assert not second[n // 2 + 1 :].any()
    assert told.rate[: n // 2 - 1] == pytest.approx(2.0, rel=0.3)
    assert told.rate[n // 2 + 1 : -1] == pytest.approx(4.0, rel=0.3)
    assert told.began == BEGAN


def test_a_host_whose_clock_is_an_hour_ahead_does_not_make_the_run_longer() -> None:
    ranks = [rank(number, began=3600.0 if number == 2 else 0.0).activity for number in range(3)]
    for number, one in enumerate(ranks):
        one.host = f"node{number}"
    told = over_time(rank_states([(one, BEGAN + 60.0) for one in ranks], alive=False))
    assert told is not None
    assert told.began == BEGAN
    assert told.bin_s * len(told.rate) == pytest.approx(60.0)
    assert told.rate[:-1] == pytest.approx(6.0, rel=0.3)


def test_a_silent_rank_is_absent_from_its_last_sign_of_life_on() -> None:
    told = over_time([rank(0, lasted=60.0), rank(1, lasted=20.0, silent_for=40.0)])
    assert told is not None
    gone = absent(told.shares[1])
    n = len(gone)
    assert not gone[: n // 3 - 1].any()
    assert gone[n // 3 + 1 :].all()
    # It is not said that its worker waited.
    assert told.waited == pytest.approx(0.0, abs=1.0)


def test_a_rank_that_ended_early_was_idle_and_not_absent() -> None:
    told = over_time([rank(0, lasted=60.0), rank(1, lasted=20.0)])
    assert told is not None
    late = told.shares[1][:, len(told.rate) // 2 :]
    assert (late == 0).all()


def test_a_straggler_does_not_look_idle() -> None:
    """It is as busy as the others, and does less."""
    told = over_time([rank(0, each_s=0.5), rank(1, each_s=5.0)])
    assert told is not None
    for shares in told.shares:
        assert shares.sum(axis=0) == pytest.approx(1.0, abs=0.05)


def test_a_rank_that_stood_still_was_absent_for_so_long() -> None:
    still = rank(1, lasted=60.0)
    still.activity.silences = [(20.0, 40.0)]
    told = over_time([rank(0, lasted=60.0), still])
    assert told is not None
    absent = np.isnan(told.shares[1][0])
    assert float(absent.mean()) == pytest.approx(1 / 3, abs=0.1)
    assert not absent[0]
    assert not absent[-1]
