"""All of a long recording on many pages: every sample once, the scale one, the header true."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgmpi.drawing import PageLayout, PageOptions, PagesLayout, Picture
from ecgmpi.drawing.page.geometry import PageSheet
from ecgmpi.drawing.page.pagination import divided, page_samples
from ecgmpi.ecg.record import STANDARD_LEADS, Record
from ecgmpi.errors import RecordingError, UsageError
from ecgmpi.layouts import PAGES, PageSpec
from ecgmpi.options.rendering import Rendering
from tests.drawing.page.test_page import twelve
from tests.drawing.signals import beats
from tests.drawing.strip.test_strip import note

rates = st.one_of(
    st.sampled_from([0.01, 1.0, 97.3, 128.0, 250.0, 360.0, 500.0, 500.0000001, 1e5]),
    st.floats(0.01, 1e5),
)


def pages(record: Record, layout: str | PageSpec, **options: Any) -> list[Picture]:
    page = PAGES[layout] if isinstance(layout, str) else layout
    return list(PagesLayout(page).pictures(record, PageOptions(dpi=40.0, **options)))


def sheet_of(picture: Picture) -> PageSheet:
    assert isinstance(picture.sheet, PageSheet)
    return picture.sheet


def header(picture: Picture) -> str:
    return " ".join(text.text for text in picture.sheet.texts if text.kind == "header")


@given(
    rates,
    st.integers(1, 10_000),
    st.sampled_from(list(PAGES)),
    st.sampled_from(["same", "successive"]),
    st.one_of(st.none(), st.floats(0.1, 60)),
)
def test_each_sample_is_on_one_page(
    rate: float, n: int, layout: str, columns: str, seconds: float | None
) -> None:
    record = Record("R", np.arange(n, dtype=np.float32)[None], rate, ("II",), start=3.0)
    options = PageOptions(columns=columns, seconds=seconds)
    samples = page_samples(PAGES[layout], rate, options)
    pieces = list(divided(record, samples))
    np.testing.assert_array_equal(np.concatenate([p.signal for p in pieces], 1), record.signal)
    assert {piece.n_samples for piece in pieces[:-1]} <= {samples}
    for k, piece in enumerate(pieces):
        assert piece.start == pytest.approx(3.0 + k * samples / rate)
    row = seconds or PAGES[layout].seconds
    if columns == "same":
        row /= len(PAGES[layout].columns)
    assert row * rate - 1e-5 <= samples < row * rate + 1


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([1.0, 33.4, 100.0, 128.5, 499.9]),
    st.integers(1, 2000),
    st.sampled_from(["3x4", "12x1", "4x3", "6x2", "3x4+3"]),
    st.sampled_from(["same", "successive"]),
)
def test_what_the_pages_draw_of_each_lead_follows_without_gap_or_overlap(
    rate: float, n: int, layout: str, columns: str
) -> None:
    """Each place of a layout has its own seconds of a page, and all of them together all of it."""
    row = np.arange(n, dtype=np.float32) / 1000
    record = Record("R", np.tile(row, (12, 1)), rate, STANDARD_LEADS)
    drawn = pages(record, layout, columns=columns, seconds=4.0, baseline="none")
    samples = page_samples(PAGES[layout], rate, PageOptions(columns=columns, seconds=4.0))
    assert len(drawn) == -(-n // samples)
    covered: dict[int, list[int]] = {column: [] for column in range(-1, 12)}
    for k, picture in enumerate(drawn):
        for trace, line in zip(picture.sheet.traces, picture.lines, strict=True):
            first, last = (k * samples + at for at in (trace.first, trace.last))
            np.testing.assert_array_equal(line, row[first:last])
            if trace.row == 0 or trace.column == -1:
                covered[trace.column] += range(first, last)
    together = [at for column in range(12) for at in covered[column]]
    if columns == "same":
        for column in range(len(PAGES[layout].columns)):
            assert covered[column] == list(range(n))
    else:
        assert sorted(together) == list(range(n))
        if PAGES[layout].rhythm:
            assert sorted(covered[-1]) == sorted([*range(n)] * len(PAGES[layout].rhythm))


def test_header_and_text_chunk_say_which_page_and_which_seconds() -> None:
    drawn = pages(twelve(beats(25.0)), "3x4+1")
    assert [picture.page for picture in drawn] == ["p001", "p002", "p003"]
    assert "0 to 10 s of 25 s page 1 of 3" in " ".join(header(drawn[0]).split())
    assert "20 to 25 s of 25 s page 3 of 3" in " ".join(header(drawn[2]).split())
    said = [note(picture.png()) for picture in drawn]
    assert [(s["page"], s["pages"], s["start"], s["samples"]) for s in said] == [
        (1, 3, 0.0, 5000),
        (2, 3, 10.0, 5000),
        (3, 3, 20.0, 2500),
    ]
    # A part that was asked for: what it is of is not known.
    part = twelve(beats(25.0)).select(start=4.0, duration=12.0)
    drawn = pages(part, "3x4+1", partial=True)
    assert "14 to 16 s page 2 of 2" in " ".join(header(drawn[1]).split())
    odd = pages(Record("R", np.zeros((1, 20), np.float32), 1 / 3, ("II",)), "1")
    assert "12 to 24 s of 60 s" in header(odd[1])


def test_all_pages_are_at_one_scale_and_each_has_its_own_median() -> None:
    samples = beats(30.0)
    samples[5000:10000] *= 5
    samples[10000:] += 7.0
    drawn = pages(twelve(samples), "3x4", gain="auto")
    assert {picture.scale.gain for picture in drawn} == {5.0}
    assert pages(twelve(samples[:5000]), "3x4", gain="auto")[0].scale.gain == 20.0
    assert all("(auto)" in picture.sheet.texts[-2].text for picture in drawn)
    offsets = [picture.sheet.traces[0].offset for picture in drawn]
    assert offsets[2] - offsets[0] == pytest.approx(7.0, abs=0.05)
    assert not any(sheet_of(picture).frame.grown for picture in drawn)


def test_one_that_cannot_be_drawn_is_refused_before_the_first_page() -> None:
    samples = beats(30.0)
    samples[-1] = np.inf
    with pytest.raises(RecordingError, match="infinite"):
        next(PagesLayout(PAGES["12x1"]).pictures(twelve(samples), PageOptions(dpi=40)))


def test_the_first_of_all_pages_is_the_first_page_but_for_its_header() -> None:
    record = twelve(beats(25.0))
    first = pages(record, "6x2")[0]
    (alone,) = PageLayout(PAGES["6x2"]).pictures(record, PageOptions(dpi=40))
    assert first.sheet.traces == alone.sheet.traces
    top = int(sheet_of(first).frame.top) - 1
    np.testing.assert_array_equal(first.indices()[top:], alone.indices()[top:])


def test_memory_does_not_grow_with_the_number_of_pages() -> None:
    peaks = []
    for n in (4, 40):
        record = Record("R", np.zeros((1, n * 500), np.float32), 50.0, ("II",))
        layout, options = PagesLayout(PAGES["1"]), PageOptions(dpi=40)
        next(layout.pictures(record, options))
        tracemalloc.start()
        made = sum(len(picture.png()) > 0 for picture in layout.pictures(record, options))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert made == n
    assert peaks[1] < peaks[0] + 200_000


def test_rhythm_strips_would_show_the_same_seconds_twice() -> None:
    with pytest.raises(UsageError, match="rhythm strips of 3x4"):
        Rendering(layout="3x4+1", columns="same", pages="all")
    assert Rendering(layout="3x4", columns="same", pages="all").pages == "all"
    with pytest.raises(UsageError, match="--pages is for pages"):
        Rendering(pages="all")


def test_leads_that_are_not_on_the_last_page_are_no_note() -> None:
    drawn = pages(twelve(beats(11.0)), "3x4")
    assert all(picture.notes == () for picture in drawn)
    missing = pages(twelve(beats(11.0)).select(("II", "V1")), "3x4")
    assert all(any("no I, III" in words for words in p.notes) for p in missing)
