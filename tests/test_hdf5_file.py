"""HDF5 on a disk that is full: one clear error, and an interpreter that lives on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from ecgmpi.hdf5_file import new_hdf5

# In a process of its own: what HDF5 does to an interpreter shows when that ends.
FULL = """
import gc, resource, signal, sys
from pathlib import Path
import h5py, numpy as np
from ecgmpi.hdf5_file import new_hdf5

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
for number in range(3):
    try:
        with new_hdf5(Path(sys.argv[1])) as file:
            rows = file.create_dataset("rows", (50,), h5py.vlen_dtype(np.uint8))
            for row in range(50):
                rows[row] = np.ones(20000, np.uint8)
            file["more"] = np.arange(1000)
    except OSError as error:
        print(error.strerror)
    gc.collect()
"""


@pytest.mark.parametrize("limit", [0, 1000, 100_000, 900_000])
def test_a_full_disk_is_one_error_of_the_system(tmp_path: Path, limit: int) -> None:
    command = [sys.executable, "-c", FULL, str(tmp_path / "a.h5"), str(limit)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == 3 * ["File too large"]


def test_what_was_written_is_read_by_h5py_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    path.write_bytes(bytes(100_000))
    with new_hdf5(path) as file:
        file["group/rows"] = np.arange(5000)
    with h5py.File(path) as file:
        np.testing.assert_array_equal(file["group/rows"][:], np.arange(5000))


def test_an_error_of_the_block_comes_through(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), new_hdf5(tmp_path / "a.h5"):
        raise ZeroDivisionError
    with pytest.raises(OSError, match="No such file or directory"), new_hdf5(tmp_path / "b" / "c"):
        pass
