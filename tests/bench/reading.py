"""Time to read beside time to draw a page: `python -m tests.bench.reading`.

Reading must not be what bounds a job: of 12 leads of 10 s at 500 Hz it may take a third of
what drawing and encoding a page takes, in the same run.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from scipy.io import savemat

from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.options.rendering import Rendering
from ecgmpi.pipeline import layout_for
from ecgmpi.readers import read
from tests.bench.figures import Figure, figure, parser_of, run_case
from tests.readers.helpers.writers import write_edf, write_npz, write_wfdb

MOST = 1 / 3
"""Of the time to draw a page, for the formats that most recordings are in."""

COMMON = ("mat", "wfdb16", "wfdb212")
TURNS = 40


def main() -> int:
    """``python -m tests.bench.reading --help``."""
    return run_case(parser_of(__doc__, "reading"), measure)


def measure(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Read a file of each format and draw a page, in turn."""
    record = synthesize(0, 1)
    layout, options = layout_for(Rendering(layout="3x4+1", paper="letter"))

    def draw() -> None:
        for picture in layout.pictures(record, options):
            picture.png()

    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        signal = record.signal.astype("f8")
        for name, variables in (("mat", {"data": signal}), ("matz", {"data": signal})):
            (top / name).mkdir()
            savemat(top / name / "a.mat", variables, do_compression=name == "matz")
        files = {
            "mat": (".mat", top / "mat" / "a.mat"),
            "matz": (".mat, compressed", top / "matz" / "a.mat"),
            "wfdb16": ("WFDB, format 16", write_wfdb(top / "w16", signal, "16")),
            "wfdb212": ("WFDB, format 212", write_wfdb(top / "w212", signal, "212")),
            "flac": ("WFDB, FLAC", write_wfdb(top / "w516", signal, "516")),
            "edf": ("EDF", write_edf(top / "a.edf", signal)),
            "npz": (".npz", write_npz(top / "a.npz", signal)),
        }
        page, *times = cpu_ms([draw, *(_reading(path) for _, path in files.values())])
    yield figure("reading.page_ms", page, "ms", "CPU: a page, drawn and encoded")
    for (name, (about, _)), took in zip(files.items(), times, strict=True):
        yield figure(f"reading.{name}_ms", took, "ms", f"CPU: {about}, read")
    for name, took in zip(files, times, strict=True):
        if name in COMMON:
            share = statistics.median(took) / statistics.median(page)
            about = f"{files[name][0]}: of the CPU time of a page"
            yield figure(f"reading.{name}_share", share, "", about, most=MOST)


def _reading(path: Path) -> Callable[[], object]:
    return lambda: read(path)


def cpu_ms(works: list[Callable[[], object]]) -> list[list[float]]:
    """Processor time of each in ms, a value a turn, once it has imported what it needs."""
    for work in works:
        work()
    times: list[list[float]] = [[] for _ in works]
    for _ in range(TURNS):
        for work, spent in zip(works, times, strict=True):
            begun = time.process_time()
            work()
            spent.append(1e3 * (time.process_time() - begun))
    return times


if __name__ == "__main__":
    sys.exit(main())
