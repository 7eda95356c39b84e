"""``pictures.h5`` as h5py alone reads it: every sample of the tar shards, and so of the files."""

from __future__ import annotations

import json
import sys

import h5py
import pytest

from tests.loaders.conftest import Made
from tests.loaders.samples import of_files, of_tars, table, tars
from tests.outputs import shards
from tests.processes import run

PROCESSES = 4
NAMES = {
    "png": "picture",
    "jpg": "picture",
    "mask.png": "mask",
    "points.npy": "points",
    "signal.npy": "signal",
}


@pytest.mark.slow
def test_four_processes_read_all_of_it(job: Made) -> None:
    out = job.out("hdf5")
    command = [sys.executable, "-m", "tests.loaders.read_hdf5", out / "pictures.h5", PROCESSES]
    said = [json.loads(line) for line in run(command).expect(0).out.splitlines()]
    assert said == [
        {NAMES.get(name, name): value for name, value in sample.told.items()}
        for sample in of_tars(tars(job.out("tar")))
    ]


@pytest.mark.slow
def test_one_array_of_the_same_pictures_as_files(job: Made) -> None:
    out = job.out("hdf5")
    rows, loose = table(out, "pictures"), of_files(job.out("files"))
    with h5py.File(out / "pictures.h5") as file:
        pictures = [bytes(picture) for picture in file["picture"][:]]
        assert file["key"].asstr()[:].tolist() == [row["key"] for row in rows]
    assert pictures == [sample.picture for sample in loose]
    # A file of a shard each, and one that joins them.
    assert {row["path"] for row in rows} == {
        path.relative_to(out).as_posix() for path in shards(out, "h5")
    }
