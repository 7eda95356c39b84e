"""From a `Record` to a `Picture`: template, letters, trace, palette, PNG.

Nothing here opens a recording or knows of processes, time or MPI.
"""

from __future__ import annotations

from typing import Any

from ecgmpi.errors import FailureKind, RecordingError, UsageError
from ecgmpi.options import Rendering
from ecgmpi.record import Record

from .picture import Picture
from .strip import StripLayout, StripOptions, check_size, draw_strip
from .style import RED, Style

LAYOUTS = {layout.name: layout for layout in (StripLayout(),)}
"""Every layout by the name that ``--layout`` knows it by."""


def draw(record: Record, layout: str = "strip", lead: str | None = None, **options: Any) -> Picture:
    """Draw a recording, or one lead of it.

    Parameters
    ----------
    record
        The recording.
    layout
        A name in `LAYOUTS`.
    lead
        Which lead, for a layout that draws one a picture; None for the first.
    **options
        What the layout's options take, for example ``speed``, ``gain``, ``dpi``.

    Returns
    -------
    Picture

    Raises
    ------
    UsageError
        There is no such layout.
    RecordingError
        There is no such lead, or the picture would be too large.
    """
    try:
        found = LAYOUTS[layout]
    except KeyError:
        raise UsageError(f"no layout {layout!r}; there is {', '.join(LAYOUTS)}") from None
    if lead is not None:
        record = record.select((lead,))
    chosen = found.options(**options)
    picture = next(found.pictures(record, chosen), None)
    if picture is None:
        raise RecordingError(
            FailureKind.NO_SUCH_LEAD, "the recording has no lead", "check the file"
        )
    return picture


def chosen(rendering: Rendering) -> tuple[StripLayout, StripOptions]:
    """Find the layout that a job asks for, and its options.

    Raises
    ------
    UsageError
        Options that the layout cannot draw by.
    """
    layout = LAYOUTS[rendering.layout]
    return layout, layout.options(speed=rendering.speed, gain=rendering.gain, dpi=rendering.dpi)


__all__ = [
    "LAYOUTS",
    "RED",
    "Picture",
    "StripLayout",
    "StripOptions",
    "Style",
    "check_size",
    "chosen",
    "draw",
    "draw_strip",
]
