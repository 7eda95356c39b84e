"""The map in whole numbers: the same as exact arithmetic, both ways, and in its file."""

from __future__ import annotations

import inspect
import io
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.wear.mapping.control_grid import (
    LEAST_SIDE,
    MOST_OFFSET,
    MOST_SIDE,
    ControlGrid,
    going_on,
    nodes_along,
)
from ecgmpi.wear.mapping.dense import nearest_pixels
from ecgmpi.wear.opencv import opencv

SIDES = st.integers(LEAST_SIDE, 140)
SEEDS = st.integers(0, 2**32 - 1)


def grid_of(
    seed: int,
    width: int,
    height: int,
    most: int,
    cell: int = 16,
    wobble: int = 0,
    stored: bool = False,
) -> ControlGrid:
    """A map of random offsets, of at most `most` parts of a pixel; or of one that wobbles.

    What can be `stored` has last nodes that go on as those before.
    """
    lots = np.random.Generator(np.random.PCG64(seed))
    shape = (nodes_along(height, cell), nodes_along(width, cell), 2)
    offsets = lots.integers(-most, most + 1, (1, 1, 2) if wobble else shape)
    if wobble:
        offsets = offsets + lots.integers(-wobble, wobble + 1, shape)
    if stored:
        offsets = going_on(offsets[:-1, :-1])
    return ControlGrid(offsets.astype(np.int16), width, height, width, height, cell)


