"""The geometry of a picture, strip or page: all of it is known before a pixel exists.

A picture is drawn from its `Sheet`, and its metadata and annotation come from there, too.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from ecgmpi.geometry import Scale

from .frame import Box
from .raster.glyphs import Text, label, typeset
from .raster.grid import Gridded
from .raster.palette import Style
from .raster.stroke_plan import Placement

Kind = Literal["lead", "header", "footer", "title", "axis", "unit", "scale"]
"""Kinds of text: the first three on a page, the others on a strip."""
_OF_ONE_PICTURE = ("header", "title")


class TextPlace(NamedTuple):
    """A line of text on a picture.

    Attributes
    ----------
    kind
        Its role.
    text
        As it is drawn.
    size
        Height of the em, px.
    x, baseline
        Where it begins, px; both whole.
    box
        Extent of its ink, px.
    """

    kind: Kind
    text: str
    size: float
    x: int
    baseline: int
    box: Box


def placed(kind: Kind, text: str, size: float, x: float, y: float) -> TextPlace:
    """Place a line of text that begins at `x` and stands on `y`, px."""
    typed = _typed(kind, text, size)
    left, baseline = round(x), round(y)
    tall, wide = typed.classes.shape
    top = baseline - typed.rise
    return TextPlace(kind, text, size, left, baseline, Box(left, top, left + wide, top + tall))


def ink(text: TextPlace) -> Text:
    """Give a line of text as it is drawn."""
    return _typed(text.kind, text.text, text.size)


def _typed(kind: Kind, text: str, size: float) -> Text:
    return (_passing if kind in _OF_ONE_PICTURE else label)(text, size)


@lru_cache(maxsize=4)
def _passing(text: str, size: float) -> Text:
    """Typeset a text that occurs once, in a small cache that keeps it until it is drawn."""
    return typeset(text, size)


class TracePlace(NamedTuple):
    """One line of a picture.

    Sample k of the recording, from `first` up to but not including `last`, lies at
    ``x = x0 + (k - first) * px_per_s / rate``, ``y = y0 - (sign * mV - offset) * px_per_mv``.

    Attributes
    ----------
    label
        The text beside it: the name of the lead, ``-aVR`` for inverted aVR.
    lead
        The lead of the recording.
    sign
        1, or -1 if it is inverted.
    row, column
        Its place on a page, from 0; column `RHYTHM`, -1, is a rhythm strip. On a strip 0.
    first, last
        Range of samples.
    x0
        Of its first sample, px.
    y0
        Of the baseline, px.
    offset
        What lies on the baseline, mV.
    low, high
        Extremes of the line, mV from the baseline; NaN if there is no sample.
    box
        Extent of its stroke, px.
    """

    label: str
    lead: str
    sign: int
    row: int
    column: int
    first: int
    last: int
    x0: float
    y0: float
    offset: float
    low: float
    high: float
    box: Box


@dataclass(frozen=True, slots=True)
class Sheet(ABC):
    """A picture, laid out.

    Attributes
    ----------
    layout
        Name of the layout.
    frame
        Size of the picture, scale, and the box and phase of the grid.
    style
        Colours, widths, sizes.
    rate
        Samples per second, Hz.
    traces
        Every line; on a page column by column, rhythm strips last.
    texts
        Every line of text.
    baseline
        What was subtracted from each lead: nothing (``none``), or its ``median``.
    notes
        What a reader of the picture alone must know about its layout, in words.
    """

    layout: str
    frame: Gridded
    style: Style
    rate: float
    traces: tuple[TracePlace, ...]
    texts: tuple[TextPlace, ...]
    baseline: str
    notes: tuple[str, ...]

    @property
    def scale(self) -> Scale:
        """Pixels per millimetre, second, millivolt."""
        return self.frame.scale

    @property
    def pulses(self) -> tuple[Box, ...]:
        """Calibration pulses: middle lines of their strokes."""
        return ()

    @property
    def separators(self) -> tuple[tuple[float, float], ...]:
        """Where columns of a page meet: (x, baseline), px."""
        return ()

    @property
    @abstractmethod
    def origin(self) -> tuple[float, float]:
        """X of the first second and y of the baseline, of the first row of a page, px."""

    @property
    @abstractmethod
    def metadata(self) -> dict[str, object]:
        """The geometry stated in the text chunk of the PNG, ready for JSON."""

    @property
    def facts(self) -> dict[str, object]:
        """What an annotation states of this kind of picture only, ready for JSON."""
        return {}

    def placement(self, trace: TracePlace) -> Placement:
        """Where and how wide a trace is drawn."""
        return placement(trace.x0, trace.y0, self.scale, self.rate, self.style)


def placement(x0: float, y0: float, scale: Scale, rate: float, style: Style) -> Placement:
    """Place a trace that begins at `x0` and whose baseline is at `y0`, px."""
    return Placement(
        x0=x0,
        y0=y0,
        px_per_sample=scale.px_per_s / rate,
        px_per_mv=scale.px_per_mv,
        radius=style.trace_mm * scale.px_per_mm / 2,
    )


def stroke_box(place: Placement, x0: float, y0: float, n: int, low: float, high: float) -> Box:
    """Give the extent of the stroke of `n` samples from `low` to `high` mV from the baseline.

    It begins at `x0`, on a baseline at `y0`, px; of `place`, its scale and width count. If there
    is no sample (`low` is NaN), it is a point.
    """
    if math.isnan(low):
        return Box(x0, y0, x0, y0)
    radius = place.radius
    return Box(
        x0 - radius,
        y0 - high * place.px_per_mv - radius,
        x0 + (n - 1) * place.px_per_sample + radius,
        y0 - low * place.px_per_mv + radius,
    )
