from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ecgmpi.drawing.raster.stroke_plan import Placement
from ecgmpi.drawing.raster.trace_pixels import add_trace, add_traces
from tests.drawing import agg
from tests.drawing.signals import beats

HEIGHT, WIDTH = 120, 300


def paper() -> npt.NDArray[np.uint8]:
    """Up-filtered rows of a picture with a different class beside and above each pixel."""
    classes = (np.arange(HEIGHT)[:, None] * 7 + np.arange(WIDTH) * 3) % 16
    rows = np.empty((HEIGHT, WIDTH + 1), np.uint8)
    rows[:, 0] = 2
    rows[:, 1:] = np.diff((classes * 16).astype(np.uint8), axis=0, prepend=np.uint8(0))
    return rows


def levels(rows: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    indices = np.cumsum(rows[:, 1:], axis=0, dtype=np.uint8)
    before = np.cumsum(paper()[:, 1:], axis=0, dtype=np.uint8)
    assert (rows[:, 0] == 2).all()
    np.testing.assert_array_equal(indices // 16, before // 16)
    return indices % 16


def place(
    spacing: float = 2.0, radius: float = 1.4, y0: float = 60.5, x0: float = 20.0
) -> Placement:
    return Placement(x0=x0, y0=y0, px_per_sample=spacing, px_per_mv=50.0, radius=radius)


def drawn(samples: npt.ArrayLike, where: Placement) -> npt.NDArray[np.uint8]:
    rows = paper()
    add_trace(rows, np.asarray(samples, np.float32), where)
    return levels(rows)


signals = hnp.arrays(
    np.float32,
    st.integers(1, 60),
    elements=st.one_of(st.floats(-1, 1, width=32), st.sampled_from([0.0, 1.0, -1.0, np.nan])),
)


@pytest.mark.parametrize("offset", [-1e6, -32768.0, 512.0, 1e6])
def test_a_lead_far_from_zero_lands_where_it_belongs(offset: float) -> None:
    # Whole multiples of 1/8 mV, which single precision holds at this distance, too.
    samples = (np.arange(100) * 37 % 17 - 8) / 8.0
    near = Placement(x0=20.0, y0=60.5, px_per_sample=2.0, px_per_mv=39.37, radius=1.4)
    far = near._replace(y0=near.y0 + offset * near.px_per_mv)
    expected, found = drawn(samples, near), drawn(samples + offset, far)
    assert expected.max() == 15
    # Within the rounding of a pixel's level.
    assert np.abs(found.astype(int) - expected).max() <= 1


@settings(max_examples=300, deadline=None)
@given(
    signals,
    st.floats(0.01, 4.0),
    st.floats(0.05, 6.0),
    st.floats(59, 61),
    st.floats(20, 22),
)
def test_any_signal_keeps_every_class_and_leaves_nothing_below(
    samples: npt.NDArray[np.float32], spacing: float, radius: float, y0: float, x0: float
) -> None:
    level = drawn(samples, place(spacing, radius, y0, x0))
    assert level[-1].max() == 0
    assert level[:, 0].max() == 0
    if np.isnan(samples).all():
        assert level.max() == 0
    elif radius >= 0.3:
        # A dot much smaller than a pixel may cover less than half a level of it.
        assert level.max() > 0


@settings(max_examples=100, deadline=None)
@given(signals, st.floats(0.01, 4.0), st.floats(0.05, 6.0))
def test_both_ways_of_drawing_agree(
    samples: npt.NDArray[np.float32], spacing: float, radius: float
) -> None:
    where = place(spacing, radius)
    rows = paper()
    add_traces(rows, [(samples, where)])
    np.testing.assert_array_equal(levels(rows), drawn(samples, where))


@settings(max_examples=100, deadline=None)
@given(st.lists(signals, max_size=5))
def test_traces_that_meet_cover_a_pixel_once(several: list[npt.NDArray[np.float32]]) -> None:
    rows = paper()
    add_traces(rows, [(samples, place()) for samples in several])
    together = levels(rows)
    for samples in several:
        assert (together >= drawn(samples, place())).all()


def test_the_same_trace_many_times_is_the_trace() -> None:
    samples = beats(0.2)
    rows = paper()
    add_traces(rows, [(samples, place(1.0, y0=100.5))] * 40)
    once = drawn(samples, place(1.0, y0=100.5))
    np.testing.assert_array_equal(levels(rows), once)


def test_every_sample_is_inked_wherever_it_falls() -> None:
    # Spikes one sample wide, at all places within a pixel.
    for shift in np.linspace(0, 1, 23):
        samples = np.zeros(60, np.float32)
        samples[::7] = 1.0
        level = drawn(samples, place(3.137, 0.5, x0=20.0 + shift))
        for k in np.flatnonzero(samples):
            x, y = 20.0 + shift + k * 3.137, 60.5 - 50.0
            near = level[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2]
            assert near.max() >= 3


@pytest.mark.parametrize("per_pixel", [4, 13, 40, 400])
def test_no_spike_is_lost_among_many_samples_a_pixel(per_pixel: int) -> None:
    n = 200 * per_pixel
    samples = np.zeros(n, np.float32)
    spikes = np.arange(17, n, 20 * per_pixel + 1)
    samples[spikes] = 1.0
    level = drawn(samples, place(1 / per_pixel, 1.4))
    for x in 20 + spikes / per_pixel:
        assert level[11:50, int(x) - 1 : int(x) + 2].max(axis=1).min() == 15
    assert level[:8].max() == 0


def test_a_gap_is_a_gap_and_the_runs_beside_it_are_whole() -> None:
    samples = np.sin(np.arange(100) / 5).astype(np.float32)
    gap = samples.copy()
    gap[40:60] = np.nan
    where = place()
    cover = agg.coverage(gap[:40], where, (HEIGHT, WIDTH))
    second = Placement(where.x0 + 60 * 2.0, where.y0, 2.0, where.px_per_mv, where.radius)
    cover += agg.coverage(gap[60:], second, (HEIGHT, WIDTH))
    level = drawn(gap, where)
    assert level[:, 20 + 2 * 40 + 2 : 20 + 2 * 60 - 3].max() == 0
    assert np.abs(level * 17.0 - cover)[(level > 0) | (cover > 0)].mean() < 8


def test_a_narrow_gap_is_not_bridged() -> None:
    samples = np.r_[np.full(30, -0.9), np.nan, np.full(30, 0.9)].astype(np.float32)
    level = drawn(samples, place(0.8))
    assert level[40:80].max() == 0
    assert level.max() == 15


def test_an_isolated_sample_is_a_dot() -> None:
    samples = np.full(50, np.nan, np.float32)
    samples[25] = 0.0
    level = drawn(samples, place(radius=3.0))
    assert level.sum() / 15 == pytest.approx(np.pi * 9, rel=0.05)
    assert drawn([0.0], place(radius=3.0)).sum() / 15 == pytest.approx(np.pi * 9, rel=0.05)


def test_a_dot_smaller_than_a_pixel_is_there_either_way() -> None:
    where = place(1.0, 0.125, 59.53125)
    rows = paper()
    add_traces(rows, [(np.zeros(1, np.float32), where)])
    np.testing.assert_array_equal(levels(rows), drawn([0.0], where))
    assert 0 < levels(rows).max() < 15


@pytest.mark.parametrize("y0", np.linspace(115, 121, 61))
def test_a_trace_at_the_very_edge_fits_or_is_refused(y0: float) -> None:
    where = place(y0=y0)
    for add in (add_trace, lambda rows, *trace: add_traces(rows, [trace])):
        rows = paper()
        try:
            add(rows, np.zeros(50, np.float32), where)
        except ValueError:
            assert y0 + where.radius > HEIGHT - 2 - 1e-3
        assert levels(rows).max() in (0, 15)


@pytest.mark.parametrize(
    "where",
    [place(y0=20.0), place(y0=110.0), place(x0=1.0), place(spacing=300.0)],
    ids=["above", "below", "left", "right"],
)
def test_a_trace_that_does_not_fit_is_refused_and_nothing_drawn(where: Placement) -> None:
    samples = np.array([-0.8, 0.8], np.float32)
    rows = paper()
    with pytest.raises(ValueError, match="does not fit"):
        add_trace(rows, samples, where)
    with pytest.raises(ValueError, match="does not fit"):
        add_traces(rows, [(samples, where)])
    np.testing.assert_array_equal(rows, paper())
