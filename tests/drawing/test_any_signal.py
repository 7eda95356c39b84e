"""Any signal by any options is a picture, whole and on its sheet, or a plain refusal."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ecgmpi.drawing import Picture
from ecgmpi.drawing.frame import Box
from ecgmpi.drawing.page.draw import page_background
from ecgmpi.drawing.page.geometry import PageSheet
from ecgmpi.drawing.raster.canvas import Canvas
from ecgmpi.drawing.raster.stroke_plan import LEAST_RADIUS, Placement
from ecgmpi.drawing.raster.trace_pixels import add_trace
from ecgmpi.drawing.size_limits import ABSURD_MV, MOST_MV
from ecgmpi.drawing.strip.background import background
from ecgmpi.drawing.strip.geometry import StripSheet
from ecgmpi.ecg.record import STANDARD_LEADS, Record
from ecgmpi.errors import FailureKind, RecordingError, UsageError
from ecgmpi.geometry import LEAST_SCALE, MOST_DPI, MOST_DURATION_S, MOST_SCALE
from ecgmpi.layouts import PAGES, PageSpec
from ecgmpi.options.rendering import Rendering
from ecgmpi.pipeline import layout_for
from ecgmpi.themes import COLOURS, SIZES_MM, THEMES, Style

FEW_PIXELS = 3_000_000
"""Larger pictures are laid out, and looked at no further: it would take too long."""

Floats = npt.NDArray[np.float32]

odd = st.sampled_from(
    [np.nan, 0.0, -0.0, 1e-45, -1e-40, 1e-30, 0.5, 19.9, -400.0, 1e4, MOST_MV, -2e6, 3e38, np.inf]
)
leads = st.lists(
    st.one_of(st.sampled_from((*STANDARD_LEADS, "-aVR", "MLII", "X")), st.text(max_size=12)),
    min_size=1,
    max_size=16,
    unique=True,
)
rates = st.one_of(st.sampled_from([1.0, 97.3, 360.0, 500.0, 1000.0, 1e5]), st.floats(1, 1e5))


@st.composite
def signals(draw: st.DrawFn, n_leads: int) -> Floats:
    """Float32, shape (n_leads, n_samples), mV."""
    kind = draw(st.sampled_from(["ordinary", "odd", "constant", "empty", "noise", "gaps"]))
    if kind in ("noise", "gaps"):
        random = np.random.default_rng(draw(st.integers(0, 1000)))
        n = draw(st.sampled_from([1, 2, 500, 5000, 20_000]))
        made = random.normal(0, draw(st.sampled_from([1e-6, 0.3, 3.0])), (n_leads, n))
        if kind == "gaps":
            made[random.random((n_leads, n)) < 0.5] = np.nan
        return made.astype(np.float32)
    sample = {"ordinary": st.floats(-30, 30), "empty": st.just(np.nan)}.get(kind, odd)
    row = draw(st.lists(sample, min_size=1, max_size=1 if kind == "constant" else 60))
    row = row * draw(st.integers(1, 300)) if kind == "constant" else row
    return np.stack([np.roll(np.array(row, np.float32), k) for k in range(n_leads)])


@st.composite
def records(draw: st.DrawFn) -> Record:
    names = tuple(draw(leads))
    return Record(
        name=draw(st.text(max_size=40)),
        signal=draw(signals(len(names))),
        rate=draw(rates),
        leads=names,
        start=draw(st.sampled_from([0.0, 12.5, 86400.0])),
    )


@st.composite
def looks(draw: st.DrawFn) -> Style:
    values: dict[str, Any] = {
        name: draw(st.tuples(*[st.integers(0, 255)] * 3)) for name in COLOURS
    } | {name: draw(st.floats(low, high)) for name, (low, high) in SIZES_MM.items()}
    assert {*values, "name"} == {entry.name for entry in fields(Style)}
    try:
        return Style("own", **values)
    except UsageError:
        assume(False)
        raise


own_pages = st.builds(
    PageSpec,
    name=st.just("own"),
    columns=st.lists(
        st.lists(st.sampled_from((*STANDARD_LEADS, "-aVR", "-II")), max_size=5),
        min_size=1,
        max_size=5,
    ).map(lambda columns: [*columns, ["II"]]),
    rhythm=st.lists(st.sampled_from(STANDARD_LEADS), max_size=3),
    seconds=st.one_of(st.sampled_from([0.01, 2.5, 10.0]), st.floats(0.01, 30)),
)
positive = st.one_of(st.sampled_from([LEAST_SCALE, MOST_SCALE]), st.floats(LEAST_SCALE, MOST_SCALE))
common: dict[str, st.SearchStrategy[Any]] = {
    "theme": st.one_of(st.sampled_from(list(THEMES)), looks()),
    "speed": st.one_of(st.sampled_from([12.5, 25.0, 50.0]), positive),
    "dpi": st.one_of(st.sampled_from([25.0, 60.0, 96.0, 200.0, MOST_DPI]), st.floats(25, 1200)),
    "baseline": st.sampled_from([None, "none", "median"]),
    "duration": st.one_of(st.none(), st.floats(0.01, 100), st.just(MOST_DURATION_S)),
}
gains = st.one_of(st.sampled_from([2.5, 5.0, 10.0, 20.0]), positive)
of_pages: dict[str, st.SearchStrategy[Any]] = {
    "layout": st.one_of(st.sampled_from(list(PAGES)), own_pages),
    "gain": st.one_of(gains, st.just("auto")),
    "paper": st.sampled_from([None, "a4", "letter", "fit"]),
    "columns": st.sampled_from([None, "same", "successive"]),
    "cabrera": st.booleans(),
}


@pytest.mark.slow
@settings(max_examples=settings().max_examples // 3)
@given(records(), st.fixed_dictionaries(common | {"gain": gains}))
@example(Record("R", np.full((1, 1), 0.3, np.float32), 1.0, ("II",)), {"dpi": 25.0})
def test_any_signal_gives_strips(record: Record, options: dict[str, Any]) -> None:
    drawn(record, Rendering(**options))


@settings(max_examples=120)
@given(records(), st.fixed_dictionaries(common | of_pages))
@example(Record("R", np.full((1, 1), 0.3, np.float32), 1.0, ("II",)), {"layout": "1", "dpi": 25.0})
@example(
    # The column of aVR lies between two samples.
    Record("R", np.zeros((1, 1), np.float32), 1.0, ("aVR",)),
    {"layout": "3x4", "speed": 1e4, "dpi": 25.0, "duration": 0.5},
)
def test_any_signal_gives_a_page(record: Record, options: dict[str, Any]) -> None:
    drawn(record, Rendering(**options))


@settings(max_examples=40)
@given(records(), st.fixed_dictionaries(common | of_pages))
def test_any_signal_gives_pages(record: Record, options: dict[str, Any]) -> None:
    page = options["layout"]
    if (PAGES[page] if isinstance(page, str) else page).rhythm:
        options["columns"] = None
    drawn(record, Rendering(pages="all", **options), most=3)


def drawn(record: Record, rendering: Rendering, most: int = 20) -> None:
    """Draw a recording as a job does, and look at every pixel."""
    layout, options = layout_for(rendering)
    try:
        whole = record.select(None, 0.0, rendering.duration)
        pictures = []
        layout.check(layout.part(whole, options), options)
        for picture in layout.pictures(whole, options):
            pictures.append(picture)
            if len(pictures) >= most or picture.width * picture.height > FEW_PIXELS:
                break
    except RecordingError as error:
        reasonable(error, record)
        return
    assert pictures
    for picture in pictures:
        if picture.width * picture.height <= FEW_PIXELS:
            whole_and_on_its_sheet(picture)


def reasonable(error: RecordingError, record: Record) -> None:
    """What is refused is for a reason that the signal gives, or as it would be too large."""
    high = np.fmax.reduce(np.abs(record.signal), axis=None)
    if error.kind == FailureKind.INFINITE:
        assert math.isinf(high)
    elif error.kind == FailureKind.CORRUPT:
        assert high > ABSURD_MV
    elif error.kind == FailureKind.TOO_LARGE:
        assert "over 100 megapixels" in error.message or high > MOST_MV
    else:
        assert error.kind == FailureKind.NO_SUCH_LEAD
        assert "shows" in error.message


def whole_and_on_its_sheet(picture: Picture) -> None:
    sheet = picture.sheet
    after = picture.indices()
    level, classes = after % 16, after // 16
    if isinstance(sheet, PageSheet):
        bare = Canvas(page_background(sheet, sheet.style)).whole()
        box = Box(sheet.frame.left, sheet.frame.top, sheet.frame.right, sheet.frame.bottom)
    else:
        assert isinstance(sheet, StripSheet)
        bare = Canvas(background(sheet.frame, sheet.style)).whole()
        box = Box(sheet.frame.left, sheet.frame.top, sheet.frame.right, sheet.frame.bottom)
    before = np.cumsum(bare[:, 1:], axis=0, dtype=np.uint8)
    # The pulses are in the trace's ink, and no trace meets them.
    traced = (level > 0) & (before % 16 == 0)
    assert (level[before % 16 > 0] == before[before % 16 > 0] % 16).all()
    for text in sheet.texts:
        cut(classes, text.box)[:] = cut(before, text.box) // 16
    # No level has run over into the next class, and no letter stands where it does not say.
    np.testing.assert_array_equal(classes, before // 16)
    for side in (traced[0], traced[-1], traced[:, 0], traced[:, -1]):
        assert not side.any()
    finite = any(np.isfinite(line).any() for line in picture.lines)
    assert traced.any() == finite
    # Each stroke is in its box, and each box in the grid but for half a stroke on its edge.
    outside = traced.copy()
    half = sheet.style.trace_mm * picture.scale.px_per_mm / 2 + 1
    for trace in sheet.traces:
        cut(outside, trace.box.grown(1.5))[:] = False
        assert trace.box.top >= box.top - half
        assert trace.box.bottom <= box.bottom + half
        assert trace.box.left >= box.left - half
        assert trace.box.right <= box.right + half
    assert not outside.any()


def cut(image: npt.NDArray[Any], box: Box) -> npt.NDArray[Any]:
    """The part of an image that a box touches."""
    left, top = max(0, math.floor(box.left)), max(0, math.floor(box.top))
    return image[top : max(0, math.ceil(box.bottom)), left : max(0, math.ceil(box.right))]


@settings(max_examples=300)
@given(
    st.integers(1, 3), st.floats(5, 6), st.floats(10, 11), st.floats(1e-3, 3), st.floats(1e-6, 2)
)
def test_a_sample_by_itself_is_seen_wherever_it_lies_between_pixels(
    n: int, x0: float, y0: float, px_per_sample: float, radius: float
) -> None:
    rows = np.zeros((20, 41), np.uint8)
    place = Placement(x0, y0, px_per_sample, 10.0, radius)
    add_trace(rows, np.zeros(n, np.float32), place)
    inked = np.argwhere(np.cumsum(rows[:, 1:], axis=0, dtype=np.uint8))
    assert len(inked)
    reach = max(radius, LEAST_RADIUS) + 1
    assert (np.abs(inked[:, 0] + 0.5 - y0) < reach).all()


@pytest.mark.parametrize("layout", ["strip", "3x4+1"])
def test_a_lead_beyond_a_million_millivolts_is_refused_whatever_the_gain(layout: str) -> None:
    row = np.full(500, 2e6, np.float32)
    record = Record("R", np.tile(row, (12, 1)), 500.0, STANDARD_LEADS)
    made, options = layout_for(Rendering(layout=layout, gain=0.01, baseline="median"))
    with pytest.raises(RecordingError, match="beyond 1,000,000 mV"):
        list(made.pictures(record, options))
