"""Which samples of which lead make each line of a page, before and after it is placed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ecgmpi.drawing.baseline import MEDIAN, medians
from ecgmpi.drawing.raster.stroke_plan import Floats
from ecgmpi.drawing.scene import TracePlace
from ecgmpi.drawing.size_limits import check_range
from ecgmpi.ecg.record import Record
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.layouts import SAME, PageSpec, cabrera, with_leads

from .options import PageOptions

RHYTHM = -1
"""The column of a trace that takes the whole width."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place of a layout, and which samples of which lead are shown there."""

    label: str
    lead: str
    sign: int
    row: int
    column: int
    first: int
    last: int
    begin: float  # of its first sample, seconds from the start of the row

    def shares_columns(self, other: Slot) -> bool:
        """Whether the two could meet in one row."""
        return self.column == other.column or RHYTHM in (self.column, other.column)


class Piece(NamedTuple):
    """A trace before it is placed: what lies on its baseline, and its extremes from there, mV."""

    slot: Slot
    offset: float
    low: float
    high: float


def source(label: str, leads: tuple[str, ...]) -> tuple[str, int] | None:
    """Find the lead of a recording that a page label names, and its sign.

    Examples
    --------
    >>> source("-aVR", ("II", "aVR")), source("V1", ("II", "aVR"))
    (('aVR', -1), None)
    """
    if label in leads:
        return label, 1
    if label.startswith("-") and label[1:] in leads:
        return label[1:], -1
    return None


def arranged(page: PageSpec, record: Record, options: PageOptions) -> PageSpec:
    """Apply the options to a page.

    Raises
    ------
    RecordingError
        A lead requested by name is missing, or all leads of the layout are.
    """
    if options.leads is not None:
        filled = with_leads(page, options.leads)
        record.select(options.leads)
        return filled
    if options.cabrera:
        page = cabrera(page)
    if any(source(label, record.leads) for label in page.leads):
        return page
    if page.any_lead and record.leads:
        return with_leads(page, record.leads[:1])
    raise RecordingError(
        FailureKind.NO_SUCH_LEAD,
        f"layout {page.name} shows {', '.join(page.leads)}; the recording has "
        f"{', '.join(record.leads) or 'no lead'}",
        "choose the leads with --leads, or draw strips (--layout strip)",
    )


def extremes(samples: Floats) -> tuple[float, float]:
    """Least and greatest of samples, float32, shape (n_samples,), mV; NaN if all are NaN."""
    if not len(samples):
        return math.nan, math.nan
    # As `min` and `max` of an array, without their detour through Python.
    low, high = float(np.minimum.reduce(samples)), float(np.maximum.reduce(samples))
    if math.isnan(low):
        low, high = float(np.fmin.reduce(samples)), float(np.fmax.reduce(samples))
    return low, high


def sample_at(seconds: float, rate: float) -> int:
    """Give the first sample at or after a time."""
    # A small tolerance, so that 2.5 s at 500 Hz is sample 1250 whatever the rounding.
    return max(0, math.ceil(seconds * rate - 1e-6))


def times_over(page: PageSpec, columns: str | None, leads: tuple[str, ...] | None) -> int:
    """Give how often a row shows the same seconds: once, or in each column.

    If columns show the same seconds, but a rhythm strip runs on below them, it is once.
    """
    if leads is not None:
        page = with_leads(page, leads)
    return len(page.columns) if columns == SAME and not page.rhythm else 1


def seconds_shown(page: PageSpec, options: PageOptions) -> float:
    """Give the length of recording that fits on a page, s."""
    seconds = options.seconds or page.seconds
    return seconds / times_over(page, options.columns, options.leads)


@lru_cache(maxsize=64)
def _slots(
    page: PageSpec, leads: tuple[str, ...], rate: float, n_samples: int, seconds: float, same: bool
) -> tuple[Slot, ...]:
    """Give the places of a page whose leads exist; most recordings of a corpus share them."""
    slots = []
    for label, row, column, begin, end in _places(page, seconds):
        found = source(label, leads)
        if found is None:
            continue
        lead, sign = found
        shift = begin if same else 0.0
        wanted = sample_at(begin - shift, rate)
        first = min(wanted, n_samples)
        last = min(sample_at(end - shift, rate), n_samples)
        starts = shift + wanted / rate
        # Where samples are so far apart that none falls into the column, the next is beyond it.
        if starts >= end:
            starts = begin
        slots.append(Slot(label, lead, sign, row, column, first, last, starts))
    return tuple(slots)


