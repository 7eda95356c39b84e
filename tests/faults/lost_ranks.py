"""Slurm jobs that lose a rank at a random moment.

    python -m tests.faults.lost_ranks --kills 20 --seed 7 --nodes 3 [--no-unpack]

A rank of a random node, often rank 0, is killed with SIGKILL while a job of
``slurm/render.sh`` runs on two or three nodes. The job must say in one line which rank was lost,
without a traceback, queue itself again, and end with the same bytes as an undisturbed job. Of
what it started, nothing may be left on any node. Needs root, and an image (ECGMPI_IMAGE, or
``mpich.sif`` in the folder ECGMPI_TEST_CLUSTER).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import pwd
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.slurm import Cluster, User, missing_programs, said
from tests.outputs import assert_same, contents, half_written, n_journaled
from tests.processes import ranks_among

ROOT = Path(__file__).resolve().parents[2]
RENDER = ROOT / "slurm" / "render.sh"

RECORDINGS = 300
HOW = ("--dpi", "600", "--progress", "none", "--workers", "1")
"""Large pictures by one worker a rank: a job takes some seconds."""

TIMEOUT = 240.0
"""Seconds to wait for anything."""

LEASE_EXPIRES = 45.0
"""Seconds after the last renewal of its lease that OUT is free for any other job."""

FREE_WITHIN = 50.0
"""Seconds in which OUT must be free once the rank is gone."""

CLEAN_WITHIN = 60.0
"""Seconds in which nothing may be left on any node once the job has ended."""

KILLS_A_JOB = 2

SPREAD = 7.0
"""Seconds in which a rank is killed, from when all have started."""

_DAEMONS = ("slurmd",)
_LOST = re.compile(r"rank (\d+) on (\S+) (?:is lost|was killed)")


@dataclass(frozen=True, slots=True)
class Bed:
    """Where jobs run, and what an undisturbed one makes.

    Attributes
    ----------
    cluster, user
        Who submits jobs where.
    image, corpus
        What draws what.
    whole
        Path below OUT -> checksum, of an undisturbed run.
    settings
        Further environment of jobs.
    """

    cluster: Cluster
    user: User
    image: Path
    corpus: Path
    whole: dict[str, str]
    settings: dict[str, str]


@dataclass(frozen=True, slots=True)
class Killed:
    """A rank that was killed.

    Attributes
    ----------
    rank, host
        Which one, where.
    chunks
        How many chunks the journals held.
    free
        Seconds after Slurm noticed until OUT was free.
    """

    rank: int
    host: str
    chunks: int
    free: float

    def __str__(self) -> str:
        return (
            f"rank {self.rank} on {self.host} at {self.chunks} of {RECORDINGS}, OUT free after "
            f"{self.free:.1f} s"
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one job.

    Attributes
    ----------
    number
        Of the job.
    kills
        The ranks that were killed.
    restarts
        How often Slurm started it again.
    clean
        Seconds after its end until nothing was left of it.
    wrong
        What it must not have done; empty where all was as it must be.
    """

    number: int
    kills: tuple[Killed, ...]
    restarts: int
    clean: float
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        verdict = "; ".join(self.wrong) or "the same bytes"
        return (
            f"job {self.number}: {', then '.join(map(str, self.kills))}; {self.restarts} "
            f"restarts; clean after {self.clean:.1f} s; {verdict}"
        )


def processes(cluster: Cluster, job: int) -> dict[int, tuple[list[str], dict[str, str]]]:
    """Every process of a job on any node: its command line and its environment."""
    found = {}
    # Another cluster on this machine has jobs of the same numbers.
    wanted = {f"SLURM_JOB_ID={job}"} | {"=".join(one) for one in cluster.environment.items()}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            words = _words(folder / "environ")
            if wanted <= set(words) and (command := _words(folder / "cmdline")):
                pairs = (word.partition("=") for word in words)
                found[int(folder.name)] = command, {name: value for name, _, value in pairs}
    return found


def _words(path: Path) -> list[str]:
    return path.read_bytes().decode(errors="replace").split("\0")[:-1]


def ranks(cluster: Cluster, job: int) -> dict[int, tuple[int, str]]:
    """Rank -> process id and host, of the ranks of a job that run now."""
    found = processes(cluster, job)
    commands = {pid: words for pid, (words, _) in found.items() if "--check-options" not in words}
    environments = {pid: found[pid][1] for pid in ranks_among(commands)}
    return {
        int(environment["SLURM_PROCID"]): (pid, environment["SLURMD_NODENAME"])
        for pid, environment in environments.items()
    }


