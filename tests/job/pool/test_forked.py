"""What workers inherit when they are forked must be safe to share."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

OPEN_FILES = """
import os, sys
from pathlib import Path
from ecgmpi.job.pool import worker
from ecgmpi.job.pool.messages import JobSpec
from ecgmpi.options.rendering import Rendering

before = set(os.listdir("/proc/self/fd"))
worker.prepare(JobSpec(Rendering(), Path(sys.argv[1]), "files", 1.0, 0))
for name in sorted(set(os.listdir("/proc/self/fd")) - before):
    try:
        print(os.readlink(f"/proc/self/fd/{name}"))
    except OSError:
        pass
"""


def test_no_file_is_open_when_workers_are_forked(tmp_path: Path) -> None:
    """They would share one place in it: the font's cost wrong letters and lost recordings."""
    command = [sys.executable, "-c", OPEN_FILES, str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.splitlines() == []
