"""Kill a labelling before each file that it opens to write, renames or removes, in turn.

    python -m tests.job.relabel.each_step OLD NEW TABLE KEY COLUMNS SCRATCH [EVERY]

OLD is an OUT, and NEW the same with the labels of TABLE, made by render. For each step (or for one
in EVERY), a copy of OLD is labelled by a process that is killed there, then again by one that is
left alone. After the first, the copy is as OLD or as NEW, or is refused as half labelled; after the
second it is as NEW.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from ecgmpi.errors import JobError
from ecgmpi.job.relabel.label_out import HowToLabel, label_out
from ecgmpi.options.labels import Labelling
from ecgmpi.outdir.job_file import half_labelled
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.results.finished import FinishedOut
from tests.outputs import assert_same, contents, half_written


def main(
    old: str, new: str, table: str, key: str, columns: str, scratch: str, every: str = "1"
) -> None:
    labelling = Labelling((table,), (key,), tuple(columns.split(",")))
    before, wanted = contents(Path(old)), contents(Path(new))
    out = Path(scratch) / "OUT"
    half = 0
    for step in range(0, sys.maxsize, int(every)):
        shutil.copytree(old, out)
        status = _in_a_child(out, labelling, step)
        if status == 0:
            # It has fewer steps.
            assert step > 20, step
            break
        assert os.WTERMSIG(status) == signal.SIGKILL, (step, status)
        if half_labelled(JobPaths(out)):
            with pytest.raises(JobError, match="is half labelled, as ecgmpi label was stopped"):
                FinishedOut.open(out)
            half += 1
        else:
            assert contents(out) in (before, wanted), step
        assert _in_a_child(out, labelling, None) == 0, step
        assert_same(contents(out), wanted)
        assert half_written(out) == []
        assert sorted(path.name for path in (out / ".ecgmpi").glob("*.new")) == []
        shutil.rmtree(out)
    assert half > 0
    print(f"{step // int(every)} kills, {half} of them left it half labelled")


def _in_a_child(out: Path, labelling: Labelling, last: int | None) -> int:
    """Label in a forked process, which kills itself before step `last`; how it ended."""
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1]
    try:
        if last is not None:
            sys.addaudithook(_killer(str(out), last))
        label_out(out, labelling, HowToLabel(workers=1, quiet=True))
        os._exit(0)
    finally:
        os._exit(1)


def _killer(out: str, last: int) -> Any:
    steps = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal steps
        if event == "open":
            # Mode and flags; either may be missing.
            flags = arguments[2] if isinstance(arguments[2], int) else 0
            counts = bool(flags & (os.O_WRONLY | os.O_RDWR))
        else:
            counts = event in ("os.rename", "os.remove", "os.rmdir")
        if counts and str(arguments[0]).startswith(out):
            if steps == last:
                os.kill(os.getpid(), signal.SIGKILL)
            steps += 1

    return hook


if __name__ == "__main__":
    main(*sys.argv[1:])
