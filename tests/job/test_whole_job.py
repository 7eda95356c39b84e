"""A leader and three other ranks, turn by turn: whatever happens, each recording is drawn once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.errors import LostLauncherError, OtherRankError, StoppedError, StoreError
from ecgmpi.job.comm.heartbeat import RANK_TIMEOUT
from ecgmpi.job.leader import LOST_RANK
from ecgmpi.job.merge import merge_parts
from ecgmpi.job.pool.attempts import MOST_ATTEMPTS, Attempts
from ecgmpi.options.quantities import Allowance, Part
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.running import Running
from ecgmpi.results.journal_writer import HEADER
from tests.job.one_process import A_TURN, OneProcess, one_process, recordings
from tests.outputs import failures, manifest, run_json

N = 40

Start = Callable[..., AbstractContextManager[OneProcess]]


def running(**options: object) -> Running:
    return Running(**{"workers": 2, "progress": "none"} | options)  # type: ignore[arg-type]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Starts jobs of the same INPUT and OUT."""
    recordings(tmp_path / "in", N)

    def start(
        n_ranks: int = 4, rendering: Rendering | None = None, **options: object
    ) -> AbstractContextManager[OneProcess]:
        return one_process(
            tmp_path / "in", tmp_path / "out", n_ranks, rendering, running(**options)
        )

    return start


def complete(start: Start, **options: object) -> OneProcess:
    """Run a job undisturbed."""
    with start(**options) as job:
        job.finish()
    assert job.statuses == [0] * job.network.size
    assert [row["name"] for row in manifest(job.paths.out)] == [f"R{k:04d}" for k in range(N)]
    return job


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_every_recording_is_drawn_once_and_all_ranks_take_part(start: Start) -> None:
    job = complete(start)
    assert job.drawn == list(range(N))
    assert all(pool.given for pool in job.pools)
    assert job.summary.drawn_now == N
    assert [facts["host"] for facts in run_json(job.paths.out)["ranks"]] == job.network.ranks[
        0
    ].hosts
    assert job.left == []


def test_a_slow_rank_gets_fewer(start: Start) -> None:
    with start() as job:
        for pool in job.pools:
            pool.at_a_time = 2
        for number in range(1000):
            for rank in range(4):
                if rank != 2 or number % 4 == 0:
                    job.turn(rank)
            if job.over:
                break
    shares = [len(pool.given) for pool in job.pools]
    assert job.drawn == list(range(N))
    assert shares[2] < min(shares[0], shares[1], shares[3])


def test_the_same_command_again_draws_nothing_but_what_is_missing(start: Start) -> None:
    complete(start)
    again = complete(start)
    assert again.drawn == []
    for number in (0, 7, 39):
        next((again.paths.images / f"R{number:04d}").iterdir()).unlink()
    third = complete(start)
    assert third.drawn == [0, 7, 39]
    assert (third.summary.restored, third.summary.drawn_now) == (3, 3)


def test_what_failed_is_tried_again_by_one_of_the_ranks_if_asked_for(start: Start) -> None:
    with start() as job:
        for pool in job.pools:
            pool.fails = {3, 20}
        job.finish()
    assert job.statuses == [3] * 4
    assert [row["name"] for row in failures(job.paths.out)] == ["R0003", "R0020"]
    again = complete(start, retry_failed=True)
    assert again.drawn == [3, 20]
    assert again.summary.retried == 2


@pytest.mark.parametrize("rank", [0, 2])
def test_a_signal_to_any_rank_ends_all_and_the_next_run_draws_the_rest(
    rank: int, start: Start
) -> None:
    with start() as job:
        for pool in job.pools:
            pool.at_a_time = 1
        job.rounds(5)
        job.signals[rank].received = "SIGTERM"
        job.finish()
    assert job.statuses == [75] * 4
    assert job.summary.stopped_by == "SIGTERM"
    assert 0 < job.summary.recordings < N
    assert all(pool.drained for pool in job.pools)
    again = complete(start)
    assert sorted(job.drawn + again.drawn) == list(range(N))


