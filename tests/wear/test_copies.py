"""Worn copies from Python: one of a picture, its truth, and its files."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from scipy.io import savemat

import ecgmpi
from ecgmpi.datasets.decode import decode
from ecgmpi.drawing import annotation
from ecgmpi.drawing.truth.points import sample_points
from ecgmpi.errors import UsageError
from ecgmpi.wear.profiles import PROFILES
from tests.processes import run_ecgmpi
from tests.wear.pages import DPI, page


def test_it_is_what_a_job_makes(tmp_path: Path) -> None:
    """From what the job made of the same recording, the same options give the same bytes."""
    (tmp_path / "in" / "below").mkdir(parents=True)
    time = np.arange(2500) / 500
    signal = np.stack([np.sin((3 + k) * time) for k in range(12)])
    for name in ("a.mat", "below/b.mat"):
        savemat(tmp_path / "in" / name, {"data": signal, "fs": 500.0})
    out = tmp_path / "out"
    asked: dict[str, Any] = {"layout": "3x4", "dpi": DPI}
    ecgmpi.render(
        tmp_path / "in", out, wear="scan:2,fax", wear_level=3.0, seed=8, workers=1, **asked
    )
    for name in ("a", "below/b"):
        record = ecgmpi.read(tmp_path / "in" / f"{name}.mat")
        picture = ecgmpi.draw(record, **asked)
        key = name if "/" in name else None
        second = ecgmpi.worn(picture, "scan", 3.0, seed=8, copy=2, key=key)
        fax = ecgmpi.worn(picture, "fax", 3.0, seed=8, key=key)
        assert second.encode() == (out / "images" / f"{name}~scan2.jpg").read_bytes()
        assert fax.encode() == (out / "images" / f"{name}~fax1.png").read_bytes()
        first = ecgmpi.worn(picture, "scan", 3.0, seed=8, key=key)
        assert first.encode() != second.encode()
    run_ecgmpi("verify", out).expect(0)


def on_trace(traced: npt.NDArray[np.uint8], points: npt.NDArray[Any]) -> bool:
    """Whether points are at most a pixel from what is traced."""
    column, row = np.floor(points).astype(int).T
    near = max_of_neighbours(traced)
    return bool((near[row, column] > 0).mean() > 0.99)


def max_of_neighbours(traced: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    padded = np.pad(traced, 1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
    found: npt.NDArray[np.uint8] = windows.max(axis=(2, 3))
    return found


def test_its_truth_is_where_the_map_says() -> None:
    # Fine enough that no stroke of a pixel gets lost where the copy is smaller than its page.
    picture = page(dpi=200.0)
    copy = ecgmpi.worn(picture, "photo", seed=3)
    height, width = copy.rgb().shape[:2]
    said = copy.annotation()
    assert (said["width"], said["height"]) == (width, height)
    assert said["worn"]["effects"] == copy.effects
    points = copy.points()
    assert len(points) == sum(len(line) for line in picture.lines)
    assert copy.mask().shape == copy.hidden().shape == (height, width)
    # Where the mask has a lead, ink can be seen; where a point is visible, there is its lead.
    assert not copy.hidden()[copy.mask() > 0].any()
    traced = np.where(copy.mask() > 0, np.uint8(255), np.uint8(0))
    seen = points[:, 2] == 0
    assert on_trace(traced, points[seen, :2])
    assert not on_trace(traced, points[seen, :2] + (0, 25))
    # Flattened, the samples are back where the page has them.
    flat = ecgmpi.unwarp(traced, copy.map)
    traces = zip(picture.sheet.traces, picture.lines, strict=True)
    places = np.concatenate([sample_points(picture, trace, line) for trace, line in traces])
    assert on_trace(flat, places[seen])
    crossings = copy.crossings()
    corners = crossings[[0, 0, -1, -1], [0, -1, -1, 0], :2]
    np.testing.assert_allclose(corners, said["worn"]["grid_corners"], atol=0.01)


def test_separators_are_carried_over() -> None:
    picture = page()
    told = ecgmpi.worn(picture, "photo").annotation()
    flat = ecgmpi.worn(picture, "photo", level=0).annotation()
    assert len(told["separators"]) == len(flat["separators"]) > 0
    clean = json.loads(annotation(picture, lines=False))["separators"]
    np.testing.assert_allclose(flat["separators"], clean, atol=0.01)
    moved = np.abs(np.subtract(told["separators"], flat["separators"])).max(axis=1)
    assert (moved > 1).all()


@pytest.mark.parametrize("profile", ["photo", "scan-bw"])
def test_a_png_has_every_pixel_as_it_was_made(profile: str) -> None:
    copy = ecgmpi.worn(page(), profile)
    grey = copy.made.pixels.ndim == 2
    assert grey == (profile == "scan-bw")
    for compression in ("fast", "small"):
        data = copy.encode("png", compression)
        with Image.open(io.BytesIO(data)) as image:
            assert image.mode == ("L" if grey else "RGB")
            assert image.info["dpi"] == pytest.approx((DPI, DPI), abs=0.1)
            np.testing.assert_array_equal(np.asarray(image.convert("RGB")), copy.rgb())
        np.testing.assert_array_equal(decode(data), copy.rgb())
    # And a JPEG nearly so, in the same order of colours.
    nearly = decode(copy.encode("jpg"), "jpg").astype(float)
    assert np.abs(nearly.mean(axis=(0, 1)) - copy.rgb().mean(axis=(0, 1))).max() < 1


def test_it_is_saved_by_its_ending(tmp_path: Path) -> None:
    copy = ecgmpi.worn(page(), "fax")
    assert copy.encode() == copy.encode("png")
    for name, magic in (("x.png", b"\x89PNG"), ("x.jpg", b"\xff\xd8"), ("x.JPEG", b"\xff\xd8")):
        copy.save(tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(magic)
    with pytest.raises(UsageError, match=r"name it \.jpg or \.png"):
        copy.save(tmp_path / "x.svg")
    with pytest.raises(UsageError, match="worn copies are jpg or png"):
        copy.encode("pdf")
    assert "fax1 of <Picture of" in repr(copy)


def test_a_profile_of_ones_own() -> None:
    copy = ecgmpi.worn(page(), {"paper": {"yellow_levels": 30}})
    assert copy.effects.keys() == {"paper"}
    np.testing.assert_array_equal(
        copy.points()[:, :2], ecgmpi.worn(page(), level=0).points()[:, :2]
    )
    red, _, blue = copy.rgb().mean(axis=(0, 1)) - page().rgb().mean(axis=(0, 1))
    assert blue < red - 10


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"profile": "foto"}, "profile foto: there is no such profile; do you mean photo"),
        ({"profile": {"stain": False}}, "no effect 'stain': do you mean stains"),
        ({"level": 6}, "level 6: give 0 to 5"),
        ({"copy": 0}, "copies at 1"),
        ({"seed": -1}, "seeds begin at 0"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        ecgmpi.worn(page(), **given)


def test_every_profile_is_known_by_its_name() -> None:
    for name in PROFILES:
        assert ecgmpi.worn(page(dpi=40.0), name, level=0).made.name == f"{name}1"
