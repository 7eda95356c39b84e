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
    out = job.out(pack, "--with-signals")
    root = Path(__file__).resolve().parents[2]
    environment = {"PYTHONDONTWRITEBYTECODE": "1"}
    ended = run([torch, "-m", "tests.loaders.read_torch", out], environment, 300, root).expect(0)
    *ways, alike = (json.loads(line) for line in ended.out.splitlines())
    data = ecgmpi.dataset(out)
    files = ecgmpi.dataset(job.out("files"))
    expected = [_told(data[index]) for index in data.order(seed=1, epoch=2)]
    pictures = {sample["key"]: digest(sample["image"].tobytes()) for sample in files}
    assert {one["key"]: one["image"] for one in expected} == pictures
    assert [(way["workers"], way["start"]) for way in ways] == [tuple(way) for way in WAYS]
    for way in ways:
        assert way["samples"] == expected
    height, width = data[0]["image"].shape[:2]
    assert alike["image"]
    assert all(shape == [2, height, width, 3] for shape in alike["image"])
