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


LOADED = """
import sys
from pathlib import Path
from ecgmpi.job.pool import worker
from ecgmpi.job.pool.messages import JobSpec
from ecgmpi.options.rendering import Rendering

worker.prepare(JobSpec(Rendering(), Path(sys.argv[1]), "files", 1.0, 0))
worker.share(sys.argv[2:])
print(*sys.modules)
"""


def loaded(folder: Path, *paths: str) -> set[str]:
    """What is loaded when workers are forked for such files."""
    command = [sys.executable, "-c", LOADED, str(folder), *paths]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return set(said.stdout.split())


def test_workers_share_what_reads_their_files_and_nothing_large_besides(tmp_path: Path) -> None:
    for_mat = loaded(tmp_path, "in/a.mat", "in/b.MAT.gz")
    assert "ecgmpi.readers.matlab.record" in for_mat
    assert not {"matplotlib", "scipy", "h5py", "ecgmpi.readers.dicom.record"} & for_mat
    assert "ecgmpi.readers.hdf5.record" in loaded(tmp_path, "in/a.mat", "in/b.h5#17", "in/c.odd")
