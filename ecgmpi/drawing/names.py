"""Every text of a page and where it stands: lead names clear of the traces, header, footer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ecgmpi.layouts import FIT
from ecgmpi.record import Record

from .frame import Box, Frame
from .glyphs import MINUS, elide, label, legible, text_width
from .lines import PageTrace
from .stroke import Floats
from .style import Style

GUTTER_NAME_MM = (0.6, 7.4)
"""Where a name begins in a gutter, and how wide it may be there; else it is made smaller."""
LEAST_NAME_MM = 2.2
NAME_X_MM = 1.2
"""Of a lead's name from the first sample of its trace."""
NAME_Y_MM = 6.0
"""Of a lead's name above the baseline, where nothing is in its way."""
LEAST_NAME_Y_MM = 3.0
CLEAR_MM = 0.5
"""Between a name and a trace, at least."""
_STEP_MM = 1.0
_ABOVE_BOX_MM, _BELOW_BOX_MM = 2.0, 5.2


@dataclass(frozen=True, slots=True)
class TextPlace:
    """A line of text on the page.

    Attributes
    ----------
    kind
        ``lead``, ``header`` or ``footer``.
    text
        As it is drawn.
    size
        Height of the em, px.
    x, baseline
        Where it begins, px; both whole.
    box
        Extent of its ink, px.
    """

    kind: Literal["lead", "header", "footer"]
    text: str
    size: float
    x: int
    baseline: int
    box: Box


def _place(
    kind: Literal["lead", "header", "footer"], text: str, size: float, x: float, y: float
) -> TextPlace:
    ink = label(text, size)
    left, baseline = round(x), round(y)
    tall, wide = ink.classes.shape
    top = baseline - ink.rise
    return TextPlace(kind, text, size, left, baseline, Box(left, top, left + wide, top + tall))


def header(record: Record, seconds: float, frame: Frame, style: Style) -> list[TextPlace]:
    """Place the name of the recording, and its rate and length."""
    px = frame.scale.px_per_mm
    size, small = style.title_mm * px, style.label_mm * px
    y = frame.top - _ABOVE_BOX_MM * px
    shown = min(seconds, record.duration)
    if record.start or shown < record.duration:
        length = f"{record.start:g} to {record.start + shown:g} s"
    else:
        length = f"{shown:g} s"
    facts = f"{record.rate:g} Hz   {length}"
    right = _place("header", facts, small, frame.right - text_width(facts, small), y)
    room = right.x - frame.left - 3 * px
    name = elide(legible(record.name), size, room)
    return [_place("header", name, size, frame.left, y), right]


def footer(frame: Frame, baseline: str, auto: bool, style: Style) -> list[TextPlace]:
    """Place the scale as it is, and what was and was not done to the signal."""
    px = frame.scale.px_per_mm
    size = style.label_mm * px
    y = frame.bottom + _BELOW_BOX_MM * px
    said = (
        f"{frame.scale.speed:g} mm/s   {frame.scale.gain:g} mm/mV{' (auto)' if auto else ''}   "
        f"baseline: {baseline}   no filter"
    )
    wide, tall = frame.size_mm
    paper = frame.paper.capitalize()
    if frame.grown:
        paper = f"{paper}, grown to {wide:.0f} × {tall:.0f} mm"
    elif frame.paper == FIT:
        paper = f"{wide:.0f} × {tall:.0f} mm"
    return [
        _place("footer", said, size, frame.left, y),
        _place("footer", paper, size, frame.right - text_width(paper, size), y),
    ]


