"""The grid mask of a picture: its lines, and where bold ones cross, whatever is drawn over them.

A pixel belongs to a line that covers at least half of it; of a line that is thinner than a pixel,
half of what it can cover is enough. A line without a width, or in the colour of the paper, is not
there.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing.encode.deflate import Fragment, by
from ecgmpi.drawing.picture import Picture
from ecgmpi.drawing.raster.grid import Gridded, extent, line_coverage
from ecgmpi.drawing.raster.palette import Style
from ecgmpi.drawing.size_limits import RASTER
from ecgmpi.geometry import BOLD_MM, MINOR_MM
from ecgmpi.picture_formats import FAST

from .grey_png import filtered, grey_png

Bytes = npt.NDArray[np.uint8]

NO_LINE, MINOR_LINE, BOLD_LINE, BOLD_CROSSING = 0, 1, 2, 3
"""The shades of the mask."""

_SLACK = 1e-9
"""So that rounding cannot make a line vanish that covers two pixels alike."""


def grid_mask(picture: Picture) -> Bytes:
    """Map each pixel to the kind of line that it belongs to.

    Parameters
    ----------
    picture
        The picture.

    Returns
    -------
    ndarray
        uint8, shape (height, width): 0 for none, 1 for a thin line (every 1 mm), 2 for a bold one
        (every 5 mm), 3 where two bold ones cross. Traces and letters do not count.

    Raises
    ------
    RecordingError
        It would have over 100 million pixels, beside a picture that is a vector file.
    """
    sheet = picture.sheet
    RASTER.check("the grid mask", sheet.frame, picture.n_samples)
    return _drawn(sheet.frame, sheet.style)


def grid_mask_png(picture: Picture, compression: str = FAST) -> bytes:
    """Encode the grid mask as an 8-bit grey PNG.

    `compression` is that of `Picture.png`.
    """
    sheet = picture.sheet
    RASTER.check("the grid mask", sheet.frame, picture.n_samples)
    said = {"grid": {"minor": MINOR_LINE, "bold": BOLD_LINE, "crossing": BOLD_CROSSING}}
    return grey_png(picture, _Compressed(sheet.frame, sheet.style, compression), said, compression)


class _Compressed:
    """The rows of a grid mask, which pictures of one size share."""

    def __init__(self, frame: Gridded, style: Style, compression: str) -> None:
        self.shape = frame.height, 1 + frame.width
        self._made_of = frame, style, compression

    def pieces(self) -> tuple[Fragment]:
        """Give all rows, compressed once."""
        return (_compressed(*self._made_of),)


@lru_cache(maxsize=32)
def _compressed(frame: Gridded, style: Style, compression: str) -> Fragment:
    return by(compression)(filtered(_drawn(frame, style), None))


def _drawn(frame: Gridded, style: Style) -> Bytes:
    down = _lines(frame, style, frame.height, frame.top, frame.bottom, frame.y0)
    across = _lines(frame, style, frame.width, frame.left, frame.right, frame.x0)
    # A row is one of three: beside any line that runs across, on a thin one, on a bold one.
    rows = np.stack(
        [
            across,
            np.maximum(across, MINOR_LINE),
            np.where(across == BOLD_LINE, BOLD_CROSSING, BOLD_LINE),
        ]
    ).astype(np.uint8)
    begin, end = extent(frame.left, frame.right, style, frame.scale.px_per_mm)
    rows[:, :begin] = rows[:, end:] = NO_LINE
    drawn: Bytes = rows[down]
    begin, end = extent(frame.top, frame.bottom, style, frame.scale.px_per_mm)
    drawn[:begin] = drawn[end:] = NO_LINE
    return drawn


def _lines(
    frame: Gridded, style: Style, pixels: int, low: float, high: float, bold_at: float
) -> Bytes:
    """Find the kind of line that each row, or column, of a picture belongs to.

    Parameters
    ----------
    frame, style
        Of the picture.
    pixels
        How many rows or columns it has.
    low, high
        The edges of its grid, px.
    bold_at
        Where some bold line is, px.

    Returns
    -------
    ndarray
        uint8, shape (pixels,): none, thin or bold.
    """
    px = frame.scale.px_per_mm
    begin, end = extent(low, high, style, px)
    found = np.zeros(pixels, np.uint8)
    within = found[begin:end]
    for kind, every, thick, colour in (
        (MINOR_LINE, MINOR_MM, style.minor_mm, style.minor),
        (BOLD_LINE, BOLD_MM, style.bold_mm, style.bold),
    ):
        if not thick or colour == style.paper:
            continue
        width = thick * px
        covered = line_coverage(begin - bold_at, len(within), every * px, width)
        within[covered >= min(1.0, width) / 2 - _SLACK] = kind
    return found
