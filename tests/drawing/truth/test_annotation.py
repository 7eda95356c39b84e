"""The annotation and the mask: what they say is what the picture shows."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from PIL import Image

from ecgmpi.drawing import THEMES, Picture, annotation, draw, mask_png, schema
from ecgmpi.ecg.lead_check import check_and_repair
from ecgmpi.ecg.record import Record
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.layouts import PAGES
from tests.drawing.signals import beats, record

VALIDATOR = Draft202012Validator(schema())


def said_of(picture: Picture, lines: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(annotation(picture, lines))
    VALIDATOR.validate(found)
    return found


def mask_of(picture: Picture) -> npt.NDArray[np.uint8]:
    with Image.open(io.BytesIO(mask_png(picture))) as image:
        assert image.mode == "L"
        assert image.info["dpi"] == pytest.approx((picture.scale.dpi,) * 2, abs=0.1)
        return np.asarray(image)


def twelve() -> Record:
    return synthesize(seed=3, index=1, duration=12.0)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())
    assert not VALIDATOR.is_valid({})
    said = said_of(draw(twelve()))
    said["leads"][0]["plotted_pixels"][0] = ["here", 1.0]
    assert not VALIDATOR.is_valid(said)


@pytest.mark.parametrize("layout", ["strip", *PAGES])
def test_every_layout_keeps_to_the_schema_and_is_the_same_bytes_each_time(layout: str) -> None:
    for lines in (False, True):
        one, other = (annotation(draw(twelve(), layout, dpi=80.0), lines) for _ in range(2))
        assert one == other
        said_of(draw(twelve(), layout, dpi=80.0), lines)


@pytest.mark.parametrize("options", [{}, {"baseline": "median"}, {"speed": 50.0, "dpi": 127.0}])
def test_samples_lie_where_the_arithmetic_of_a_strip_says(options: dict[str, Any]) -> None:
    shown = record(beats() + 0.4).select(start=1.0)
    picture = draw(shown, **options)
    said = said_of(picture)
    (lead,) = said["leads"]
    assert (said["width"], said["height"]) == (picture.width, picture.height)
    assert (lead["start_sample"], lead["end_sample"]) == (500, 500 + shown.n_samples)
    assert lead["start_second"] == 1.0
    k = np.arange(lead["start_sample"], lead["end_sample"])
    x = lead["x0"] + (k - lead["start_sample"]) * said["px_per_s"] / said["sampling_frequency"]
    y = lead["y0"] - (shown["II"] - lead["offset_mv"]) * said["px_per_mv"]
    points = np.array(lead["plotted_pixels"])
    np.testing.assert_allclose(points, np.stack([y, x], 1), atol=0.006)
    # The ink is there, too: the pixel of each sample is covered.
    level = picture.indices() % 16
    assert (level[points[:, 0].astype(int), points[:, 1].astype(int)] > 0).all()


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_boxes_hold_what_they_say_and_nothing_else_has_ink(theme: str) -> None:
    style = THEMES[theme]
    picture = draw(twelve(), "3x4+1", dpi=120.0, style=style, cabrera=True)
    said = said_of(picture)
    indices = picture.indices()
    text, traced = indices // 16 > 10, indices % 16 > 0
    for box in (entry["box"] for entry in said["texts"]):
        left, top, right, bottom = (int(edge) for edge in box)
        assert text[top:bottom, left:right].any()
        text[top:bottom, left:right] = False
    for x, y in said["separators"]:
        reach = int(7 * said["px_per_mm"])
        text[int(y) - reach : int(y) + reach, int(x) - 3 : int(x) + 4] = False
    assert not text.any()
    for lead in said["leads"]:
        (top, left), (bottom, right) = (lead["lead_bounding_box"][k] for k in ("0", "2"))
        traced[int(top) : int(bottom) + 1, int(left) : int(right) + 1] = False
    for left, top, right, bottom in said["pulses"]:
        stub = int(1.5 * said["px_per_mm"])
        assert traced[int(top), int((left + right) / 2)]
        traced[int(top) - 2 : int(bottom) + 3, int(left) - stub : int(right) + stub + 1] = False
    assert not traced.any()
    assert said["colours"]["trace"] == list(style.trace)
    names = {lead["lead_name"]: (lead["lead"], lead["sign"]) for lead in said["leads"]}
    assert names["-aVR"] == ("aVR", -1)


def test_a_gap_is_null() -> None:
    samples = beats()
    samples[100:200] = np.nan
    (lead,) = said_of(draw(record(samples)))["leads"]
    missing = [k for k, (y, _) in enumerate(lead["plotted_pixels"]) if y is None]
    assert missing == list(range(100, 200))


def test_a_lead_without_any_sample_is_told_and_has_no_mask() -> None:
    shown = twelve()
    signal = shown.signal.copy()
    signal[1] = np.nan
    empty = replace(shown, signal=signal)
    for picture in (draw(empty, lead="II"), draw(empty, "3x4+1", dpi=60.0)):
        said_of(picture)
        assert 2 not in np.unique(mask_of(picture))


def test_the_mask_of_a_strip_is_its_trace_and_the_number_is_that_of_the_lead() -> None:
    shown = twelve()
    for number, lead in enumerate(shown.leads, start=1):
        picture = draw(shown, lead=lead, dpi=100.0)
        found = mask_of(picture)
        (told,) = said_of(picture)["leads"]
        assert told["mask_index"] == number
        np.testing.assert_array_equal(found, np.where(picture.indices() % 16 > 0, number, 0))


@settings(max_examples=20, deadline=None)
@given(st.floats(0.0, 6.0), st.sampled_from([60.0, 97.0, 150.0]))
def test_on_a_page_every_pixel_of_a_trace_is_some_lead_s(height: float, dpi: float) -> None:
    shown = twelve()
    tall = replace(shown, signal=shown.signal * np.float32(height))
    style = THEMES["black"]
    picture = draw(tall, "3x4+1", dpi=dpi, style=style, paper="letter")
    said = said_of(picture, lines=False)
    found, traced = mask_of(picture), picture.indices() % 16 > 0
    for left, top, right, bottom in said["pulses"]:
        stub = int(1.5 * said["px_per_mm"]) + 2
        traced[int(top) - 2 : int(bottom) + 3, int(left) - stub : int(right) + stub + 1] = False
    np.testing.assert_array_equal(found > 0, traced)
    assert set(np.unique(found)) - {0} == {lead["mask_index"] for lead in said["leads"]}


def test_a_pixel_of_two_traces_is_the_lead_s_that_covers_more_of_it() -> None:
    shown = twelve()
    level = np.zeros_like(shown.signal)
    # II, in the row below, is lifted into the row of I until their lines meet.
    picture = draw(replace(shown, signal=level), "3x4", dpi=200.0)
    rows = [lead["y0"] for lead in said_of(picture)["leads"][:2]]
    px = picture.scale.px_per_mv
    lifted = level.copy()
    lifted[1, 300:900] = (rows[1] - rows[0]) / px - 0.5 / px
    picture = draw(replace(shown, signal=lifted), "3x4", dpi=200.0, baseline="none")
    said, found = said_of(picture), mask_of(picture)
    first, second = said["leads"][:2]
    x = int(first["x0"] + 600 * said["px_per_s"] / said["sampling_frequency"])
    middle = first["y0"]
    assert second["lead"] == "II"
    column = found[int(middle) - 4 : int(middle) + 5, x]
    assert set(column.tolist()) == {0, 1, 2}
    # I's line runs half a pixel above that of II.
    inked = column[column > 0]
    assert inked[0] == 1
    assert inked[-1] == 2
    assert (np.diff(inked.astype(int)) >= 0).all()


@pytest.mark.parametrize("layout", ["strip", "3x4"])
def test_what_was_done_to_the_signal_is_told(layout: str) -> None:
    eight = twelve().select(("I", "II", "V1", "V2", "V3", "V4", "V5", "V6"))
    completed, _ = check_and_repair(eight)
    said = said_of(draw(completed, layout, dpi=60.0))
    assert "III aVR aVL aVF derived from I and II" in said["notes"]
