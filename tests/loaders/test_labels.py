"""Labels of all types, with and without gaps: the same in every packing, however they are read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import ecgmpi
from tests.loaders.conftest import JOBS, LABELLED, QUICKEST, Made
from tests.loaders.labels import expected_labels, label_options
from tests.loaders.samples import of_tars, tars

pytestmark = pytest.mark.slow

PACKS = ("files", "tar", "hdf5")
KINDS = {
    "fold": "i",
    "sinus": "b",
    "heart rate": "f",
    "Befund": "S",
    "age": "f",
    "paced": "f",
    "axis": "f",
    "code": "S",
    "path": "S",
}
"""Kinds of the types that numpy has for them."""


@pytest.fixture(scope="module")
def labelled(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Strips of two leads."""
    folder = tmp_path_factory.mktemp("labelled")
    return Made(corpus, folder, ("--leads", "I,V2", *label_options(corpus, folder)))


@pytest.mark.parametrize("pack", PACKS)
def test_the_manifest_has_them_by_h5py_alone(pack: str, labelled: Made) -> None:
    expected = expected_labels(labelled.corpus)
    with h5py.File(labelled.out(pack) / "manifest.h5") as manifest:
        recordings = manifest["recordings"]
        names = json.loads(recordings.attrs["labels"])
        sources = recordings["source"].asstr()[:].tolist()
        columns = {name: _values(recordings[name]) for name in names}
        kinds = {name: recordings[name].dtype.kind for name in names}
    assert kinds == KINDS
    assert sorted(sources) == sorted(expected)
    for row, source in enumerate(sources):
        np.testing.assert_equal({name: columns[name][row] for name in names}, expected[source])


def _values(column: h5py.Dataset) -> list[Any]:
    is_text = h5py.check_string_dtype(column.dtype) is not None
    values: list[Any] = (column.asstr()[:] if is_text else column[:]).tolist()
    return values


@pytest.mark.parametrize("pack", PACKS)
def test_a_data_set_has_them(pack: str, labelled: Made) -> None:
    expected = expected_labels(labelled.corpus)
    data = ecgmpi.dataset(labelled.out(pack), fields="labels")
    for sample, source in zip(data, data.table["source"], strict=True):
        labels = sample["labels"]
        np.testing.assert_equal(labels, expected[source])
        assert [*map(type, labels.values())] == [*map(type, expected[source].values())]


@pytest.mark.parametrize("pack", PACKS[1:])
def test_the_json_of_samples_has_them_with_one_type_in_all(pack: str, labelled: Made) -> None:
    expected = expected_labels(labelled.corpus)
    types = set()
    for facts in _facts(labelled.out(pack), pack):
        labels, true = facts["labels"], expected[facts["source"]]
        types.add(tuple((name, type(value)) for name, value in sorted(labels.items())))
        assert labels.keys() == true.keys()
        for name, value in labels.items():
            numeric = isinstance(true[name], float) and isinstance(value, str)
            np.testing.assert_equal(float(value) if numeric else value, true[name], name)
    assert len(types) == 1


def _facts(out: Path, pack: str) -> Iterator[dict[str, Any]]:
    """The JSON of each sample."""
    if pack == "tar":
        yield from (sample.facts for sample in of_tars(tars(out)))
        return
    with h5py.File(out / "pictures.h5") as file:
        yield from map(json.loads, file["json"].asstr()[:])


def test_loaders_are_tried_with_labels() -> None:
    assert set(LABELLED) <= set(JOBS) - {QUICKEST}