def leftovers(bed: Bed, job: int, out: Path) -> list[str]:
    """What is left of a job that has ended: processes, images, shared memory, temporary files."""
    cluster = bed.cluster
    left = [
        f"process {pid} {' '.join(words)[:100]}"
        for pid, (words, _) in processes(cluster, job).items()
    ]
    for name in cluster.names:
        root = cluster.root(name)
        left += [
            f"process {pid} ({command}) of {name}"
            for pid, command in cluster.processes(name)
            if command not in _DAEMONS
        ]
        left += [f"{name}:/tmp/{path.name}" for path in (root / "tmp").glob("ecgmpi-image-*")]
        notes = (bed.user.home / ".apptainer" / "instances" / "app" / name).glob("*/*")
        left += [f"~/.apptainer/instances/app/{name}/{path.name}" for path in notes]
        left += [f"{name}:/dev/shm/{path.name}" for path in (root / "dev" / "shm").iterdir()]
    left += [f"OUT/{path.relative_to(out)}" for path in half_written(out)]
    names = (".ecgmpi-*", "**/*.tmp", ".ecgmpi/*.lease")
    left += [f"OUT/{path.relative_to(out)}" for name in names for path in out.glob(name)]
    return left


class Leases:
    """When the lease on an OUT was last seen to change; `look` at it often."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._content: dict[str, bytes] = {}
        self._changed = time.monotonic()

    def look(self) -> None:
        """See whether it was renewed or released."""
        now = {}
        for path in (self._out / ".ecgmpi").glob("*.lease"):
            with contextlib.suppress(OSError):
                now[path.name] = path.read_bytes()
        if now != self._content:
            self._content, self._changed = now, time.monotonic()

    @property
    def free_at(self) -> float:
        """When OUT is free, by the clock of `time.monotonic`, if the lease is not renewed."""
        return self._changed + (LEASE_EXPIRES if self._content else 0.0)


def disturb(bed: Bed, place: Path, nodes: int, kills: int, chance: random.Random) -> Outcome:
    """Run a job on `nodes` nodes below `place`, and kill a rank of it `kills` times."""
    out = place / "OUT"
    # Of other jobs.
    others = leftovers(bed, 0, out)
    size = (f"--nodes={nodes}", "--ntasks-per-node=1", "--cpus-per-task=1")
    number = bed.cluster.submit(
        ["sbatch", "--parsable", *size, RENDER, bed.corpus, out, *HOW],
        place,
        {"ECGMPI_IMAGE": str(bed.image), **bed.settings},
        bed.user,
    )
    killed: list[Killed] = []
    wrong: list[str] = []
    while len(killed) < kills and _kill_one(bed, number, out, nodes, killed, chance):
        pass
    job = bed.cluster.finished(number, TIMEOUT)
    ended = time.monotonic()
    log = said(job)
    if (job.state, job.exit) != ("COMPLETED", 0):
        wrong.append(f"{job.state}, exit {job.exit}")
    if job.restarts != len(killed):
        wrong.append(f"{job.restarts} restarts after {len(killed)} kills")
    wrong += _untrue(log, killed)
    try:
        assert_same(contents(out), bed.whole)
    except AssertionError:
        wrong.append("not the same bytes")
    while left := [one for one in leftovers(bed, number, out) if one not in others]:
        if time.monotonic() - ended > CLEAN_WITHIN:
            break
        time.sleep(0.5)
    clean = time.monotonic() - ended
    wrong += [f"left behind: {what}" for what in left]
    return Outcome(number, tuple(killed), job.restarts, clean, tuple(wrong))


def _kill_one(
    bed: Bed, number: int, out: Path, nodes: int, killed: list[Killed], chance: random.Random
) -> bool:
    """Kill a rank, and wait until OUT is free; False where the job ended before."""
    restarts = len(killed)
    # Two attempts in a row that finish nothing would be the last.
    done = killed[-1].chunks if killed else -1
    if not _until(
        bed, number, lambda: len(ranks(bed.cluster, number)) == nodes and n_journaled(out) > done
    ):
        return False
    # From the start of MPI, before anything is drawn, to the last chunks.
    time.sleep(SPREAD * chance.random())
    rank = chance.randrange(nodes)
    alive = ranks(bed.cluster, number)
    if rank not in alive:
        return False
    pid, host = alive[rank]
    chunks = n_journaled(out)
    if chunks == RECORDINGS:
        # It may be complete a moment later.
        return False
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    leases = Leases(out)

    def over() -> bool:
        leases.look()
        return len(_verdicts(said(bed.cluster.job(number)))) > restarts

    _until(bed, number, over)
    noticed = time.monotonic()
    leases.look()
    killed.append(Killed(rank, host, chunks, max(0.0, leases.free_at - noticed)))
    return True


def _verdicts(log: str) -> list[str]:
    return [line for line in log.splitlines() if re.match(r"render\.sh: .* exit \d+: ", line)]


def _until(bed: Bed, number: int, condition: Callable[[], bool]) -> bool:
    """Wait for `condition`; False where the job ended before."""
    give_up = time.monotonic() + TIMEOUT
    hurry_at = 0.0
    while not condition():
        job = bed.cluster.job(number)
        if job.ended:
            return False
        if job.reason != "BeginTime":
            hurry_at = 0.0
        elif not hurry_at:
            # The nodes must have buried it first.
            hurry_at = time.monotonic() + 5
        elif time.monotonic() > hurry_at:
            bed.cluster.hurry(number)
        assert time.monotonic() < give_up, said(job)
        time.sleep(0.1)
    return True


def _untrue(log: str, killed: Sequence[Killed]) -> list[str]:
    """What the log of a job must not say, or does not say."""
    wrong = []
    if trace := re.search(r"^(Traceback|mpi4py|.*Exception)[\s\S]{0,400}", log, re.MULTILINE):
        wrong.append(f"a traceback: {' '.join(trace[0].split())}")
    verdicts = _verdicts(log)
    if len(verdicts) != len(killed) + 1:
        wrong.append(f"{len(verdicts)} verdicts for {len(killed)} kills")
    for one, line in zip(killed, verdicts, strict=False):
        named = [(int(rank), host) for rank, host in _LOST.findall(line)]
        if "exit 75: " not in line or named != [(one.rank, one.host)]:
            wrong.append(f"untrue of rank {one.rank} on {one.host}: {line}")
        if one.free > FREE_WITHIN:
            wrong.append(f"OUT was held for {one.free:.0f} s")
    return wrong


def lost_ranks(
    bed: Bed,
    place: Path,
    kills: int,
    seed: int,
    nodes: Sequence[int] = (2, 3),
    report: Callable[[Outcome], None] = lambda _: None,
) -> list[Outcome]:
    """Run jobs below `place`, on as many `nodes` in turn, until there were so many `kills`."""
    chance = random.Random(seed)
    told: list[Outcome] = []
    while (left := kills - sum(len(one.kills) for one in told)) > 0:
        folder = place / f"job {len(told)}"
        folder.mkdir()
        os.chown(folder, bed.user.uid, bed.user.gid)
        one = disturb(bed, folder, nodes[len(told) % len(nodes)], min(left, KILLS_A_JOB), chance)
        told.append(one)
        report(one)
        shutil.rmtree(folder / "OUT" / "images", ignore_errors=True)
    return told


def prepared(cluster: Cluster, user: User, image: Path, work: Path, unpack: bool) -> Bed:
    """A corpus below `work`, and what an undisturbed run makes of it."""
    corpus, out = work / "corpus", work / "alone"
    inside = ["apptainer", "-q", "exec", "--bind", str(work), str(image), "ecgmpi"]
    for command in (
        ["synth", corpus, "-n", str(RECORDINGS), "--duration", "2"],
        ["render", corpus, "-o", out, *HOW[:4]],
    ):
        subprocess.run([*inside, *map(str, command)], check=True, capture_output=True)
    whole = contents(out)
    shutil.rmtree(out)
    settings = {"ECGMPI_UNPACK": "yes" if unpack else "no"}
    if bound := os.environ.get("ECGMPI_BIND"):
        settings["ECGMPI_BIND"] = bound
    return Bed(cluster, user, image, corpus, whole, settings)


def main() -> int:
    """``python -m tests.faults.lost_ranks --help``."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.lost_ranks")
    parser.add_argument("--kills", type=int, default=20, help="how many (default: 20)")
    parser.add_argument("--seed", type=int, default=7, help="of what is killed, when (default: 7)")
    parser.add_argument("--nodes", type=int, choices=(2, 3), help="nodes (default: 2 and 3)")
    parser.add_argument("--no-unpack", action="store_true", help="run the image as it is")
    parser.add_argument("--user", default="ecgmpi-user", help="who submits (default: %(default)s)")
    parser.add_argument("--keep", action="store_true", help="keep the logs")
    given = parser.parse_args()
    folder = Path(os.environ.get("ECGMPI_TEST_CLUSTER", ""))
    image = Path(os.environ.get("ECGMPI_IMAGE", folder / "mpich.sif"))
    if not folder.is_absolute() or os.geteuid() != 0 or missing_programs() or not image.exists():
        print(
            "lost_ranks: needs root, Slurm, Apptainer, a folder ECGMPI_TEST_CLUSTER that users "
            f"can look into, and an image ({image} does not exist, or ECGMPI_IMAGE); missing: "
            f"{', '.join(missing_programs()) or 'no program'}",
            file=sys.stderr,
        )
        return 1
    found = pwd.getpwnam(given.user)
    work = folder / f"lost-{uuid.uuid4().hex[:8]}"
    # A home of its own: Apptainer keeps notes there by the names of nodes.
    (work / "home").mkdir(parents=True)
    os.chown(work / "home", found.pw_uid, found.pw_gid)
    user = User(found.pw_name, found.pw_uid, found.pw_gid, work / "home")
    cluster = Cluster(work / "slurm", given.nodes or 3, [folder, ROOT])
    try:
        cluster.start()
        bed = prepared(cluster, user, image, work, not given.no_unpack)
        nodes = (given.nodes,) if given.nodes else (2, 3)
        told = lost_ranks(
            bed, work, given.kills, given.seed, nodes, lambda one: print(one, flush=True)
        )
    finally:
        cluster.stop()
        if not given.keep:
            shutil.rmtree(work, ignore_errors=True)
    kills = sum(len(one.kills) for one in told)
    good = sum(not one.wrong for one in told)
    print(f"{kills} ranks killed in {len(told)} jobs; {good} of {len(told)} jobs as they must be")
    return 0 if good == len(told) else 1


if __name__ == "__main__":
    sys.exit(main())