def _places(page: PageSpec, seconds: float) -> Iterator[tuple[str, int, int, float, float]]:
    """Give the label, row, column, and begin and end in seconds of each place."""
    share = seconds / len(page.columns)
    for column, labels in enumerate(page.columns):
        for row, label in enumerate(labels):
            yield label, row, column, share * column, share * (column + 1)
    for k, label in enumerate(page.rhythm):
        yield label, page.n_rows - len(page.rhythm) + k, RHYTHM, 0.0, seconds


def pieces_of(page: PageSpec, record: Record, options: PageOptions, seconds: float) -> list[Piece]:
    """Cut a recording into the pieces that a page shows.

    Parameters
    ----------
    page
        From `arranged`.
    record
        The recording.
    options
        Columns and baseline.
    seconds
        Length of a row, s.

    Returns
    -------
    list
        A `Piece` for each place whose lead exists.

    Raises
    ------
    RecordingError
        A lead holds an infinite value.
    """
    n_samples = min(sample_at(seconds_shown(page, options), record.rate), record.n_samples)
    same = options.columns == SAME
    slots = _slots(page, record.leads, record.rate, n_samples, seconds, same)
    offsets = _offsets(record, slots, n_samples) if options.baseline == MEDIAN else {}
    pieces = []
    for slot in slots:
        low, high = extremes(record[slot.lead][slot.first : slot.last])
        check_range(slot.lead, low, high)
        # Of an inverted lead too, 0 without a sign.
        offset = slot.sign * offsets.get(slot.lead, 0.0) + 0.0
        low, high = sorted((slot.sign * low - offset, slot.sign * high - offset))
        pieces.append(Piece(slot, offset, low, high))
    return pieces


def _offsets(record: Record, slots: tuple[Slot, ...], n_samples: int) -> dict[str, float]:
    """Give the median of each lead that is shown, of its first samples, mV."""
    shown = {slot.lead for slot in slots}
    signal = record.signal[:, :n_samples]
    if len(shown) < record.n_leads:
        signal = signal[[lead in shown for lead in record.leads]]
    leads = [lead for lead in record.leads if lead in shown]
    return dict(zip(leads, medians(signal), strict=True))


def line(record: Record, trace: TracePlace) -> Floats:
    """Give the line of a trace: float32, shape (n_samples,), mV from the baseline, NaN in gaps."""
    samples = record[trace.lead][trace.first : trace.last]
    if trace.sign < 0:
        samples = -samples
    return samples - np.float32(trace.offset) if trace.offset else samples


def leads_of(page: PageSpec, record: Record, options: PageOptions) -> Record:
    """Keep the leads of a recording that a page shows.

    A note says so if places stay empty while other leads have no place.

    Raises
    ------
    RecordingError
        As `arranged`.
    """
    wanted, said = _shown(arranged(page, record, options), record.leads)
    shown = record.select(wanted)
    return replace(shown, notes=(*shown.notes, said)) if said else shown


@lru_cache(maxsize=64)
def _shown(page: PageSpec, leads: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Give the leads of a recording that a page shows, and a note of those without a place."""
    found = [source(label, leads) for label in page.leads]
    wanted = {there[0] for there in found if there}
    shown = tuple(lead for lead in leads if lead in wanted)
    left = [lead for lead in leads if lead not in wanted]
    if not left or None not in found:
        return shown, ""
    return shown, f"no place for {', '.join(left)} on the page: say with --leads what to put there"


def part(page: PageSpec, record: Record, options: PageOptions) -> Record:
    """Keep the part of a recording that a page shows: its leads, and the seconds that fit.

    Raises
    ------
    RecordingError
        As `arranged`.
    """
    shown = leads_of(page, record, options).select(duration=seconds_shown(page, options))
    if shown.n_samples < record.n_samples:
        said = f"the first {shown.duration:g} s of {record.duration:g} s are drawn"
        shown = replace(shown, notes=(*shown.notes, said))
    return shown