def lead_names(
    frame: Frame,
    traces: Sequence[PageTrace],
    lines: Sequence[Floats],
    rate: float,
    style: Style,
) -> list[TextPlace]:
    """Place the name of each trace above its beginning, clear of every trace and name.

    Parameters
    ----------
    frame
        The frame.
    traces, lines
        Each trace and what is drawn of it: mV from the baseline, NaN in gaps.
    rate
        Samples per second, Hz.
    style
        Sizes.

    Returns
    -------
    list
        One `TextPlace` a trace. Where there is no clear place near the baseline, the one
        with the least in its way.
    """
    px = frame.scale.px_per_mm
    size, gap = style.lead_mm * px, CLEAR_MM * px
    placed: list[TextPlace] = []
    if frame.gutter:
        return [_in_gutter(frame, trace, size) for trace in traces]
    for trace in traces:
        text = trace.label.replace("-", MINUS)
        ink = label(legible(text), size)
        tall, wide = ink.classes.shape
        x = round(trace.x0 + NAME_X_MM * px)
        heights = [trace.y0 - mm * px for mm in _heights(frame, trace.y0, tall / px)]
        zone = Box(x - gap, min(heights) - tall - gap, x + wide + gap, max(heights) + gap)
        busy = [
            Box(zone.left, above, zone.right, below)
            for above, below in _in_the_way(frame, traces, lines, rate, zone)
        ]
        busy += [other.box for other in placed if other.box.meets(zone)]
        best, least = heights[0], math.inf
        for y in heights:
            top = round(y) - ink.rise
            spot = Box(x, top, x + wide, top + tall).grown(gap)
            over = sum(_overlap(spot, box) for box in busy)
            if over < least:
                best, least = y, over
            if over <= 0:
                break
        placed.append(_place("lead", legible(text), size, x, best))
    return placed


def _in_gutter(frame: Frame, trace: PageTrace, size: float) -> TextPlace:
    px = frame.scale.px_per_mm
    text = legible(trace.label.replace("-", MINUS))
    begin, room = (mm * px for mm in GUTTER_NAME_MM)
    size = max(LEAST_NAME_MM * px, size * min(1.0, room / text_width(text, size)))
    text = elide(text, size, 1.01 * room)
    middle = label("V", size).rise / 2
    return _place("lead", text, size, frame.left + begin, trace.y0 + middle)


def _heights(frame: Frame, y0: float, tall_mm: float) -> list[float]:
    """Where a name may stand, mm above the baseline, the best place first."""
    px = frame.scale.px_per_mm
    pitch = min(np.diff(frame.rows), default=frame.bottom - frame.top) / px
    highest = min(max(0.8 * pitch, NAME_Y_MM), (y0 - frame.top) / px - tall_mm - 1)
    lowest = min(max(0.5 * pitch, 8.0), (frame.bottom - y0) / px - 1)
    upward = np.arange(NAME_Y_MM, highest + 1e-6, _STEP_MM)
    between = np.arange(NAME_Y_MM - _STEP_MM, LEAST_NAME_Y_MM - 1e-6, -_STEP_MM)
    under = -np.arange(LEAST_NAME_Y_MM + tall_mm, lowest + 1e-6, _STEP_MM)
    return [*upward, *between, *under] or [NAME_Y_MM]


def _in_the_way(
    frame: Frame,
    traces: Sequence[PageTrace],
    lines: Sequence[Floats],
    rate: float,
    zone: Box,
) -> Iterable[tuple[float, float]]:
    """Upper and lower edge of each trace where it passes through `zone`, px."""
    per_sample, px_per_mv = frame.scale.px_per_s / rate, frame.scale.px_per_mv
    for trace, line in zip(traces, lines, strict=True):
        if not trace.box.meets(zone):
            continue
        begin = max(0, math.floor((zone.left - trace.x0) / per_sample))
        end = max(0, math.ceil((zone.right - trace.x0) / per_sample) + 1)
        passing = line[begin:end]
        if not len(passing):
            continue
        low, high = float(passing.min()), float(passing.max())
        if math.isnan(low):
            low, high = float(np.fmin.reduce(passing)), float(np.fmax.reduce(passing))
        if not math.isnan(low):
            yield trace.y0 - high * px_per_mv, trace.y0 - low * px_per_mv


def _overlap(one: Box, other: Box) -> float:
    wide = min(one.right, other.right) - max(one.left, other.left)
    tall = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(0.0, wide) * max(0.0, tall)
