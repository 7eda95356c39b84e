"""The page: many leads, one picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing.frame import SEPARATOR_MM, SEPARATOR_WIDTH_MM, STUB_MM, Frame
from ecgmpi.drawing.picture import Picture
from ecgmpi.drawing.raster.background import BACKGROUNDS, BAND, Background
from ecgmpi.drawing.raster.canvas import Canvas
from ecgmpi.drawing.raster.grid import grid_classes, grid_rows
from ecgmpi.drawing.raster.palette import FULL, LEVELS, SEPARATOR_SHADE, TEXT, Style
from ecgmpi.drawing.raster.stroke_plan import Floats
from ecgmpi.drawing.raster.text_rows import add_text
from ecgmpi.drawing.raster.trace_pixels import add_traces
from ecgmpi.drawing.scene import TextPlace, ink, placement
from ecgmpi.ecg.record import Record
from ecgmpi.geometry import Scale
from ecgmpi.layouts import FIT, PAGES, PageSpec

from .geometry import PageSheet, fitting_scale, laid_out, page_sheet
from .options import PageOptions
from .pagination import PageOfSeries, divided, page_samples
from .trace_selection import leads_of, part

Bytes = npt.NDArray[np.uint8]


def _covered(begin: int, pixels: int, low: float, high: float) -> npt.NDArray[np.float64]:
    """The part of each pixel that lies between two edges: float64, shape (pixels,), 0 to 1."""
    edges = np.clip(np.arange(begin, begin + pixels + 1), low, high)
    return np.diff(edges)


def _span(low: float, high: float) -> tuple[int, int]:
    return math.floor(low), math.ceil(high) - math.floor(low)


def _add_pulses(rows: Bytes, frame: Frame, style: Style) -> None:
    """Draw the pulses in the trace's ink: 1 mV by 0.2 s between the middles of their strokes."""
    px = frame.scale.px_per_mm
    half = max(style.trace_mm * px / 2, 0.5)
    boxes = frame.pulses
    stub = STUB_MM * px
    left, wide = _span(boxes[0].left - stub - half, boxes[0].right + stub + half)
    ink = np.zeros((rows.shape[0], wide))
    for box in boxes:
        for x0, x1, y0, y1 in (
            (box.left - stub, box.left, box.bottom, box.bottom),
            (box.left, box.left, box.top, box.bottom),
            (box.left, box.right, box.top, box.top),
            (box.right, box.right, box.top, box.bottom),
            (box.right, box.right + stub, box.bottom, box.bottom),
        ):
            top, tall = _span(y0 - half, y1 + half)
            across = _covered(left, wide, x0 - half, x1 + half)
            bar = np.outer(_covered(top, tall, y0 - half, y1 + half), across)
            spot = ink[top : top + tall]
            np.maximum(spot, bar, out=spot)
    level = np.rint(ink * FULL).astype(np.uint8)
    spot8 = rows[:, 1 + left : 1 + left + wide]
    spot8 += level
    spot8[1:] -= level[:-1]


@lru_cache(maxsize=16)
def _over_grid(style: Style) -> Bytes:
    """What each class of text adds to an index of each class of grid: uint8, shape (16, 16)."""
    text, grid = np.ogrid[:LEVELS, :LEVELS]
    # The faint edge of a letter must not lighten a bold line.
    far = np.abs(style.classes - style.classes[0]).sum(1)
    over = (text > 0) & (far[text] >= far[grid])
    return np.asarray(np.where(over, text - grid, 0) * LEVELS).astype(np.uint8)


def _over(
    classes: Bytes, left: int, top: int, frame: Frame, style: Style
) -> tuple[int, int, Bytes]:
    """Find what letters or lines, in classes of text, add to the indices of the grid.

    Returns the top left pixel and a uint8 array, shape (rows, columns), cropped to the
    picture.
    """
    wide, tall = max(0, frame.width - left), max(0, frame.height - 1 - top)
    classes = classes[max(0, -top) : tall, max(0, -left) : wide]
    left, top = max(0, left), max(0, top)
    tall, wide = classes.shape
    under = grid_classes(frame, style, np.s_[top : top + tall, left : left + wide])
    return left, top, _over_grid(style)[classes, under]


class _Change(NamedTuple):
    """What is added to some rows and columns of Up-filtered rows."""

    rows: slice
    columns: slice
    added: Bytes

    def add_to(self, picture: Bytes) -> None:
        """Make the change to all rows of a picture."""
        picture[self.rows, self.columns] += self.added


def _change(classes: Bytes, left: int, top: int, frame: Frame, style: Style) -> _Change:
    """Find what letters or lines, in classes of text, add to the rows of the picture."""
    left, top, over = _over(classes, left, top, frame, style)
    tall, wide = over.shape
    added = np.zeros((tall + 1, wide), np.uint8)
    added[:-1] = over
    added[1:] -= over
    return _Change(slice(top, top + tall + 1), slice(1 + left, 1 + left + wide), added)


@lru_cache(maxsize=4)
def _names(frame: Frame, style: Style) -> Callable[[TextPlace], _Change]:
    """Give a function that finds the change that a lead name makes.

    It remembers: most names are in the same place on the next page.
    """

    @lru_cache(maxsize=256)
    def change(name: TextPlace) -> _Change:
        return _change(ink(name).classes, name.x, int(name.box.top), frame, style)

    return change


