from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ecgmpi.drawing import LAYOUTS, THEMES, PageOptions, Picture, draw, page_sheet
from ecgmpi.drawing.frame import Box
from ecgmpi.drawing.page.draw import page_background
from ecgmpi.drawing.page.geometry import PageSheet
from ecgmpi.drawing.raster.canvas import Canvas
from ecgmpi.drawing.raster.grid import grid_rows
from ecgmpi.ecg.leads import complete
from ecgmpi.ecg.record import STANDARD_LEADS, Record
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.errors import FailureKind, RecordingError, UsageError
from ecgmpi.layouts import CHEST, PAGES
from ecgmpi.options.rendering import Rendering
from ecgmpi.pipeline import layout_for
from tests.drawing.signals import beats, real
from tests.drawing.strip.test_strip import note

SCALES = [
    {},
    {"speed": 50.0, "gain": 20.0, "paper": "letter"},
    {"speed": 12.5, "gain": 5.0, "dpi": 300.0},
    {"paper": "fit", "dpi": 96.0},
    {"columns": "same", "dpi": 254.0, "paper": "letter"},
]


def twelve(samples: npt.ArrayLike, rate: float = 500.0) -> Record:
    """The same samples in all 12 leads."""
    row = np.asarray(samples, np.float32)
    return Record("R12", np.tile(row, (12, 1)), rate, STANDARD_LEADS)


def sheet_of(picture: Picture) -> PageSheet:
    assert isinstance(picture.sheet, PageSheet)
    return picture.sheet


def cut(image: npt.NDArray[np.uint8], box: Box) -> npt.NDArray[np.uint8]:
    return image[int(box.top) : int(np.ceil(box.bottom)), int(box.left) : int(np.ceil(box.right))]


@pytest.mark.parametrize("layout", PAGES)
@pytest.mark.parametrize("options", SCALES, ids=str)
def test_ruler_a_spike_is_where_the_arithmetic_says(layout: str, options: dict[str, Any]) -> None:
    rate, samples = 500.0, np.zeros(5000, np.float32)
    columns = len(PAGES[layout].columns)
    spikes = [round(5000 * (k + 0.6) / columns) for k in range(columns)]
    samples[spikes] = 0.45
    picture = draw(twelve(samples, rate), layout, baseline="none", **options)
    said = note(picture.png())
    level = (picture.indices() % 16).astype(float)
    radius = max(0.09 * picture.scale.px_per_mm, 0.15)
    # A stroke that is narrower than a pixel may lie anywhere in it.
    slack = 0.15 + max(0.0, 0.5 - radius)
    assert len(said["traces"]) == sum(map(len, PAGES[layout].columns)) + len(PAGES[layout].rhythm)
    for trace in said["traces"]:
        x0, y0 = trace["origin"]
        for spike in spikes:
            if not trace["first"] <= spike < trace["last"]:
                continue
            x = x0 + (spike - trace["first"]) / rate * said["px_per_s"]
            y = y0 - 0.45 * said["px_per_mv"]
            near = level[int(y) - 5 : int(y0) - 1, int(x) - 4 : int(x) + 5]
            inked = np.argwhere(near > 0)
            top = inked[:, 0].min() + int(y) - 5
            assert abs(top + 0.5 - (y - radius)) <= 1
            weight = near[top - int(y) + 5 : top - int(y) + 8].sum(0)
            middle = weight @ (np.arange(len(weight)) + int(x) - 3.5) / weight.sum()
            assert abs(middle - x) <= 0.6
        # The baseline, in the middle between the spikes.
        at = x0 + 0.25 * (trace["last"] - trace["first"]) / rate * said["px_per_s"]
        column = level[int(y0) - 4 : int(y0) + 5, int(at)]
        rows = np.arange(9) + int(y0) - 3.5
        assert column @ rows / column.sum() == pytest.approx(y0, abs=slack)


