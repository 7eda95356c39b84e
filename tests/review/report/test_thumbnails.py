"""Thumbnails: small, and the trace is where it belongs."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

import ecgmpi
from ecgmpi.drawing.picture import Picture
from ecgmpi.ecg.record import Record
from ecgmpi.review.report.thumbnails import Thumbnail, thumbnail
from ecgmpi.themes import THEMES

Ints = npt.NDArray[np.int16]


def spiked() -> Record:
    """Ten seconds at 0.3 mV; one sample at 5 s is at 2 mV."""
    signal = np.full((1, 5000), 0.3, np.float32)
    signal[0, 2500] = 2.0
    return Record("made", signal, 500.0, ("II",), "made")


def drawn(**options: Any) -> Picture:
    return ecgmpi.draw(spiked(), **options)


def pixels(made: Thumbnail | None) -> Ints:
    assert made is not None
    with Image.open(BytesIO(made.data)) as image:
        assert image.size == (made.width, made.height)
        assert Image.MIME[image.format or ""] == made.mime
        return np.asarray(image.convert("RGB")).astype(np.int16)


def trace_at(picture: Picture, factor: float) -> dict[int, list[int]]:
    """Rows of a thumbnail that the trace runs through in each of its columns."""
    level = picture.indices() & 15
    rows, columns = np.nonzero(level > 7)
    found: dict[int, set[int]] = {}
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        found.setdefault(int(column / factor), set()).add(int(row / factor))
    return {column: sorted(rows) for column, rows in found.items()}


STRIP = {"layout": "strip", "dpi": 200}
PAGE = {"layout": "3x4+1", "dpi": 200}


@pytest.mark.parametrize(
    "options", [STRIP, STRIP | {"dpi": 400}, PAGE, PAGE | {"style": THEMES["dark"]}]
)
@pytest.mark.parametrize("format", ["png", "jpg"])
def test_the_trace_is_dark_and_where_it_belongs(options: dict[str, Any], format: str) -> None:
    picture = drawn(**options)
    made = thumbnail(picture.encode(format), 640)
    seen = pixels(made)
    assert made is not None
    assert 320 < made.width <= 640
    assert made.height / made.width == pytest.approx(picture.height / picture.width, rel=0.02)
    paper = np.median(seen, axis=(0, 1))
    contrast = np.abs(seen - paper).max(axis=2)
    factor = picture.width / made.width
    for column, rows in trace_at(picture, factor).items():
        if column >= made.width or rows[-1] >= made.height - 1:
            continue
        # One pixel beside counts as well: sides are cut to whole blocks.
        near = contrast[max(rows[0] - 1, 0) : rows[-1] + 2, max(column - 1, 0) : column + 2]
        assert near.max() > 75, f"column {column}"


def test_a_spike_keeps_its_height() -> None:
    picture = drawn(**STRIP)
    made = thumbnail(picture.encode("png"), 640)
    seen = pixels(made)
    assert made is not None
    factor = picture.width // made.width
    rows, columns = np.nonzero((picture.indices() & 15) > 7)
    top = rows.min()
    column = columns[rows == top][0] // factor
    dark = np.flatnonzero(seen[:, column - 1 : column + 2].min(axis=(1, 2)) < 90)
    assert dark.min() == pytest.approx(top / factor, abs=1.0)


def test_the_grid_is_fainter_than_the_trace_and_evenly_spaced() -> None:
    picture = drawn(**PAGE)
    seen = pixels(thumbnail(picture.encode("png"), 640))
    # A row without trace or letters, between the traces.
    free = seen[np.flatnonzero((seen.max(axis=2) > 200).all(axis=1))]
    assert len(free) > 50
    lines = np.flatnonzero((free[:, :, 1] < 245).mean(axis=0) > 0.9)
    gaps = np.diff(lines)
    pitch = 5 * 200 / 25.4 / (picture.width // seen.shape[1])
    assert np.median(gaps[gaps > 1]) == pytest.approx(pitch, abs=1.0)
    assert free[:, :, 1].min() > 120


def test_twenty_four_pages_fit_into_a_report() -> None:
    random = np.random.default_rng(3)
    beats = np.cumsum(random.normal(0, 0.05, (12, 5000)), axis=1).astype(np.float32)
    record = Record("made", beats - beats.mean(axis=1, keepdims=True), 500.0, LEADS, "made")
    for format in ("png", "jpg"):
        made = thumbnail(ecgmpi.draw(record, layout="3x4+1").encode(format), 640)
        assert made is not None
        assert 24 * len(made.data) * 4 / 3 < 1.4e6


LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


def test_a_picture_that_is_small_stays_as_it_is() -> None:
    data = drawn(layout="strip", dpi=50).encode("png")
    made = thumbnail(data, 640)
    assert made is not None
    assert made.data == data


def test_a_long_strip_is_as_wide_as_allowed_and_has_no_grid() -> None:
    picture = drawn(layout="strip", dpi=600, speed=100)
    assert picture.width > 20_000
    seen = pixels(thumbnail(picture.encode("png"), 640))
    assert 500 < seen.shape[1] <= 640


def test_what_is_no_raster_has_none() -> None:
    picture = drawn(**STRIP)
    for format in ("svg", "pdf"):
        assert thumbnail(picture.encode(format), 640) is None
    assert thumbnail(b"", 640) is None


@pytest.mark.parametrize("format", ["png", "jpg"])
def test_damaged_files_have_none_or_a_picture_but_never_an_error(format: str) -> None:
    data = drawn(**STRIP).encode(format)
    for end in (3, 8, 20, 40, 900, len(data) // 2):
        assert thumbnail(data[:end], 640) is None
    random = np.random.default_rng(1)
    for at in random.integers(0, len(data), 60):
        broken = bytearray(data)
        broken[at] ^= 1 << int(random.integers(0, 8))
        thumbnail(bytes(broken), 640)


def test_a_changed_pixel_is_noticed() -> None:
    data = bytearray(drawn(**STRIP).encode("png"))
    data[data.index(b"IDAT") + 4 + 40] ^= 1
    assert thumbnail(bytes(data), 640) is None


def test_a_header_that_promises_too_much_has_none() -> None:
    data = bytearray(drawn(**STRIP).encode("png"))
    size = struct.pack(">II", 60_000, 60_000)
    data[16:24] = size
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    assert thumbnail(bytes(data), 640) is None


def test_a_png_of_another_program_has_one() -> None:
    file = BytesIO()
    drawn = np.full((800, 1300, 3), 255, np.uint8)
    drawn[400:404] = 0
    Image.fromarray(drawn).save(file, "PNG")
    seen = pixels(thumbnail(file.getvalue(), 640))
    assert seen.shape[1] <= 640
    dark = np.flatnonzero(seen[:, 200, 0] < 80)
    assert dark.size
    assert dark.mean() == pytest.approx(402 * seen.shape[0] / 800, abs=1.0)
