"""Ranks begin and end together; each end knows what the other did."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import pytest

from ecgmpi.errors import JobError, LostLauncherError, LostRankError, StoreError
from ecgmpi.host.signals import Signals
from ecgmpi.job import handshake
from ecgmpi.job.handshake import await_begin, check_leader, dismiss, finish
from ecgmpi.job.peers import Peers
from ecgmpi.job.protocol import (
    Begin,
    Broken,
    Drain,
    Ended,
    Exit,
    Finished,
    Message,
    Stopping,
)
from tests.job.fakes import Network, as_communicator

T = TypeVar("T")


class Three:
    """Rank 0, which the test speaks for, and ranks 1 and 2, which run in threads."""

    def __init__(self) -> None:
        self.network = Network(3)
        self.peers = [Peers(as_communicator(one)) for one in self.network.ranks]
        self._threads = ThreadPoolExecutor(2)

    def run(self, call: Callable[[], T]) -> Future[T]:
        return self._threads.submit(call)

    def close(self) -> None:
        # Whatever still waits ends with this.
        for rank in self.network.ranks:
            rank.is_orphan = True
        self._threads.shutdown()

    def said(self, rank: int, n: int) -> list[Message]:
        """What `rank` sends to the leader, once that is `n` messages."""
        for _ in range(1000):
            if len(messages := self.network.between(rank, 0)) >= n:
                return messages
            threading.Event().wait(0.002)
        raise AssertionError(f"only {messages}")


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> Iterator[Three]:
    monkeypatch.setattr(handshake, "PAUSE", 0.001)
    monkeypatch.setattr(handshake, "DRAIN_FOR", 0.1)
    three = Three()
    yield three
    three.close()


def finishing(
    three: Three,
    rank: int = 1,
    status: int | None = None,
    trouble: JobError | None = None,
    signals: Signals | None = None,
) -> Future[int]:
    used = signals or Signals()
    return three.run(lambda: finish(three.peers[rank], status, {"workers": 2}, trouble, used))


def test_a_rank_begins_when_the_leader_says_so_and_knows_the_run(three: Three) -> None:
    begun = three.run(lambda: await_begin(three.peers[1]))
    three.peers[0].send_all(Begin(7))
    assert begun.result(5) == Begin(7)


def test_a_rank_that_never_begins_says_that_it_writes_nothing(three: Three) -> None:
    begun = [three.run(partial(await_begin, three.peers[rank])) for rank in (1, 2)]
    assert dismiss(three.peers[0], 75)
    assert [one.result(5) for one in begun] == [Exit(75), Exit(75)]


@pytest.mark.parametrize("lost", ["rank 0", "the launcher"])
@pytest.mark.parametrize("when", ["before it begins", "when it has finished"])
def test_a_rank_does_not_wait_for_what_is_lost(lost: str, when: str, three: Three) -> None:
    if lost == "rank 0":
        three.network.lose(0)
        # The next heartbeat finds it.
        three.peers[1].start_watching()
    else:
        three.network.ranks[1].is_orphan = True
    if when == "before it begins":
        error = three.run(lambda: await_begin(three.peers[1])).exception(5)
    else:
        error = finishing(three).exception(5)
    assert isinstance(error, LostRankError if lost == "rank 0" else LostLauncherError)
    assert str(error).count("run the same command again to resume") == 1
    assert ("rank 0 on node0 is lost" in str(error)) == (lost == "rank 0")


def test_a_leader_that_is_there_is_not_missed(three: Three) -> None:
    three.peers[1].start_watching()
    check_leader(three.peers[1])


def test_every_rank_ends_with_the_status_of_the_leader(three: Three) -> None:
    ends = [finishing(three, rank) for rank in (1, 2)]
    for rank in (1, 2):
        assert three.said(rank, 1) == [Finished({"workers": 2})]
    # What else is on its way does not matter any more.
    three.peers[0].send(1, Drain("SIGTERM"))
    assert dismiss(three.peers[0], 3)
    assert [one.result(5) for one in ends] == [3, 3]
    assert isinstance(three.network.between(1, 0)[-1], Ended)


def test_a_rank_in_trouble_says_why_and_which_status_that_is(three: Three) -> None:
    end = finishing(three, trouble=StoreError("OUT is full"))
    assert three.said(1, 1) == [Broken("OUT is full", 1)]
    three.peers[0].send(1, Exit(1))
    assert end.result(5) == 1


def test_a_rank_that_was_told_to_exit_only_says_that_it_ended(three: Three) -> None:
    end = finishing(three, status=75)
    assert end.result(5) == 75
    assert three.network.between(1, 0) == [Ended()]


@pytest.mark.parametrize("when", ["while its last results came", "when it had finished"])
def test_a_signal_to_a_rank_that_has_done_its_work_stops_the_others(
    when: str, three: Three
) -> None:
    signals = Signals()
    if when == "while its last results came":
        signals.received = "SIGTERM"
    end = finishing(three, signals=signals)
    three.said(1, 1)
    signals.received = "SIGTERM"
    assert three.said(1, 2) == [Finished({"workers": 2}), Stopping("SIGTERM")]
    three.peers[0].send(1, Exit(75))
    assert end.result(5) == 75
    assert len(three.network.between(1, 0)) == 3


def test_a_rank_that_is_lost_is_not_waited_for_at_the_end(
    three: Three, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshake, "DRAIN_FOR", 60.0)
    end = finishing(three, rank=1)
    three.network.lose(2)
    dismissed = three.run(lambda: dismiss(three.peers[0], 0))
    assert not dismissed.result(5)
    assert end.result(5) == 0


def test_a_rank_that_does_not_answer_is_waited_for_only_so_long(three: Three) -> None:
    end = finishing(three, rank=1)
    three.network.lose_silently(2)
    assert not dismiss(three.peers[0], 0)
    assert end.result(5) == 0
