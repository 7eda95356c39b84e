"""A rank that is lost, whenever that is, is named once, and no other rank waits for it."""

from __future__ import annotations

import pytest

from ecgmpi.errors import LostLauncherError
from ecgmpi.job.comm.heartbeat import RANK_TIMEOUT
from ecgmpi.job.leader import LOST_RANK
from ecgmpi.job.protocol import Exit, Finished, Message
from tests.job.fakes import until
from tests.job.one_process import A_TURN, N, StartJob, run_whole
from tests.outputs import manifest


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_a_rank_that_is_killed_is_named_once_and_the_next_run_draws_the_rest(
    start: StartJob, capsys: pytest.CaptureFixture[str]
) -> None:
    with start() as job:
        for pool in job.pools:
            pool.at_a_time = 1
        job.rounds(4)
        job.kill(2)
        job.finish()
    assert lines(capsys) == [
        "ecgmpi: rank 2 on node2 is lost: its connection broke; "
        "run the same command again to resume"
    ]
    assert job.statuses == [75] * 3
    assert job.summary.stopped_by == LOST_RANK
    # MPI would wait for the dead.
    assert job.left == {0: [75]}
    again = run_whole(start)
    assert again.summary.drawn_now == N - job.summary.recordings


@pytest.mark.parametrize("when", ["before it begins", "at work", "once it has finished"])
def test_a_rank_that_falls_silent_is_named_once_whenever_that_is(
    when: str,
    start: StartJob,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(RANK_TIMEOUT, "10")
    with start() as job:
        if when == "before it begins":
            job.turn(0)
        elif when == "at work":
            job.rounds(4)
        else:
            job.pools[1].at_a_time = 0
            job.rounds(100)
        job.freeze(2)
        before = job.clock()
        job.finish(most=10**4)
    (line,) = lines(capsys)
    assert line.startswith("ecgmpi: rank 2 on node2 is lost: it has sent no message for 10 s")
    assert job.clock() - before == pytest.approx(10, abs=4 * A_TURN + 5)
    # The others draw all that a rank leaves which never began.
    assert set(job.statuses) == {0 if when == "before it begins" else 75}
    run_whole(start)


def test_a_rank_that_is_dead_before_work_begins_is_named_and_not_waited_for(
    start: StartJob, capsys: pytest.CaptureFixture[str]
) -> None:
    with start() as job:
        job.kill(3)
        job.finish()
    assert len(lines(capsys)) == 1
    assert job.statuses == [75] * 3
    run_whole(start)


def test_a_rank_that_does_not_end_holds_up_no_complete_job(
    start: StartJob, capsys: pytest.CaptureFixture[str]
) -> None:
    def is_sent(kind: type[Message]) -> bool:
        return any(isinstance(message, kind) for _, _, message in job.network.sent)

    with start() as job:
        until(lambda: is_sent(Finished), job.round)
        # Rank 3 must not see the last message.
        until(lambda: is_sent(Exit), lambda: job.turn(0))
        job.freeze(3)
        job.finish()
    assert lines(capsys) == []
    assert job.statuses == [0] * 3
    # MPI_Finalize would wait for it.
    assert job.left == {0: [0]}
    assert len(manifest(job.paths.out)) == N


def test_a_leader_that_can_receive_nothing_any_more_ends_the_job(start: StartJob) -> None:
    with start() as job:
        for pool in job.pools:
            pool.at_a_time = 1
        job.rounds(4)
        job.network.ranks[0].broken = "a connection broke"
        job.finish(most=5000)
    assert job.statuses == [75] * 4
    run_whole(start)


def test_a_rank_lost_while_the_job_drains_is_named_once_and_not_waited_for(
    start: StartJob, capsys: pytest.CaptureFixture[str]
) -> None:
    with start() as job:
        for pool in job.pools:
            pool.at_a_time = 1
        job.rounds(4)
        job.signals[0].received = "SIGTERM"
        job.turn(0)
        job.freeze(3)
        before = job.clock()
        job.finish(most=10**4)
        assert job.clock() - before < 10
    assert len(lines(capsys)) == 1
    assert job.statuses == [75] * 3
    assert job.summary.stopped_by == "SIGTERM"


def test_a_lost_leader_ends_every_rank_with_one_line(
    start: StartJob, capsys: pytest.CaptureFixture[str]
) -> None:
    with start() as job:
        job.rounds(4)
        job.kill(0)
        job.finish()
    (line,) = lines(capsys)
    assert line.startswith("ecgmpi: rank 0 on node0 is lost")
    assert line.endswith("; run the same command again to resume")
    assert job.statuses == [75] * 3
    assert job.left == {1: [75], 2: [75], 3: [75]}


def test_a_leader_that_lost_its_launcher_leaves(
    start: StartJob, capsys: pytest.CaptureFixture[str]
) -> None:
    with start(n_ranks=1) as job:
        job.turn(0)
        job.network.ranks[0].is_orphan = True
        job.finish()
    assert isinstance(job.ranks[0].error, LostLauncherError)
    assert job.left == {0: [75]}
    assert len(lines(capsys)) == 1
    # OUT is free again.
    run_whole(start)