@pytest.mark.parametrize("layout", PAGES)
@pytest.mark.parametrize("options", SCALES, ids=str)
def test_rows_begin_on_bold_lines_and_columns_follow_the_seconds(
    layout: str, options: dict[str, Any]
) -> None:
    sheet = page_sheet(PAGES[layout], twelve(np.zeros(5000)), PageOptions(**options))
    frame, px = sheet.frame, sheet.frame.scale.px_per_mm
    bold = [(y - frame.top) / px / 5 for y in (*frame.rows, frame.bottom)]
    bold += [(x - frame.left) / px / 5 for x in (frame.start, frame.right)]
    assert bold == pytest.approx(np.rint(bold), abs=1e-6)
    seconds = 10 / len(PAGES[layout].columns)
    for trace in sheet.traces:
        expected = max(trace.column, 0) * seconds
        assert trace.x0 == pytest.approx(
            frame.start + expected * frame.scale.px_per_s, abs=frame.scale.px_per_s / 500
        )
        if options.get("columns") == "same":
            assert trace.first == 0
        else:
            assert trace.first == np.ceil(expected * 500 - 1e-6)


@pytest.mark.parametrize(
    ("paper", "dpi", "size"),
    [
        ("letter", 200.0, (2200, 1700)),
        ("a4", 200.0, (2339, 1654)),
        ("letter", 100.0, (1100, 850)),
        ("a4", 300.0, (3508, 2481)),
    ],
)
def test_a_sheet_has_the_size_of_its_paper(paper: str, dpi: float, size: tuple[int, int]) -> None:
    picture = draw(twelve(beats()), "3x4+1", paper=paper, dpi=dpi)
    assert (picture.width, picture.height) == size
    with Image.open(io.BytesIO(picture.png())) as image:
        assert image.info["dpi"] == pytest.approx((dpi, dpi), abs=0.02)


@pytest.mark.parametrize("dpi", [200.0, 300.0, 400.0])
def test_the_grid_is_whole_millimetres_from_edge_to_edge(dpi: float) -> None:
    options = PageOptions(dpi=dpi)
    frame = page_sheet(PAGES["3x4+1"], twelve(beats()), options).frame
    classes = np.cumsum(grid_rows(frame, options.style)[:, 1:], axis=0, dtype=np.uint8) // 16
    shades = options.style.classes.sum(1)
    dark = shades.max() - shades
    px = frame.scale.px_per_mm
    for profile, low, high in (
        (dark[classes[int(frame.top) + 3 : int(frame.bottom) - 3]].min(0), frame.left, frame.right),
        (
            dark[classes[:, int(frame.left) + 3 : int(frame.right) - 3]].min(1),
            frame.top,
            frame.bottom,
        ),
    ):
        lines = round((high - low) / px)
        assert (high - low) / px == pytest.approx(lines, abs=1e-6)
        assert lines % 5 == 0
        reach = int(px / 2) - 1
        weights = []
        for k in range(lines + 1):
            pixels = np.arange(int(low + k * px) - reach, int(low + k * px) + reach + 1)
            weight = profile[pixels]
            assert weight @ (pixels + 0.5) / weight.sum() == pytest.approx(low + k * px, abs=0.3)
            weights.append(weight.sum())
        assert min(weights[::5]) > 2 * max(w for k, w in enumerate(weights) if k % 5)
        assert profile[: int(low) - 3].max() == profile[int(high) + 4 :].max() == 0


@pytest.mark.parametrize("layout", PAGES)
@pytest.mark.parametrize("scale", [(25.0, 10.0), (50.0, 20.0), (12.5, 5.0)])
def test_a_pulse_is_1_mv_by_200_ms_at_the_scale_used(
    layout: str, scale: tuple[float, float]
) -> None:
    picture = draw(twelve(np.zeros(5000)), layout, speed=scale[0], gain=scale[1], paper="fit")
    level = (picture.indices() % 16).astype(float)
    frame = sheet_of(picture).frame
    px = frame.scale.px_per_mm
    assert len(frame.pulses) == PAGES[layout].n_rows
    for pulse, baseline in zip(frame.pulses, frame.rows, strict=True):
        assert pulse.bottom == baseline
        across = level[int((pulse.top + pulse.bottom) / 2), : int(frame.start) - 2]
        x = np.arange(len(across)) + 0.5
        half = x < (pulse.left + pulse.right) / 2
        left, right = (across[side] @ x[side] / across[side].sum() for side in (half, ~half))
        assert (right - left) / px == pytest.approx(0.2 * scale[0], abs=0.02)
        assert left == pytest.approx(pulse.left, abs=0.1)
        top = level[int(pulse.top) - 4 : int(pulse.top) + 5, int((left + right) / 2)]
        stub = level[int(pulse.bottom) - 4 : int(pulse.bottom) + 5, int(right + 0.7 * px)]
        edges = [
            at + bar @ (np.arange(9) - 3.5) / bar.sum()
            for at, bar in ((int(pulse.top), top), (int(pulse.bottom), stub))
        ]
        assert (edges[1] - edges[0]) / px == pytest.approx(scale[1], abs=0.03)


