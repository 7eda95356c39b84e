"""The strip: one lead, one picture, as long and as tall as the lead itself."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from ecgmpi.errors import FailureKind, RecordingError, UsageError
from ecgmpi.geometry import Scale, StripGeometry, amplitude_range, strip_geometry
from ecgmpi.layouts import STRIP
from ecgmpi.record import Record

from .baseline import BASELINES, MEDIAN, NONE, median
from .glyphs import elide, legible, typeset
from .limits import MOST_PIXELS, check_range
from .paper import add_text, caption_y, template, title_room, title_x
from .picture import Picture
from .stroke import Placement
from .style import RED, Style
from .trace import add_trace


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
    """

    speed: float = 25.0
    gain: float = 10.0
    dpi: float = 400.0
    style: Style = RED
    baseline: str = NONE
    leads: tuple[str, ...] | None = None
    scale: Scale = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.baseline not in BASELINES:
            raise UsageError(f"baseline {self.baseline!r}: choose from {', '.join(BASELINES)}")
        object.__setattr__(self, "scale", Scale(self.speed, self.gain, self.dpi))


def lead_offset(record: Record, lead: str, options: StripOptions) -> float:
    """Give what is taken off a lead, mV."""
    return median(record[lead]) if options.baseline == MEDIAN else 0.0


def lead_geometry(record: Record, lead: str, options: StripOptions) -> StripGeometry:
    """Lay out the strip of one lead, or refuse it.

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
    StripGeometry

    Raises
    ------
    RecordingError
        The lead holds an infinite value or one beyond a million millivolts, or its strip
        would be over 100 megapixels.
    """
    samples = record[lead]
    low, high = float(samples.min()), float(samples.max())
    if math.isnan(low):
        low, high = float(np.fmin.reduce(samples)), float(np.fmax.reduce(samples))
    check_range(lead, low, high)
    scale = options.scale
    offset = lead_offset(record, lead, options)
    low, high = low - offset, high - offset
    bottom, top = amplitude_range(low, high)
    # Computed before anything of that size exists.
    geometry = strip_geometry(scale, record.duration, bottom, top)
    if geometry.width * geometry.height > MOST_PIXELS:
        raise RecordingError(
            FailureKind.TOO_LARGE,
            f"the strip of lead {lead} would be {geometry.width} x {geometry.height} pixels, "
            f"over {MOST_PIXELS // 1_000_000} megapixels: {record.duration:g} s from "
            f"{low:g} to {high:g} mV at {scale.speed:g} mm/s, {scale.gain:g} mm/mV and "
            f"{scale.dpi:g} dpi",
            "if those are not millivolts say what they are with --units; or draw less with "
            "--duration, smaller with --gain, --speed or --dpi, or a page (--layout 3x4)",
        )
    return geometry


def check_size(record: Record, options: StripOptions) -> None:
    """Refuse a recording any of whose strips is too large, before anything is drawn.

    Parameters
    ----------
    record
        The recording.
    options
        Scale and style.

    Raises
    ------
    RecordingError
        See `lead_geometry`.
    """
    for lead in record.leads:
        lead_geometry(record, lead, options)


def draw_strip(record: Record, lead: str, options: StripOptions | None = None) -> Picture:
    """Draw one lead.

    Parameters
    ----------
    record
        The recording.
    lead
        One of its leads.
    options
        Scale and style; None for 25 mm/s, 10 mm/mV, 400 dpi, red paper.

    Returns
    -------
    Picture

    Raises
    ------
    RecordingError
        See `lead_geometry`.
    """
    options = options or StripOptions()
    style, scale = options.style, options.scale
    geometry = lead_geometry(record, lead, options)
    rows = template(geometry, style)

    px = scale.px_per_mm
    size = style.title_mm * px
    title = elide(legible(f"{record.name}_{lead}"), size, title_room(geometry, style))
    add_text(rows, typeset(title, size), title_x(geometry), caption_y(geometry))

    place = Placement(
        x0=float(geometry.x0),
        y0=geometry.y0,
        px_per_sample=scale.px_per_s / record.rate,
        px_per_mv=scale.px_per_mv,
        radius=style.trace_mm * px / 2,
    )
    samples, offset = record[lead], lead_offset(record, lead, options)
    add_trace(rows, samples - np.float32(offset) if offset else samples, place)
    return Picture(
        rows=rows,
        palette=style.palette,
        record=record.name,
        lead=lead,
        scale=scale,
        origin=(float(geometry.x0), geometry.y0),
        rate=record.rate,
        start=record.start,
        n_samples=record.n_samples,
        baseline=options.baseline,
        offset=offset,
    )


class StripLayout:
    """A picture a lead."""

    name = STRIP
    options = StripOptions
    one_page = False

    def part(self, record: Record, options: StripOptions) -> Record:
        """Keep the leads that are drawn."""
        return record.select(options.leads)

    def check(self, record: Record, options: StripOptions) -> None:
        """Refuse what cannot be drawn; see `check_size`."""
        check_size(record, options)

    def pictures(self, record: Record, options: StripOptions) -> Iterator[Picture]:
        """Draw every lead, in the order of the recording, or refuse it before the first."""
        record = self.part(record, options)
        self.check(record, options)
        for lead in record.leads:
            yield draw_strip(record, lead, options)
