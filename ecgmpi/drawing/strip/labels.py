"""Title, axis labels and scale of a strip: their texts and places."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

from ecgmpi.drawing.raster.glyphs import MINUS, elide, label, legible, text_width
from ecgmpi.drawing.raster.palette import Style
from ecgmpi.drawing.scene import TextPlace, placed
from ecgmpi.geometry import AMPLITUDE_STEP_MV, StripGeometry

TEXT_GAP_MM = 1.2
"""Gap between grid and letters: more than the stroke of a trace on the edge needs."""
_STEPS_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)
_TIME_LABELS_MM = 15.0
_MV_LABELS_MM = 4.5


def label_step(steps: tuple[float, ...], mm_per_unit: float, least_mm: float) -> float:
    """Choose the least step whose labels are far enough apart, or a multiple of the last."""
    for step in steps:
        if step * mm_per_unit >= least_mm:
            return step
    return steps[-1] * math.ceil(least_mm / (steps[-1] * mm_per_unit))


def _amplitude_steps(span: float) -> tuple[float, ...]:
    decades = range(max(1, math.ceil(math.log10(max(span, 1.0))) + 1))
    return tuple(AMPLITUDE_STEP_MV * m * 10**d for d in decades for m in (1, 2, 4))


def number(index: int, step: float) -> str:
    """Format the `index`-th multiple of a step for an axis.

    All have the step's number of decimals, and a real minus sign.

    Examples
    --------
    >>> number(-3, 0.5), number(2, 0.5), number(2, 1.0)
    ('−1.5', '1.0', '2')
    """
    decimals = next(d for d in range(4) if math.isclose(step, round(step, d)))
    return f"{index * step:.{decimals}f}".replace("-", MINUS)


@lru_cache(maxsize=64)
def axis_texts(geometry: StripGeometry, style: Style) -> tuple[TextPlace, ...]:
    """Place the texts that all leads of one geometry share: axis numbers, units and scale.

    The scale is shown if there is room for it beside a title.
    """
    size = style.label_mm * geometry.scale.px_per_mm
    return (
        *_time_axis(geometry, size),
        *_amplitude_axis(geometry, size),
        *_scale(geometry, size),
    )


def _time_axis(geometry: StripGeometry, size: float) -> Iterator[TextPlace]:
    gap = TEXT_GAP_MM * geometry.scale.px_per_mm
    below = geometry.bottom + gap + label("0", size).rise
    step = label_step(_STEPS_S, geometry.scale.speed, _TIME_LABELS_MM)
    for k in range(int(geometry.seconds / step + 1e-6) + 1):
        text = number(k, step)
        x = geometry.x(k * step) - label(text, size).advance / 2
        yield placed("axis", text, size, x, below)
    yield placed("unit", "s", size, geometry.right + 3 * gap, below)


def _amplitude_axis(geometry: StripGeometry, size: float) -> Iterator[TextPlace]:
    scale = geometry.scale
    edge = geometry.left - TEXT_GAP_MM * scale.px_per_mm
    middle = label("0", size).rise / 2
    step = label_step(_amplitude_steps(geometry.high - geometry.low), scale.gain, _MV_LABELS_MM)
    first = math.ceil(geometry.low / step - 1e-6)
    for k in range(first, math.floor(geometry.high / step + 1e-6) + 1):
        text = number(k, step)
        x = edge - label(text, size).advance
        yield placed("axis", text, size, x, geometry.y(k * step) + middle)
    yield placed("unit", "mV", size, edge - label("mV", size).advance, _caption_y(geometry))


def _scale(geometry: StripGeometry, size: float) -> Iterator[TextPlace]:
    text = _scale_text(geometry)
    if text:
        x = geometry.right - label(text, size).advance
        yield placed("scale", text, size, x, _caption_y(geometry))


def _scale_text(geometry: StripGeometry) -> str:
    """The scale in words if there is room for it beside a title; else empty."""
    if geometry.right - geometry.left < 100 * geometry.scale.px_per_mm:
        return ""
    return f"{geometry.scale.speed:g} mm/s   {geometry.scale.gain:g} mm/mV"


def _caption_y(geometry: StripGeometry) -> float:
    """Baseline of the texts above the grid, px."""
    return geometry.top - 1.6 * TEXT_GAP_MM * geometry.scale.px_per_mm


def title(text: str, geometry: StripGeometry, style: Style) -> TextPlace:
    """Place the title, clear of the unit beside it, and shortened if there is little room."""
    px = geometry.scale.px_per_mm
    size = style.title_mm * px
    x = geometry.x0 + 1.5 * TEXT_GAP_MM * px
    room = geometry.width - x - TEXT_GAP_MM * px
    said = _scale_text(geometry)
    if said:
        room = geometry.right - x
        room -= text_width(said, style.label_mm * px) + 4 * TEXT_GAP_MM * px
    return placed("title", elide(legible(text), size, room), size, x, _caption_y(geometry))
