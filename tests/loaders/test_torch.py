"""A data set in a ``DataLoader`` of torch: the same samples, however read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ecgmpi
from tests.loaders.conftest import Made
from tests.loaders.samples import digest
from tests.loaders.torch_ways import WAYS
from tests.processes import run

PACKS = ("files", "tar", "hdf5")


def _told(sample: dict[str, Any]) -> dict[str, Any]:
    return {
        name: digest(value.tobytes()) if isinstance(value, np.ndarray) else value
        for name, value in sample.items()
    }


@pytest.mark.parametrize("pack", PACKS)
def test_a_data_loader_reads_every_sample_in_order(pack: str, job: Made, torch: Path) -> None:
    out, files = (job.out(kind, *job.signals) for kind in (pack, "files"))
    root = Path(__file__).resolve().parents[2]
    environment = {"PYTHONDONTWRITEBYTECODE": "1"}
    ended = run([torch, "-m", "tests.loaders.read_torch", out], environment, 300, root).expect(0)
    *ways, alike = (json.loads(line) for line in ended.out.splitlines())
    data = ecgmpi.dataset(out)
    order = data.order(seed=1, epoch=2)
    # All that a sample has is what it has with --pack files.
    loose = {sample["key"]: _told(sample) for sample in ecgmpi.dataset(files)}
    expected = [loose[key] for key in data.table["key"][order]]
    assert len(expected) == len(loose)
    assert {"signal", "image"} <= loose[data.table["key"][0]].keys()
    assert ("labels" in data.fields) == job.labelled
    assert [(way["workers"], way["start"]) for way in ways] == [tuple(way) for way in WAYS]
    for way in ways:
        # NaN is equal to itself here.
        np.testing.assert_equal(way["samples"], expected)
    height, width = data[0]["image"].shape[:2]
    assert alike["image"]
    assert all(shape == [2, height, width, 3] for shape in alike["image"])
    types = {"fold": "torch.int64", "sinus": "torch.bool", "age": "torch.float64", "code": "str"}
    assert alike["labels"] == ([types] * len(alike["image"]) if job.labelled else [])
