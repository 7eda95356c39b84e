from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ecgmpi.drawing import LAYOUTS, StripOptions, check_size, draw, draw_strip
from ecgmpi.drawing.raster.background import BACKGROUNDS
from ecgmpi.drawing.raster.canvas import Canvas
from ecgmpi.drawing.strip.background import background
from ecgmpi.drawing.strip.geometry import laid_out
from ecgmpi.ecg.record import Record
from ecgmpi.errors import FailureKind, RecordingError, UsageError
from tests.drawing.signals import beats, real, record


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at = 8
    while at < len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        check = int.from_bytes(png[at + 8 + size : at + 12 + size], "big")
        assert check == zlib.crc32(kind + body)
        yield kind, body
        at += 12 + size


def note(png: bytes) -> dict[str, Any]:
    body = dict(chunks(png))[b"iTXt"]
    keyword, rest = body.split(b"\0", 1)
    assert keyword == b"ecgmpi"
    found: dict[str, Any] = json.loads(rest[4:])
    assert list(found) == sorted(found)
    return found


def test_a_png_decodes_to_the_picture() -> None:
    picture = draw(record(beats()))
    with Image.open(io.BytesIO(picture.png())) as image:
        assert image.mode == "P"
        assert image.size == (picture.width, picture.height)
        assert image.info["dpi"] == pytest.approx((400, 400), abs=0.01)
        np.testing.assert_array_equal(np.asarray(image.convert("RGB")), picture.rgb())


def test_the_chunks_say_the_scale_and_no_time() -> None:
    shown = record(beats(), name="träin\udc80")
    png = draw(shown.select(start=2.0)).png()
    kinds = [kind for kind, _ in chunks(png)]
    assert kinds == [b"IHDR", b"pHYs", b"PLTE", b"iTXt", b"IDAT", b"IEND"]
    assert dict(chunks(png))[b"pHYs"] == (15748).to_bytes(4, "big") * 2 + b"\1"
    said = note(png)
    assert said["record"] == "träin\udc80"
    assert said["lead"] == "II"
    assert said["px_per_s"] == pytest.approx(393.7007874)
    assert said["px_per_mv"] == pytest.approx(157.4803150)
    assert said["start"] == 2.0
    assert said["rate"] == 500.0
    assert said["samples"] == 4000