def test_a_rank_whose_workers_do_not_answer_holds_up_no_drain(start: Start) -> None:
    with start() as job:
        job.pools[1].at_a_time = 0
        job.rounds(5)
        job.signals[1].received = "SIGUSR1"
        job.finish(most=10**5)
    assert job.statuses == [75] * 4
    assert len(job.pools[1].given) == 4
    assert len(complete(start).drawn) == N - job.summary.recordings


def test_too_many_failures_end_all_ranks_with_what_failed(start: Start) -> None:
    with start(max_failures=Allowance(3, percent=False)) as job:
        for pool in job.pools:
            pool.fails, pool.at_a_time = range(N), 1
        job.finish()
    assert len(set(job.statuses)) == 1
    assert job.statuses[0] not in (0, 3)
    message = str(job.ranks[0].error)
    assert "recordings failed, more than --max-failures 3 allows" in message
    assert len(job.drawn) < N


def test_a_rank_that_cannot_store_pictures_ends_all_with_its_message(start: Start) -> None:
    with start() as job:
        job.pools[3].error = StoreError("OUT is full; make room")
        job.finish()
    assert isinstance(job.ranks[0].error, OtherRankError)
    assert str(job.ranks[0].error) == "OUT is full; make room"
    assert job.statuses == [1] * 4
    again = complete(start)
    assert sorted({*job.drawn, *again.drawn}) == list(range(N))


def test_strict_finds_a_changed_file_before_anything_is_drawn(start: Start, tmp_path: Path) -> None:
    complete(start, rendering=Rendering(strict=True))
    (tmp_path / "in" / "R0033.mat").write_bytes(b"y")
    for name in ("R0001", "R0002"):
        next((tmp_path / "out" / "images" / name).iterdir()).unlink()
    # Of the same size and time, only its content gives it away.
    with start(rendering=Rendering(strict=True)) as job:
        job.finish()
    assert "R0033.mat" in str(job.ranks[0].error)
    assert job.statuses == [1] * 4


