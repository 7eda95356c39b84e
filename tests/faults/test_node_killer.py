"""A recording that takes its whole node down is not tried for ever; its neighbours never fail."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from ecgmpi.job.pool.attempts import Attempts, InterruptedRuns, clear
from tests.faults.poisoned import HARMFUL, add, poisoned
from tests.mpi.flavours import MissingError, mpich
from tests.outputs import assert_same, contents, failures, half_written, manifest, n_journaled
from tests.processes import QUICK, run, started

GOOD = 24


def notes(out: Path) -> list[Path]:
    """The notes of recordings in flight that are still there."""
    return list((out / ".ecgmpi").rglob("*.attempts"))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return poisoned(tmp_path / "in", GOOD, node=12)


@pytest.fixture
def undisturbed(corpus: Path, ecgmpi: Path, tmp_path: Path) -> dict[str, str]:
    """The pictures of a run in which the same file does no harm."""
    [path] = corpus.glob("*.poison")
    harm = path.read_text()
    path.write_text("POISON none\n")
    run([ecgmpi, "render", corpus, "-o", tmp_path / "whole", *QUICK], HARMFUL).expect(0)
    path.write_text(harm)
    return _good_pictures(tmp_path / "whole")


def _good_pictures(out: Path) -> dict[str, str]:
    return {
        path: digest
        for path, digest in contents(out).items()
        if path.startswith("images/") and "_node" not in path
    }


def _until_it_completes(command: list[object], out: Path, deaths: int) -> None:
    """The same command, again and again: it dies so many times, and then completes."""
    for _ in range(deaths):
        assert run(command, HARMFUL).status not in (0, 3, 75)
        assert notes(out)
    # As if it had died while it was drawn, rather than read.
    left = out / "images" / "SYN000012_node"
    left.mkdir(parents=True)
    (left / "SYN000012_node_I.png").write_bytes(b"whole")
    (left / ".SYN000012_node_II.png.part").write_bytes(b"half")
    ended = run(command, HARMFUL).expect(3)
    assert ended.complaints == []
    assert notes(out) == []
    assert not left.exists()


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "3"])
def test_it_fails_after_three_attempts_and_all_else_is_drawn(
    workers: str, corpus: Path, undisturbed: dict[str, str], ecgmpi: Path, tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    command = [ecgmpi, "render", corpus, "-o", out, *QUICK, "--workers", workers]
    _until_it_completes(command, out, deaths=3)
    [row] = failures(out)
    assert row["name"].endswith("_node")
    assert row["class"] == "crashed: job died"
    assert "3 times, the last time alone" in row["message"]
    assert len(manifest(out)) == GOOD + 1
    assert_same(_good_pictures(out), undisturbed)
    assert half_written(out) == []


@pytest.mark.slow
@pytest.mark.mpi
def test_on_three_ranks(corpus: Path, undisturbed: dict[str, str], tmp_path: Path) -> None:
    """Each death takes the other ranks with it, and what they have in flight is not blamed."""
    try:
        launcher = mpich()
    except MissingError as missing:
        pytest.skip(str(missing))
    out = tmp_path / "OUT"
    command = launcher.command(3, "render", corpus, "-o", out, *QUICK, "--workers", "2")
    _until_it_completes(command, out, deaths=3)
    assert [row["class"] for row in failures(out)] == ["crashed: job died"]
    assert_same(_good_pictures(out), undisturbed)


@pytest.mark.slow
def test_several_of_them(
    corpus: Path, undisturbed: dict[str, str], ecgmpi: Path, tmp_path: Path
) -> None:
    """In flight together, they are distinguished by a retry of each alone."""
    add(corpus, "node", 13)
    out = tmp_path / "OUT"
    command = [ecgmpi, "render", corpus, "-o", out, *QUICK, "--workers", "4"]
    give_up = 8
    while run(command, HARMFUL).status != 3:
        give_up -= 1
        assert give_up
    assert [row["class"] for row in failures(out)] == ["crashed: job died"] * 2
    assert_same(_good_pictures(out), undisturbed)


@pytest.mark.slow
def test_a_job_that_is_stopped_in_time_blames_nothing(
    many: Path, ecgmpi: Path, tmp_path: Path
) -> None:
    """Neither a drain nor a kill after it: schedulers send SIGTERM, and then SIGKILL."""
    out = tmp_path / "OUT"
    command = [ecgmpi, "render", many, "-o", out, *QUICK]
    with started(command) as job:
        job.until(lambda: n_journaled(out) >= 3)
        assert notes(out)
        for worker in job.workers():
            # What it has in flight will not be done: the drain waits as long as it may.
            job.signal(signal.SIGSTOP, worker)
        job.signal(signal.SIGTERM)
        job.until(lambda: not notes(out))
        job.clear()
    assert notes(out) == []
    run(command).expect(0)


@pytest.mark.slow
def test_a_retry_can_be_stopped_like_anything_else(ecgmpi: Path, tmp_path: Path) -> None:
    """What was in flight at two deaths is retried alone, for as long as it takes or may take."""
    corpus, out = poisoned(tmp_path / "in", 3, sleep=2), tmp_path / "OUT"
    command = [ecgmpi, "render", corpus, "-o", out, *QUICK, "--workers", "4"]
    noted = out / ".ecgmpi" / "attempts"
    for deaths in (1, 2):
        with started(command, HARMFUL) as job:
            job.until(lambda: InterruptedRuns(noted).attempts.get(2) == deaths)  # noqa: B023
            job.clear()
    before = notes(out)
    with started(command, HARMFUL) as job:
        job.until(lambda: InterruptedRuns(noted).attempts.get(2) == 3)
        job.signal(signal.SIGTERM)
        ended = job.wait(10).expect(75)
        job.until_over()
    stopped = "ecgmpi: stopped by SIGTERM; run the same command again to resume"
    assert ended.complaints == [stopped], ended.err
    assert notes(out) == before


def test_notes_say_what_was_in_flight_when_they_were_last_written(tmp_path: Path) -> None:
    attempts = Attempts(tmp_path)
    attempts.begin(0, 0)
    attempts.begin(1, 7)
    attempts.begin(5, 9)
    attempts.end(1)
    attempts.begin(0, 3)
    attempts.close()
    other = Attempts(tmp_path)
    other.begin(0, 9)
    other.close()
    ended = Attempts(tmp_path)
    ended.begin(0, 3)
    ended.withdraw()
    deaths = InterruptedRuns(tmp_path)
    assert deaths.attempts == {3: 1, 9: 2}
    deaths.forget(lambda index: index == 9)
    assert InterruptedRuns(tmp_path).attempts == {3: 1, 9: 1}
    clear(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert InterruptedRuns(tmp_path).attempts == {}


def test_torn_notes_are_no_notes(tmp_path: Path) -> None:
    attempts = Attempts(tmp_path)
    attempts.begin(0, 4)
    attempts.begin(1, 5)
    attempts.close()
    [path] = tmp_path.iterdir()
    data = bytearray(path.read_bytes())
    data[1] ^= 0xFF
    path.write_bytes(data + b"\1\2\3")
    assert InterruptedRuns(tmp_path).attempts == {5: 1}