@pytest.mark.parametrize(
    "options", [StripOptions(), StripOptions(dpi=203.0), StripOptions(speed=50.0, gain=20.0)]
)
@pytest.mark.parametrize("rate", [100.0, 250.0, 500.0, 1000.0, 5000.0])
def test_ruler_a_spike_is_where_the_arithmetic_says(rate: float, options: StripOptions) -> None:
    samples = np.zeros(round(4 * rate), np.float32)
    at = round(1.7 * rate)
    samples[at] = 1.3
    picture = draw_strip(record(samples, rate), "II", options)
    said = note(picture.png())
    level = picture.indices() % 16
    x = said["origin"][0] + 1.7 * said["px_per_s"]
    y = said["origin"][1] - 1.3 * said["px_per_mv"]
    inked = np.argwhere(level > 0)
    top = inked[:, 0].min()
    radius = 0.09 * picture.scale.px_per_mm
    assert abs(top + 0.5 - (y - radius)) <= 1
    columns = np.flatnonzero(level[top : top + 2].sum(0))
    assert abs(columns.mean() + 0.5 - x) <= 0.6
    # The baseline, well away from the spike.
    column = level[:, int(said["origin"][0] + 0.5 * said["px_per_s"])].astype(float)
    rows = np.arange(len(column)) + 0.5
    assert column @ rows / column.sum() == pytest.approx(said["origin"][1], abs=0.1)
    assert column.sum() / 15 == pytest.approx(2 * radius, abs=0.1)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.one_of(st.floats(-30, 30), st.just(float("nan"))), min_size=1, max_size=50),
    st.sampled_from([10.0, 97.3, 500.0, 5000.0]),
    st.sampled_from([StripOptions(), StripOptions(dpi=20), StripOptions(12.5, 2.5, 96)]),
)
def test_any_lead_is_whole_and_changes_only_levels(
    samples: list[float], rate: float, options: StripOptions
) -> None:
    shown = record(samples, rate)
    picture = draw_strip(shown, "II", options)
    bare = Canvas(background(laid_out(shown, "II", options)[0], options.style)).whole()
    before = np.cumsum(bare[:, 1:], axis=0, dtype=np.uint8)
    after = picture.indices()
    changed = after != before
    grown = after[changed]
    # Letters of the title stand on bare paper and leave level 0.
    assert ((grown % 16 > 0) | (grown >= 176)).all()
    traced = after % 16 > 0
    assert traced.any() == (not np.isnan(samples).all()) or options.dpi < 72
    np.testing.assert_array_equal(after[traced] // 16, before[traced] // 16)
    edge = [traced[0], traced[-1], traced[:, 0], traced[:, -1]]
    assert not any(side.any() for side in edge)


def test_a_spike_of_19_9_mv_is_whole(test_data: Path) -> None:
    shown = real(test_data, "TRAIN123")
    picture = draw_strip(shown, "V4")
    level = picture.indices() % 16
    samples = shown["V4"]
    for k in (int(samples.argmax()), int(samples.argmin())):
        x = picture.origin[0] + k / 500 * picture.scale.px_per_s
        y = picture.origin[1] - float(samples[k]) * picture.scale.px_per_mv
        assert level[int(y), int(x) - 1 : int(x) + 2].max() == 15
    assert picture.height > 3000


def test_one_sample_is_a_dot() -> None:
    picture = draw(record([0.25]))
    level = picture.indices() % 16
    radius = 0.09 * picture.scale.px_per_mm
    assert level.sum() / 15 == pytest.approx(np.pi * radius**2, rel=0.1)


def test_a_lead_without_any_sample_is_paper() -> None:
    picture = draw(record(np.full(500, np.nan)))
    assert (picture.indices() % 16).max() == 0
    assert picture.height == draw(record(np.zeros(500))).height


def test_a_gap_is_left_white() -> None:
    samples = beats()
    samples[2000:2500] = np.nan
    picture = draw(record(samples))
    level = picture.indices() % 16
    x = [int(picture.origin[0] + t * picture.scale.px_per_s) for t in (4.01, 4.99)]
    assert level[:, x[0] : x[1]].max() == 0
    assert level[:, x[0] - 20 : x[0] - 5].max() == 15


COUNTS = record(np.linspace(-32000, 30000, 5000))


@pytest.mark.parametrize(
    ("shown", "words", "remedies", "not_said"),
    [
        (
            COUNTS,
            ("4238 x ", "lead II", "its values lie far apart", "-32000 to 30000 mV"),
            ("--units", "--gain", "--dpi"),
            ("--duration", "page", "--speed"),
        ),
        (
            record(np.zeros(500 * 3600)),
            ("lead II", "what it shows is long", "3600 s", "0 to 0 mV"),
            ("--duration", "a page (--layout 3x4)", "--speed", "--dpi"),
            ("millivolts", "--units", "--gain"),
        ),
        (
            record(np.tile([25.0, 30.0], 250 * 3600)),
            ("lead II", "what it shows is long", "3600 s", "25 to 30 mV"),
            ("--units", "--duration", "a page (--layout 3x4)", "--speed"),
            (),
        ),
    ],
    ids=["counts", "an-hour", "an-hour-of-counts"],
)
def test_a_strip_over_100_megapixels_is_refused(
    shown: Record, words: tuple[str, ...], remedies: tuple[str, ...], not_said: tuple[str, ...]
) -> None:
    BACKGROUNDS.clear()
    for refuse in (
        lambda: check_size(shown, StripOptions()),
        lambda: LAYOUTS["strip"].check(shown, StripOptions()),
        lambda: draw(shown),
    ):
        with pytest.raises(RecordingError) as caught:
            refuse()
        assert caught.value.kind is FailureKind.TOO_LARGE
        for word in words:
            assert word in caught.value.message
        for word in remedies:
            assert word in caught.value.remedy
        for word in not_said:
            assert word not in str(caught.value)
    assert BACKGROUNDS.held == 0


def test_a_lead_beyond_a_million_millivolts_is_refused() -> None:
    assert draw(record([1e6, 1e6 - 1])).height > 100
    for far in (1.01e6, -1.01e6):
        with pytest.raises(RecordingError, match="beyond 1,000,000 mV") as caught:
            draw(record([far, far + 1, np.nan]))
        assert caught.value.kind is FailureKind.TOO_LARGE
        assert "--units" in caught.value.remedy


def test_a_lead_that_no_unit_explains_is_of_a_damaged_file() -> None:
    for far in (1e16, -3e38):
        with pytest.raises(RecordingError, match="beyond the range of any ECG") as caught:
            draw(record([0.0, far]))
        assert caught.value.kind is FailureKind.CORRUPT
        assert "damaged" in caught.value.remedy
        assert "--units" not in caught.value.remedy


def test_an_infinite_value_is_refused() -> None:
    with pytest.raises(RecordingError, match="infinite"):
        draw(record([0.0, np.inf, np.nan]))


def test_the_title_is_the_record_and_the_lead_and_an_odd_one_does_no_harm() -> None:
    blank = draw(record(np.full(500, np.nan), name="A")).indices()
    other = draw(record(np.full(500, np.nan), name="B")).indices()
    assert (blank != other).any()
    for name in ("\n\0", "$x_{1}", "心电图", "\udcff", "n" * 5000, ""):
        assert draw(record(beats(1.0), name=name)).png()


def test_the_same_bytes_twice_and_in_another_process() -> None:
    shown = record(beats())
    expected = hashlib.sha256(draw(shown).png()).hexdigest()
    BACKGROUNDS.clear()
    assert hashlib.sha256(draw(shown).png()).hexdigest() == expected
    program = (
        "import hashlib; from ecgmpi.drawing import draw; "
        "from tests.drawing.signals import beats, record; "
        "print(hashlib.sha256(draw(record(beats())).png()).hexdigest())"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == expected


def test_drawing_a_lead_does_not_change_what_is_kept() -> None:
    first = draw(record(beats()))
    again = draw(record(beats(seed=1)))
    assert (first.indices() != again.indices()).any()
    np.testing.assert_array_equal(draw(record(beats())).rows, first.rows)
    assert not first.rows.flags.writeable


def test_draw_names_what_there_is() -> None:
    with pytest.raises(UsageError, match="strip"):
        draw(record([0.0]), layout="poster")
    with pytest.raises(RecordingError, match="no lead V9"):
        draw(record([0.0]), lead="V9")


def test_a_layout_draws_every_lead_in_order() -> None:
    signal = np.stack([beats(1.0, seed=k) for k in range(3)])
    shown = Record("R", signal, 500.0, ("II", "V1", "I"))
    layout = LAYOUTS["strip"]
    assert [p.lead for p in layout.pictures(shown, layout.options())] == ["II", "V1", "I"]


def test_importing_the_drawing_brings_no_matplotlib_and_no_processes() -> None:
    program = (
        "import sys, ecgmpi.drawing; "
        "print([m for m in ('matplotlib', 'mpi4py', 'multiprocessing', 'scipy') "
        "if m in sys.modules])"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_a_notebook_shows_the_picture_and_its_repr_is_short() -> None:
    picture = draw(record(np.zeros(5000), name="A001"))
    assert picture._repr_png_() == picture.png()
    assert repr(picture) == f"<Picture of 'A001': II, {picture.width} x {picture.height} px>"
