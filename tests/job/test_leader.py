"""Rank 0's part: what it answers, what it counts, what stops the job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.errors import ExitStatus, LostLauncherError, OtherRankError
from ecgmpi.job.comm.heartbeat import HEARTBEAT_EVERY, RANK_TIMEOUT
from ecgmpi.job.dispatch import Dispatcher
from ecgmpi.job.in_flight import Counts
from ecgmpi.job.leader import LOST_RANK, Leader
from ecgmpi.job.peers import DRAIN_TIMEOUT, Peers
from ecgmpi.job.progress import Progress
from ecgmpi.job.protocol import (
    Again,
    Alive,
    Begin,
    Broken,
    Changed,
    Check,
    Chunks,
    Done,
    Drain,
    Ended,
    Finished,
    Items,
    Message,
    NoMore,
    Ready,
    Stopping,
    ToRank,
    Want,
    Whole,
)
from ecgmpi.results.journal_index import JournalIndex
from tests.job.fakes import Clock, FakeStore, Limit, Network, catalogue_of, drawn, journaled

N = 6


@dataclass
class Led:
    """A leader and what it says; the other ranks are the test."""

    leader: Leader
    dispatcher: Dispatcher
    network: Network
    clock: Clock
    limit: Limit
    own: list[ToRank]
    workers: list[list[int]] = field(default_factory=list)

    def say(self, rank: int, message: Message, signal: str = "") -> list[Message]:
        """Send `message` from `rank`; what the leader answers it, heartbeats left out."""
        before = len(self.heard(rank))
        self.network.ranks[rank].send(0, message)
        self.leader.turn(signal)
        return self.heard(rank)[before:]

    def all_finished(self) -> bool:
        return self.leader.all_finished

    def heard(self, rank: int) -> list[Message]:
        """All that the leader has sent to `rank`, heartbeats left out."""
        return [one for one in self.network.between(0, rank) if not isinstance(one, Alive)]

    def wait(self, seconds: float, alive: tuple[int, ...] = ()) -> None:
        """Let time pass; the ranks that are `alive` send heartbeats."""
        until = self.clock() + seconds
        while self.clock() < until:
            self.clock.advance(0.5)
            for rank in alive:
                self.network.ranks[rank].send(0, Alive())
            self.leader.turn("")


class Make:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.catalogue: Catalogue | None = None

    def __call__(
        self,
        n_ranks: int = 3,
        done: range = range(0),
        strict: bool = False,
        progress: str = "none",
    ) -> Led:
        self.catalogue = catalogue_of(self._folder, N)
        results = [drawn(item, FakeStore()) for item in self.catalogue.items(done)]
        journals = JournalIndex(journaled(self._folder / "journal", results), N)
        network, clock, limit = Network(n_ranks), Clock(), Limit()
        peers = Peers(network.ranks[0], clock)
        dispatcher = Dispatcher(self.catalogue, journals, n_ranks, strict=strict)
        workers: list[list[int]] = []
        said = Progress(progress, N, len(done), 0, clock)

        def announce(each: Sequence[int]) -> None:
            workers.append(list(each))
            said.begin(each)

        leader = Leader(peers, dispatcher, said, limit, announce)
        own: list[ToRank] = []
        leader.own = own.append
        peers.send_all(Begin(1))
        peers.start_watching()
        return Led(leader, dispatcher, network, clock, limit, own, workers)


@pytest.fixture
def led(tmp_path: Path) -> Iterator[Make]:
    make = Make(tmp_path)
    yield make
    if make.catalogue:
        make.catalogue.close()


def chunks_in(messages: list[Message]) -> list[int]:
    return [one.number for each in messages if isinstance(each, Chunks) for one in each.chunks]


def test_every_rank_gets_chunks_until_there_are_none(led: Make) -> None:
    job = led()
    assert chunks_in(job.say(1, Want(2))) == [0, 1]
    assert chunks_in(job.say(2, Want(1))) == [2]
    job.leader.receive(0, Want(9))
    (own,) = job.own
    assert isinstance(own, Chunks)
    assert chunks_in([own]) == [3, 4, 5]
    assert job.say(1, Want(2)) == [NoMore()]


def test_work_is_announced_once_all_ranks_have_begun(led: Make) -> None:
    job = led()
    job.leader.receive(0, Ready(4))
    job.say(2, Ready(2))
    assert job.workers == []
    job.say(1, Ready(3))
    assert job.workers == [[4, 3, 2]]


def test_what_ranks_have_done_is_counted_together(led: Make) -> None:
    job = led()
    job.say(1, Want(2))
    job.leader.receive(0, Want(1))
    job.say(1, Done(0, Counts(recordings=1)))
    job.say(1, Done(1, Counts(recordings=1, failed=1)))
    job.leader.receive(0, Done(2, Counts(recordings=1)))
    assert job.leader.counts == Counts(recordings=3, failed=1)
    assert (job.limit.recordings, job.limit.failed) == (3, 1)
    assert job.dispatcher.held == {}


def test_a_recording_that_fails_again_counts_against_the_limit(led: Make) -> None:
    job = led(done=range(N))
    job.say(1, Want(1))
    job.say(1, Done(0, Counts(retried=1)))
    assert job.limit.failed == 1


def test_what_is_done_is_handed_out_to_be_checked_and_drawn_again_where_missing(led: Make) -> None:
    job = led(done=range(N))
    (check,) = job.say(1, Want(8))
    assert isinstance(check, Check)
    assert [place.chunk for place in check.places] == [0]
    (items,) = job.say(1, Again([0]))
    assert isinstance(items, Items)
    assert [item.name for item in items.items] == ["R0000"]
    job.say(1, Done(0, Counts(restored=1)))
    (check,) = job.say(2, Want(8))
    job.say(2, Whole([1]))
    assert job.dispatcher.held == {}
    assert job.leader.counts.drawn == 1


def test_a_log_tells_strict_checks_from_drawing(
    led: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    job = led(n_ranks=2, done=range(2), strict=True, progress="log")
    job.leader.receive(0, Ready(1))
    job.say(1, Ready(1))
    (first,) = job.say(1, Want(9))
    (second,) = job.say(1, Want(9))
    assert isinstance(first, Check)
    assert isinstance(second, Check)
    job.wait(40.0, alive=(1,))
    assert chunks_in(job.say(1, Want(9))) == [2, 3, 4, 5]
    job.wait(30.0, alive=(1,))
    lines = capsys.readouterr().err.splitlines()[1:]
    assert "looking through what was drawn before" in lines[-2]
    assert lines[-1].endswith("; none done in 00:25 by 2 ranks x 1 worker")


def test_strict_checks_come_first_and_a_change_ends_the_drawing(led: Make) -> None:
    job = led(done=range(2), strict=True)
    assert isinstance(job.say(1, Want(8))[0], Check)
    assert isinstance(job.say(2, Want(8))[0], Check)
    job.say(1, Changed(0, ["R0000.mat"]))
    job.say(2, Whole([1]))
    assert job.say(2, Want(8)) == [NoMore()]
    assert job.dispatcher.changed == ["R0000.mat"]
    assert not job.dispatcher.over


@pytest.mark.parametrize("where", ["its own signal", "a limit", "another rank's signal"])
def test_a_stop_drains_every_rank_once_and_hands_out_nothing_more(where: str, led: Make) -> None:
    job = led()
    if where == "its own signal":
        job.leader.turn("SIGTERM")
    elif where == "a limit":
        job.limit.why = "SIGTERM"
        job.leader.turn("")
    else:
        job.say(2, Stopping("SIGTERM"))
    job.leader.turn("SIGINT")
    for rank in (1, 2):
        assert job.heard(rank) == [Begin(1), Drain("SIGTERM")]
    assert job.own == [Drain("SIGTERM")]
    assert job.leader.stopped_by == "SIGTERM"
    assert job.say(1, Want(1)) == [NoMore()]


def test_all_have_finished_once_each_has_said_so(led: Make) -> None:
    job = led()
    job.say(1, Finished({"workers": 2}))
    assert not job.all_finished()
    job.say(2, Finished({"workers": 3}))
    assert job.all_finished()
    assert job.leader.supervisor_of == {1: {"workers": 2}, 2: {"workers": 3}}
    assert job.say(1, Ended()) == []


def test_a_rank_that_cannot_continue_ends_the_job_with_its_error(led: Make) -> None:
    job = led()
    with pytest.raises(OtherRankError, match=r"^cannot write the journal$") as caught:
        job.say(1, Broken("cannot write the journal", ExitStatus.STOPPED_EARLY))
    assert caught.value.exit_status is ExitStatus.STOPPED_EARLY


def test_a_rank_without_a_launcher_says_so(led: Make) -> None:
    job = led()
    job.network.ranks[0].is_orphan = True
    with pytest.raises(LostLauncherError, match="rank 0 on node0 has lost its launcher") as caught:
        job.leader.turn("")
    assert caught.value.exit_status is ExitStatus.STOPPED_EARLY


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_a_rank_whose_connection_breaks_is_named_and_the_others_drain(
    led: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    job = led()
    job.say(1, Want(1))
    job.network.lose(1)
    job.wait(2 * HEARTBEAT_EVERY, alive=(2,))
    assert lines(capsys) == [
        "ecgmpi: rank 1 on node1 is lost: its connection broke; "
        "run the same command again to resume"
    ]
    assert job.leader.stopped_by == LOST_RANK
    assert job.heard(2) == [Begin(1), Drain(LOST_RANK)]
    assert job.own == [Drain(LOST_RANK)]
    job.say(2, Finished({}))
    assert job.all_finished()
    assert not job.dispatcher.over


def test_a_rank_that_falls_silent_is_lost_after_its_timeout_and_not_before(
    led: Make, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RANK_TIMEOUT, "60")
    job = led()
    job.network.lose_silently(2)
    job.wait(59, alive=(1,))
    assert lines(capsys) == []
    job.wait(3, alive=(1,))
    (line,) = lines(capsys)
    assert line.startswith("ecgmpi: rank 2 on node2 is lost: it has sent no message for 60 s ")
    job.wait(200, alive=(1,))
    assert lines(capsys) == []
    job.say(1, Finished({}))
    assert job.all_finished()


def test_a_job_that_drains_does_not_wait_long_for_a_silent_rank(
    led: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    job = led()
    job.network.lose_silently(2)
    job.leader.turn("SIGTERM")
    job.say(1, Finished({}))
    job.wait(DRAIN_TIMEOUT + 2, alive=(1,))
    assert job.all_finished()
    assert len(lines(capsys)) == 1
    # What stopped the job first is what stopped it.
    assert job.leader.stopped_by == "SIGTERM"


def test_a_rank_lost_before_work_begins_is_not_waited_for(
    led: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    job = led(n_ranks=2)
    job.network.lose(1)
    job.wait(2 * HEARTBEAT_EVERY)
    assert len(lines(capsys)) == 1
    assert job.all_finished()


def test_a_rank_lost_after_it_has_finished_is_named_once(
    led: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    job = led()
    job.say(1, Finished({}))
    job.network.lose(1)
    job.wait(3 * HEARTBEAT_EVERY, alive=(2,))
    assert len(lines(capsys)) == 1
    job.say(2, Finished({}))
    assert job.all_finished()


def test_a_rank_lost_when_all_is_done_gives_no_reason_to_run_again(
    led: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    job = led(n_ranks=2)
    job.leader.receive(0, Want(N))
    job.say(1, Want(1))
    for chunk in range(N):
        job.leader.receive(0, Done(chunk, Counts(recordings=1)))
    assert job.dispatcher.over
    job.network.lose(1)
    job.wait(2 * HEARTBEAT_EVERY)
    assert lines(capsys) == [
        "ecgmpi: rank 1 on node1 is lost: its connection broke; all recordings are done"
    ]


def test_of_two_lost_ranks_each_is_named_once(
    led: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    job = led()
    job.network.lose(1)
    job.network.lose(2)
    job.wait(30)
    (line,) = lines(capsys)
    assert line.startswith("ecgmpi: rank 1 on node1 and rank 2 on node2 are lost: ")
    assert job.all_finished()


def test_a_rank_counted_as_lost_that_speaks_again_gets_no_work(led: Make) -> None:
    job = led()
    job.network.lose_silently(1)
    job.leader.turn("SIGTERM")
    job.wait(DRAIN_TIMEOUT + 2, alive=(2,))
    assert job.say(1, Want(3)) == [NoMore()]


def test_nothing_can_be_received_any_more_and_the_job_ends_all_the_same(led: Make) -> None:
    job = led()
    job.network.ranks[0].broken = "a connection broke"
    job.wait(30, alive=(1, 2))
    assert job.all_finished()
    assert job.leader.stopped_by == LOST_RANK
