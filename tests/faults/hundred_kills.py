"""A job of 400 recordings on three ranks that is killed again and again.

    python -m tests.faults.hundred_kills --kills 100 --seed 7 [--pack tar] [-- --wear photo]

Something of it (a worker, a supervisor, a rank, rank 0, mpirun, all at once) is killed at a random
moment; the same command is started again, until the job ends; and a job begins afresh until
there were as many kills as asked for. What comes out is held to an undisturbed run.

No recording is in flight at two kills: before each, the chunks that were out at the last one
have been journaled. Packed, a chunk has several recordings, and is made in a folder for scratch,
which must be empty in the end. Options after ``--`` are for ``ecgmpi render``.
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
from ecgmpi.store import PACKINGS
from tests.faults.watched import IN_FLIGHT, TIMEOUT, Bed, N, Watch
from tests.mpi.flavours import MissingError
from tests.outputs import assert_same, contents, half_written, manifest, run_json
from tests.processes import Ended, Running, parent_of, run, started


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
        Recordings that had been drawn, wholly or in part, and had to be drawn again; packed, shards
        that had been made.
    pack
        How pictures were packed.
    n
        How many recordings a job has.
    options
        Of ``ecgmpi render``, besides.
    left
        Folders that killed ranks left in that for scratch, until the next launch.
    """

    pack: str = "files"
    n: int = N
    options: tuple[str, ...] = ()
    killed: Counter[str] = field(default_factory=Counter)
    jobs: int = 0
    launches: int = 0
    lost: int = 0
    left: int = 0

    @property
    def kills(self) -> int:
        return self.killed.total()

    def __str__(self) -> str:
        what = ", ".join(f"{name} {times}" for name, times in sorted(self.killed.items()))
        again = f"{self.lost} recordings drawn again"
        if self.pack != "files":
            again = (
                f"{self.lost} shards made again, {self.left} folders left in scratch and removed"
            )
        options = " ".join(["--pack", self.pack, *self.options])
        return (
            f"{options}: {self.kills} kills ({what}) in {self.jobs} jobs of {self.n} "
            f"recordings and {self.launches} launches; {again}; the same bytes"
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


def disturb(
    bed: Bed,
    whole: dict[str, str],
    out: Path,
    story: Story,
    kills: int,
    chance: random.Random,
    targets: Sequence[str] = tuple(TARGETS),
) -> None:
    """Draw the corpus into `out` with as many of `kills` as fit, and look at what comes out."""
    command = bed.command(out)
    watch = Watch(out, bed.n_chunks)
    while True:
        story.launches += 1
        with started(command) as job:
            ended = _attack(job, watch, story, kills, chance, targets)
            job.until_over(TIMEOUT)
        lost = watch.look()
        if ended.status == 0:
            break
        assert lost <= IN_FLIGHT, f"{lost} chunks were in flight"
        story.lost += lost
        story.left += len(list(bed.scratch.iterdir()))
    assert lost == 0
    story.jobs += 1
    assert_same(contents(out), whole)
    assert half_written(out) == []
    assert list(bed.scratch.iterdir()) == []
    assert [row["name"] for row in manifest(out)] == [f"SYN{k:06d}" for k in range(1, bed.n + 1)]
    assert run_json(out)["status"] == 0
    assert watch.done() == set(range(bed.n_chunks))


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


def hundred_kills(
    folder: Path,
    kills: int,
    seed: int,
    targets: Sequence[str] = tuple(TARGETS),
    pack: str = "files",
    n: int = N,
    options: Sequence[str] = (),
) -> Story:
    """Begin jobs of `n` recordings below `folder` until there were so many `kills`.

    Raises
    ------
    AssertionError
        Something was lost, doubled, torn or drawn again.
    MissingError
        There is no MPI to start ranks with.
    """
    bed = Bed(folder, pack, n, tuple(options))
    write_corpus(bed.corpus, n, duration=1)
    bed.scratch.mkdir()
    run(bed.command(folder / "whole"), timeout=TIMEOUT).expect(0)
    whole = contents(folder / "whole")
    chance = random.Random(seed)
    story = Story(pack, n, bed.options)
    while story.kills < kills:
        disturb(bed, whole, folder / f"out{story.jobs}", story, kills, chance, targets)
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
    parser.add_argument(
        "--pack", choices=PACKINGS, default="files", help="of the pictures (default: files)"
    )
    parser.add_argument("-n", type=int, default=N, help=f"recordings of a job (default: {N})")
    parser.add_argument("options", nargs="*", help="of ecgmpi render, after --")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            targets = arguments.target or tuple(TARGETS)
            story = hundred_kills(
                *(Path(folder), arguments.kills, arguments.seed, targets),
                *(arguments.pack, arguments.n, arguments.options),
            )
            print(story)
        except MissingError as missing:
            print(missing, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
