"""The manifest of a job with series of worn copies, and the file that joins its HDF5 shards."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.worn import COPIES, GAPS, LEADS, PHOTO, SCAN, N, WornJob, WornJobs, worn_job


@pytest.fixture
def hdf5(worn_jobs: WornJobs) -> WornJob:
    return worn_jobs("hdf5")


def test_a_row_says_which_copy_it_is_and_which_files_it_has(worn_jobs: WornJobs) -> None:
    job = worn_jobs("files")
    with h5py.File(job.out / "manifest.h5") as file:
        rows = {name: column[:] for name, column in file["pictures"].items()}
        recordings = {name: column[:] for name, column in file["recordings"].items()}
    assert len(rows["key"]) == N * len(LEADS) * COPIES
    of = [
        (series.decode(), copy) for series, copy in zip(rows["series"], rows["copy"], strict=True)
    ]
    one = [("", 0), ("photo", 1), ("photo", 2), ("scan-bw", 1)]
    assert of == one * N * len(LEADS)
    assert rows["key"][-COPIES * len(LEADS) :][:5].tolist() == [
        b"SYN000003-II",
        b"SYN000003-II--photo1",
        b"SYN000003-II--photo2",
        b"SYN000003-II--scan-bw1",
        b"SYN000003-V1",
    ]
    assert (rows["map_bytes"] > 0).tolist() == [bool(series) for series, _ in of]
    assert (rows["hidden_bytes"] > 0).tolist() == [series == "photo" for series, _ in of]
    for path, size in zip(rows["path"], rows["bytes"], strict=True):
        assert (job.out / path.decode()).stat().st_size == size
    drawn = recordings["status"] == b"drawn"
    assert recordings["pictures"].tolist() == np.where(drawn, len(LEADS) * COPIES, 0).tolist()
    everything = sum(path.stat().st_size for path in (job.out / "images").rglob("*.*"))
    assert recordings["bytes"].sum() == everything


def test_gaps_are_counted_once_however_many_copies_show_them(hdf5: WornJob) -> None:
    with h5py.File(hdf5.out / "manifest.h5") as file:
        pictures, recordings = file["pictures"], file["recordings"]
        clean = pictures["series"][:] == b""
        owners = pictures["recording"][:][clean]
        gaps = np.bincount(owners, pictures["nan_samples"][:][clean], len(recordings["name"]))
        assert recordings["nan_samples"][:].tolist() == gaps.tolist()
        assert gaps.sum() == GAPS * len(LEADS)


def test_each_series_is_joined_in_the_order_of_the_manifest(hdf5: WornJob) -> None:
    with h5py.File(hdf5.out / "manifest.h5") as file:
        rows = {name: file["pictures"][name][:] for name in ("key", "series", "recording")}
        names = file["recordings/name"].asstr()[:]
    with h5py.File(hdf5.out / "pictures.h5") as file:
        for series in ("", *(one.name for one in (PHOTO, SCAN))):
            group = file[f"series/{series}"] if series else file
            own = np.flatnonzero(rows["series"] == series.encode())
            assert group["row"][:].tolist() == own.tolist()
            assert group["key"][:].tolist() == rows["key"][own].tolist()
            assert group["recording"][:].tolist() == rows["recording"][own].tolist()
            begins = b"\xff\xd8" if series == "photo" else b"\x89P"
            for key, picture, told in zip(
                group["key"].asstr()[:], group["picture"][:], group["json"].asstr()[:], strict=True
            ):
                assert bytes(picture[:2]) == begins
                assert json.loads(told)["key"] == key
            samples = file["recordings/samples"][:]
            for signal, n in zip(group["recordings/signal"][:], samples, strict=True):
                assert len(signal) == n * len(LEADS)
        assert file["series/photo/points"].attrs["columns"] == 3
        assert "columns" not in file["points"].attrs
        assert "points" not in file["series/scan-bw"]
        assert file["recordings/name"].asstr()[:].tolist() == names.tolist()


def test_what_keeps_no_clean_picture_joins_worn_ones_alone(worn_jobs: WornJobs) -> None:
    job = worn_jobs("hdf5", clean=False)
    with h5py.File(job.out / "pictures.h5") as file:
        assert sorted(file) == ["recordings", "series"]
        assert len(file["series/photo/picture"]) == N * len(LEADS) * PHOTO.copies
        assert len(file["series/photo/recordings/signal"][0]) > 0


def test_the_same_job_makes_the_same_bytes(hdf5: WornJob, tmp_path: Path) -> None:
    again = worn_job(tmp_path, "hdf5")
    for name in ("manifest.h5", "pictures.h5", "shards/photo/000001.h5"):
        assert (again.out / name).read_bytes() == (hdf5.out / name).read_bytes()
