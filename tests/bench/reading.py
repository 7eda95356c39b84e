"""Time to read beside time to draw a page: `python -m tests.bench.reading`.

Reading must not be what bounds a job: of 12 leads of 10 s at 500 Hz it may take a third of
what drawing and encoding a page takes, in the same run.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from scipy.io import savemat

from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.options.rendering import Rendering
from ecgmpi.pipeline import layout_for
from ecgmpi.readers import read
from tests.readers.helpers.writers import write_edf, write_npz, write_wfdb

MOST = 1 / 3
"""Of the time to draw a page, for the two formats that most recordings are in."""

ROUNDS = 40


def main() -> int:
    """Measure, print a line a format, and fail where the common ones take too long."""
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
            ".mat": top / "mat" / "a.mat",
            ".mat, compressed": top / "matz" / "a.mat",
            "WFDB, format 16": write_wfdb(top / "w16", signal, "16"),
            "WFDB, format 212": write_wfdb(top / "w212", signal, "212"),
            "WFDB, FLAC": write_wfdb(top / "w516", signal, "516"),
            "EDF": write_edf(top / "a.edf", signal),
            ".npz": write_npz(top / "a.npz", signal),
        }
        page = cpu_ms(draw)
        print(f"{page:6.2f} ms  a page, drawn and encoded")
        slow = []
        for name, path in files.items():
            took = cpu_ms(lambda path=path: read(path))  # type: ignore[misc]
            print(f"{took:6.2f} ms  {name}: {took / page:.2f} of a page")
            if name in (".mat", "WFDB, format 16", "WFDB, format 212") and took > MOST * page:
                slow.append(name)
    if slow:
        print(f"too slow, more than {MOST:.2f} of a page: {', '.join(slow)}")
    return 1 if slow else 0


def cpu_ms(work: Callable[[], object]) -> float:
    """Median processor time of `work` in ms, once it has imported what it needs."""
    work()
    times = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return 1e3 * statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
