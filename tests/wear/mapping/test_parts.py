"""Parts of a picture that look at parts of its page."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.wear.mapping.parts import dense_part, part_seeing_page, parts_seeing
from tests.wear.mapping.test_control_grid import grid_of


@given(
    st.integers(0, 10**6),
    st.integers(33, 150),
    st.integers(33, 150),
    st.sampled_from([30, 900, 5_000]),
    st.integers(0, 140),
    st.integers(0, 140),
)
def test_every_pixel_that_looks_at_a_part_is_in_what_is_found(
    seed: int, width: int, height: int, most: int, top: int, left: int
) -> None:
    grid = grid_of(seed, width, height, most)
    top, left = min(top, height - 1), min(left, width - 1)
    part = slice(top, min(top + 9, height)), slice(left, min(left + 7, width))
    found = np.zeros((height, width), bool)
    for where in parts_seeing(grid, [part]):
        found[where] = True
    places, fractions = grid.dense()
    # The nearest pixel of the page, beyond its edges the nearest one of them.
    x = np.clip(places[..., 0] + ((fractions & 31) >= 16), 0, width - 1)
    y = np.clip(places[..., 1] + ((fractions >> 5) >= 16), 0, height - 1)
    looks = (y >= part[0].start) & (y < part[0].stop) & (x >= part[1].start) & (x < part[1].stop)
    assert not (looks & ~found).any()


@given(
    st.integers(0, 10**6),
    st.integers(33, 150),
    st.integers(33, 150),
    st.sampled_from([30, 900, 5_000]),
)
def test_only_a_part_of_a_picture_looks_at_its_page(
    seed: int, width: int, height: int, most: int
) -> None:
    grid = grid_of(seed, width, height, most)
    places, fractions = grid.dense()
    # Of what is linear between pixels, some is seen of the page.
    x, y = places[..., 0].astype(int), places[..., 1].astype(int)
    looks = (x >= -1) & (y >= -1) & (x < width) & (y < height)
    part = part_seeing_page(grid)
    if part is None:
        assert not looks.any()
        return
    found = np.zeros((height, width), bool)
    found[part] = True
    assert not (looks & ~found).any()
    for of_all, of_part in zip((places, fractions), dense_part(grid, part), strict=True):
        assert np.array_equal(of_all[part], of_part)


def test_a_part_that_is_not_seen_costs_nothing() -> None:
    grid = grid_of(1, 100, 100, 0)
    assert parts_seeing(grid, [(slice(40, 50), slice(60, 66))]) == [(slice(32, 64), slice(48, 80))]
    beside = type(grid)(grid.offsets + np.int16(32 * 80), 100, 100, 100, 100, grid.cell)
    assert parts_seeing(beside, [(slice(0, 20), slice(0, 20))]) == []
