"""Jobs of any size that were never drawn: sparse files of the right sizes, a true journal.

    python -m tests.bench.scale -n 100000             pages: one picture a recording
    python -m tests.bench.scale -n 100000 --strips    twelve

How long a finished job takes when it is run again, how long one of which nine tenths are done takes
to its first new picture, and the most memory that rank 0 had.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ecgmpi.corpus.item import Item
from ecgmpi.ecg.record import STANDARD_LEADS
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.job.cataloguing import builder
from ecgmpi.job.open_out import claimed
from ecgmpi.options.rendering import Rendering
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.results.columns import PICTURE_COLUMNS, Row
from ecgmpi.results.journal_writer import JournalWriter
from ecgmpi.results.result import DRAWN, Result, failed
from tests.bench.figures import Figure, figure, parser_of, run_case
from tests.bench.memory import peaks_of
from tests.corpora import synthetic
from tests.processes import started

IN_A_FOLDER = 640
"""Recordings: a whole number of chunks."""

PAGES = ("--layout", "3x4+1", "--dpi", "60")
STRIPS = ("--dpi", "60")


@dataclass(frozen=True, slots=True)
class Seconds:
    """How long something took.

    Attributes
    ----------
    wall
        By the clock: what somebody waits, and what is promised.
    cpu
        What all its processes together had of the processors: where it is much less, they
        slept, waited for a disk, or the machine was busy with other work.
    """

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.1f} s ({self.cpu:.1f} s CPU)"


def _cpu_of_ended() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _cpu_of(pid: int) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    # User and system time are the 14th and 15th word; the 2nd may hold anything.
    words = stat.rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Pretended:
    """A corpus, and what is pretended to have been drawn of it.

    Attributes
    ----------
    corpus
        INPUT.
    finished
        An OUT in which everything is done, but for the manifest.
    begun
        An OUT in which nine tenths are.
    options
        What both were begun with.
    next
        Pictures of the first recordings that are left to do in `begun`.
    """

    corpus: Path
    finished: Path
    begun: Path
    options: tuple[str, ...]
    next: list[Path]

    def command(self, out: Path) -> list[object]:
        program = Path(sys.executable).parent / "ecgmpi"
        return [program, "render", self.corpus, "-o", out, *self.options, "--progress", "none"]

    def again(self) -> tuple[Seconds, int, str]:
        """The finished job once more: how long, kB that rank 0 had at most, what was said."""
        begun, before = time.monotonic(), _cpu_of_ended()
        ended, peaks = peaks_of(self.command(self.finished))
        seconds = Seconds(time.monotonic() - begun, _cpu_of_ended() - before)
        return seconds, peaks["rank 0"], ended.expect(0).out

    def first_picture(self) -> Seconds:
        """From the start of the job that is to go on to its first new picture."""
        begun = time.monotonic()
        with started(self.command(self.begun)) as job:
            job.until(lambda: any(path.exists() for path in self.next), timeout=300)
            seconds = Seconds(time.monotonic() - begun, sum(map(_cpu_of, job.processes())))
        for path in self.next:
            path.unlink(missing_ok=True)
        return seconds


def pretend(folder: Path, n: int, strips: bool = False) -> Pretended:
    """A corpus of `n` recordings below `folder`, nine tenths of them empty, and both OUTs."""
    n_folders = -(-n // IN_A_FOLDER)
    n_empty = n_folders * 9 // 10 * IN_A_FOLDER
    corpus, finished, begun = folder / "in", folder / "finished", folder / "begun"
    real = sorted(synthetic(folder / "real", 4).iterdir())
    for number in range(n):
        place = corpus / f"part{number // IN_A_FOLDER:04d}"
        if number % IN_A_FOLDER == 0:
            place.mkdir(parents=True)
        recording = place / f"REC{number:07d}.mat"
        if number < n_empty:
            _sparse(recording, 480_000)
        else:
            recording.symlink_to(real[number % len(real)])
    rendering = Rendering(dpi=60.0) if strips else Rendering(layout="3x4+1", dpi=60.0)
    paths = JobPaths(finished)
    inputs = [str(corpus)]
    build = builder(inputs, paths.out, rendering)
    with claimed(paths, inputs, rendering, build) as (catalogue, _):
        n_done = n_empty // catalogue.chunks.size
        parts = (range(n_done), range(n_done, catalogue.n_chunks))
        for run, chunks in enumerate(parts):
            with closing(JournalWriter(paths.journals, 0, run)) as journal:
                for chunk in chunks:
                    items = catalogue.chunk(chunk)
                    journal.append(
                        chunk, [_pretend_drawn(item, finished, strips) for item in items]
                    )
                assert len(list(journal.on_disk(wait=True))) == len(chunks)
        left = [_places(item, strips)[0] for item in catalogue.chunk(n_done)]
    shutil.copytree(paths.hidden, begun / ".ecgmpi")
    (begun / ".ecgmpi" / "journal" / "00000-000001.journal").unlink()
    (begun / "images").mkdir()
    for place in sorted(paths.images.iterdir())[: n_empty // IN_A_FOLDER]:
        (begun / "images" / place.name).symlink_to(place)
    options = STRIPS if strips else PAGES
    return Pretended(corpus, finished, begun, options, [begun / path for path in left])


def _places(item: Item, strips: bool) -> list[str]:
    name = item.name.rpartition("/")[2]
    if strips:
        return [f"images/{item.name}/{name}_{lead}.png" for lead in STANDARD_LEADS]
    return [f"images/{item.name}.png"]


def _pretend_drawn(item: Item, out: Path, strips: bool) -> Result:
    pictures = list(_pictures(item, out, strips))
    result = failed(item, RecordingError(FailureKind.CORRUPT, "", ""))
    row = result.recording | {
        "status": DRAWN,
        "class": "",
        "pictures": len(pictures),
        "bytes": sum(picture["bytes"] for picture in pictures),
        "format": "MATLAB 5",
        "leads": " ".join(STANDARD_LEADS),
        "rate_hz": 500.0,
        "samples": 5000,
        "min_mv": -0.1 - item.index * 1e-6,
        "max_mv": 1.0 + item.index * 1e-6,
        "limb_leads": "consistent",
        "notes": "500 Hz assumed; mV assumed; leads assumed in standard order",
    }
    return Result(item.index, row, pictures)


def _pictures(item: Item, out: Path, strips: bool) -> Iterator[Row]:
    for number, place in enumerate(_places(item, strips)):
        size = 60_000 + (7919 * item.index + number) % 9973
        path = out / place
        if not number:
            path.parent.mkdir(parents=True, exist_ok=True)
        _sparse(path, size)
        row: Row = {column.name: "" if column.dtype == "text" else 0 for column in PICTURE_COLUMNS}
        del row["recording"]
        yield row | {
            "lead": STANDARD_LEADS[number],
            "path": place,
            "bytes": size,
            "crc32": 2654435761 * (item.index + number) % 2**32,
            "min_mv": -0.1 - number * 1e-3,
            "max_mv": 1.0 + item.index * 1e-6,
        }


def _sparse(path: Path, size: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    os.ftruncate(handle, size)
    os.close(handle)


def main() -> int:
    """``python -m tests.bench.scale --help``."""
    parser = parser_of(__doc__, "scale")
    parser.add_argument("-n", type=int, help="recordings; default: 100000, or 20000 with --quick")
    parser.add_argument("--strips", action="store_true", help="twelve pictures each, not one")
    parser.add_argument("--tries", type=int, default=3, help="how often; default: 3")
    return run_case(parser, measure)


def measure(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Pretend, run again, run on."""
    n = arguments.n or (20_000 if arguments.quick else 100_000)
    with tempfile.TemporaryDirectory() as folder:
        job = pretend(Path(folder), n, arguments.strips)
        first, *again = [job.again() for _ in range(1 + arguments.tries)]
        begun = [job.first_picture() for _ in range(arguments.tries)]
    of = f"of {n:,} recordings"
    about = f"a finished job {of} again, the manifest written"
    yield figure("scale.manifest_s", first[0].wall, "s", about)
    yield figure("scale.again_s", [one.wall for one, *_ in again], "s", f"the same {of}, no more")
    yield figure("scale.again_cpu_s", [one.cpu for one, *_ in again], "s", "CPU: the same")
    about = f"nine tenths done {of}: to the first new picture"
    yield figure("scale.first_picture_s", [one.wall for one in begun], "s", about)
    yield figure("scale.first_picture_cpu_s", [one.cpu for one in begun], "s", "CPU: the same")
    most = max(memory for _, memory, _ in (first, *again)) / 1024
    yield figure("scale.rank0_mb", most, "MB", "memory of rank 0, at most")


if __name__ == "__main__":
    sys.exit(main())
