"""The other ranks, watched: what is sent to them, and how one is found to be lost."""

from __future__ import annotations

import pytest

from ecgmpi.errors import LostLauncherError
from ecgmpi.job.comm.heartbeat import HEARTBEAT_EVERY, RANK_TIMEOUT
from ecgmpi.job.peers import BROKEN_TIMEOUT, DRAIN_TIMEOUT, LostRank, Peers
from ecgmpi.job.protocol import Alive, Drain, NoMore, Want
from tests.job.fakes import Clock, Network, as_communicator


class Two:
    """Ranks 0 and 1 of three, on one clock."""

    def __init__(self) -> None:
        self.clock, self.network = Clock(), Network(3)
        self.leader, self.other = (
            Peers(as_communicator(self.network.ranks[rank]), self.clock) for rank in (0, 1)
        )

    def wait(self, seconds: float, alive: tuple[int, ...] = ()) -> list[LostRank]:
        """The ranks that the leader finds to be lost in the next `seconds`."""
        lost: list[LostRank] = []
        for _ in range(round(seconds / 0.5)):
            self.clock.advance(0.5)
            for rank in alive:
                self.network.ranks[rank].send(0, Alive())
            list(self.leader.receive())
            self.leader.beat()
            lost += self.leader.newly_lost()
        return lost


def test_the_leader_speaks_to_all_and_another_rank_to_the_leader() -> None:
    two = Two()
    assert two.leader.others == [1, 2]
    assert two.other.others == [0]
    two.leader.send_all(Drain("SIGTERM"))
    two.other.send_all(Want(1))
    assert list(two.other.receive()) == [(0, Drain("SIGTERM"))]
    assert list(two.leader.receive()) == [(1, Want(1))]


def test_heartbeats_go_out_in_time_and_are_no_messages() -> None:
    two = Two()
    two.leader.beat()
    assert two.network.sent == []
    two.leader.start_watching()
    two.wait(5 * HEARTBEAT_EVERY, alive=(1, 2))
    assert 5 <= len(two.network.between(0, 1)) <= 6
    assert list(two.other.receive()) == []


def test_before_they_watch_each_other_no_rank_is_too_slow() -> None:
    two = Two()
    two.network.lose_silently(1)
    assert two.wait(3600) == []


def test_a_lost_rank_is_found_once_and_named_with_its_host() -> None:
    two = Two()
    two.leader.start_watching()
    two.network.lose(2)
    (lost,) = two.wait(60, alive=(1,))
    assert str(lost) == "rank 2 on node2 is lost: its connection broke"
    assert two.leader.others == [1]
    assert two.leader.any_lost
    before = len(two.network.sent)
    two.leader.send_all(NoMore())
    assert [to for _, to, _ in two.network.sent[before:]] == [1]


def test_silence_says_how_long_and_how_to_wait_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RANK_TIMEOUT, "30")
    two = Two()
    two.leader.start_watching()
    two.network.lose_silently(2)
    (lost,) = two.wait(31, alive=(1,))
    assert lost == LostRank(
        2, "node2", f"it has sent no message for 30 s (set {RANK_TIMEOUT} to wait longer)"
    )


def test_where_a_connection_broke_or_the_job_drains_silence_is_noticed_soon() -> None:
    for timeout in (BROKEN_TIMEOUT, DRAIN_TIMEOUT):
        two = Two()
        two.leader.start_watching()
        if timeout == DRAIN_TIMEOUT:
            two.leader.drain()
        else:
            two.network.ranks[0].broken = "a connection broke"
        two.network.lose_silently(1)
        two.network.lose_silently(2)
        assert two.wait(timeout) == []
        assert [lost.rank for lost in two.wait(1.5)] == [1, 2]


def test_a_rank_whose_launcher_is_gone_learns_it_with_the_next_beat() -> None:
    two = Two()
    two.network.ranks[1].is_orphan = True
    with pytest.raises(LostLauncherError, match="rank 1 on node1 has lost its launcher"):
        two.other.beat()
