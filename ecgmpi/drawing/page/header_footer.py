"""The header and footer of a page: their texts and places."""

from __future__ import annotations

from functools import lru_cache

from ecgmpi.drawing.frame import Frame
from ecgmpi.drawing.raster.glyphs import elide, legible, text_width
from ecgmpi.drawing.raster.palette import Style
from ecgmpi.drawing.scene import TextPlace, placed
from ecgmpi.ecg.record import Record
from ecgmpi.layouts import FIT

from .pagination import PageOfSeries

_LONGEST_DATE = 25
"""The length of 2003-01-02T04:05:06+01:00; anything longer is not a date."""
_ABOVE_BOX_MM, _BELOW_BOX_MM = 2.0, 5.2
_APART_MM = 3.0
"""Between two texts on one line."""
_FACTS_PART = 0.7
"""Largest part of a header for these; the rest is for the name of the recording."""


def header(
    record: Record,
    frame: Frame,
    style: Style,
    seconds: float,
    asked: bool,
    leaf: PageOfSeries | None = None,
) -> list[TextPlace]:
    """Place the name of the recording, its rate, and its length or the part shown.

    The date, if the recording has it, is the only identifying field shown. The page has
    room for `seconds`. If a length was `asked` for, `record` is a part of a recording of
    unknown length. A `leaf` is one of several pages.
    """
    px = frame.scale.px_per_mm
    size, small = style.title_mm * px, style.label_mm * px
    y = frame.top - _ABOVE_BOX_MM * px
    facts = "   ".join(
        (*_date(record), f"{record.rate:g} Hz", *_shown(record, seconds, asked, leaf))
    )
    right = _at_right(facts, small, frame.left, frame.right, y)
    room = right.x - frame.left - _APART_MM * px
    name = elide(legible(record.name), size, room)
    return [placed("header", name, size, frame.left, y), right]


@lru_cache(maxsize=64)
def _at_right(facts: str, size: float, left: float, right: float, y: float) -> TextPlace:
    """Place the facts so that they end at `right`: most recordings of a corpus share them."""
    size = _fitting([facts], size, _FACTS_PART * (right - left))
    return placed("header", facts, size, right - text_width(facts, size), y)


def _shown(record: Record, seconds: float, asked: bool, leaf: PageOfSeries | None) -> list[str]:
    """Say which seconds are shown, of how many, and on which page."""
    shown = min(seconds, record.duration)
    begin, end = record.start, record.start + record.duration
    if leaf:
        of = "" if asked else f" of {_number(leaf.end)} s"
        pages = f"page {leaf.number} of {leaf.count}"
        return [f"{_number(begin)} to {_number(end)} s{of}", pages]
    if not (asked or begin or shown < record.duration):
        return [f"{_number(shown)} s"]
    of = "" if asked or shown == record.duration else f" of {_number(end)} s"
    return [f"{_number(begin)} to {_number(begin + shown)} s{of}"]


def _number(seconds: float) -> str:
    return f"{round(seconds, 3):.10g}"


def _date(record: Record) -> list[str]:
    return [legible(text)[:_LONGEST_DATE] for what, text in record.identity if what == "date"][:1]


def footer(
    frame: Frame, baseline: str, auto: bool, made: tuple[str, ...], style: Style
) -> list[TextPlace]:
    """Place the scale, and what was and was not done to the signal.

    `made` are the leads on the page that were not recorded but computed from I and II.
    """
    return list(_footer(frame, baseline, auto, made, style.label_mm))


@lru_cache(maxsize=64)
def _footer(
    frame: Frame, baseline: str, auto: bool, made: tuple[str, ...], label_mm: float
) -> tuple[TextPlace, TextPlace]:
    px = frame.scale.px_per_mm
    size = label_mm * px
    y = frame.bottom + _BELOW_BOX_MM * px
    said = (
        f"{frame.scale.speed:g} mm/s   {frame.scale.gain:g} mm/mV{' (auto)' if auto else ''}   "
        f"baseline: {baseline}   no filter"
    )
    if made:
        said += f"   from I and II: {' '.join(made)}"
    wide, tall = frame.size_mm
    paper = frame.paper.capitalize()
    if frame.grown:
        paper = f"{paper}, grown to {wide:.0f} × {tall:.0f} mm"
    elif frame.paper == FIT:
        paper = f"{wide:.0f} × {tall:.0f} mm"
    size = _fitting([said, paper], size, frame.right - frame.left - _APART_MM * px)
    return (
        placed("footer", said, size, frame.left, y),
        placed("footer", paper, size, frame.right - text_width(paper, size), y),
    )


def _fitting(texts: list[str], size: float, room: float) -> float:
    """Give the font size, at most `size`, at which texts fit side by side into `room` px."""
    return size * min(1.0, room / sum(text_width(text, size) for text in texts))