def test_a_rank_that_is_killed_is_named_once_and_the_next_run_draws_the_rest(
    start: Start, capsys: pytest.CaptureFixture[str]
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
    assert job.left == [(0, 75)]
    again = complete(start)
    assert again.summary.drawn_now == N - job.summary.recordings


@pytest.mark.parametrize("when", ["before it begins", "at work", "once it has finished"])
def test_a_rank_that_falls_silent_is_named_once_whenever_that_is(
    when: str,
    start: Start,
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
    complete(start)


def test_a_rank_lost_while_the_job_drains_is_named_once_and_not_waited_for(
    start: Start, capsys: pytest.CaptureFixture[str]
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
    start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    with start() as job:
        job.rounds(4)
        job.kill(0)
        job.finish()
    (line,) = lines(capsys)
    assert line.startswith("ecgmpi: rank 0 on node0 is lost")
    assert line.endswith("; run the same command again to resume")
    assert job.statuses == [75] * 3
    assert [rank.left for rank in job.network.ranks[1:]] == [[75]] * 3


def test_a_leader_that_lost_its_launcher_leaves(
    start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    with start(n_ranks=1) as job:
        job.turn(0)
        job.network.ranks[0].is_orphan = True
        job.finish()
    assert isinstance(job.ranks[0].error, LostLauncherError)
    assert job.network.ranks[0].left == [75]
    assert len(lines(capsys)) == 1
    # OUT is free again.
    complete(start)


def interrupt(job: OneProcess, *indices: int, times: int) -> None:
    """Leave behind what runs leave that died with recordings in flight."""
    for _ in range(times):
        folder = job.paths.attempts(None)
        folder.mkdir(exist_ok=True)
        attempts = Attempts(folder)
        for slot, index in enumerate(indices):
            attempts.begin(slot, index)
        attempts.close()


def test_a_suspect_runs_alone_before_the_other_ranks_begin(start: Start) -> None:
    with start() as job:
        job.turn(0)
        job.signals[0].received = "SIGTERM"
        job.finish()
    interrupt(job, 5, times=MOST_ATTEMPTS - 1)
    interrupt(job, 9, times=MOST_ATTEMPTS)
    with start() as again:
        again.finish()
    assert again.statuses == [3] * 4
    assert again.pools[0].given[0] == 5
    assert [row["name"] for row in failures(again.paths.out)] == ["R0009"]
    assert failures(again.paths.out)[0]["class"] == "crashed: job died"


def test_a_suspect_that_hangs_when_the_job_is_stopped_says_so_once(start: Start) -> None:
    with start() as job:
        job.turn(0)
        job.signals[0].received = "SIGTERM"
        job.finish()
    left = [k for k in range(N) if k not in job.drawn]
    interrupt(job, left[0], times=MOST_ATTEMPTS - 1)
    with start() as again:
        again.pools[0].at_a_time = 0
        again.signals[0].received = ""
        again.pools[0].on_give = lambda: setattr(again.signals[0], "received", "SIGTERM")
        again.finish()
    assert isinstance(again.ranks[0].error, StoppedError)
    assert str(again.ranks[0].error) == ("stopped by SIGTERM; run the same command again to resume")
    assert again.statuses == [75] * 4


def test_a_job_that_is_stopped_before_it_draws_says_so_once(start: Start) -> None:
    with start() as job:
        job.signals[0].received = "SIGTERM"
        job.finish()
    assert str(job.ranks[0].error) == "stopped by SIGTERM; run the same command again to resume"
    assert job.statuses == [75] * 4


def test_parts_are_drawn_by_two_jobs_and_merged(start: Start) -> None:
    for number in (1, 2):
        with start(n_ranks=2, part=Part(number, 2)) as job:
            job.finish()
        assert job.statuses == [0, 0]
        assert job.drawn == list(range(number - 1, N, 2))
    summary = merge_parts(job.paths.out)
    assert (summary.status, summary.recordings, summary.expected) == (0, N, N)
    assert len(manifest(job.paths.out)) == N


SMALL = 12
"""Recordings of a job of random events."""

Event = tuple[str, int]
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("turn"), st.integers(0, 3)),
        st.tuples(st.just("turn"), st.integers(0, 3)),
        st.tuples(st.just("round"), st.integers(1, 3)),
        st.tuples(st.sampled_from(["kill", "freeze"]), st.integers(1, 3)),
        st.tuples(st.just("signal"), st.integers(0, 3)),
    ),
    max_size=40,
)


@given(events=EVENTS, speeds=st.lists(st.integers(1, 3), min_size=4, max_size=4))
def test_whatever_happens_when_no_chunk_is_journaled_twice_and_all_ends(
    events: list[Event], speeds: list[int]
) -> None:
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setenv(RANK_TIMEOUT, "10")
        folder = Path(name)
        recordings(folder / "in", SMALL)
        with one_process(folder / "in", folder / "out", 4, None, running()) as job:
            for pool, speed in zip(job.pools, speeds, strict=True):
                pool.at_a_time = speed
            for event, number in events:
                _do(job, event, number)
            job.finish(most=2000)
        assert len(set(job.statuses)) == 1
        assert job.status(0) in (0, 75)
        assert len(job.drawn) == len(set(job.drawn))
        if not job.paths.out.exists():
            return
        done = _recordings_in_journals(job)
        assert len(done) == len(set(done))
        assert set(done) <= set(job.drawn)
        assert (job.status(0) == 0) == (len(done) == SMALL)
        with one_process(folder / "in", folder / "out", 2, None, running()) as again:
            again.finish()
        assert again.statuses == [0, 0]
        assert again.drawn == sorted(set(range(SMALL)) - set(done))


def _do(job: OneProcess, event: str, number: int) -> None:
    match event:
        case "turn":
            job.turn(number)
        case "round":
            job.rounds(number)
        case "kill":
            job.kill(number)
        case "freeze":
            job.freeze(number)
        case _:
            job.signals[number].received = "SIGTERM"


def _recordings_in_journals(job: OneProcess) -> list[int]:
    """Every chunk, of one recording each, as often as the journals have it."""
    chunks: list[int] = []
    for path in job.paths.journals.glob("*.journal"):
        data, offset = path.read_bytes(), 0
        while offset < len(data):
            _, chunk, head, body, _ = HEADER.unpack_from(data, offset)
            chunks.append(chunk)
            offset += HEADER.size + head + body
    return chunks
