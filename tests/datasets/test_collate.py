"""Batches: what a sample holds is in them, where it was, and nothing else looks like it."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import ecgmpi
from ecgmpi.errors import UsageError
from tests.datasets.conftest import Outs

PAPER = 250, 240, 230
SIDES = st.integers(0, 6)
SIZES = st.lists(st.tuples(SIDES, SIDES), min_size=1, max_size=5)


def picture(size: tuple[int, int]) -> dict[str, Any]:
    """A picture whose every pixel differs from paper, but for its corner."""
    height, width = size
    image = np.arange(height * width * 3).reshape(height, width, 3).astype(np.uint8)
    image[:1, :1] = PAPER
    mask = np.full(size, 7, np.uint8)
    return {"key": f"{height}x{width}", "image": image, "mask": mask, "indices": mask + 1}


@given(SIZES)
def test_each_picture_is_in_its_corner_and_the_rest_is_paper(sizes: list[tuple[int, int]]) -> None:
    samples = [picture(size) for size in sizes]
    batch = ecgmpi.collate(samples)
    height, width = np.max(sizes, axis=0)
    assert batch["key"] == [sample["key"] for sample in samples]
    for name, depth in (("image", (3,)), ("mask", ()), ("indices", ())):
        assert batch[name].shape == (len(sizes), height, width, *depth)
        assert batch[name].dtype == np.uint8
        assert batch[name].flags.writeable
        assert batch[name].flags.c_contiguous
        assert batch[f"{name}_size"].tolist() == list(map(list, sizes))
    for k, (sample, (h, w)) in enumerate(zip(samples, sizes, strict=True)):
        for name, paper in (("image", PAPER), ("mask", 0), ("indices", 8)):
            one = batch[name][k].copy()
            np.testing.assert_array_equal(one[:h, :w], sample[name])
            if h and w:
                one[:h, :w] = paper
                assert (one == paper).all()


@given(st.lists(SIDES, min_size=1, max_size=5))
def test_points_and_signals_end_in_gaps(lengths: list[int]) -> None:
    samples = [
        {
            "points": np.arange(2 * n, dtype=np.float32).reshape(n, 2),
            "visible": np.ones(n, np.bool_),
            "signal": np.full((1 + n % 2, n), 0.5, np.float32),
        }
        for n in lengths
    ]
    batch = ecgmpi.collate(samples)
    most = max(lengths)
    assert batch["points"].shape == (len(lengths), most, 2)
    assert batch["points_size"].tolist() == lengths
    assert batch["signal_size"].tolist() == [[1 + n % 2, n] for n in lengths]
    assert (batch["points"].dtype, batch["signal"].dtype) == (np.float32, np.float32)
    assert batch["visible"].sum(axis=1).tolist() == lengths
    for k, (sample, n) in enumerate(zip(samples, lengths, strict=True)):
        np.testing.assert_array_equal(batch["points"][k, :n], sample["points"])
        assert np.isnan(batch["points"][k, n:]).all()
        assert not batch["visible"][k, n:].any()
        inside = ~np.isnan(batch["signal"][k])
        assert inside.sum() == sample["signal"].size
        assert inside[: 1 + n % 2, :n].all()


@given(st.data())
def test_other_arrays_are_stacked_as_they_are(data: st.DataObject) -> None:
    shape = data.draw(arrays.array_shapes(min_dims=0, max_dims=3, max_side=4))
    n = data.draw(st.integers(1, 4))
    own = [data.draw(arrays.arrays(np.int32, shape)) for _ in range(n)]
    batch = ecgmpi.collate([{"own": one, "image": one} for one in own])
    # A picture that was made into something else, too, where all are of one shape.
    for name in ("own", "image"):
        np.testing.assert_array_equal(batch[name], np.stack(own))
        assert batch[name].dtype == np.int32


def test_labels_are_columns() -> None:
    labels: list[dict[str, Any]] = [
        {"age": 51.5, "n": 3, "sinus": True, "text": "a", "seen": 1.0},
        {"age": float("nan"), "n": -4, "sinus": False, "text": "", "seen": float("nan")},
    ]
    made = ecgmpi.collate([{"labels": one} for one in labels])["labels"]
    np.testing.assert_array_equal(made["age"], [51.5, np.nan])
    assert (made["n"].dtype, made["n"].tolist()) == (np.int64, [3, -4])
    assert (made["sinus"].dtype, made["sinus"].tolist()) == (np.bool_, [True, False])
    assert made["text"] == ["a", ""]
    assert made["age"].dtype == made["seen"].dtype == np.float64


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        ([], "there are no samples; give it at least one"),
        (
            [{"key": "a"}, {"key": "b", "mask": 1}],
            "samples 0 and 1 differ in their fields: only one of them has mask",
        ),
        (
            [{"labels": {"x": 1}}, {"labels": {"y": 1}}],
            "samples 0 and 1 differ in their labels: only one of them has x, y",
        ),
        (
            [{"own": np.zeros((2, 3))}, {"own": np.zeros(4)}],
            r"the arrays of own have different shapes \(2x3 and 4\)",
        ),
        # Whole numbers have no NaN to pad them with.
        (
            [{"signal": np.zeros((2, 3), np.int16)}, {"signal": np.zeros((2, 4), np.int16)}],
            r"the arrays of signal have different shapes \(2x3 and 2x4\)",
        ),
        # Colours before rows: it is not known which axes to pad.
        (
            [{"image": np.zeros((3, 5, 7))}, {"image": np.zeros((3, 6, 7))}],
            r"the arrays of image have different shapes \(3x5x7 and 3x6x7\)",
        ),
    ],
)
def test_what_makes_no_batch(samples: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        ecgmpi.collate(samples)


@pytest.mark.slow
def test_a_batch_of_strips_holds_each_of_them(outs: Outs) -> None:
    data = ecgmpi.dataset(outs.strips("files"))
    batch = ecgmpi.collate(data)
    heights = data.table["height_px"]
    assert len(set(heights.tolist())) > 1
    assert batch["image"].shape[:2] == (len(data), heights.max())
    for k, sample in enumerate(data):
        for name in ("image", "mask", "signal"):
            rows, columns = batch[f"{name}_size"][k]
            np.testing.assert_array_equal(batch[name][k, :rows, :columns], sample[name])
        n = batch["points_size"][k]
        for name in ("points", "visible"):
            np.testing.assert_array_equal(batch[name][k, :n], sample[name])
        corner = sample["image"][0, 0]
        rows, _ = batch["image_size"][k]
        assert (batch["image"][k, rows:] == corner).all()
    assert pickle.loads(pickle.dumps(ecgmpi.collate)) is ecgmpi.collate
