"""Backgrounds in bands: what is shared and kept is what would be drawn for one picture alone."""

from __future__ import annotations

import io
import threading
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ecgmpi.drawing import draw
from ecgmpi.drawing.raster.background import BACKGROUNDS, BAND, Background, BackgroundCache, Run
from ecgmpi.drawing.raster.canvas import Canvas
from ecgmpi.drawing.raster.grid import grid_rows
from ecgmpi.drawing.raster.palette import RED
from ecgmpi.drawing.raster.text_rows import add_text
from ecgmpi.drawing.scene import ink
from ecgmpi.drawing.strip.background import background
from ecgmpi.drawing.strip.labels import axis_texts
from ecgmpi.geometry import Scale, StripGeometry, strip_geometry
from tests.drawing.signals import beats, record

Bytes = npt.NDArray[np.uint8]

HALVES = st.integers(-6, 6).map(lambda k: k / 2)


def drawn_alone(geometry: StripGeometry) -> Bytes:
    rows = grid_rows(geometry, RED)
    for text in axis_texts(geometry, RED):
        add_text(rows, ink(text), text.x, text.baseline)
    return rows


@settings(max_examples=150, deadline=None)
@given(
    st.tuples(HALVES, HALVES).filter(lambda pair: pair[0] < pair[1]),
    st.sampled_from([0.4, 2.0, 10.0]),
    st.sampled_from([Scale(), Scale(dpi=150), Scale(speed=50, gain=5, dpi=97), Scale(gain=2.5)]),
)
def test_bands_that_strips_share_are_those_of_each(
    limits: tuple[float, float], seconds: float, scale: Scale
) -> None:
    geometry = strip_geometry(scale, seconds, *limits)
    found = background(geometry, RED)
    assert found.shape == (geometry.height, 1 + geometry.width)
    np.testing.assert_array_equal(Canvas(found).whole(), drawn_alone(geometry))


def test_leads_whose_ranges_differ_share_most_of_their_bands() -> None:
    BACKGROUNDS.clear()
    one = background(strip_geometry(Scale(), 10.0, -0.5, 2.5), RED)
    other = background(strip_geometry(Scale(), 10.0, -1.0, 2.5), RED)
    taller = background(strip_geometry(Scale(), 10.0, -0.5, 3.0), RED)
    assert len(set(one.bands) & set(other.bands)) > len(one.bands) / 2
    assert len(set(one.bands) & set(taller.bands)) > len(one.bands) / 2
    assert background(strip_geometry(Scale(), 10.0, -0.5, 2.5), RED) is one


def test_no_level_is_in_a_background_and_none_stays_from_a_picture() -> None:
    shown = record(beats())
    picture = draw(shown)
    drawn = picture.rows
    assert isinstance(picture.sheet.frame, StripGeometry)
    bare = Canvas(background(picture.sheet.frame, RED)).whole()
    assert (np.cumsum(bare[:, 1:], axis=0, dtype=np.uint8) % 16).max() == 0
    assert (bare[:, 0] == 2).all()
    assert (drawn != bare).any()
    with pytest.raises(ValueError, match="read-only"):
        drawn[0, 1] = 7
    np.testing.assert_array_equal(draw(shown).rows, drawn)


def rows_of(piece: Run | Bytes) -> Bytes:
    """The rows of a piece of a picture."""
    if isinstance(piece, Run):
        return np.concatenate([band.rows for band in piece.bands])
    return piece


@pytest.mark.parametrize("layout", ["strip", "3x4+1"])
def test_only_rows_that_are_drawn_on_differ_from_the_background(layout: str) -> None:
    picture = draw(record(beats()), layout)
    canvas = picture.canvas
    opened = [piece for piece in canvas.pieces() if isinstance(piece, np.ndarray)]
    assert 0 < sum(len(rows) for rows in opened) < 0.9 * picture.height
    # Neighbours come as one.
    assert len(opened) < len(canvas._background.bands) / 2
    np.testing.assert_array_equal(
        np.concatenate([rows_of(piece) for piece in canvas.pieces()]),
        picture.rows,
    )


