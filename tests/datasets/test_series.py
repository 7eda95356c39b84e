"""Series of worn copies as data sets: the pictures of one, with what stands beside each."""

from __future__ import annotations

import io
import pickle
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import ecgmpi
from ecgmpi.datasets.columns import ManifestColumns
from ecgmpi.datasets.dataset import Dataset
from ecgmpi.datasets.fields import chosen
from ecgmpi.datasets.index import Index
from ecgmpi.datasets.selection import selected
from ecgmpi.errors import UsageError
from ecgmpi.store.reading import PictureReader
from tests.worn import LEADS, PHOTO, SCAN, N, WornJob, WornJobs

HELD = {"", PHOTO.name, SCAN.name}


def opened(
    job: WornJob, series: str | None, fields: tuple[str, ...] | None = None, shrink: int = 1
) -> Dataset:
    """The pictures of a series as `ecgmpi.dataset` opens them."""
    index = replace(Index.open(job.out), worn=job.series)
    columns = ManifestColumns(job.out / "manifest.h5", "OUT")
    held = {name.decode() for name in np.unique(columns["series"])}
    index = index.of_series(series, held)
    rows = selected(columns, "OUT", None, {"series": index.series})
    return Dataset(index, columns, rows, chosen(fields, index, (), shrink), shrink)


@pytest.fixture(params=["files", "tar", "hdf5"])
def job(request: pytest.FixtureRequest, worn_jobs: WornJobs) -> WornJob:
    return worn_jobs(request.param)


def test_the_clean_pictures_are_what_comes_where_no_series_is_named(job: WornJob) -> None:
    data = opened(job, None)
    assert len(data) == N * len(LEADS)
    assert set(data.table["series"]) == {""}
    assert data.fields == ("image", "mask", "points", "signal")
    assert data[0].keys() - {"key", "recording", "lead"} == {*data.fields, "visible"}


def test_a_sample_of_a_series_is_what_lies_beside_its_picture(job: WornJob) -> None:
    data = opened(job, "photo")
    assert len(data) == N * len(LEADS) * PHOTO.copies
    assert data.fields == ("image", "mask", "hidden", "points", "signal")
    reader = PictureReader(job.out, job.rendering.pack, job.spec)
    clean = {sample["recording"] + sample["lead"]: sample for sample in opened(job, "")}
    paths = data.table["path"].tolist()
    for path, sample in zip(paths, opened(job, "photo", (*data.fields, "map")), strict=True):
        key = sample["key"]
        with Image.open(io.BytesIO(reader.read(path, key, series="photo"))) as image:
            np.testing.assert_array_equal(sample["image"], np.array(image.convert("RGB")))
        copy = int(key[-1])
        assert sample["map"].tolist() == (np.arange(6).reshape(1, 3, 2) * copy).tolist()
        np.testing.assert_array_equal(sample["hidden"], sample["mask"])
        assert sample["points"].shape == (len(sample["state"]), 2)
        assert sample["state"].tolist() == (np.arange(len(sample["state"])) % 3).tolist()
        gaps = np.isnan(sample["points"][:, 1])
        np.testing.assert_array_equal(sample["visible"], (sample["state"] == 0) & ~gaps)
        of = clean[sample["recording"] + sample["lead"]]
        np.testing.assert_array_equal(sample["signal"], of["signal"])
        np.testing.assert_allclose(sample["points"][:, 1], of["points"][:, 1])
    reader.close()


def test_points_are_scaled_and_their_state_is_not(job: WornJob) -> None:
    whole, half = (opened(job, "photo", ("points", "hidden"), n)[3] for n in (1, 2))
    np.testing.assert_allclose(half["points"], whole["points"] / 2, rtol=1e-6)
    np.testing.assert_array_equal(half["state"], whole["state"])
    assert half["hidden"].shape == tuple(-(-n // 2) for n in whole["hidden"].shape)


def test_a_batch_of_worn_copies_is_padded_as_points_are(job: WornJob) -> None:
    data = opened(job, "photo", ("points", "map", "hidden"))
    samples = [data[0], data[-1]]
    batch = ecgmpi.collate(samples)
    n = max(len(sample["state"]) for sample in samples)
    assert batch["state"].shape == batch["visible"].shape == (2, n)
    assert "state_size" not in batch
    for row, sample in zip(batch["state"], samples, strict=True):
        assert (row[len(sample["state"]) :] == 2).all()
    assert len({len(sample["state"]) for sample in samples}) == 2
    assert isinstance(batch["map"], list)


def test_a_series_that_was_pickled_is_the_same_one(job: WornJob) -> None:
    data = opened(job, "scan-bw")
    again = pickle.loads(pickle.dumps(data))
    assert len(again) == N * len(LEADS)
    assert again[2]["key"] == data[2]["key"]
    np.testing.assert_array_equal(again[2]["image"], data[2]["image"])


def test_what_a_series_lacks_is_said(job: WornJob) -> None:
    with pytest.raises(UsageError, match=r"holds no map: worn copies have it; name one .*scan-bw"):
        opened(job, "", ("map",))
    with pytest.raises(UsageError, match="holds no points"):
        opened(job, "scan-bw", ("points",))
    with pytest.raises(UsageError, match=r"it has photo, scan-bw, '' \(the clean pictures\)"):
        opened(job, "fax")
    with pytest.raises(UsageError, match="name one series, as a text"):
        opened(job, ["photo"])  # type: ignore[arg-type]


def test_an_out_without_worn_copies_says_how_to_get_some(job: WornJob) -> None:
    # The options of this one say nothing of them.
    assert len(ecgmpi.dataset(job.out, series="")) == len(opened(job, ""))
    with pytest.raises(UsageError, match="no worn copies; leave out series, or render it with --w"):
        ecgmpi.dataset(job.out, series="photo")


def test_where_no_clean_picture_is_kept_the_only_series_comes(worn_jobs: WornJobs) -> None:
    job = worn_jobs("tar", clean=False)
    with pytest.raises(UsageError, match=r"no clean pictures, and several .* of photo, scan-bw"):
        opened(job, None)
    index = replace(Index.open(job.out), worn=(PHOTO,))
    assert index.of_series(None, {"photo"}).series == "photo"
