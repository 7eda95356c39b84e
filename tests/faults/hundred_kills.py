"""A job of 400 recordings on three ranks that is killed again and again.

    python -m tests.faults.hundred_kills --kills 100 --seed 7

Something of it (a worker, a supervisor, a rank, rank 0, mpirun, all at once) is killed at a random
moment; the same command is started again, until the job ends; and a job begins afresh until
there were as many kills as asked for. What comes out is held to an undisturbed run.

No recording is in flight at two kills: before each, the chunks that were out at the last one
have been journaled.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ecgmpi.ecg.synthetic import write_corpus
from tests.mpi.flavours import MissingError, mpich
from tests.outputs import assert_same, contents, half_written, journaled, manifest, run_json
from tests.processes import Ended, Running, parent_of, run, started

N, RANKS = 400, 3
IN_FLIGHT = 2 * RANKS
"""Most chunks, of one recording each, that ranks of one worker have in flight."""

TIMEOUT = 120.0
"""Seconds to wait for anything, on a machine that is busy with other things."""


@dataclass(slots=True)
class Story:
    """What was killed and what it cost.

    Attributes
    ----------
    killed
        How often each kind of process was.
    jobs
        Jobs that were seen to their end.
    launches
        How often they were started for that.
    lost
        Recordings that had been drawn, wholly or in part, and had to be drawn again.
    """

    killed: Counter[str] = field(default_factory=Counter)
    jobs: int = 0
    launches: int = 0
    lost: int = 0

    @property
    def kills(self) -> int:
        return self.killed.total()

    def __str__(self) -> str:
        what = ", ".join(f"{name} {times}" for name, times in sorted(self.killed.items()))
        return (
            f"{self.kills} kills ({what}) in {self.jobs} jobs of {N} recordings and "
            f"{self.launches} launches; {self.lost} recordings drawn again; the same bytes"
        )


def _rank(number: int) -> Callable[[Running], list[int]]:
    return lambda job: job.ranks()[number : number + 1]


TARGETS: dict[str, Callable[[Running], list[int]]] = {
    "worker": lambda job: job.workers(),
    "supervisor": lambda job: job.supervisors(),
    "supervisor of rank 0": lambda job: [
        pid for pid in job.supervisors() if [parent_of(pid)] == job.ranks()[:1]
    ],
    "rank": lambda job: job.ranks()[1:],
    "rank 0": _rank(0),
    "mpirun": lambda job: [job.pid],
    "everything": lambda job: list(job.processes()),
}

REPLACED = ("worker", "supervisor", "supervisor of rank 0")
"""What a job replaces, and goes on."""


class Watch:
    """What is done in an OUT, looked at only when a journal has grown."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._size = -1
        self._done: set[int] = set()
        self._pictures: dict[Path, int] = {}

    def done(self) -> set[int]:
        """The chunks that are journaled; fails where one is twice."""
        size = sum(
            path.stat().st_size for path in (self._out / ".ecgmpi" / "journal").glob("*.journal")
        )
        if size != self._size:
            chunks = [chunk for of_rank in journaled(self._out).values() for chunk in of_rank]
            assert len(chunks) == len(set(chunks)), "a chunk was done twice"
            self._size, self._done = size, set(chunks)
        return self._done

    def out_now(self) -> set[int]:
        """The chunks that may be out: they are handed out in order."""
        return set(sorted(set(range(N)) - self.done())[:IN_FLIGHT])

    def look(self) -> int:
        """Fail where what was done has been drawn again; how many recordings were lost.

        A recording is lost where there is some of it, and it was not journaled.
        """
        done = self.done()
        lost = set()
        for folder in (self._out / "images").glob("SYN*"):
            chunk = int(folder.name[3:]) - 1
            times = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
            if chunk not in done:
                lost.add(chunk)
                continue
            for path, written in times.items():
                assert self._pictures.setdefault(path, written) == written, f"{path} drawn again"
        return len(lost)


