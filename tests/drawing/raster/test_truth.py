"""The trace against the same polyline stroked by Agg at eight times the size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ecgmpi.drawing import StripOptions, draw_strip
from ecgmpi.drawing.raster.stroke_plan import Placement
from ecgmpi.ecg.record import STANDARD_LEADS, Record
from tests.drawing import agg
from tests.drawing.signals import beats, real, record

MOST_MEAN = 8.0
# A line of 0.5 to 1 px has no pixel that is wholly covered.
MOST_MEAN_BELOW_200_DPI = 11.0
MOST_CENTROID = 0.25
# Below this much ink in a column, of 255 a pixel, 16 levels of coverage are too few for
# a place.
LEAST_INK = 64.0

OTHERS = [f"TRAIN{number}" for number in (*range(102, 111), *range(200, 351, 25))]
REAL = [
    ("TRAIN123", "V4"),
    ("TRAIN158", "II"),
    ("TRAIN311", "II"),
    ("TRAIN101", "II"),
    *((name, STANDARD_LEADS[(5 * k + 2) % 12]) for k, name in enumerate(OTHERS)),
]


def check(shown: Record, lead: str, options: StripOptions, upright: bool = False) -> None:
    picture = draw_strip(shown, lead, options)
    scale = options.scale
    place = Placement(
        *picture.origin,
        px_per_sample=scale.px_per_s / shown.rate,
        px_per_mv=scale.px_per_mv,
        radius=options.style.trace_mm * scale.px_per_mm / 2,
    )
    ours = (picture.indices() % 16).astype(np.float64) * 17
    truth = agg.coverage(shown[lead], place, ours.shape)
    most = MOST_MEAN if options.dpi >= 200 else MOST_MEAN_BELOW_200_DPI
    touched = (ours > 0) | (truth > 0)
    assert np.abs(ours - truth)[touched].mean() <= most
    inked = (truth.sum(0) >= LEAST_INK) & (ours.sum(0) > 0)
    assert inked.any()
    off = np.abs(agg.centroids(ours) - agg.centroids(truth))[inked]
    allowed = MOST_CENTROID * (1 + agg.slopes(shown[lead], place, picture.width)[inked])
    # Beside an upright line a column is covered to a fraction of one sub-column.
    assert upright or (off / allowed).max() <= 1
    # As much ink as there should be, within 2 %.
    assert ours.sum() == pytest.approx(truth.sum(), rel=0.02)


@pytest.mark.parametrize(("name", "lead"), REAL, ids=str)
def test_real_leads(test_data: Path, name: str, lead: str) -> None:
    check(real(test_data, name), lead, StripOptions())


@pytest.mark.parametrize("rate", [100.0, 250.0, 500.0, 1000.0, 5000.0])
def test_synthetic_leads_of_any_rate(rate: float) -> None:
    check(record(beats(3.0, rate), rate), "II", StripOptions())


@pytest.mark.parametrize("dpi", [72.0, 150.0, 200.0, 300.0, 600.0])
def test_any_resolution(dpi: float) -> None:
    check(record(beats(3.0)), "II", StripOptions(dpi=dpi))


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(np.zeros(500), id="level"),
        pytest.param(np.linspace(-0.4, 0.4, 500), id="ramp"),
        pytest.param(np.where(np.arange(500) == 250, 19.9, 0.0), id="one-sample-spike"),
        pytest.param(np.where(np.arange(500) % 100 < 50, -0.4, 0.45), id="square"),
        pytest.param(np.where(np.arange(500) % 2, -0.3, 0.3), id="every-other-sample"),
        pytest.param([0.1, 0.2], id="two-samples"),
        pytest.param([0.1], id="one-sample"),
    ],
)
def test_shapes(samples: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    check(
        record(samples), "II", StripOptions(), upright=np.abs(np.diff(samples)).max(initial=0) > 0.5
    )
