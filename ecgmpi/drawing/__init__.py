"""From a `Record` to a `Picture`: geometry first, pixels after. Start at `draw`, below.

Nothing here opens a recording or knows of processes, time or MPI.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from ecgmpi.ecg.record import Record
from ecgmpi.errors import FailureKind, RecordingError, UsageError
from ecgmpi.layouts import STRIP, PageSpec, canonical_page

from .encode.registry import ENCODINGS, Encoding, format_of
from .page.draw import PAGE_LAYOUTS, PageLayout, PagesLayout, draw_page
from .page.geometry import page_sheet
from .page.options import PageOptions
from .picture import Picture
from .raster.palette import RED, THEMES, Style
from .scene import Sheet
from .strip.draw import StripLayout, check_size, draw_strip
from .strip.geometry import StripOptions, strip_sheet
from .truth.annotation import annotation, schema
from .truth.bits_mask import bits_mask, bits_mask_png
from .truth.grid_mask import grid_mask, grid_mask_png
from .truth.mask import mask, mask_png
from .truth.outputs import Outputs, PictureFile
from .truth.text_mask import text_mask, text_mask_png


class Layout(Protocol):
    """What draws the pictures of a recording.

    Attributes
    ----------
    name
        As ``--layout`` knows it.
    one_page
        Whether all of a recording is one picture.
    options
        What can be chosen: a dataclass.
    """

    name: str
    one_page: bool
    options: type[Any]

    def part(self, record: Record, options: Any) -> Record:
        """Keep the parts of a recording that are drawn."""

    def check(self, record: Record, options: Any) -> None:
        """Refuse what cannot be drawn."""

    def pictures(self, record: Record, options: Any) -> Iterator[Picture]:
        """Draw it, or refuse it before the first picture."""


_ALL: tuple[Layout, ...] = (StripLayout(), *PAGE_LAYOUTS)
LAYOUTS = {layout.name: layout for layout in _ALL}
"""``--layout`` name -> layout."""


def draw(
    record: Record,
    layout: str | PageSpec = STRIP,
    lead: str | None = None,
    format: str = "png",
    **options: Any,
) -> Picture:
    """Draw a recording, or one lead of it.

    Parameters
    ----------
    record
        The recording.
    layout
        A name in `LAYOUTS`, or a page of your own.
    lead
        The lead to draw; None for the first, or for all of a page.
    format
        A name in `ENCODINGS`, whose size limits apply.
    **options
        What the layout's options take, for example ``speed``, ``gain``, ``dpi``, ``style``;
        `StripOptions` and `PageOptions` list them.

    Returns
    -------
    Picture

    Raises
    ------
    UsageError
        There is no such layout or format.
    RecordingError
        There is no such lead, or the picture would be too large.
    """
    found: Layout
    if isinstance(layout, PageSpec):
        found = PageLayout(canonical_page(layout))
    else:
        try:
            found = LAYOUTS[layout]
        except KeyError:
            raise UsageError(f"no layout {layout!r}; there is {', '.join(LAYOUTS)}") from None
    if format not in ENCODINGS:
        raise UsageError(f"no format {format!r}; there is {', '.join(ENCODINGS)}")
    options |= {"limits": ENCODINGS[format].limits} | ({} if lead is None else {"leads": (lead,)})
    chosen = found.options(**options)
    picture = next(found.pictures(record, chosen), None)
    if picture is None:
        raise RecordingError(
            FailureKind.NO_SUCH_LEAD, "the recording has no lead", "check the file"
        )
    return picture


__all__ = [
    "ENCODINGS",
    "LAYOUTS",
    "RED",
    "THEMES",
    "Encoding",
    "Layout",
    "Outputs",
    "PageLayout",
    "PageOptions",
    "PagesLayout",
    "Picture",
    "PictureFile",
    "Sheet",
    "StripLayout",
    "StripOptions",
    "Style",
    "annotation",
    "bits_mask",
    "bits_mask_png",
    "check_size",
    "draw",
    "draw_page",
    "draw_strip",
    "format_of",
    "grid_mask",
    "grid_mask_png",
    "mask",
    "mask_png",
    "page_sheet",
    "schema",
    "strip_sheet",
    "text_mask",
    "text_mask_png",
]
