"""The strip: one lead, one picture, as long and as tall as the lead itself."""

from __future__ import annotations

from collections.abc import Iterator

from ecgmpi.drawing.page.trace_selection import line
from ecgmpi.drawing.picture import Picture
from ecgmpi.drawing.raster.canvas import Canvas
from ecgmpi.drawing.raster.stroke_plan import Floats
from ecgmpi.drawing.raster.trace_pixels import add_trace
from ecgmpi.drawing.scene import ink
from ecgmpi.ecg.record import Record
from ecgmpi.layouts import STRIP

from .background import background
from .geometry import StripOptions, StripSheet, laid_out, strip_sheet


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
        See `laid_out`.
    """
    for lead in record.leads:
        laid_out(record, lead, options)


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
        See `laid_out`.
    """
    return _picture(record, strip_sheet(record, lead, options or StripOptions()))


def _picture(record: Record, sheet: StripSheet) -> Picture:
    (trace,) = sheet.traces
    samples = line(record, trace)
    return Picture(
        paint=lambda: _painted(sheet, samples),
        sheet=sheet,
        lines=(samples,),
        record=record.name,
        lead=trace.lead,
        start=record.start,
        n_samples=record.n_samples,
        notes=(*record.notes, *sheet.notes),
    )


def _painted(sheet: StripSheet, samples: Floats) -> Canvas:
    canvas = Canvas(background(sheet.frame, sheet.style))
    for text in sheet.texts:
        if text.kind == "title":
            canvas.add_text(ink(text), text.x, text.baseline)
    canvas.open_for(trace.box for trace in sheet.traces)
    add_trace(canvas.rows, samples, sheet.placement(sheet.traces[0]))
    return canvas


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
        # Each is laid out before any is drawn, and once.
        laid = [laid_out(record, lead, options) for lead in record.leads]
        for lead, one in zip(record.leads, laid, strict=True):
            yield _picture(record, strip_sheet(record, lead, options, one))
