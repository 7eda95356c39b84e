"""A data set of very many pictures: to open it, to filter it, and to shuffle an epoch.

Writes an OUT of N recordings that were never drawn, a picture each: its manifest from journals, and
what else a data set looks at. A fresh process opens it as a user does.

Fails where that takes longer, or more memory, than is promised for 1,000,000 pictures.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from ecgmpi.options.rendering import Rendering
from ecgmpi.outdir.job_file import JobFile
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.results.journal_index import JournalIndex
from ecgmpi.results.manifest import write_manifest
from ecgmpi.store import PACKINGS
from tests.bench.figures import Figure, figure, parser_of, run_case
from tests.bench.manifest import RANKS, write_journal
from tests.bench.memory import high_water
from tests.bench.slowness import allowed

MOST_SECONDS = 1.0
MOST_MB = 300

WHERE = "limb_leads == 'consistent' and rate_hz == 500 and not (min_mv < -0.5)"


def main() -> int:
    """``python -m tests.bench.dataset --help``."""
    parser = parser_of(__doc__, "dataset")
    parser.add_argument("--recordings", type=int, default=1_000_000, help="default: 1000000")
    parser.add_argument("--pack", default="files", choices=PACKINGS, help="default: files")
    return run_case(parser, measure)


def measure(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Write an OUT, and have a process open it."""
    n = arguments.recordings // (10 if arguments.quick else 1)
    with tempfile.TemporaryDirectory() as folder:
        write_out(JobPaths(Path(folder)), n, arguments.pack)
        command = [sys.executable, "-c", _OPEN, folder]
        ended = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    took = json.loads(ended.stdout)
    about = f"CPU, {n:,} pictures: "
    most = allowed(MOST_SECONDS)
    took["ready"] = took["open"] + took["facts"]
    for name, what, gate in (
        ("open", "to open the data set", None),
        ("ready", "the same, and to look up all that samples need of the manifest", most),
        ("where", f"to open it with where={WHERE!r}", None),
        ("order", "to shuffle an epoch", most),
    ):
        yield figure(f"dataset.{name}_s", took[name], "s", about + what, most=gate)
    yield figure("dataset.memory_mb", took["memory"], "MB", "all of it, at most", most=MOST_MB)


def write_out(paths: JobPaths, n: int, pack: str) -> None:
    """Write what a data set reads before it reads a picture."""
    paths.hidden.mkdir()
    size = min(PACKINGS[pack].most_recordings, max(1, n // 256))
    write = partial(write_journal, paths, n, size, 1, PACKINGS[pack].shards)
    with ProcessPoolExecutor(RANKS) as ranks:
        list(ranks.map(write, range(RANKS)))
    write_manifest(paths, JournalIndex(paths.journals, -(-n // size)))
    JobFile.by(Rendering(layout="3x4+1", pack=pack)).write(paths)


_OPEN = """
import sys
from tests.bench.dataset import opened
opened(sys.argv[1])
"""


def opened(folder: str) -> None:
    """Open a data set in this process, and print what that took."""
    import ecgmpi

    took: dict[str, float] = {}
    begun = time.process_time()

    def lap(name: str) -> None:
        nonlocal begun
        took[name] = time.process_time() - begun
        begun = time.process_time()

    data = ecgmpi.dataset(folder)
    lap("open")
    data.load_index()
    lap("facts")
    ecgmpi.dataset(folder, where=WHERE)
    lap("where")
    data.order(seed=1, epoch=3)
    lap("order")
    print(json.dumps(took | {"memory": high_water("self") / 1024}))


if __name__ == "__main__":
    sys.exit(main())