def _add_separators(rows: Bytes, frame: Frame, style: Style) -> None:
    px = frame.scale.px_per_mm
    half = max(SEPARATOR_WIDTH_MM * px, 1.0) / 2
    near, far = (mm * px for mm in SEPARATOR_MM)
    for x, y in frame.separators:
        left, wide = _span(x - half, x + half)
        across = _covered(left, wide, x - half, x + half)
        for low, high in ((y - far, y - near), (y + near, y + far)):
            top, tall = _span(low, high)
            ink = np.outer(_covered(top, tall, low, high), across)
            shade = np.rint(ink * SEPARATOR_SHADE)
            classes = np.where(shade > 0, shade + TEXT, 0).astype(np.uint8)
            _change(classes, left, top, frame, style).add_to(rows)


def page_background(sheet: PageSheet, style: Style) -> Background:
    """Give all that does not depend on the signal, cached for the next page of the same frame.

    Parameters
    ----------
    sheet
        The page.
    style
        Colours, widths, sizes.

    Returns
    -------
    Background
        Grid, separators, footer, and the pulses, which no trace crosses.
    """
    frame = sheet.frame
    footer = tuple(text for text in sheet.texts if text.kind == "footer")

    def whole() -> Bytes:
        rows = grid_rows(frame, style)
        _add_separators(rows, frame, style)
        _add_pulses(rows, frame, style)
        for text in footer:
            add_text(rows, ink(text), text.x, text.baseline)
        return rows

    def bands() -> Iterator[tuple[Hashable, Callable[[], Bytes]]]:
        rows = whole()
        for first in range(0, frame.height, BAND):
            # A copy, so that a band does not keep the others alive.
            yield (frame, footer, style, first), rows[first : first + BAND].copy

    # Pages that are as large as their traces need have each a frame of its own.
    standard = frame.paper != FIT and not frame.grown
    shape = frame.height, 1 + frame.width
    return BACKGROUNDS.get((frame, footer, style), shape, bands, whole, lasting=standard)


def draw_page(
    record: Record,
    page: PageSpec,
    options: PageOptions | None = None,
    leaf: PageOfSeries | None = None,
) -> Picture:
    """Draw a page.

    Parameters
    ----------
    record
        The recording.
    page
        The layout.
    options
        Scale, paper, style; None for 25 mm/s, 10 mm/mV, 200 dpi, red A4.
    leaf
        Which of several pages this is; `record` is the part shown on it.

    Returns
    -------
    Picture

    Raises
    ------
    RecordingError
        See `page_sheet`.
    """
    options = options or PageOptions()
    sheet, lines = laid_out(page, record, options, leaf)
    record = part(page, record, options)
    return Picture(
        paint=lambda: _painted(sheet, lines),
        sheet=sheet,
        lines=lines,
        record=record.name,
        lead=" ".join(dict.fromkeys(trace.label for trace in sheet.traces)),
        start=record.start,
        n_samples=record.n_samples,
        notes=(*record.notes, *sheet.notes),
        page=leaf.name if leaf else "",
    )


def _painted(sheet: PageSheet, lines: tuple[Floats, ...]) -> Canvas:
    frame, style = sheet.frame, sheet.style
    canvas = Canvas(page_background(sheet, style))
    names = _names(frame, style)
    for text in sheet.texts:
        if text.kind == "header":
            canvas.add_text(ink(text), text.x, text.baseline)
        elif text.kind == "lead":
            canvas.open(text.box.top, text.box.bottom)
            names(text).add_to(canvas.rows)
    canvas.open_for(trace.box for trace in sheet.traces)
    # Made once a page; traces differ in where they begin.
    place = placement(frame.start, frame.y0, frame.scale, sheet.rate, style)
    add_traces(
        canvas.rows,
        [
            (samples, place._replace(x0=trace.x0, y0=trace.y0))
            for samples, trace in zip(lines, sheet.traces, strict=True)
            if len(samples)
        ],
    )
    return canvas


class PageLayout:
    """One picture per recording."""

    options = PageOptions
    one_page = True

    def __init__(self, page: PageSpec) -> None:
        self.name = page.name
        self._page = page

    def part(self, record: Record, options: PageOptions) -> Record:
        """Keep the part of a recording that the page shows."""
        return part(self._page, record, options)

    def check(self, record: Record, options: PageOptions) -> None:
        """Refuse what cannot be drawn; see `page_sheet`."""
        page_sheet(self._page, record, options)

    def pictures(self, record: Record, options: PageOptions) -> Iterator[Picture]:
        """Draw the page."""
        yield draw_page(record, self._page, options)


class PagesLayout(PageLayout):
    """As many pages as a recording needs, drawn one after the other."""

    one_page = False

    def part(self, record: Record, options: PageOptions) -> Record:
        """Keep the leads of a recording that the pages show."""
        return leads_of(self._page, record, options)

    def check(self, record: Record, options: PageOptions) -> None:
        """Refuse what cannot be drawn; see `page_sheet`."""
        self._scale(self.part(record, options), options)

    def pictures(self, record: Record, options: PageOptions) -> Iterator[Picture]:
        """Draw the pages at one scale, or refuse them before the first."""
        record = self.part(record, options)
        scale = self._scale(record, options)
        end = record.start + record.duration
        samples = page_samples(self._page, record.rate, options)
        count = math.ceil(record.n_samples / samples)
        for number, shown in enumerate(divided(record, samples), 1):
            leaf = PageOfSeries(number, count, end, scale)
            yield draw_page(shown, self._page, options, leaf)

    def _scale(self, record: Record, options: PageOptions) -> Scale:
        samples = page_samples(self._page, record.rate, options)
        scales = (fitting_scale(self._page, p, options) for p in divided(record, samples))
        return min(scales, key=lambda scale: scale.gain, default=options.scales[0])


PAGE_LAYOUTS = tuple(PageLayout(page) for page in PAGES.values())