def disturb(
    corpus: Path,
    whole: dict[str, str],
    out: Path,
    story: Story,
    kills: int,
    chance: random.Random,
    targets: Sequence[str] = tuple(TARGETS),
) -> None:
    """Draw `corpus` into `out` with as many of `kills` as fit, and look at what comes out."""
    command = _command(corpus, out)
    watch = Watch(out)
    while True:
        story.launches += 1
        with started(command) as job:
            ended = _attack(job, watch, story, kills, chance, targets)
            job.until_over(TIMEOUT)
        lost = watch.look()
        if ended.status == 0:
            break
        assert lost <= IN_FLIGHT, f"{lost} recordings were in flight"
        story.lost += lost
    assert lost == 0
    story.jobs += 1
    assert_same(contents(out), whole)
    assert half_written(out) == []
    assert [row["name"] for row in manifest(out)] == [f"SYN{k:06d}" for k in range(1, N + 1)]
    assert run_json(out)["status"] == 0
    assert watch.done() == set(range(N))


def _attack(
    job: Running,
    watch: Watch,
    story: Story,
    kills: int,
    chance: random.Random,
    targets: Sequence[str],
) -> Ended:
    """Kill until the job has ended, of that or by itself."""
    while story.kills < kills:
        before = watch.out_now()
        if not before:
            # The job is about to end, and a kill would follow no newly journaled chunk.
            break
        with contextlib.suppress(_OverError):
            _wait(job, lambda: before <= watch.done())  # noqa: B023 - called at once
            time.sleep(0.1 * chance.random())
            name = chance.choice(targets)
            pids = TARGETS[name](job)
            if job.ended or not pids:
                continue
            for pid in pids if name == "everything" else [chance.choice(pids)]:
                with contextlib.suppress(ProcessLookupError):
                    job.signal(signal.SIGKILL, pid)
            story.killed[name] += 1
            if name in REPLACED:
                # The job continues, and so does the killing.
                continue
        break
    return job.wait(TIMEOUT)


class _OverError(Exception):
    """The job ended before there was anything to kill."""


def _wait(job: Running, condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + TIMEOUT
    while not condition():
        if job.ended:
            raise _OverError
        assert time.monotonic() < give_up, "nothing was journaled"
        time.sleep(0.005)


def _command(corpus: Path, out: Path) -> list[object]:
    options = ("--dpi", "60", "--progress", "none", "--workers", "1")
    return mpich().command(RANKS, "render", corpus, "-o", out, *options)


def hundred_kills(
    folder: Path, kills: int, seed: int, targets: Sequence[str] = tuple(TARGETS)
) -> Story:
    """Begin jobs below `folder` until there were so many `kills`.

    Raises
    ------
    AssertionError
        Something was lost, doubled, torn or drawn again.
    MissingError
        There is no MPI to start ranks with.
    """
    corpus = folder / "in"
    write_corpus(corpus, N, duration=1)
    run(_command(corpus, folder / "whole"), timeout=TIMEOUT).expect(0)
    whole = contents(folder / "whole")
    chance = random.Random(seed)
    story = Story()
    while story.kills < kills:
        disturb(corpus, whole, folder / f"out{story.jobs}", story, kills, chance, targets)
    return story


def main() -> int:
    """``python -m tests.faults.hundred_kills --help``."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.hundred_kills")
    parser.add_argument("--kills", type=int, default=100, help="how many (default: 100)")
    parser.add_argument("--seed", type=int, default=7, help="of what is killed, when (default: 7)")
    parser.add_argument(
        "--target",
        action="append",
        choices=TARGETS,
        help="what is killed; may be repeated (default: all of it)",
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            targets = arguments.target or tuple(TARGETS)
            print(hundred_kills(Path(folder), arguments.kills, arguments.seed, targets))
        except MissingError as missing:
            print(missing, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
