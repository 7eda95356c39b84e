"""Recordings that may have taken the job down run alone, before all else, and are bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.errors import ExitStatus, StoppedError
from ecgmpi.job.handshake import DRAIN_FOR
from ecgmpi.job.pool.attempts import MOST_ATTEMPTS, Attempts, InterruptedRuns
from ecgmpi.job.pool.messages import Work
from ecgmpi.job.suspects import retry_alone
from ecgmpi.results.journal_index import JournalIndex
from ecgmpi.results.result import Result
from tests.job.fakes import Clock, FakePool, FakeStore, catalogue_of, drawn, journaled

N = 8


class Alone(FakePool):
    """Fails where a recording is given while another is in flight."""

    def give(self, items: Sequence[Work]) -> None:
        assert len(items) == 1
        assert not self.in_flight
        super().give(items)


class Deaths:
    """Runs that died in `folder`, and a retry of what they had in flight."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.catalogue: Catalogue = catalogue_of(folder, N)
        self.clock = Clock()
        self.pool = Alone(FakeStore(), self.clock)

    def die_with(self, *indices: int, times: int = 1) -> None:
        for _ in range(times):
            attempts = Attempts(self._folder / "attempts")
            for slot, index in enumerate(indices):
                attempts.begin(slot, index)
            attempts.close()

    def retry(
        self, stopped: Callable[[], str] = str, done: tuple[int, ...] = ()
    ) -> dict[int, Result]:
        results = [drawn(item, FakeStore()) for item in self.catalogue.items(done)]
        journals = JournalIndex(journaled(self._folder / "journal", results), N)
        interrupted = InterruptedRuns(self._folder / "attempts")
        return retry_alone(interrupted, self.catalogue, journals, self.pool, stopped, self.clock)

    @property
    def noted(self) -> int:
        """Runs whose attempts are still noted."""
        return len(list((self._folder / "attempts").glob("*.attempts")))


@pytest.fixture
def deaths(tmp_path: Path) -> Iterator[Deaths]:
    (tmp_path / "attempts").mkdir()
    deaths = Deaths(tmp_path)
    yield deaths
    deaths.catalogue.close()


def test_after_no_death_or_one_nothing_is_tried_alone(deaths: Deaths) -> None:
    assert deaths.retry() == {}
    deaths.die_with(1, 2)
    assert deaths.retry() == {}
    assert deaths.pool.given == []


def test_what_was_in_flight_at_two_deaths_is_tried_one_after_the_other(deaths: Deaths) -> None:
    deaths.die_with(5, 2, times=MOST_ATTEMPTS - 1)
    deaths.die_with(3)
    known = deaths.retry()
    assert deaths.pool.given == [2, 5]
    assert [known[index].failed for index in (2, 5)] == [False, False]


def test_what_was_in_flight_at_three_deaths_has_failed_and_is_not_tried(deaths: Deaths) -> None:
    deaths.die_with(4, times=MOST_ATTEMPTS)
    known = deaths.retry()
    assert deaths.pool.given == []
    assert known[4].recording["class"] == "crashed: job died"
    assert known[4].recording["source"] == "R0004.mat"


def test_what_is_done_by_now_is_no_suspect_and_its_deaths_are_forgotten(deaths: Deaths) -> None:
    deaths.die_with(1, 2, times=MOST_ATTEMPTS)
    known = deaths.retry(done=(1,))
    assert list(known) == [2]
    assert deaths.noted == MOST_ATTEMPTS
    assert deaths.retry(done=(1, 2)) == {}
    assert deaths.noted == 0


def test_a_stop_between_two_leaves_the_rest_to_another_run(deaths: Deaths) -> None:
    deaths.die_with(1, 3, 6, times=MOST_ATTEMPTS - 1)
    known = deaths.retry(lambda: "SIGTERM" if deaths.pool.given else "")
    assert deaths.pool.given == [1]
    assert list(known) == [1]


def test_a_suspect_that_ends_in_time_after_a_stop_keeps_its_result(deaths: Deaths) -> None:
    deaths.die_with(1, 3, times=MOST_ATTEMPTS - 1)
    deaths.pool.at_a_time = 0

    def stopped() -> str:
        if deaths.clock() - began > 1:
            deaths.pool.at_a_time = 1
        return "SIGTERM" if deaths.clock() > began else ""

    began = deaths.clock()
    assert list(deaths.retry(stopped)) == [1]
    assert deaths.pool.given == [1]
    assert deaths.pool.drained


def test_a_suspect_that_hangs_after_a_stop_ends_the_job_with_one_line(deaths: Deaths) -> None:
    deaths.die_with(1, times=MOST_ATTEMPTS - 1)
    deaths.pool.at_a_time = 0
    began = deaths.clock()
    with pytest.raises(StoppedError) as caught:
        deaths.retry(lambda: "SIGTERM" if deaths.pool.given else "")
    assert str(caught.value) == "stopped by SIGTERM; run the same command again to resume"
    assert caught.value.exit_status is ExitStatus.STOPPED_EARLY
    assert deaths.clock() - began == pytest.approx(DRAIN_FOR, abs=0.5)
    assert deaths.pool.drained
