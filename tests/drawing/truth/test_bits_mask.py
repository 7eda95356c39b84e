"""The bit mask: the stroke of every trace, whatever crosses it."""

from __future__ import annotations

import io
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from PIL import Image

from ecgmpi.drawing import THEMES, Outputs, Picture, annotation, bits_mask, bits_mask_png, draw
from ecgmpi.drawing import schema as annotation_schema
from ecgmpi.drawing.raster.stroke_plan import LEAST_RADIUS
from ecgmpi.drawing.truth.bits_mask import NO_BIT, mask_bits
from ecgmpi.drawing.truth.points import sample_points
from ecgmpi.ecg.record import STANDARD_LEADS, Record
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.layouts import PAGES, STRIP, PageSpec
from ecgmpi.readers import read
from tests.drawing import agg
from tests.drawing.signals import record
from tests.many import MANY

Mask = npt.NDArray[np.bool_]

LEAST_OVERLAP = 0.98
LAYOUTS = ("3x4+1", "12x1", "6x2+1", "3x4+3")
MARGIN = 4


def enlarged(shown: Record, times: float) -> Record:
    """A recording of which the traces reach into the rows of others."""
    return replace(shown, signal=shown.signal * np.float32(times))


def bit_of(bits: npt.NDArray[np.uint16], bit: int) -> Mask:
    return np.asarray(bits >> np.uint16(bit) & 1, np.bool_)


def by_agg(picture: Picture) -> dict[str, Mask]:
    """The pixels of which Agg's stroke of a lead covers at least half, by the lead."""
    shape = picture.height, picture.width
    found: dict[str, Mask] = {}
    for trace, line in zip(picture.sheet.traces, picture.lines, strict=True):
        place, box = picture.sheet.placement(trace), trace.box.grown(MARGIN)
        top, left = max(0, math.floor(box.top)), max(0, math.floor(box.left))
        size = (
            min(shape[0], math.ceil(box.bottom)) - top,
            min(shape[1], math.ceil(box.right)) - left,
        )
        near = place._replace(x0=place.x0 - left, y0=place.y0 - top)
        of_lead = found.setdefault(trace.lead, np.zeros(shape, np.bool_))
        of_lead[top : top + size[0], left : left + size[1]] |= (
            agg.coverage(line, near, size) >= 127.5
        )
    return found


def check_overlap(picture: Picture) -> float:
    """The least overlap of a trace's pixels with those of Agg's stroke, part of both together."""
    bits, drawn = bits_mask(picture), by_agg(picture)
    assert (bits & (bits - np.uint16(1))).any(), "no two traces cross"
    of_lead = mask_bits(picture.sheet.traces)
    least = 1.0
    for trace in picture.sheet.traces:
        box = trace.box.grown(MARGIN)
        near = np.s_[
            max(0, math.floor(box.top)) : math.ceil(box.bottom),
            max(0, math.floor(box.left)) : math.ceil(box.right),
        ]
        ours, theirs = bit_of(bits[near], of_lead[trace.lead]), drawn[trace.lead][near]
        least = min(least, (ours & theirs).sum() / (ours | theirs).sum())
    assert least >= LEAST_OVERLAP
    return float(least)


@pytest.mark.parametrize(("layout", "times"), [("3x4+1", 4), ("12x1", 2), ("6x2+1", 3)])
def test_each_of_two_traces_that_cross_has_the_pixels_of_agg_s_stroke(
    layout: str, times: float
) -> None:
    shown = synthesize(seed=17, index=round(times), duration=10.0)
    check_overlap(draw(enlarged(shown, times), layout, paper="letter"))


@pytest.mark.slow
@pytest.mark.parametrize("number", range(10 * min(MANY, 5)))
def test_each_trace_of_real_pages_has_the_pixels_of_agg_s_stroke(
    test_data: Path, number: int
) -> None:
    paths = sorted((test_data / "first_china" / "TRAIN").glob("*.mat"))
    shown = enlarged(read(paths[number % len(paths)]), 4 + number % 3)
    check_overlap(draw(shown, LAYOUTS[number % len(LAYOUTS)]))


def test_a_trace_has_the_same_bits_whatever_crosses_it() -> None:
    shown = enlarged(synthesize(seed=3, index=1, duration=10.0), 5)
    picture = draw(shown, "3x4+1", dpi=120.0)
    together = bits_mask(picture)
    assert (together & (together - np.uint16(1))).any()
    apart = np.zeros_like(together)
    for number in range(len(picture.lines)):
        alone = tuple(line if k == number else line[:0] for k, line in enumerate(picture.lines))
        apart |= bits_mask(replace(picture, lines=alone))
    np.testing.assert_array_equal(together, apart)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([40.0, 75.0, 97.0, 200.0]), st.floats(0.02, 0.3))