@pytest.mark.parametrize("layout", PAGES)
@pytest.mark.parametrize("name", ["TRAIN101", "TRAIN110", "TRAIN123", "TRAIN150"])
def test_names_are_clear_of_every_trace(test_data: Path, layout: str, name: str) -> None:
    picture = draw(real(test_data, name), layout)
    level = picture.indices() % 16
    sheet = sheet_of(picture)
    names = [text for text in sheet.texts if text.kind == "lead"]
    assert [text.text for text in names] == [trace.label for trace in sheet.traces]
    for text in names:
        assert cut(level, text.box).max() == 0, text
        assert (cut(picture.indices() // 16, text.box) == 15).any()
    for k, text in enumerate(names):
        assert not any(text.box.meets(other.box) for other in names[k + 1 :])


def test_texts_stand_where_the_geometry_says() -> None:
    picture = draw(twelve(beats()), "3x4+1")
    sheet, classes = sheet_of(picture), picture.indices() // 16
    for text in sheet.texts:
        assert (cut(classes, text.box) > 10).any()
        cut(classes, text.box)[:] = 0
    for x, y in sheet.frame.separators:
        far = 7 * picture.scale.px_per_mm
        cut(classes, Box(x - 4, y - far, x + 4, y + far))[:] = 0
    assert (classes <= 10).all()
    said = " ".join(text.text for text in sheet.texts if text.kind != "lead")
    for words in ("R12", "500 Hz", "10 s", "25 mm/s", "10 mm/mV", "median", "no filter", "A4"):
        assert words in said


@pytest.mark.slow
@settings(max_examples=settings().max_examples // 3)
@given(
    st.lists(
        st.one_of(
            st.floats(-30, 30), st.just(float("nan")), st.sampled_from([1e4, -1e30, np.inf, 1e-30])
        ),
        min_size=1,
        max_size=60,
    ),
    st.sampled_from([1.0, 10.0, 97.3, 500.0, 1e5]),
    st.sampled_from(list(PAGES)),
    st.fixed_dictionaries(
        {
            "paper": st.sampled_from(["a4", "letter", "fit"]),
            "gain": st.sampled_from([10.0, 2.5, "auto"]),
            "dpi": st.sampled_from([20.0, 60.0, 72.0]),
            "baseline": st.sampled_from(["none", "median"]),
            "columns": st.sampled_from(["same", "successive"]),
            "cabrera": st.booleans(),
        }
    ),
)
def test_any_signal_gives_a_page_or_a_plain_refusal(
    samples: list[float], rate: float, layout: str, options: dict[str, Any]
) -> None:
    row = np.asarray(samples, np.float32)
    shown = Record("R", np.stack([np.roll(row, k) for k in range(12)]), rate, STANDARD_LEADS)
    try:
        picture = draw(shown, layout, **options)
    except RecordingError as error:
        refused = (FailureKind.TOO_LARGE, FailureKind.INFINITE, FailureKind.CORRUPT)
        known = error.kind in refused
        if not (known and (np.abs(row[~np.isnan(row)]) > 1000).any()):
            raise
        return
    sheet = sheet_of(picture)
    style = PageOptions().style
    bare = np.cumsum(Canvas(page_background(sheet, style)).whole()[:, 1:], axis=0, dtype=np.uint8)
    after = picture.indices()
    traced = (after % 16 > 0) & (bare % 16 == 0)
    # Beside the texts every pixel keeps its class, so no level has run over.
    for text in sheet.texts:
        spot = np.s_[
            max(0, int(text.box.top)) : int(text.box.bottom),
            max(0, int(text.box.left)) : int(text.box.right),
        ]
        bare[spot] = after[spot]
    np.testing.assert_array_equal(after // 16, bare // 16)
    there = any(trace.low == trace.low for trace in sheet.traces)
    assert traced.any() == there or picture.scale.dpi < 72
    edge = [traced[0], traced[-1], traced[:, 0], traced[:, -1]]
    assert not any(side.any() for side in edge)
    # Each stroke lies in its box and each box in the grid, but for half a stroke at its edge.
    frame = sheet.frame
    outside = traced.copy()
    for trace in sheet.traces:
        box = trace.box.grown(1.5)
        cut(outside, Box(max(0, box.left), max(0, box.top), box.right, box.bottom))[:] = False
        assert trace.box.top >= frame.top - 1
        assert trace.box.bottom <= frame.bottom + 1
    assert not outside.any()


def test_a_trace_that_leaves_its_band_is_whole_and_a_sheet_grows_for_it() -> None:
    samples = beats()
    samples[100:120] = 9.0
    picture = draw(twelve(samples), "3x4+1")
    sheet = sheet_of(picture)
    assert sheet.frame.grown
    assert any("grew" in words for words in picture.notes)
    assert note(picture.png())["grown"] is True
    level = picture.indices() % 16
    first = sheet.traces[0]
    y = first.y0 - (9.0 - first.offset) * picture.scale.px_per_mv
    assert y > sheet.frame.top
    x = int(first.x0 + 110 / 500 * picture.scale.px_per_s)
    assert level[int(y) - 1 : int(y) + 2, x].astype(int).sum() > 18
    assert not sheet_of(draw(twelve(beats()), "3x4+1")).frame.grown


def test_auto_takes_the_largest_gain_that_fits_and_says_so() -> None:
    gains = []
    for height in (0.3, 1.0, 2.2, 8.0):
        picture = draw(twelve(beats() * (height / 1.4)), "6x2", gain="auto")
        gains.append(picture.scale.gain)
        said = note(picture.png())
        assert said["gain"] == "auto"
        assert said["px_per_mv"] == pytest.approx(picture.scale.px_per_mv)
        footer = sheet_of(picture).texts[-2].text
        assert f"{picture.scale.gain:g} mm/mV (auto)" in footer
        assert f"gain auto: {picture.scale.gain:g} mm/mV" in picture.notes
    assert gains == [20.0, 20.0, 10.0, 5.0]
    assert sheet_of(picture).frame.grown


@pytest.mark.parametrize("layout", PAGES)
def test_on_paper_that_fits_no_two_traces_meet(test_data: Path, layout: str) -> None:
    sheet = sheet_of(draw(real(test_data, "TRAIN101"), layout, paper="fit"))
    for upper in sheet.traces:
        for lower in sheet.traces:
            if lower.row > upper.row and (lower.column in (-1, upper.column)):
                assert not upper.box.meets(lower.box)


def test_an_offset_does_not_push_a_lead_away_unless_asked() -> None:
    shown = twelve(beats() + 7.0)
    lifted, level = (
        (draw(twelve(samples), "3x4+1").indices() % 16).astype(int)
        for samples in (beats() + 7.0, beats())
    )
    # But for the rounding of 7 mV more in float32.
    assert np.abs(lifted - level).max() <= 1
    plain = draw(shown, "3x4+1", baseline="none")
    assert sheet_of(plain).frame.grown
    assert plain.sheet.baseline == "none"
    assert "baseline: none" in sheet_of(plain).texts[-2].text


def test_short_long_and_missing_leave_paper_and_say_so() -> None:
    short = draw(twelve(beats(4.0)), "3x4+1")
    assert any("V1, V2" in words for words in short.notes)
    frame = sheet_of(short).frame
    level = short.indices() % 16
    assert level[:, int(frame.start + 4.05 * short.scale.px_per_s) :].max() == 0
    long = draw(twelve(beats(30.0)), "3x4+1")
    assert long.n_samples == 5000
    assert "0 to 10 s of 30 s" in " ".join(text.text for text in sheet_of(long).texts)
    asked = draw(twelve(beats(30.0)).select(start=5.0, duration=20.0), "3x4", seconds=20.0)
    assert asked.n_samples == 10000
    assert "5 to 25 s" in " ".join(text.text for text in sheet_of(asked).texts)
    two = twelve(beats()).select(("II", "V2"))
    picture = draw(two, "3x4+1")
    assert [trace.label for trace in sheet_of(picture).traces] == ["II", "V2", "II"]
    assert any("no I, III, aVR" in words for words in picture.notes)
    assert not any("no place" in words for words in picture.notes)
    other = draw(replace(two, leads=("MLII", "V2")), "3x4+1")
    assert any("no place for MLII on the page" in words for words in other.notes)
    filled = draw(replace(two, leads=("MLII", "V2")), "3x4+1", leads=("V2", "MLII"))
    assert filled.notes == ()


def test_of_what_identifies_a_patient_the_date_alone_is_shown() -> None:
    said = (("name", "Doe^Jane"), ("id", "4711"), ("date", "2003-01-02\n" + 99 * "x"))
    plain = draw(twelve(beats()), "3x4+1")
    picture = draw(replace(twelve(beats()), identity=said), "3x4+1")
    texts = " ".join(text.text for text in sheet_of(picture).texts)
    assert "2003-01-02" in texts
    assert "xxxxxxxxxxxxxxxx" not in texts
    assert (picture.indices() != plain.indices()).any()
    for word in ("Doe", "Jane", "4711"):
        assert word not in texts
        assert word.encode() not in picture.png()
    assert note(picture.png()) == note(plain.png())
    nameless = draw(replace(twelve(beats()), identity=said[:2]), "3x4+1")
    assert nameless.png() == plain.png()


def test_one_lead_may_be_any_and_leads_may_be_chosen() -> None:
    odd = Record("R", np.stack([beats(), beats()]), 500.0, ("MLII", "V9"))
    assert draw(odd, "1").lead == "MLII"
    assert draw(odd, "1", lead="V9").lead == "V9"
    assert draw(odd, "6x2", leads=("V9", "MLII")).lead == "V9 MLII"
    with pytest.raises(RecordingError, match="layout 3x4 shows I, II"):
        draw(odd, "3x4")
    with pytest.raises(RecordingError, match="no lead II"):
        draw(odd, "6x2", leads=("II",))
    with pytest.raises(UsageError, match="12 places"):
        draw(odd, "3x4", leads=tuple("ABCDEFGHIJKLM"))


def test_cabrera_turns_avr_over() -> None:
    signal = np.stack([beats(seed=k) for k in range(12)])
    shown = Record("R", signal, 500.0, STANDARD_LEADS)
    sheet = page_sheet(PAGES["12x1"], shown, PageOptions(cabrera=True, baseline="none"))
    labels = [trace.label for trace in sheet.traces]
    assert labels[:6] == ["aVL", "I", "-aVR", "II", "aVF", "III"]
    turned = sheet.traces[2]
    assert (turned.lead, turned.sign) == ("aVR", -1)
    assert (turned.low, turned.high) == pytest.approx((-signal[3].max(), -signal[3].min()))


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_draws_pages_and_strips(theme: str) -> None:
    style = THEMES[theme]
    picture = draw(twelve(beats()), "3x4+1", style=style)
    rgb = picture.rgb()
    assert tuple(rgb[2, 2]) == style.paper
    level, used = picture.indices() % 16, np.unique(picture.indices() // 16)
    assert tuple(rgb[level == 15][0]) == style.trace
    assert len(used) > (2 if theme == "none" else 6)
    assert draw(twelve(beats()), "strip", lead="II", style=style).png()


@pytest.mark.parametrize(
    "options",
    [
        {"gain": "auto"},
        {"paper": "a4"},
        {"columns": "same"},
        {"cabrera": True},
        {"layout": "3x4", "gain": "large"},
        {"layout": "3x4", "cabrera": True, "leads": ("II",)},
        {"layout": "1", "leads": ("II", "V1")},
        {"layout": "4x4"},
        {"theme": "pink"},
        {"baseline": "mean"},
    ],
    ids=str,
)
def test_options_that_do_not_go_together_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Rendering(**options)


def test_a_strip_by_its_median_says_so() -> None:
    shown = twelve(beats() + 7.0)
    picture = draw(shown, "strip", lead="II", baseline="median")
    said = note(picture.png())
    assert said["baseline"] == "median"
    assert said["offset_mv"] == pytest.approx(np.median(shown["II"]), abs=1e-6)
    assert picture.height == draw(twelve(beats()), "strip", lead="II").height
    assert "baseline" not in note(draw(shown, "strip", lead="II").png())


def test_each_layout_is_plain_data_and_has_its_place() -> None:
    for name, page in PAGES.items():
        assert LAYOUTS[name].name == name == page.name
        assert LAYOUTS[name].one_page
        assert len(set(page.leads)) == len(page.leads)
    assert not LAYOUTS["strip"].one_page


def test_the_same_seconds_in_all_columns_are_all_that_is_said_to_be_shown() -> None:
    late = beats(10.0)
    late[2000:] += 1.0
    picture = draw(twelve(late), "3x4", columns="same")
    assert picture.n_samples == 1250
    assert "0 to 2.5 s of 10 s" in " ".join(text.text for text in sheet_of(picture).texts)
    only = draw(twelve(late[:1250]), "3x4", columns="same")
    # What comes later has no say in where the baseline lies.
    assert [trace.offset for trace in only.sheet.traces] == [
        trace.offset for trace in picture.sheet.traces
    ]
    assert draw(twelve(late), "3x4+1", columns="same").n_samples == 5000


@pytest.mark.parametrize("layout", ["1", "12x1", "3x4"])
@pytest.mark.parametrize(("speed", "gain"), [(12.5, "auto"), (25.0, 10.0), (1 / 3, 1000 / 7)])
def test_on_the_smallest_sheet_no_text_meets_another(
    layout: str, speed: float, gain: float | str
) -> None:
    dated = (("date", "2003-01-02T04:05:06+01:00"),)
    for baseline in ("median", "none"):
        picture = draw(
            replace(twelve(beats() / 10), name=40 * "long name ", identity=dated),
            layout,
            paper="fit",
            seconds=0.2,
            speed=speed,
            gain=gain,
            baseline=baseline,
        )
        texts = [text for text in sheet_of(picture).texts if text.kind != "lead"]
        assert texts[0].text.startswith("long")
        around = [text.box for text in texts]
        clear = picture.scale.px_per_mm
        for k, box in enumerate(around):
            assert 0 <= box.left < box.right <= picture.width
            assert not any(box.grown(clear).meets(other) for other in around[k + 1 :])


@pytest.mark.parametrize(("name", "row"), [("3x4", 12.0), ("3x4+1", 3.0), ("12x1", 3.0)])
def test_a_duration_is_what_is_drawn_in_columns_of_the_same_seconds_too(
    name: str, row: float
) -> None:
    layout, options = layout_for(Rendering(layout=name, columns="same", duration=3.0, dpi=60.0))
    (picture,) = layout.pictures(twelve(beats(10.0)).select(duration=3.0), options)
    assert picture.n_samples == 1500
    assert not any("first" in words for words in picture.notes)
    assert sheet_of(picture).frame.seconds == row
    assert max(trace.last - trace.first for trace in picture.sheet.traces) == 1500


def test_the_footer_says_which_leads_were_made() -> None:
    whole = synthesize(seed=1, index=0)
    eight = whole.select(("I", "II", *CHEST))
    texts = {text.text for text in page_sheet(PAGES["3x4"], complete(eight), PageOptions()).texts}
    assert any(text.endswith("from I and II: III aVR aVL aVF") for text in texts)
    shown = page_sheet(PAGES["1"], complete(eight), PageOptions()).texts
    assert not any("from I and II" in text.text for text in shown)
