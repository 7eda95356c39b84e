"""The annotation of worn pictures: by the schema, and of steady types in shards."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from scipy.io import savemat

import ecgmpi
from ecgmpi.drawing import schema
from ecgmpi.drawing.truth.sample import sample_json
from ecgmpi.layouts import STRIP
from ecgmpi.wear.profiles import PROFILES
from ecgmpi.wear.truth.annotation import sample_of_worn
from tests.job.test_samples import shape
from tests.wear.pages import page

VALIDATOR = Draft202012Validator(schema())


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_keeps_to_the_schema(profile: str) -> None:
    shapes = []
    for level, copy in ((0, 1), (5, 1), (5, 2)):
        worn = ecgmpi.worn(page(dpi=40.0), profile, level, seed=2**62, copy=copy)
        said = json.loads(json.dumps(worn.annotation(), allow_nan=False))
        VALIDATOR.validate(said)
        assert said["worn"]["effects"].keys() == worn.effects.keys()
        # In a shard, every copy has the same keys and types.
        packed = json.loads(sample_json({}, sample_of_worn(worn.annotation())))["annotation"]
        VALIDATOR.validate({**packed, "notes": []})
        assert json.loads(packed["worn"]["effects"]) == said["worn"]["effects"]
        assert packed["worn"]["seed"] == 2**62
        shapes.append(shape(packed))
    assert all(one == shapes[0] for one in shapes)


def test_it_can_miss_the_schema() -> None:
    said = json.loads(json.dumps(ecgmpi.worn(page(dpi=40.0)).annotation()))
    for key, value in (("effects", 3), ("corners", [[0, 1]]), ("seed", -1), ("scale", 1.0)):
        assert not VALIDATOR.is_valid(said | {"worn": said["worn"] | {key: value}}), key
    del said["worn"]["map"]
    assert not VALIDATOR.is_valid(said)


def test_a_box_encloses_its_corners() -> None:
    said = ecgmpi.worn(page(), "photo").annotation()
    pairs = [(said["grid"]["box"], said["worn"]["grid_corners"])]
    pairs += zip(said["pulses"], said["worn"]["pulse_corners"], strict=True)
    boxes = [text["box"] for text in said["texts"]]
    pairs += zip(boxes, said["worn"]["text_corners"], strict=True)
    assert len(pairs) > 10
    for (left, top, right, bottom), corners in pairs:
        x, y = zip(*corners, strict=True)
        assert (min(x), min(y), max(x), max(y)) == (left, top, right, bottom)


@pytest.mark.parametrize("layout", [pytest.param(STRIP, marks=pytest.mark.slow), "3x4"])
def test_samples_of_a_series_have_the_same_fields_and_types(tmp_path: Path, layout: str) -> None:
    """As `datasets` and others demand, which take both from the first samples."""
    (tmp_path / "in").mkdir()
    for k, n_leads in enumerate((12, 12, 3)):
        signal = np.sin(np.arange(1500) / (9 + np.arange(12)[:n_leads, None]))
        signal[0, 100:200] = np.nan if k else 0
        savemat(tmp_path / "in" / f"{k}.mat", {"data": signal, "fs": 500.0})
    asked: dict[str, Any] = {"layout": layout, "dpi": 40.0, "workers": 1, "pack": "tar"}
    if layout == STRIP:
        asked["leads"] = ["I", "III"]
    wear = "photo:3,fax"
    ecgmpi.render(
        tmp_path / "in", tmp_path / "out", wear=wear, annotate="lines", mask=True, **asked
    )
    for series, ending in (("photo", "jpg"), ("fax", "png")):
        kinds = []
        for shard in sorted((tmp_path / "out" / "shards" / series).glob("*.tar")):
            with tarfile.open(shard) as archive:
                by_key: dict[str, dict[str, Any]] = {}
                for member in archive:
                    key, _, field = member.name.partition(".")
                    handle = archive.extractfile(member)
                    assert handle
                    by_key.setdefault(key, {})[field] = handle.read()
            for fields in by_key.values():
                said = json.loads(fields["json"])
                VALIDATOR.validate({**said["annotation"], "notes": []})
                assert said["annotation"]["worn"]["profile"] == series
                kinds.append((sorted(fields), shape(said)))
        assert len(kinds) >= 3
        assert all(kind == kinds[0] for kind in kinds)
        assert ending in kinds[0][0]
