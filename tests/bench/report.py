"""Status and report of very many recordings, from an OUT whose recordings were never drawn.

Makes an OUT of N recordings, K pictures each, by 64 ranks: some failed, some odd in many ways, no
two with the same words. A few thousand rows are made and written down again and again; all pictures
are the same page. Fresh processes then run ``ecgmpi status`` and ``ecgmpi report``, and compare two
such OUTs. Their CPU time has start and imports in it.

Fails where that takes more than is promised for 1,000,000 recordings.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import ecgmpi
from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.discover import Found
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.options.rendering import Rendering
from ecgmpi.outdir.job_file import JobFile
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.results.activity import Activity, file_name
from ecgmpi.results.columns import Row
from ecgmpi.results.journal_writer import HEADER, MAGIC, checksum
from ecgmpi.results.result import Result
from ecgmpi.results.tables import pack, tables_of
from ecgmpi.results.totals import totals_of
from tests.bench.figures import Figure, figure, parser_of, run_case
from tests.bench.manifest import result
from tests.bench.slowness import allowed

CHUNK = 32
DIFFERENT = 256
"""Chunks that are made; the others are these again."""

RANKS = 64
WORKERS = 16
RATE = 30.0
"""Recordings a second of a rank."""

MOST_MB = 300
MOST_SECONDS = {"status": 1.0, "report": 20.0, "comparison": 40.0}
"""CPU of each."""

MOST_PAGE_MB = 3.0
PICTURE = "images/page.png"


def main() -> int:
    """``python -m tests.bench.report --help``."""
    parser = parser_of(__doc__, "report")
    parser.add_argument("--recordings", type=int, default=1_000_000, help="default: 1000000")
    parser.add_argument(
        "--pictures", type=int, default=12, choices=range(1, 13), help="default: 12"
    )
    parser.add_argument("--keep", type=Path, help="make OUT here, and keep it; default: do not")
    return run_case(parser, measure)


def measure(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Make the OUT, and run the commands on it."""
    n_chunks = -(-arguments.recordings // CHUNK)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        out, twin = arguments.keep or folder / "OUT", folder / "twin"
        write(JobPaths(out), n_chunks, arguments.pictures)
        twin.mkdir()
        (twin / ".ecgmpi").symlink_to(JobPaths(out).hidden.resolve())
        words = {
            "status": ["status", out],
            "report": ["report", out],
            "comparison": ["report", out, twin, "-o", folder / "comparison.html"],
        }
        about = f"{n_chunks * CHUNK:,} recordings, {arguments.pictures} pictures each"
        for what, most in MOST_SECONDS.items():
            command = [sys.executable, "-m", "ecgmpi", *map(str, words[what])]
            cpu, memory = measured(command)
            yield figure(f"report.{what}_cpu_s", cpu, "s", f"CPU: {about}", most=allowed(most))
            yield figure(f"report.{what}_mb", memory, "MB", "memory, at most", most=MOST_MB)
        size = JobPaths(out).report_html.stat().st_size / 1e6
    yield figure("report.page_mb", size, "MB", "report.html", most=MOST_PAGE_MB)


def measured(command: list[str]) -> tuple[float, float]:
    """Run a command; seconds of CPU, and the most memory, MB."""
    # By a small process: what is started counts the memory of who starts it as its own.
    ended = subprocess.run(
        [sys.executable, "-c", _USED, *command], stdout=subprocess.PIPE, check=True
    )
    cpu, memory = json.loads(ended.stdout)
    return cpu, memory


_USED = """
import os, resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024])
"""


def write(paths: JobPaths, n_chunks: int, pictures: int) -> None:
    """Write the OUT of a job of so many chunks that was stopped when it had drawn the last."""
    paths.journals.mkdir(parents=True)
    paths.progress.mkdir()
    (paths.out / "images").mkdir()
    page = ecgmpi.draw(synthesize(seed=0, index=0), layout="3x4+1")
    (paths.out / PICTURE).write_bytes(page.png())
    JobFile.by(Rendering(layout="3x4+1")).write(paths)
    Catalogue.build(paths.catalogue, found(n_chunks * CHUNK)).close()
    made = [_packed(chunk, pictures) for chunk in range(min(n_chunks, DIFFERENT))]
    for rank in range(RANKS):
        with (paths.journals / f"{rank:05d}-000000.journal").open("wb") as journal:
            for chunk in range(rank, n_chunks, RANKS):
                head, body = made[chunk % len(made)]
                sum_of = checksum(chunk, head, body)
                journal.write(HEADER.pack(MAGIC, chunk, len(head), len(body), sum_of) + head + body)
        active(rank, len(range(rank, n_chunks, RANKS)) * CHUNK).save(
            paths.progress / file_name(None, rank, 0)
        )


def found(n: int) -> Iterator[Found]:
    """What a search of INPUT would have found."""
    for index in range(n):
        name = f"WFDBRecords/{index // 10_000:02d}/{index // 100:04d}/JS{index:07d}"
        yield Found(name, f"{name}.mat", f"/in/{name}.mat", 1)


def active(rank: int, recordings: int) -> Activity:
    """What a rank says that has drawn so many recordings; one is slow."""
    one = Activity(rank, RANKS, 0, "", f"node{rank // 4:02d}", WORKERS, began=1.8e9)
    seconds = recordings / RATE
    for number in range(2 * RANKS):
        end = (number + 1) * seconds / (2 * RANKS)
        for _ in range(recordings // (2 * RANKS)):
            one.history.count(end - 1e-3, failed=False)
        for stage, share in enumerate((0.1, 0.05, 0.6, 0.15)):
            spent = share * WORKERS * seconds / (2 * RANKS)
            for _ in range(WORKERS):
                one.history.spend(stage, end - spent / WORKERS, end)
            one.seconds[stage] += spent
    one.recordings = recordings // (1 + 3 * (rank == 7))
    one.renewed = one.began + seconds
    one.doing = "ended"
    return one


def _packed(chunk: int, pictures: int) -> tuple[bytes, bytes]:
    """Summary and rows of a chunk."""
    results = [_odd(result(chunk * CHUNK + k, pictures)) for k in range(CHUNK)]
    tables = tables_of(results, ())
    return json.dumps(asdict(totals_of(results, tables))).encode(), pack(tables)


def _odd(plain: Result) -> Result:
    """What `plain` could be in a corpus of which much can be said, and of each something else."""
    index = plain.index
    if plain.failed:
        why = {"message": f"it ends after {index} bytes", "class": f"crashed: SIG{index % 40}"}
        return replace(plain, recording=plain.recording | why)
    pictures = [row | {"path": PICTURE} for row in plain.pictures]
    own: Row = {
        "notes": f"rate 500 Hz assumed; lead W{index} left out (not ECG)",
        "problems": f"up to {index + 21:,} mV: these look like uV or raw counts; flat: V1",
        "limb_leads": ("consistent", "not checked", "aVR inverted", "aVL wrong")[index % 4],
        # That of those whose rate was assumed is the same.
        "rate_hz": 100.0 + index % 5000 if index % 3 else 500.0,
        "samples": 1000 + index,
        "nan_samples": index % 7,
    }
    return replace(plain, recording=plain.recording | own, pictures=pictures)


if __name__ == "__main__":
    sys.exit(main())
