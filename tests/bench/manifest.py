"""The manifest of very many recordings, from journals of recordings that were never drawn.

Writes journals with the rows of N recordings, K pictures each, one in 500 failed. A fresh process,
which has what rank 0 has imported, then does what rank 0 does at the end of a job: it reads the
journals and writes the manifest.

Fails where that takes more CPU or more memory than is promised for 1,000,000 recordings. By the
clock it takes as long where the machine has nothing else to do.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

from ecgmpi.corpus.item import Item
from ecgmpi.ecg.record import STANDARD_LEADS
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.results.columns import NO_FILES, PICTURE_COLUMNS, Row
from ecgmpi.results.journal_index import JournalIndex
from ecgmpi.results.journal_writer import JournalWriter
from ecgmpi.results.manifest_stamp import write_sealed
from ecgmpi.results.result import DRAWN, Result, failed
from ecgmpi.store import PACKINGS, ShardFile
from ecgmpi.store.keys import sample_key
from tests.bench.figures import Figure, figure, parser_of, run_case
from tests.bench.memory import high_water
from tests.bench.slowness import allowed

RANKS = 2
MOST_MB = 300
MOST_SECONDS = {1: 30.0, 12: 90.0}
"""Pictures of a recording -> what is promised."""

EVERY = 500
"""One in so many recordings failed."""

LEADS = " ".join(STANDARD_LEADS)


def main() -> int:
    """``python -m tests.bench.manifest --help``."""
    parser = parser_of(__doc__, "manifest")
    parser.add_argument("--recordings", type=int, default=1_000_000, help="default: 1000000")
    parser.add_argument("--pictures", type=int, default=1, choices=range(1, 13), help="default: 1")
    parser.add_argument("--pack", default="files", choices=PACKINGS, help="default: files")
    return run_case(parser, measure)


def measure(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Write journals, and have a process end the job that left them."""
    n, pictures = arguments.recordings, arguments.pictures
    size = min(PACKINGS[arguments.pack].most_recordings, max(1, n // 256))
    n_chunks = -(-n // size)
    with tempfile.TemporaryDirectory() as folder:
        paths = JobPaths(Path(folder))
        paths.hidden.mkdir()
        write = partial(write_journal, paths, n, size, pictures, PACKINGS[arguments.pack].shards)
        with ProcessPoolExecutor(RANKS) as ranks:
            list(ranks.map(write, range(RANKS)))
        journals = sum(path.stat().st_size for path in paths.journals.iterdir())
        about = f"journals: {n:,} recordings, {pictures} pictures each, {n_chunks:,} chunks"
        yield figure("manifest.journals_mb", journals / 1e6, "MB", about)
        command = [sys.executable, "-c", _END, folder, str(n_chunks)]
        ended = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        facts = json.loads(ended.stdout)
        for name, path in (
            ("h5", paths.manifest_h5),
            ("csv", paths.manifest_csv),
            ("failures", paths.failures_csv),
        ):
            yield figure(f"manifest.{name}_mb", path.stat().st_size / 1e6, "MB", path.name)
    yield figure("manifest.read_s", facts["read"], "s", "by the clock: to read the journals")
    about = "by the clock: to read the journals and to write the manifest"
    yield figure("manifest.wall_s", facts["read"] + facts["written"], "s", about)
    most = allowed(MOST_SECONDS[1 if pictures == 1 else 12])
    yield figure("manifest.cpu_s", facts["cpu"], "s", "CPU: the same", most=most)
    yield figure("manifest.memory_mb", facts["memory"], "MB", "rank 0, at most", most=MOST_MB)


_END = """
import sys
from tests.bench.manifest import end
end(*sys.argv[1:])
"""


def end(folder: str, n_chunks: str) -> None:
    """Do what rank 0 does at the end of a job, in this process, and print what it took."""
    # As much as rank 0 has loaded by then.
    import ecgmpi.job.run  # noqa: F401

    begun, before = time.monotonic(), time.process_time()
    paths = JobPaths(Path(folder))
    journals = JournalIndex(paths.journals, int(n_chunks))
    read = time.monotonic() - begun
    write_sealed(paths, journals, lambda: None)
    written = time.monotonic() - begun - read
    facts = {
        "read": read,
        "written": written,
        "cpu": time.process_time() - before,
        "memory": high_water("self") / 1024,
    }
    print(json.dumps(facts))


def write_journal(
    paths: JobPaths, n: int, size: int, pictures: int, shards: bool, rank: int
) -> None:
    """Write the journal of a rank: every chunk that it drew."""
    with closing(JournalWriter(paths.journals, rank)) as journal:
        for chunk in range(rank, -(-n // size), RANKS):
            indices = range(chunk * size, min(n, (chunk + 1) * size))
            shard = f"shards/{chunk:06d}" if shards else ""
            results = [result(index, pictures, shard) for index in indices]
            random.seed(chunk)
            files = [
                ShardFile(shard + ending, random.randrange(10**7), random.getrandbits(32))
                for ending in ((".tar", ".idx", ".csv") if shards else ())
            ]
            journal.append(chunk, results, files)
        list(journal.on_disk(wait=True))


def result(index: int, pictures: int, shard: str = "") -> Result:
    """What a worker could have made of the recording at `index`."""
    # As in Chapman-Shaoxing-Ningbo.
    name = f"WFDBRecords/{index // 10_000:02d}/{index // 100:04d}/JS{index:07d}"
    item = Item(index, name, f"{name}.mat", f"/in/{name}.mat")
    why = "the variable val holds 3 rows of 5000 samples, which is no ECG of 12 leads"
    broken = failed(item, RecordingError(FailureKind.WRONG_SHAPE, why, "name its leads: --leads"))
    if index % EVERY == 7:
        return broken
    draw = random.Random(index)
    rows = list(_pictures(draw, name, pictures, shard))
    recording = broken.recording | {
        "status": DRAWN,
        "pictures": pictures,
        "bytes": sum(row["bytes"] for row in rows),
        "format": "wfdb",
        "leads": LEADS,
        "rate_hz": 500.0,
        "samples": 5000,
        "start_s": 0.0,
        "min_mv": min(row["min_mv"] for row in rows),
        "max_mv": max(row["max_mv"] for row in rows),
        "nan_samples": 0,
        "assumed": "unit" if index % 3 else "rate unit",
        "baseline": "none",
        "limb_residual_mv": draw.randrange(100) / 4096,
        "limb_leads": "consistent",
        "problems": "flat: V3" if index % 50 == 0 else "",
        "notes": "lead names by convention; rate 500 Hz assumed; units mV assumed",
        "class": "",
        "message": "",
        "remedy": "",
    }
    return Result(index, recording, rows)


def _pictures(draw: random.Random, name: str, pictures: int, shard: str) -> Iterator[Row]:
    plain: Row = {column.name: "" for column in PICTURE_COLUMNS[1:]} | NO_FILES
    last = name.rpartition("/")[2]
    for lead in STANDARD_LEADS[:pictures]:
        label = "" if pictures == 1 else lead
        path = f"images/{name}/{last}_{lead}.png" if label else f"images/{name}.png"
        yield plain | {
            "lead": lead if label else LEADS,
            "start_s": 0.0,
            "path": f"{shard}.tar" if shard else path,
            "key": sample_key(name, label),
            "bytes": draw.randrange(20_000, 90_000),
            "crc32": draw.getrandbits(32),
            "width_px": 2200,
            "height_px": draw.randrange(300, 900),
            "px_per_s": 196.850394,
            "px_per_mv": 78.7401575,
            "x0_px": 61.5,
            "y0_px": draw.randrange(150, 450) + 0.5,
            "min_mv": -draw.randrange(4096) / 2048,
            "max_mv": draw.randrange(4096) / 1024,
            "nan_samples": 0,
        }


if __name__ == "__main__":
    sys.exit(main())
