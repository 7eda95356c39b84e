"""The geometry of a strip, or why it cannot be drawn."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecgmpi.drawing.baseline import BASELINES, MEDIAN, NONE, median
from ecgmpi.drawing.page.trace_selection import extremes
from ecgmpi.drawing.raster.palette import RED, Style
from ecgmpi.drawing.scene import Sheet, TracePlace, placement, stroke_box
from ecgmpi.drawing.size_limits import RASTER, SizeLimits, check_range
from ecgmpi.ecg.record import Record
from ecgmpi.errors import UsageError
from ecgmpi.geometry import Scale, StripGeometry, amplitude_range, strip_geometry
from ecgmpi.layouts import STRIP

from .labels import axis_texts, title


@dataclass(frozen=True, slots=True)
class StripOptions:
    """How a strip is drawn.

    Attributes
    ----------
    speed
        Paper speed, mm/s.
    gain
        Amplitude, mm/mV.
    dpi
        Pixels per inch.
    style
        Colours, widths, sizes.
    baseline
        What lies on the line of 0 mV: 0 mV itself (``none``), or the ``median`` of the lead.
    leads
        Leads to draw, in order; None for all.
    limits
        How large a picture may be.
    """

    speed: float = 25.0
    gain: float = 10.0
    dpi: float = 400.0
    style: Style = RED
    baseline: str = NONE
    leads: tuple[str, ...] | None = None
    limits: SizeLimits = RASTER
    scale: Scale = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.baseline not in BASELINES:
            raise UsageError(f"baseline {self.baseline!r}: choose from {', '.join(BASELINES)}")
        object.__setattr__(self, "scale", Scale(self.speed, self.gain, self.dpi))


@dataclass(frozen=True, slots=True)
class StripSheet(Sheet):
    """A strip, laid out: one trace, no pulse and no separator.

    Attributes
    ----------
    frame
        As in `Sheet`, and the ranges of the axes.
    """

    frame: StripGeometry

    @property
    def origin(self) -> tuple[float, float]:
        """X of the first sample and y of the baseline, px."""
        return float(self.frame.x0), self.frame.y0

    @property
    def metadata(self) -> dict[str, object]:
        """The geometry stated in the text chunk of the PNG, ready for JSON."""
        (trace,) = self.traces
        said: dict[str, object] = {"lead": trace.lead, "origin": list(self.origin)}
        if self.baseline != NONE:
            said |= {"baseline": self.baseline, "offset_mv": trace.offset}
        return said


def strip_sheet(
    record: Record,
    lead: str,
    options: StripOptions,
    laid: tuple[StripGeometry, TracePlace] | None = None,
) -> StripSheet:
    """Lay out the strip of one lead, or refuse it; nothing is drawn.

    Parameters
    ----------
    record
        The recording.
    lead
        One of its leads.
    options
        Scale and style.
    laid
        What `laid_out` gives; None to call it.

    Returns
    -------
    StripSheet

    Raises
    ------
    RecordingError
        See `laid_out`.
    """
    geometry, trace = laid or laid_out(record, lead, options)
    style = options.style
    return StripSheet(
        layout=STRIP,
        frame=geometry,
        style=style,
        rate=record.rate,
        traces=(trace,),
        texts=(title(f"{record.name}_{lead}", geometry, style), *axis_texts(geometry, style)),
        baseline=options.baseline,
        notes=(),
    )


def laid_out(record: Record, lead: str, options: StripOptions) -> tuple[StripGeometry, TracePlace]:
    """Give the grid and axes of the strip of one lead and the place of its trace, or refuse it.

    Parameters
    ----------
    record
        The recording.
    lead
        One of its leads.
    options
        Scale and style.

    Returns
    -------
    tuple

    Raises
    ------
    RecordingError
        The lead holds an infinite value or one beyond a million millivolts, or its strip
        would exceed the limits of the format.
    """
    samples = record[lead]
    low, high = extremes(samples)
    check_range(lead, low, high)
    scale = options.scale
    offset = median(samples) if options.baseline == MEDIAN else 0.0
    low, high = low - offset, high - offset
    # Computed before anything of that size exists.
    geometry = strip_geometry(scale, record.duration, *amplitude_range(low, high))
    options.limits.check(
        f"the strip of lead {lead}",
        geometry,
        len(samples),
        because=lambda: (
            f"{record.duration:g} s from {low:g} to {high:g} mV at {scale.speed:g} mm/s, "
            f"{scale.gain:g} mm/mV and {scale.dpi:g} dpi"
        ),
        instead="a page (--layout 3x4)",
        highest=max(-low, high, 0.0),
    )
    x0, y0 = float(geometry.x0), geometry.y0
    place = placement(x0, y0, scale, record.rate, options.style)
    return geometry, TracePlace(
        label=lead,
        lead=lead,
        sign=1,
        row=0,
        column=0,
        first=0,
        last=len(samples),
        x0=x0,
        y0=y0,
        offset=offset,
        low=low,
        high=high,
        box=stroke_box(place, x0, y0, len(samples), low, high),
    )
