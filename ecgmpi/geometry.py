"""Millimetres and pixels: the scale of a picture and the geometry of a strip.

Pixel coordinates are continuous: the top left corner of the picture, which is the
top left corner of pixel (0, 0), is (0.0, 0.0); x grows to the right, y downwards, and
the centre of pixel (column, row) is (column + 0.5, row + 0.5). Sample k of a lead lies
at ``x = x0 + k * px_per_s / rate`` and ``y = y0 - mV * px_per_mv``.

Nothing here draws: it is arithmetic only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .errors import UsageError

MM_PER_INCH = 25.4
MINOR_MM = 1.0
"""Distance between grid lines, mm."""
BOLD_MM = 5.0
"""Distance between bold grid lines, mm."""
AMPLITUDE_STEP_MV = 0.5
"""An amplitude range grows outwards to whole multiples of this, mV."""
TIME_STEP_S = 0.2
"""A time axis grows to a whole multiple of this, s."""
LEAST_DPI, MOST_DPI = 20.0, 10_000.0
LEAST_SCALE, MOST_SCALE = 0.01, 10_000.0
"""Range of speed, mm/s, and gain, mm/mV: from a day in under a metre to a microvolt in 10 mm."""
MOST_DURATION_S = 1e7
"""Longest row of a page or part of a recording, s: more than a hundred days."""

# Slack for quotients that are whole numbers but for rounding: 0.6 / 0.2 is 2.9999999999999996.
_SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Scale:
    """The size of a second and of a millivolt.

    Attributes
    ----------
    speed
        Paper speed, mm/s.
    gain
        Amplitude, mm/mV.
    dpi
        Pixels per inch.

    Examples
    --------
    >>> scale = Scale(speed=25, gain=10, dpi=254)
    >>> scale.px_per_mm, scale.px_per_s, scale.px_per_mv
    (10.0, 250.0, 100.0)
    """

    speed: float = 25.0
    gain: float = 10.0
    dpi: float = 400.0

    def __post_init__(self) -> None:
        for name, unit, least, most in (
            ("speed", "mm/s", LEAST_SCALE, MOST_SCALE),
            ("gain", "mm/mV", LEAST_SCALE, MOST_SCALE),
            ("dpi", "pixels per inch", LEAST_DPI, MOST_DPI),
        ):
            value = getattr(self, name)
            if not least <= value <= most:
                raise UsageError(
                    f"{name} must be a number of {unit} from {least:g} to {most:g}, not {value}"
                )

    @property
    def px_per_mm(self) -> float:
        """Pixels per millimetre."""
        return self.dpi / MM_PER_INCH

    @property
    def px_per_s(self) -> float:
        """Pixels per second."""
        return self.speed * self.dpi / MM_PER_INCH

    @property
    def px_per_mv(self) -> float:
        """Pixels per millivolt."""
        return self.gain * self.dpi / MM_PER_INCH

    @property
    def px_per_metre(self) -> int:
        """Pixels per metre, rounded, as the pHYs chunk of a PNG says it."""
        return round(self.dpi * 1000.0 / MM_PER_INCH)


@dataclass(frozen=True, slots=True)
class Margins:
    """Paper around the grid, mm."""

    left: float
    top: float
    right: float
    bottom: float


STRIP_MARGINS = Margins(left=12.0, top=9.5, right=7.0, bottom=7.5)
LEAST_STRIP_MM = 50.0
"""A strip is at least this wide, so that a title fits above even one sample."""
FAR_FROM_ZERO_MV = 2.0
"""A lead that stays further than this from zero, mV, is drawn without the zero line."""


@dataclass(frozen=True, slots=True)
class StripGeometry:
    """Where everything lies on a strip; in pixels unless stated otherwise.

    Attributes
    ----------
    scale
        Size of a second and a millivolt.
    width, height
        Of the picture.
    x0
        Of t = 0: a whole number, so the columns of the grid do not depend on the range.
    y0
        Of 0 mV: a whole number and a half, the centre of a row, for the same reason. It
        is outside the picture if the range does not include zero.
    left, top, right, bottom
        Edges of the grid: whole multiples of 5 mm from (x0, y0).
    seconds
        Length of the time axis, s.
    low, high
        Range of the amplitude axis, mV.
    """

    scale: Scale
    width: int
    height: int
    x0: int
    y0: float
    left: float
    top: float
    right: float
    bottom: float
    seconds: float
    low: float
    high: float

    def x(self, seconds: float) -> float:
        """Where a time lies, px."""
        return self.x0 + seconds * self.scale.px_per_s

    def y(self, millivolts: float) -> float:
        """Where an amplitude lies, px."""
        return self.y0 - millivolts * self.scale.px_per_mv


def _up(value: float, step: float) -> int:
    return math.ceil(value / step - _SLACK)


def amplitude_range(low: float, high: float) -> tuple[float, float]:
    """Grow the extremes of a lead outwards to the range of its axis.

    The range consists of whole steps of 0.5 mV. It includes -0.5 to 0.5 mV unless the lead
    stays more than 2 mV away from zero; then it covers the lead alone.

    Parameters
    ----------
    low, high
        Least and greatest sample, mV, finite; NaN for a lead without any sample.

    Returns
    -------
    low, high : float
        The range, mV.

    Examples
    --------
    >>> amplitude_range(-0.12, 0.83)
    (-0.5, 1.0)
    >>> amplitude_range(7.1, 7.3)
    (7.0, 7.5)
    """
    if math.isnan(low) or math.isnan(high):
        return -AMPLITUDE_STEP_MV, AMPLITUDE_STEP_MV
    # No slack here: a sample a hair above the last step would lie outside.
    first = math.floor(low / AMPLITUDE_STEP_MV)
    last = math.ceil(high / AMPLITUDE_STEP_MV)
    if low <= FAR_FROM_ZERO_MV and high >= -FAR_FROM_ZERO_MV:
        first, last = min(first, -1), max(last, 1)
    if first == last:
        last += 1
    return first * AMPLITUDE_STEP_MV, last * AMPLITUDE_STEP_MV


def strip_geometry(
    scale: Scale, seconds: float, low: float, high: float, margins: Margins = STRIP_MARGINS
) -> StripGeometry:
    """Lay out a strip.

    Parameters
    ----------
    scale
        Size of a second and a millivolt.
    seconds
        Length of the recording, s; the axis grows to whole steps of 0.2 s.
    low, high
        Range of the amplitude axis, mV, from `amplitude_range`.
    margins
        Paper around the grid.

    Returns
    -------
    StripGeometry
        The grid extends outwards from the axes to the next bold line, so that bold lines
        frame it at any speed and gain.
    """
    px = scale.px_per_mm
    steps = max(1, _up(seconds, TIME_STEP_S))
    end = steps / round(1 / TIME_STEP_S)
    box_width = _up(end * scale.speed, BOLD_MM) * BOLD_MM
    above = _up(high * scale.gain, BOLD_MM) * BOLD_MM
    below = _up(-low * scale.gain, BOLD_MM) * BOLD_MM

    x0 = math.ceil(margins.left * px)
    y0 = math.ceil((margins.top + above) * px) + 0.5
    width = max(margins.left + box_width + margins.right, LEAST_STRIP_MM) * px
    return StripGeometry(
        scale=scale,
        width=math.ceil(width) + 1,
        height=math.ceil(y0 + (below + margins.bottom) * px),
        x0=x0,
        y0=y0,
        left=float(x0),
        top=y0 - above * px,
        right=x0 + box_width * px,
        bottom=y0 + below * px,
        seconds=end,
        low=low,
        high=high,
    )
