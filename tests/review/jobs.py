"""OUTs of jobs that did not come to their end, made from one that did."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ecgmpi.outdir.paths import JobPaths

_KILLED = """
import os, signal, sys
from pathlib import Path
from ecgmpi.outdir.lease import acquire
with acquire(Path(sys.argv[1])):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def kill_a_holder(out: Path) -> None:
    """Leave the lease of a job that was killed."""
    subprocess.run([sys.executable, "-c", _KILLED, JobPaths(out).hidden], check=False)


def unfinished(out: Path) -> Path:
    """Make a complete OUT one whose job did not come to its end."""
    paths = JobPaths(out)
    for path in (paths.manifest_h5, paths.manifest_csv, paths.failures_csv, paths.run_json):
        path.unlink()
    # Chunks have one recording here: the last record of each journal is torn.
    for journal in paths.journals.iterdir():
        os.truncate(journal, journal.stat().st_size - 10)
    return out