def test_rows_that_a_drawing_touches_are_open() -> None:
    height = 5 * BAND
    cache = BackgroundCache(1 << 20)
    blank = np.zeros((BAND, 9), np.uint8)
    found = cache.get("blank", (height, 9), lambda: [("band", blank.copy)] * 5, blank.copy)
    for top, bottom, opened in (
        (0, 0, [0]),
        (BAND - 1, BAND - 1, [0]),
        # What ends on the last row of a band changes the first of the next.
        (BAND - 2, BAND, [0, 1]),
        (BAND + 0.5, BAND + 1.5, [1]),
        (2 * BAND, 4 * BAND - 1, [2, 3]),
        (-5, -3, []),
        (-5, height + 99, [0, 1, 2, 3, 4]),
        (height - 1, height, [4]),
    ):
        canvas = Canvas(found)
        canvas.open(top, bottom)
        at = 0
        seen: list[int] = []
        for piece in canvas.pieces():
            rows = rows_of(piece)
            if isinstance(piece, np.ndarray):
                seen += range(at // BAND, (at + len(rows)) // BAND)
            at += len(rows)
        assert seen == opened, (top, bottom)
        assert at == height


def test_the_cache_forgets_the_least_used_and_stays_within_its_bytes() -> None:
    cache = BackgroundCache(1000)

    def get(key: str, names: str, value: int = 0, part: int = 1) -> Background:
        def rows(count: int) -> Callable[[], Bytes]:
            return lambda: np.full((4 * count, 50), value, np.uint8)

        shape = 4 * len(names), 50
        return cache.get(key, shape, lambda: [(n, rows(1)) for n in names], rows(len(names)), part)

    first = get("first", "abc")
    assert cache.held == 600
    # Two of its bands are there.
    second = get("second", "bcd", value=1)
    assert cache.held == 800
    assert second.bands[:2] == first.bands[1:]
    assert [band.rows.max() for band in second.bands] == [0, 0, 1]
    assert get("first", "abc", value=3) is first
    get("third", "ef")
    # The second was used least: only the band that it alone had went with it.
    assert cache.held == 1000
    assert get("second", "bd", value=2).bands[0] is first.bands[1]
    assert cache.held <= 1000
    held = cache.held
    for large in (get("large", "ghijkl"), get("tall", "mn", part=4)):
        assert not large.bands
        assert large.own is not None
        assert large.shape == large.own.shape
        assert cache.held == held
    cache.clear()
    assert cache.held == 0


def test_threads_share_the_cache() -> None:
    cache = BackgroundCache(20_000)
    start = threading.Barrier(4)
    made: list[int] = []

    def work() -> None:
        for number in range(200):
            start.wait()
            names = [(number + k) % 7 + 7 * (number // 50) for k in range(3)]

            def bands(names: list[int] = names) -> list[tuple[int, Callable[[], Bytes]]]:
                return [(n, partial(np.full, (4, 500), n % 256, np.uint8)) for n in names]

            found = cache.get(number, (12, 500), bands, lambda: np.zeros((12, 500), np.uint8))
            made.append(sum(int(band.rows[0, 0]) for band in found.bands) - sum(names))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [0] * 800
    reachable = {band for background, _ in cache._backgrounds.values() for band in background.bands}
    assert cache.held == sum(band.rows.nbytes for band in reachable) > 0
    cache.clear()
    assert cache.held == 0


@pytest.mark.parametrize(
    ("layout", "options"), [("strip", {"gain": 200.0}), ("3x4", {"dpi": 600.0})]
)
def test_a_picture_too_large_to_keep_is_held_once(layout: str, options: dict[str, Any]) -> None:
    shown = record(beats())
    draw(shown, layout, dpi=100.0).png()
    held = BACKGROUNDS.held
    tracemalloc.start()
    picture = draw(shown, layout, **options)
    pixels = picture.rows
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert pixels.size > BACKGROUNDS.limit / 2
    # What lays out and outlines takes the rest.
    assert peak < 1.9 * pixels.size
    assert BACKGROUNDS.held == held
    # Its file is one fragment, and the pixels are those of any other.
    with Image.open(io.BytesIO(picture.png())) as decoded:
        assert decoded.size == (picture.width, picture.height)
        np.testing.assert_array_equal(np.asarray(decoded), picture.indices())


def test_runs_of_what_lasts_are_kept_and_not_too_many() -> None:
    cache = BackgroundCache(1 << 20)
    names = [f"band {k}" for k in range(40)]
    blank = np.zeros((1, 9), np.uint8)

    def get(key: str, lasting: bool) -> Background:
        bands = [(f"{key}, {name}", blank.copy) for name in names]
        return cache.get(key, (40, 9), lambda: bands, blank.copy, lasting=lasting)

    passing, lasting = get("passing", False), get("lasting", True)
    assert passing.run(3, 9) is not passing.run(3, 9)
    assert lasting.run(3, 9) is lasting.run(3, 9)
    assert lasting.run(3, 9).bands == lasting.bands[3:9]
    for begin in range(40):
        for end in range(begin + 1, 41):
            assert lasting.run(begin, end).bands == lasting.bands[begin:end]
    assert 0 < len(lasting._runs) <= 128


@pytest.mark.parametrize("first", ["fast", "small"])
def test_a_page_has_the_same_bytes_whatever_was_written_before(first: str) -> None:
    BACKGROUNDS.clear()
    alone = draw(record(beats()), "3x4+1").png("small" if first == "fast" else "fast")
    BACKGROUNDS.clear()
    picture = draw(record(beats()), "3x4+1")
    picture.png(first)
    assert picture.png("small" if first == "fast" else "fast") == alone
