"""Labels of very many recordings: a table of as many rows, joined on rank 0.

The table has the columns of MIMIC-IV-ECG, and its rows in the order of the recordings, as there;
``--shuffled`` has them in any. One recording in 500 has no row. A fresh process, which has what
rank 0 has imported, joins it with a catalogue of recordings that were never there. With ``--split``
it divides them by patient, too, and orders them by split.

Fails where that takes more CPU or more memory than is promised for 800,000 rows. By the clock it
takes as long where the machine has nothing else to do.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.discover import Found
from ecgmpi.options.labels import Labelling
from tests.bench.figures import Figure, figure, parser_of, run_case
from tests.bench.memory import high_water
from tests.bench.slowness import allowed

MOST_MB = 300
MOST_SECONDS = 10.0

EVERY = 500
"""One in so many recordings has no row."""

COLUMNS = ("subject_id", "study_id", "path", "report_0", "report_1", "rr_interval", "qrs_axis")
COPIED = ("subject_id", "report_0", "report_1", "rr_interval", "qrs_axis")
REPORTS = ("Sinus rhythm", "Normal ECG", "Atrial fibrillation, rapid response", "Abnormal ECG", "")


def main() -> int:
    """``python -m tests.bench.labels --help``."""
    parser = parser_of(__doc__, "labels")
    parser.add_argument("--recordings", type=int, default=800_000, help="default: 800000")
    parser.add_argument("--shuffled", action="store_true", help="rows in any order")
    parser.add_argument(
        "--split", action="store_true", help="divide them by patient, and order them by split, too"
    )
    return run_case(parser, measure)


def measure(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Make a catalogue and a table, and have a process join them."""
    n = arguments.recordings
    with tempfile.TemporaryDirectory() as folder:
        catalogue, table = Path(folder) / "catalogue.sqlite", Path(folder) / "table.csv"
        found = (
            Found(_name(k), f"{_name(k)}.hea", f"/in/{_name(k)}.hea", 60_000, 1) for k in range(n)
        )
        Catalogue.build(catalogue, found).close()
        _write(table, n, arguments.shuffled)
        about = f"{n:,} rows of {len(COLUMNS)} columns, {len(COPIED)} of them copied"
        yield figure("labels.table_mb", table.stat().st_size / 1e6, "MB", about)
        command = [sys.executable, "-c", _JOIN, str(catalogue), str(table)]
        command += ["80/10/10"] if arguments.split else []
        ended = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    facts = json.loads(ended.stdout)
    yield figure("labels.wall_s", facts["wall"], "s", "by the clock: to join them")
    yield figure("labels.cpu_s", facts["cpu"], "s", "CPU: the same", most=allowed(MOST_SECONDS))
    yield figure("labels.read_s", facts["read"], "s", "CPU: to read them for the manifest")
    about = "rank 0, at most, with what it has imported"
    yield figure("labels.memory_mb", facts["memory"], "MB", about, most=MOST_MB)


_JOIN = """
import sys
from tests.bench.labels import join
join(*sys.argv[1:])
"""


def join(catalogue: str, table: str, split: str | None = None) -> None:
    """Join a table with a catalogue, in this process, and print what it took."""
    # As much as rank 0 has loaded by then.
    import ecgmpi.job.run  # noqa: F401

    begun, before = time.monotonic(), time.process_time()
    by = "subject_id" if split else None
    options = Labelling((table,), ("path=path",), COPIED, split, by)
    with closing(Catalogue.open(Path(catalogue))) as opened:
        opened.add_labels(options, lambda _path, _name: None, by_split=True)
        facts = {"wall": time.monotonic() - begun, "cpu": time.process_time() - before}
        assert opened.labels is not None
        (told,) = opened.label_tables
        assert told.matched == told.recordings - told.recordings // EVERY
        before = time.process_time()
        for chunk in range(opened.n_chunks):
            indices = opened.chunks.recordings(chunk)
            opened.labels.block(indices.start, indices.stop)
        facts |= {"read": time.process_time() - before, "memory": high_water("self") / 1024}
    print(json.dumps(facts))


def _name(k: int) -> str:
    # As in MIMIC-IV-ECG.
    patient, study = 10_000_000 + k // 5, 40_000_000 + k
    return f"files/p{patient // 10_000}/p{patient}/s{study}/{study}"


def _write(table: Path, n: int, shuffled: bool) -> None:
    draw = random.Random(0)
    order = [k for k in range(n) if k % EVERY != EVERY - 1]
    if shuffled:
        draw.shuffle(order)
    with table.open("w", encoding="utf-8", newline="") as handle:
        rows = csv.writer(handle, lineterminator="\n")
        rows.writerow(COLUMNS)
        rows.writerows(
            (
                10_000_000 + k // 5,
                40_000_000 + k,
                _name(k),
                draw.choice(REPORTS),
                draw.choice(REPORTS),
                draw.randrange(400, 1200),
                draw.randrange(-90, 270) if k % 50 else "",
            )
            for k in order
        )


if __name__ == "__main__":
    sys.exit(main())
