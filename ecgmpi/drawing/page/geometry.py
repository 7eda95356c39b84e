"""The geometry of a page, including every text and pulse.

Both the picture and its description are made from a `PageSheet`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ecgmpi.drawing.frame import PULSE_MV, Box, Frame, Needs, make_frame
from ecgmpi.drawing.raster.stroke_plan import Floats, Placement
from ecgmpi.drawing.scene import Sheet, TracePlace, placement, stroke_box
from ecgmpi.drawing.size_limits import SizeLimits
from ecgmpi.ecg.record import Record
from ecgmpi.geometry import Scale
from ecgmpi.layouts import AUTO, FIT, PAPERS, PageSpec

from .header_footer import footer, header
from .lead_labels import lead_names
from .options import PageOptions
from .pagination import PageOfSeries
from .trace_selection import Piece, arranged, line, pieces_of, seconds_shown, source

CLEAR_MM = 0.6
"""Between strokes that do not meet."""


@dataclass(frozen=True, slots=True)
class PageSheet(Sheet):
    """A page, laid out.

    Attributes
    ----------
    frame
        As in `Sheet`, and rows, pulses, separators.
    texts
        Lead names, one a trace in their order, then header and footer.
    auto
        Whether the gain was chosen by `AUTO`.
    leaf
        Which of several pages it is; None for the only one.
    """

    frame: Frame
    auto: bool
    leaf: PageOfSeries | None = None

    @property
    def pulses(self) -> tuple[Box, ...]:
        """The calibration pulse of each row: middle lines of its stroke."""
        return self.frame.pulses

    @property
    def separators(self) -> tuple[tuple[float, float], ...]:
        """The beginnings of columns in each row, except the first: (x, baseline)."""
        return self.frame.separators

    @property
    def origin(self) -> tuple[float, float]:
        """X of the first second and y of the baseline, of the first row, px."""
        return self.frame.start, self.frame.y0

    @property
    def metadata(self) -> dict[str, object]:
        """The geometry stated in the text chunk of the PNG, ready for JSON."""
        leaf = self.leaf
        return ({"page": leaf.number, "pages": leaf.count} if leaf else {}) | {
            "baseline": self.baseline,
            "gain": "auto" if self.auto else "fixed",
            "grown": self.frame.grown,
            "layout": self.layout,
            "paper": self.frame.paper,
            "traces": [
                {
                    "first": trace.first,
                    "last": trace.last,
                    "lead": trace.label,
                    "offset_mv": trace.offset,
                    "origin": [trace.x0, trace.y0],
                }
                for trace in self.traces
            ],
        }

    @property
    def facts(self) -> dict[str, object]:
        """What an annotation states of pages only, ready for JSON."""
        return {
            "paper": self.frame.paper,
            "grown": self.frame.grown,
            "gain_auto": self.auto,
            "separators": [[round(x, 2), y] for x, y in self.separators],
        }


def _needs(pieces: list[Piece], n_rows: int, gain: float, stroke_mm: float) -> Needs:
    pulse = PULSE_MV * gain + stroke_mm
    above, below = [pulse] * n_rows, [stroke_mm] * n_rows
    pitch = [pulse + CLEAR_MM] * (n_rows - 1)
    rows: list[list[Piece]] = [[] for _ in range(n_rows)]
    for piece in pieces:
        if not math.isnan(piece.low):
            rows[piece.slot.row].append(piece)
    for row, drawn in enumerate(rows):
        for piece in drawn:
            above[row] = max(above[row], piece.high * gain + stroke_mm)
            below[row] = max(below[row], -piece.low * gain + stroke_mm)
    for row, (uppers, lowers) in enumerate(pairwise(rows)):
        for upper in uppers:
            for lower in lowers:
                if upper.slot.shares_columns(lower.slot):
                    apart = (lower.high - upper.low) * gain + stroke_mm + CLEAR_MM
                    pitch[row] = max(pitch[row], apart)
    return Needs(tuple(above), tuple(below), tuple(pitch))


def _fits(frame: Frame, needs: Needs) -> bool:
    """Whether no trace meets another on a sheet that is no larger than its paper."""
    if frame.paper == FIT:
        return frame.size_mm[1] <= PAPERS["a4"][1] + 0.5
    px = frame.scale.px_per_mm
    apart = np.diff(frame.rows) / px
    inside = (
        needs.above[0] <= (frame.rows[0] - frame.top) / px
        and needs.below[-1] <= (frame.bottom - frame.rows[-1]) / px
    )
    tall = frame.size_mm[1] <= PAPERS[frame.paper][1] + 0.5
    return bool(inside and tall and all(n <= p for n, p in zip(needs.pitch, apart, strict=True)))


def _placed(piece: Piece, frame: Frame, place: Placement) -> TracePlace:
    """Place a trace; of `place`, its scale and the width of the stroke count."""
    slot = piece.slot
    x0 = frame.start + slot.begin * frame.scale.px_per_s
    y0 = frame.rows[slot.row]
    return TracePlace(
        label=slot.label,
        lead=slot.lead,
        sign=slot.sign,
        row=slot.row,
        column=slot.column,
        first=slot.first,
        last=slot.last,
        x0=x0,
        y0=y0,
        offset=piece.offset,
        low=piece.low,
        high=piece.high,
        box=stroke_box(place, x0, y0, slot.last - slot.first, piece.low, piece.high),
    )


def fitting_scale(page: PageSpec, record: Record, options: PageOptions) -> Scale:
    """Give the scale of a page: the requested one, or the largest that fits.

    Raises
    ------
    RecordingError
        As `page_sheet`.
    """
    _, _, frame = _framed(page, record, options, options.scales)
    return frame.scale


def _framed(
    page: PageSpec, record: Record, options: PageOptions, scales: tuple[Scale, ...]
) -> tuple[PageSpec, list[Piece], Frame]:
    page = arranged(page, record, options)
    seconds = options.seconds or page.seconds
    share = seconds / len(page.columns)
    columns = tuple(share * column for column in range(len(page.columns)))
    pieces = pieces_of(page, record, options, seconds)
    for scale in scales:
        needs = _needs(pieces, page.n_rows, scale.gain, options.style.trace_mm)
        frame = make_frame(scale, options.paper, needs, seconds, columns, rhythm=len(page.rhythm))
        if len(scales) > 1 and _fits(frame, needs):
            break
    _check_size(frame, pieces, options.limits)
    return page, pieces, frame


def page_sheet(
    page: PageSpec, record: Record, options: PageOptions, leaf: PageOfSeries | None = None
) -> PageSheet:
    """Lay out a page, or refuse it; nothing is drawn.

    Parameters
    ----------
    page
        The layout.
    record
        The recording; what lies beyond the length of a row is not shown.
    options
        Scale, paper, style.
    leaf
        Which of several pages it is, and at what scale.

    Returns
    -------
    PageSheet

    Raises
    ------
    RecordingError
        A lead is missing or holds an infinite value, or the sheet would exceed the limits of
        the format.
    """
    return laid_out(page, record, options, leaf)[0]


def laid_out(
    page: PageSpec, record: Record, options: PageOptions, leaf: PageOfSeries | None = None
) -> tuple[PageSheet, tuple[Floats, ...]]:
    """Lay out a page as `page_sheet` does, and give the `line` of each of its traces, too."""
    scales = (leaf.scale,) if leaf else options.scales
    page, pieces, frame = _framed(page, record, options, scales)
    style = options.style
    place = placement(frame.start, frame.y0, frame.scale, record.rate, style)
    traces = tuple(_placed(piece, frame, place) for piece in pieces)
    lines = tuple(line(record, trace) for trace in traces)
    auto = options.gain == AUTO
    texts = lead_names(frame, traces, lines, record.rate, style)
    asked = options.partial or options.seconds is not None
    texts += header(record, frame, style, seconds_shown(page, options), asked, leaf)
    shown = {trace.lead for trace in traces}
    made = tuple(lead for lead in record.made if lead in shown)
    texts += footer(frame, options.baseline, auto, made, style)
    sheet = PageSheet(
        layout=page.name,
        frame=frame,
        style=style,
        rate=record.rate,
        traces=traces,
        texts=tuple(texts),
        baseline=options.baseline,
        auto=auto,
        notes=tuple(_notes(page, record, frame, pieces, auto, leaf)),
        leaf=leaf,
    )
    return sheet, lines


def _check_size(frame: Frame, pieces: list[Piece], limits: SizeLimits) -> None:
    low = min((piece.low for piece in pieces if piece.low == piece.low), default=0.0)
    high = max((piece.high for piece in pieces if piece.high == piece.high), default=0.0)
    limits.check(
        "the page",
        frame,
        sum(piece.slot.last - piece.slot.first for piece in pieces),
        because=lambda: (
            f"{frame.seconds:g} s a row, from {low:g} to {high:g} mV about the baseline, at "
            f"{frame.scale.speed:g} mm/s, {frame.scale.gain:g} mm/mV and {frame.scale.dpi:g} dpi"
        ),
        highest=max(-low, high),
    )


def _notes(
    page: PageSpec,
    record: Record,
    frame: Frame,
    pieces: list[Piece],
    auto: bool,
    leaf: PageOfSeries | None,
) -> list[str]:
    notes = [f"gain auto: {frame.scale.gain:g} mm/mV"] if auto else []
    missing = [label for label in page.leads if source(label, record.leads) is None]
    if missing:
        notes.append(f"no {', '.join(missing)} in the recording: left empty on the page")
    slots = [piece.slot for piece in pieces]
    shown = {slot.lead for slot in slots if slot.last > slot.first}
    nowhere = list(dict.fromkeys(slot.label for slot in slots if slot.lead not in shown))
    # What the last page does not show, earlier pages do.
    if nowhere and not (leaf and leaf.count > 1):
        notes.append(
            f"the recording ends before the columns of {', '.join(nowhere)} begin: "
            "--columns same shows them"
        )
    if frame.grown:
        wide, tall = frame.size_mm
        notes.append(f"the sheet grew to {wide:.0f} x {tall:.0f} mm, so that all of it is there")
    return notes
