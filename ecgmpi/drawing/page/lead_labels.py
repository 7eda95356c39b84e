"""Places of lead names: above the beginnings of their traces, clear of every trace."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from ecgmpi.drawing.frame import Box, Frame
from ecgmpi.drawing.raster.glyphs import MINUS, elide, label, legible, text_width
from ecgmpi.drawing.raster.palette import Style
from ecgmpi.drawing.raster.stroke_plan import Floats
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
    page = _Page(frame, traces, lines, rate)
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


_Spot = tuple[float, float, float]
"""A baseline that a name may stand on, and the top and bottom of what must be clear, px."""


@lru_cache(maxsize=256)
def _spots(
    px: float, pitch: float, top: float, bottom: float, y0: float, tall: int, rise: int
) -> tuple[tuple[_Spot, ...], float, float]:
    """Places for a name of some height and rise, px, the best first; and their top and bottom.

    The baseline of the trace is at `y0`, `pitch` is the distance between rows, mm, and the grid
    goes from `top` to `bottom`, px.
    """
    highest = min(max(0.8 * pitch, NAME_Y_MM), (y0 - top - tall) / px - 1)
    lowest = min(max(0.5 * pitch, 8.0), (bottom - y0) / px - 1)
    upward = np.arange(NAME_Y_MM, highest + 1e-6, _STEP_MM)
    between = np.arange(NAME_Y_MM - _STEP_MM, LEAST_NAME_Y_MM - 1e-6, -_STEP_MM)
    under = -np.arange(LEAST_NAME_Y_MM + tall / px, lowest + 1e-6, _STEP_MM)
    gap = CLEAR_MM * px
    heights = [*upward, *between, *under] or [NAME_Y_MM]
    baselines = [y0 - float(mm) * px for mm in heights]
    spots = tuple((y, round(y) - rise - gap, round(y) - rise + tall + gap) for y in baselines)
    return spots, min(baselines) - tall - gap, max(baselines) + gap


@lru_cache(maxsize=256)
def _typed(label_: str, size: float) -> tuple[str, int, int, int]:
    """Give a lead name as it is drawn, and the height, width and rise of its ink, px."""
    text = legible(label_.replace("-", MINUS))
    ink = label(text, size)
    return text, *ink.classes.shape, ink.rise


@lru_cache(maxsize=1024)
def _name(text: str, size: float, x: int, y: float) -> TextPlace:
    """Place a lead name; most are in the same place on the next page."""
    return placed("lead", text, size, x, y)


_Bar = tuple[float, float, float]
"""What is in the way of a name: its top and bottom, and the width that the two share, px."""


class _Page:
    """What a name must keep clear of.

    Rectangles are plain tuples: names are tried in hundreds of places a page.
    """

    def __init__(
        self, frame: Frame, traces: Sequence[TracePlace], lines: Sequence[Floats], rate: float
    ) -> None:
        self._frame = frame
        self._px = px = frame.scale.px_per_mm
        apart = (lower - upper for upper, lower in pairwise(frame.rows))
        self._pitch = min(apart, default=frame.bottom - frame.top) / px
        self._per_sample = frame.scale.px_per_s / rate
        self._per_mv = frame.scale.px_per_mv
        self._strokes = [
            (trace.box.top, trace.box.bottom, trace, line)
            for trace, line in zip(traces, lines, strict=True)
        ]

    def clearest(self, trace: TracePlace, size: float, names: list[TextPlace]) -> TextPlace:
        """Give the first clear place for the name of a trace, else the one with least overlap."""
        frame, px = self._frame, self._px
        gap = CLEAR_MM * px
        text, tall, wide, rise = _typed(trace.label, size)
        spots, top, bottom = _spots(px, self._pitch, frame.top, frame.bottom, trace.y0, tall, rise)
        strokes = [
            (trace, line)
            for begin, end, trace, line in self._strokes
            if begin < bottom and top < end
        ]
        boxes = [name.box for name in names if name.box.top < bottom and top < name.box.bottom]
        x, (y, begin, end) = round(trace.x0 + NAME_X_MM * px), spots[0]
        best_place = Box(x - gap, begin, x + wide + gap, end)
        # Often nothing comes near the best place, and no line has to be looked at.
        if not any(box.meets(best_place) for box in [*(there.box for there, _ in strokes), *boxes]):
            return _name(text, size, x, y)
        tried: list[tuple[int, list[_Bar]]] = []
        for aside in _ASIDE_MM:
            x = round(trace.x0 + (NAME_X_MM + aside) * px)
            left, right = x - gap, x + wide + gap
            if aside and right > self._end(trace):
                break
            busy = [*self._lines_between(left, right, strokes), *_between(left, right, boxes)]
            for y, begin, end in spots:
                for above, below, _ in busy:
                    if begin < below and above < end:
                        break
                else:
                    return _name(text, size, x, y)
            tried.append((x, busy))
        best, least = (0, 0.0), math.inf
        for x, busy in tried:
            for y, begin, end in spots:
                over = sum(
                    shared * max(0.0, min(end, below) - max(begin, above))
                    for above, below, shared in busy
                )
                if over < least:
                    best, least = (x, y), over
        return _name(text, size, *best)

    def _end(self, trace: TracePlace) -> float:
        """Where the column of a trace ends, px."""
        frame = self._frame
        ends = (*frame.columns[1:], frame.seconds)
        seconds = frame.seconds if trace.column == RHYTHM else ends[trace.column]
        return frame.start + seconds * frame.scale.px_per_s

    def _lines_between(
        self, left: float, right: float, strokes: list[tuple[TracePlace, Floats]]
    ) -> Iterator[_Bar]:
        """Give the part of each trace between two edges, px."""
        for trace, line in strokes:
            box = trace.box
            if not (left < box.right and box.left < right):
                continue
            begin = max(0, math.floor((left - trace.x0) / self._per_sample))
            end = max(0, math.ceil((right - trace.x0) / self._per_sample) + 1)
            low, high = extremes(line[begin:end])
            above, below = trace.y0 - high * self._per_mv, trace.y0 - low * self._per_mv
            # A gap covers nothing, nor does a line that is level.
            if above < below:
                yield above, below, right - left


def _between(left: float, right: float, boxes: list[Box]) -> Iterator[_Bar]:
    """Give the part of each rectangle between two edges, px."""
    for box in boxes:
        if left < box.right and box.left < right:
            yield box.top, box.bottom, min(right, box.right) - max(left, box.left)
