"""Series of worn copies as others read them: each is a corpus of its own, like that of clean pages.

In a series every sample has the same files and the same keys and types, though each copy is worn
by other effects.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ecgmpi
from tests.loaders.conftest import Made
from tests.loaders.corpus import A_SHARD, GOOD
from tests.loaders.programs import printed
from tests.loaders.samples import Sample, digest, of_files, of_tars, table, tars
from tests.loaders.torch_ways import WAYS

WORN = ("--layout", "3x4+1", "--wear", "photo:2,scan-bw", "--annotate", "lines", "--masks", "bits")

JOBS = {"worn alone": ("--no-clean",), "beside clean ones": ("--mask", "--with-signals")}

COPIES = {"photo": 2, "scan-bw": 1}

FIELDS = ("image", "bits", "points", "hidden", "map", "crossings")
"""What a data set is asked for; with points come `visible` and `state`."""

BESIDE = {".json", ".bits.png", ".hidden.png", ".map.npy", ".grid.npy", ".points.npy"}

Read = Callable[[list[Path]], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class WornSeries:
    """A series of a job."""

    job: Made
    name: str

    @property
    def shards(self) -> list[Path]:
        """Its tar files, in order."""
        return tars(self.job.out("tar"), self.name)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Its rows in the manifest."""
        rows = table(self.job.out("tar"), "pictures")
        return [row for row in rows if row["series"] == self.name]


@pytest.fixture(scope="module", params=JOBS)
def worn_job(
    request: pytest.FixtureRequest, corpus: Path, tmp_path_factory: pytest.TempPathFactory
) -> Made:
    return Made(corpus, tmp_path_factory.mktemp("worn"), (*WORN, *JOBS[request.param]))


@pytest.fixture(params=COPIES)
def series(request: pytest.FixtureRequest, worn_job: Made) -> WornSeries:
    return WornSeries(worn_job, request.param)


@pytest.fixture(params=["webdataset", "datasets, whole", "datasets, streaming"])
def read(request: pytest.FixtureRequest, loaders: Path, tmp_path: Path) -> Read:
    """How shards are read: a line a sample."""
    if request.param == "webdataset":
        return lambda shards: printed(loaders, tmp_path, "read_webdataset", *shards)
    how = request.param.rpartition(" ")[2]
    cache = tmp_path / "cache"
    return lambda shards: printed(loaders, tmp_path, "read_datasets", cache, how, *shards)


def test_loaders_read_every_copy_with_all_of_its_truth(read: Read, series: WornSeries) -> None:
    found = read(series.shards)
    sizes = [[row["width_px"], row["height_px"]] for row in series.rows]
    assert [one.pop("size") for one in found] == sizes
    assert found == [sample.told for sample in of_tars(series.shards)]
    assert len(found) == GOOD * COPIES[series.name]


def test_datasets_takes_the_types_of_any_copy_for_those_of_all(
    series: WornSeries, loaders: Path, tmp_path: Path
) -> None:
    """It has them of the first samples: here of the odd ones."""
    shards = series.shards[::-1]
    found = printed(loaders, tmp_path, "read_datasets", tmp_path / "cache", "whole", *shards)
    assert [one["json"] for one in found] == [sample.facts for sample in of_tars(shards)]


def test_a_data_loader_of_torch_reads_a_series(worn_job: Made, torch: Path) -> None:
    """Where there is no OpenCV: it is needed to wear pictures, not to read them."""
    out, name = worn_job.out("tar"), "photo"
    *ways, _ = printed(torch, out, "read_torch", out, name, *FIELDS)
    order = ecgmpi.dataset(out, series=name).order(seed=1, epoch=2)
    loose = ecgmpi.dataset(worn_job.out("files"), series=name, fields=FIELDS)
    expected = [_told(loose[place]) for place in order]
    assert len(expected) == GOOD * COPIES[name]
    assert {*FIELDS, "visible", "state"} <= expected[0].keys()
    assert [(way["workers"], way["start"]) for way in ways] == [tuple(way) for way in WAYS]
    for way in ways:
        assert way["samples"] == expected


@pytest.mark.slow
def test_all_samples_of_a_series_have_the_same_files_keys_and_types(series: WornSeries) -> None:
    samples = of_tars(series.shards)
    (files,) = {tuple(sample.files) for sample in samples}
    more = {".mask.png", ".signal.npy"} if "--mask" in series.job.options else set()
    assert {*files[1:]} == BESIDE | more
    _alike([sample.facts for sample in samples], series.name)
    for ending in files:
        if ending.endswith(".npy"):
            assert len({_array_type(sample, ending) for sample in samples}) == 1, ending
    # They would not be, if effects were not one text.
    effects = [json.loads(sample.facts["annotation"]["worn"]["effects"]) for sample in samples]
    assert len({tuple(one) for one in effects}) > 1


@pytest.mark.slow
def test_a_series_has_the_pictures_and_the_truth_of_files(series: WornSeries) -> None:
    loose = {sample.key: sample for sample in of_files(series.job.out("files"))}
    packed = of_tars(series.shards)
    assert [sample.key for sample in packed] == [row["key"] for row in series.rows]
    for sample in packed:
        other = loose[sample.key]
        assert sample.files.keys() == other.files.keys()
        for ending, data in sample.files.items():
            if ending != ".json":
                assert data == other.files[ending], sample.key + ending
        worn, told = sample.facts["annotation"]["worn"], other.facts["worn"]
        assert worn | {"effects": json.loads(worn["effects"])} == told


@pytest.mark.slow
def test_shards_of_clean_pictures_are_there_where_these_are_kept(worn_job: Made) -> None:
    out = worn_job.out("tar")
    kept = "--no-clean" not in worn_job.options
    names = [f"{chunk:06d}.tar" for chunk in range(GOOD // A_SHARD)]
    assert [path.name for path in tars(out)] == (names if kept else [])
    for name in COPIES:
        assert [path.name for path in tars(out, name)] == names


def _told(sample: dict[str, Any]) -> dict[str, Any]:
    return {
        name: digest(value.tobytes()) if isinstance(value, np.ndarray) else value
        for name, value in sample.items()
    }


def _alike(values: list[Any], where: str) -> None:
    """Fail unless values of JSON have the same keys and types, at any depth."""
    (kind,) = {type(value).__name__ for value in values} or {"nothing"}
    assert kind != "NoneType", f"{where}: null"
    if kind == "dict":
        (keys,) = {tuple(value) for value in values}
        for key in keys:
            _alike([value[key] for value in values], f"{where}.{key}")
    elif kind == "list":
        _alike([entry for value in values for entry in value], f"{where}[]")


def _array_type(sample: Sample, ending: str) -> tuple[str, int]:
    array = sample.array(ending)
    return str(array.dtype), array.ndim
