"""The strip: one lead, one picture, as long and as tall as the lead itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing.page.trace_selection import line
from ecgmpi.drawing.picture import Picture
from ecgmpi.drawing.raster.stroke import Floats
from ecgmpi.drawing.raster.template_cache import add_text
from ecgmpi.drawing.raster.trace_pixels import add_trace
from ecgmpi.drawing.scene import ink
from ecgmpi.ecg.record import Record
from ecgmpi.layouts import STRIP

from .geometry import StripOptions, StripSheet, lead_geometry, strip_sheet
from .template import template


def check_size(record: Record, options: StripOptions) -> None:
    """Refuse a recording if any strip would be too large, before anything is drawn.

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
    sheet = strip_sheet(record, lead, options or StripOptions())
    (trace,) = sheet.traces
    samples = line(record, trace)
    return Picture(
        paint=lambda: _painted(sheet, samples),
        sheet=sheet,
        lines=(samples,),
        record=record.name,
        lead=lead,
        start=record.start,
        n_samples=record.n_samples,
        notes=(*record.notes, *sheet.notes),
    )


def _painted(sheet: StripSheet, samples: Floats) -> npt.NDArray[np.uint8]:
    """Draw a strip into new rows."""
    rows = template(sheet.frame, sheet.style)
    for text in sheet.texts:
        if text.kind == "title":
            add_text(rows, ink(text), text.x, text.baseline)
    add_trace(rows, samples, sheet.placement(sheet.traces[0]))
    return rows


class StripLayout:
    """One picture per lead."""

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
