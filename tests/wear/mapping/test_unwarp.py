"""What is unwarped lies where it lay on the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import ecgmpi
from ecgmpi.errors import UsageError
from ecgmpi.wear.mapping.control_grid import ControlGrid

from .dots import centroids, page_with_dots, places, remapped
from .drawn import PHOTO, SMALL, composed, drawn


def test_dots_are_back_where_they_were_on_the_page() -> None:
    points = places(SMALL)
    pixels = page_with_dots(SMALL, points)
    grid = composed(drawn(PHOTO, 3, 5, SMALL), SMALL).grid
    flat = ecgmpi.unwarp(remapped(pixels, grid), grid.npy())
    assert flat.shape == pixels.shape
    x, y = (centroids(flat, points) - points).T
    missed = np.hypot(x, y)
    assert np.median(missed) < 0.06
    assert missed.max() < 0.25


def test_a_map_is_a_path_its_content_or_the_array_in_it(tmp_path: Path) -> None:
    grid = composed(drawn(PHOTO, 2, 1, SMALL), SMALL).grid
    path = tmp_path / "a~photo1.map.npy"
    path.write_bytes(grid.npy())
    picture = np.random.Generator(np.random.PCG64(1)).integers(
        0, 256, (SMALL.height, SMALL.width, 3), np.uint8
    )
    flat = ecgmpi.unwarp(picture, path)
    assert flat.shape == picture.shape
    for same in (str(path), grid.npy(), np.load(path)):
        assert np.array_equal(ecgmpi.unwarp(picture, same), flat)


def test_a_picture_of_another_size_is_refused() -> None:
    content = ControlGrid.identity(300, 200).npy()
    with pytest.raises(UsageError, match="300 x 200 px, not of 150 x 100; unwarp before"):
        ecgmpi.unwarp(np.zeros((100, 150, 3), np.uint8), content)


def test_what_is_no_picture_is_refused() -> None:
    content = ControlGrid.identity(300, 200).npy()
    floats: npt.NDArray[np.uint8] = np.zeros((200, 300))  # type: ignore[assignment]
    with pytest.raises(UsageError, match=r"not float64 of shape \(200, 300\)"):
        ecgmpi.unwarp(floats, content)


def test_what_is_no_map_is_refused_by_name(tmp_path: Path) -> None:
    picture = np.zeros((200, 300), np.uint8)
    path = tmp_path / "a.points.npy"
    with pytest.raises(UsageError, match=r"a\.points\.npy: cannot read the map: No such file"):
        ecgmpi.unwarp(picture, path)
    np.save(path, np.zeros((5, 2), np.float32))
    with pytest.raises(UsageError, match=r"a\.points\.npy: this is not the map .* not float32"):
        ecgmpi.unwarp(picture, path)