def places_of(grid: ControlGrid) -> npt.NDArray[np.int64]:
    """Where each pixel looks, in 1/32 px: linear along rows of nodes, rounded, then downwards."""
    cell = grid.cell
    x, y = np.meshgrid(np.arange(grid.width), np.arange(grid.height))
    (j, s), (i, t) = np.divmod(x, cell), np.divmod(y, cell)
    nodes = grid.offsets.astype(np.int64)

    def between(
        first: npt.NDArray[np.int64], second: npt.NDArray[np.int64], part: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:
        share = 2 * part[..., None] * (second - first) + cell
        moved: npt.NDArray[np.int64] = first + share // (2 * cell)
        return moved

    above = between(nodes[i, j], nodes[i, j + 1], s)
    below = between(nodes[i + 1, j], nodes[i + 1, j + 1], s)
    return between(above, below, t) + 32 * np.stack([x, y], axis=2)


@given(SEEDS, SIDES, SIDES, st.sampled_from([3, 900, MOST_OFFSET]), st.sampled_from([4, 8, 16]))
def test_every_pixel_looks_where_exact_arithmetic_says(
    seed: int, width: int, height: int, most: int, cell: int
) -> None:
    grid = grid_of(seed, width, height, most, cell)
    places, fractions = grid.dense()
    expected = places_of(grid)
    assert np.array_equal(places, expected >> 5)
    assert np.array_equal(fractions, (expected[..., 0] & 31) | (expected[..., 1] & 31) << 5)


@given(SEEDS, SIDES, SIDES, st.sampled_from([3, 900, MOST_OFFSET]))
def test_the_nearest_pixel_is_less_than_one_away(
    seed: int, width: int, height: int, most: int
) -> None:
    grid = grid_of(seed, width, height, most)
    assert np.array_equal(grid.nearest, (places_of(grid) + 16) >> 5)
    assert np.array_equal(nearest_pixels(*grid.dense()), grid.nearest)


def test_a_mask_is_carried_over_to_the_nearest_pixel() -> None:
    grid = grid_of(7, 130, 90, 200, wobble=20)
    page = np.random.Generator(np.random.PCG64(0)).integers(1, 255, (90, 130), np.uint8)
    carried = opencv().remap(page, grid.nearest, None, opencv().INTER_NEAREST)
    x, y = ((places_of(grid) + 16) >> 5).transpose(2, 0, 1)
    there = (x >= 0) & (x < 130) & (y >= 0) & (y < 90)
    assert there.any()
    assert np.array_equal(carried[there], page[y[there], x[there]])
    assert not carried[~there].any()


def test_the_lines_that_readers_are_told_make_the_same_map() -> None:
    grid = grid_of(5, 300, 211, 9_000, stored=True)
    told = inspect.getdoc(ControlGrid.npy)
    assert told is not None
    lines = [line[4:] for line in told.splitlines() if line.startswith((">>> ", "... "))]
    # The first two make a file, the last one shows a value.
    known: dict[str, Any] = {"np": np, "file": io.BytesIO(grid.npy())}
    exec("\n".join(lines[2:-1]), known)
    assert np.array_equal(known["places"], places_of(grid))


@given(SEEDS, SIDES, SIDES, st.sampled_from([4, 8, 16]))
def test_the_file_holds_all_of_the_map(seed: int, width: int, height: int, cell: int) -> None:
    grid = grid_of(seed, width, height, MOST_OFFSET // 9, cell, stored=True)
    read = ControlGrid.of_npy(grid.npy())
    assert np.array_equal(read.offsets, grid.offsets)
    assert (read.width, read.height, read.cell) == (width, height, cell)
    assert (read.page_width, read.page_height) == (width, height)
    assert read.npy() == grid.npy()


def test_the_file_of_a_letter_page_at_200_dpi_is_small() -> None:
    assert len(ControlGrid.identity(2200, 1700).npy()) < 60_000


def test_a_map_whose_last_nodes_do_not_go_on_is_not_stored() -> None:
    with pytest.raises(ValueError, match="go on as those before"):
        grid_of(3, 90, 70, 500).npy()


def test_a_file_whose_nodes_go_on_too_far_is_refused() -> None:
    table = np.load(io.BytesIO(ControlGrid.identity(90, 70).npy()))
    table[-1, -1], table[-1, -2] = MOST_OFFSET, -MOST_OFFSET
    with pytest.raises(ValueError, match="at most 32,760 / 32 px"):
        ControlGrid.of_table(table)


@given(SEEDS, SIDES, SIDES)
def test_forward_is_the_inverse_of_backward(seed: int, width: int, height: int) -> None:
    grid = grid_of(seed, width, height, 300, wobble=50)
    # Neighbours differ by 100 of the 512 parts of a cell at most.
    assert not grid.folds_over()
    lots = np.random.Generator(np.random.PCG64(seed))
    picture = lots.random((50, 2)) * (width - 1, height - 1)
    page = grid.backward(picture)
    assert np.abs(grid.backward(grid.forward(page)) - page).max() <= 0.001
    assert np.abs(grid.forward(page) - picture).max() <= 0.004


def test_backward_is_where_pixels_look() -> None:
    grid = grid_of(2, 120, 90, 500)
    places, fractions = grid.dense()
    y, x = np.indices((90, 120))
    pixels = np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float64)
    looked = places + np.stack([fractions & 31, fractions >> 5], axis=2) / 32
    assert np.abs(grid.backward(pixels) - looked.reshape(-1, 2)).max() <= 1 / 32


def test_points_that_left_the_picture_are_found_beyond_its_edges() -> None:
    offsets = np.zeros((nodes_along(200), nodes_along(300), 2), np.int16)
    offsets[..., 0] = 100 * 32
    grid = ControlGrid(offsets, 300, 200, 300, 200)
    moved = grid.forward(np.array([[40.0, 50.0], [150.0, 50.0]]))
    assert moved.tolist() == [[-60.0, 50.0], [50.0, 50.0]]


@given(SEEDS, st.integers(100, 700))
def test_a_map_folds_over_where_its_determinant_is_not_positive(seed: int, most: int) -> None:
    grid = grid_of(seed, 60, 50, most)
    own = grid.offsets.astype(np.int64)
    own[..., 0] += 512 * np.arange(own.shape[1])
    own[..., 1] += 512 * np.arange(own.shape[0])[:, None]
    # Signed areas of the triangles at the corners of each cell.
    a, b, c, d = own[:-1, :-1], own[:-1, 1:], own[1:, 1:], own[1:, :-1]
    areas = [
        (q - p)[..., 0] * (r - p)[..., 1] - (q - p)[..., 1] * (r - p)[..., 0]
        for p, q, r in ((a, b, d), (b, c, a), (c, d, b), (d, a, c))
    ]
    assert grid.folds_over() == (min(int(area.min()) for area in areas) <= 0)


def test_the_inverse_map_flattens_to_where_points_came_from() -> None:
    grid = grid_of(11, 400, 300, 200, wobble=12)
    inverse = grid.inverse()
    page = np.random.Generator(np.random.PCG64(1)).random((500, 2)) * (300, 200) + 50
    # Bilinear over 4 px of the page, and rounded to 1/32 px.
    assert np.abs(inverse.backward(page) - grid.forward(page)).max() < 0.1
    assert (inverse.page_width, inverse.page_height) == (400, 300)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"cell": 5}, "4, 8 or 16 px apart, not 5"),
        ({"width": 32_001}, "33 to 32,000 px, not 32,001"),
        ({"page_height": 8}, "33 to 32,000 px, not 8"),
        ({"width": 90}, r"shape \(5, 7, 2\), not int16 of shape \(5, 6, 2\)"),
    ],
)
def test_what_is_no_map_is_refused(changed: dict[str, int], said: str) -> None:
    sizes = {"width": 70, "height": 60, "page_width": 70, "page_height": 60} | changed
    with pytest.raises(ValueError, match=said):
        ControlGrid(np.zeros((5, 6, 2), np.int16), **sizes)


def test_offsets_that_would_not_round_within_16_bits_are_refused() -> None:
    offsets = np.zeros((5, 6, 2), np.int16)
    offsets[2, 3, 1] = -32_768
    with pytest.raises(ValueError, match="at most 32,760 / 32 px"):
        ControlGrid(offsets, 70, 60, 70, 60)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (np.zeros((5, 6, 2), np.int32), "not int32"),
        (np.zeros((5, 12), np.int16), r"shape \(5, 12\)"),
        (np.zeros((5, 6, 2), np.int16), "in 1/32 px, not in 1/0"),
    ],
)
def test_a_file_of_something_else_is_refused(table: npt.NDArray[np.int16], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ControlGrid.of_table(table)


def test_the_largest_sides_fit() -> None:
    grid = ControlGrid.identity(MOST_SIDE, LEAST_SIDE)
    places, fractions = grid.dense()
    assert places[-1, -1].tolist() == [MOST_SIDE - 1, LEAST_SIDE - 1]
    assert not fractions.any()