def test_every_sample_lies_on_its_bit_however_thin_the_stroke(
    seed: int, dpi: float, trace_mm: float
) -> None:
    chance = np.random.default_rng(seed)
    samples = chance.normal(0, 0.3, 400).astype(np.float32)
    # Gaps that leave many a sample by itself.
    samples[chance.random(400) < 0.4] = np.nan
    samples[0] = 0.1
    style = replace(THEMES["black"], trace_mm=trace_mm)
    picture = draw(record(samples, 100.0), dpi=dpi, style=style)
    bits = bits_mask(picture)
    (trace,) = picture.sheet.traces
    points = sample_points(picture, trace, picture.lines[0])
    x, y = points[~np.isnan(points[:, 1])].astype(int).T
    assert (bits[y, x] == 1 << 1).all()


@settings(max_examples=30, deadline=None)
@given(st.floats(25.0, 300.0), st.floats(0.02, 0.5), st.floats(-1.0, 1.0))
def test_a_level_line_is_there_in_every_column_and_no_taller_than_it_is_drawn(
    dpi: float, trace_mm: float, level: float
) -> None:
    style = replace(THEMES["black"], trace_mm=trace_mm)
    picture = draw(record(np.full(200, level), 100.0), dpi=dpi, style=style)
    (trace,) = picture.sheet.traces
    place = picture.sheet.placement(trace)
    begin = math.ceil(place.x0)
    end = math.floor(place.x0 + 199 * place.px_per_sample)
    tall = (bits_mask(picture) > 0).sum(axis=0)[begin:end]
    assert tall.min() >= 1
    assert tall.max() <= max(2, math.ceil(2 * max(place.radius, LEAST_RADIUS)))


@pytest.mark.parametrize("layout", [STRIP, *PAGES])
def test_the_png_is_the_mask(layout: str) -> None:
    picture = draw(synthesize(seed=2, index=4, duration=10.0), layout, dpi=80.0)
    with Image.open(io.BytesIO(bits_mask_png(picture))) as image:
        assert image.mode.startswith("I;16")
        assert image.info["dpi"] == pytest.approx((80.0, 80.0), abs=0.1)
        np.testing.assert_array_equal(np.asarray(image), bits_mask(picture))
        assert json.loads(image.info["ecgmpi"])["bits"] == mask_bits(picture.sheet.traces)
    assert bits_mask_png(picture) == bits_mask_png(picture)


@pytest.mark.parametrize(
    ("leads", "expected"),
    [
        (STANDARD_LEADS, list(range(12))),
        (("X", "II", "Y"), [12, 1, 13]),
        # A fifth other lead takes the bit of I, which is not shown.
        (("A", "B", "C", "D", "E", "II", "F"), [12, 13, 14, 15, 0, 1, 2]),
        (tuple(f"X{k}" for k in range(18)), [12, 13, 14, 15, *range(12), NO_BIT, NO_BIT]),
    ],
)
def test_each_lead_has_a_bit_of_its_own_until_there_is_none(
    leads: tuple[str, ...], expected: list[int]
) -> None:
    signal = np.tile(np.linspace(-0.3, 0.3, 1000, dtype=np.float32), (len(leads), 1))
    picture = draw(
        Record("R", signal, 500.0, leads), PageSpec("own", (leads,), seconds=4.0), dpi=60.0
    )
    bits = mask_bits(picture.sheet.traces)
    assert bits == dict(zip(leads, expected, strict=True))
    outputs = Outputs(annotate="boxes", masks=("bits",))
    noted = outputs.noted(picture)
    without = [lead for lead, bit in bits.items() if bit == NO_BIT]
    assert len(noted.notes) == len(picture.notes) + bool(without)
    if without:
        assert f"none for {', '.join(without)}" in noted.notes[-1]
    said = json.loads(annotation(noted, False, masks=("bits",)))
    Draft202012Validator(annotation_schema()).validate(said)
    assert {lead["lead"]: lead["mask_bit"] for lead in said["leads"]} == bits
    there = np.bitwise_or.reduce(bits_mask(picture), axis=None)
    assert there == sum(1 << bit for bit in bits.values() if bit != NO_BIT)
