"""Read ``pictures.h5`` with h5py alone, in several processes, and print what each picture has.

    python -m tests.loaders.read_hdf5 PICTURES PROCESSES

Each process takes every so manyth row, so that all of them read all shards.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from typing import Any

import h5py

FIELDS = ("picture", "mask", "points")
SIGNAL = "recordings/signal"


def read(path: str, rows: range) -> list[tuple[int, dict[str, Any]]]:
    """What some rows hold: checksums, and the JSON."""
    assert "ecgmpi" not in sys.modules
    said = []
    with h5py.File(path) as file:
        for row in rows:
            one: dict[str, Any] = {
                "key": file["key"].asstr()[row],
                "json": json.loads(file["json"].asstr()[row]),
            }
            for field in FIELDS:
                if field in file:
                    one[field] = hashlib.sha256(file[field][row].tobytes()).hexdigest()
            if SIGNAL in file:
                number = file["recording"][row]
                n_samples = file["recordings/samples"][number]
                signal = file[SIGNAL][number].reshape(-1, n_samples)
                # A page has all leads of its recording.
                assert len(signal) == len(one["json"]["leads"].split())
                one["signal"] = hashlib.sha256(signal.tobytes()).hexdigest()
            said.append((row, one))
    return said


def main(path: str, processes: int) -> None:
    with h5py.File(path) as file:
        n_rows = len(file["key"])
    parts = [range(first, n_rows, processes) for first in range(processes)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        read_rows = [pair for part in pool.map(read, repeat(path), parts) for pair in part]
    for _, one in sorted(read_rows, key=lambda pair: pair[0]):
        print(json.dumps(one))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
