"""Places of lead names: above the beginnings of their traces, clear of every trace."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ecgmpi.drawing.frame import Box, Frame
from ecgmpi.drawing.raster.glyphs import MINUS, elide, label, legible, text_width
from ecgmpi.drawing.raster.palette import Style
from ecgmpi.drawing.raster.stroke import Floats
from ecgmpi.drawing.scene import TextPlace, TracePlace, placed

from .trace_selection import RHYTHM, extremes

GUTTER_NAME_MM = (0.6, 7.4)
"""Where a name begins in a gutter, and its greatest width there; longer names shrink."""
GUTTER_NAME_Y_MM = 0.7
"""In a gutter, a name stands on the baseline."""
LEAST_NAME_MM = 2.2
NAME_X_MM = 1.2
"""Distance of a lead name from the first sample of its trace."""
NAME_Y_MM = 6.0
"""Height of a lead name above the baseline if nothing is in its way."""
LEAST_NAME_Y_MM = 3.0
CLEAR_MM = 0.5
"""Least distance between a name and a trace."""
_STEP_MM = 1.0
_ASIDE_MM = (0.0, 3.0, 6.0, 9.0, 12.0, 15.0)


def lead_names(
    frame: Frame,
    traces: Sequence[TracePlace],
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
        Each trace and its line: float32, shape (n_samples,), mV from the baseline, NaN in
        gaps.
    rate
        Samples per second, Hz.
    style
        Sizes.

    Returns
    -------
    list
        One `TextPlace` per trace. If no place near its beginning is clear, the one with
        the least overlap.
    """
    size = style.lead_mm * frame.scale.px_per_mm
    if frame.gutter:
        return [_in_gutter(frame, trace, size) for trace in traces]
    page = _Page(frame, tuple(zip(traces, lines, strict=True)), rate)
    names: list[TextPlace] = []
    for trace in traces:
        names.append(page.clearest(trace, size, names))
    return names


def _in_gutter(frame: Frame, trace: TracePlace, size: float) -> TextPlace:
    px = frame.scale.px_per_mm
    text = legible(trace.label.replace("-", MINUS))
    begin, room = (mm * px for mm in GUTTER_NAME_MM)
    # A name may be empty.
    wide = max(room, text_width(text, size))
    size = max(LEAST_NAME_MM * px, size * room / wide)
    text = elide(text, size, 1.01 * room)
    return placed("lead", text, size, frame.left + begin, trace.y0 - GUTTER_NAME_Y_MM * px)


@lru_cache(maxsize=256)
def _heights(frame: Frame, y0: float, tall: int) -> tuple[float, ...]:
    """Possible baselines of a name, y in px, the best first."""
    px = frame.scale.px_per_mm
    pitch = min(np.diff(frame.rows), default=frame.bottom - frame.top) / px
    highest = min(max(0.8 * pitch, NAME_Y_MM), (y0 - frame.top - tall) / px - 1)
    lowest = min(max(0.5 * pitch, 8.0), (frame.bottom - y0) / px - 1)
    upward = np.arange(NAME_Y_MM, highest + 1e-6, _STEP_MM)
    between = np.arange(NAME_Y_MM - _STEP_MM, LEAST_NAME_Y_MM - 1e-6, -_STEP_MM)
    under = -np.arange(LEAST_NAME_Y_MM + tall / px, lowest + 1e-6, _STEP_MM)
    heights = [*upward, *between, *under] or [NAME_Y_MM]
    return tuple(y0 - float(mm) * px for mm in heights)


@dataclass(frozen=True, slots=True)
class _Page:
    """What a name must keep clear of."""

    frame: Frame
    lines: tuple[tuple[TracePlace, Floats], ...]
    rate: float

    def clearest(self, trace: TracePlace, size: float, names: list[TextPlace]) -> TextPlace:
        """Give the first clear place for the name of a trace, else the one with least overlap."""
        frame, px = self.frame, self.frame.scale.px_per_mm
        gap = CLEAR_MM * px
        text = legible(trace.label.replace("-", MINUS))
        ink = label(text, size)
        tall, wide = ink.classes.shape
        heights = _heights(frame, trace.y0, tall)
        best, least = (0.0, 0.0), math.inf
        for aside in _ASIDE_MM:
            x = round(trace.x0 + (NAME_X_MM + aside) * px)
            if aside and x + wide + gap > self._end(trace):
                break
            zone = Box(x - gap, min(heights) - tall - gap, x + wide + gap, max(heights) + gap)
            busy = [*self._in_the_way(zone), *(name.box for name in names if name.box.meets(zone))]
            for y in heights:
                top = round(y) - ink.rise
                spot = Box(x, top, x + wide, top + tall).grown(gap)
                over = sum(_overlap(spot, box) for box in busy)
                if over < least:
                    best, least = (x, y), over
                if over <= 0:
                    return placed("lead", text, size, x, y)
        return placed("lead", text, size, *best)

    def _end(self, trace: TracePlace) -> float:
        """Where the column of a trace ends, px."""
        ends = (*self.frame.columns[1:], self.frame.seconds)
        seconds = self.frame.seconds if trace.column == RHYTHM else ends[trace.column]
        return self.frame.start + seconds * self.frame.scale.px_per_s

    def _in_the_way(self, zone: Box) -> Iterator[Box]:
        """Give the part of the zone that each trace occupies."""
        scale = self.frame.scale
        per_sample = scale.px_per_s / self.rate
        for trace, line in self.lines:
            if not trace.box.meets(zone):
                continue
            begin = max(0, math.floor((zone.left - trace.x0) / per_sample))
            end = max(0, math.ceil((zone.right - trace.x0) / per_sample) + 1)
            low, high = extremes(line[begin:end])
            if not math.isnan(low):
                above, below = (trace.y0 - mv * scale.px_per_mv for mv in (high, low))
                yield Box(zone.left, above, zone.right, below)


def _overlap(one: Box, other: Box) -> float:
    wide = min(one.right, other.right) - max(one.left, other.left)
    tall = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(0.0, wide) * max(0.0, tall)
