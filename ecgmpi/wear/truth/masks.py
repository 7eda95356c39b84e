"""Masks of the page, carried over to the worn picture: each pixel takes the nearest of the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing.truth.bits_mask import bits_mask, mask_bits
from ecgmpi.drawing.truth.grey_png import SparseRows, filtered, grey_png
from ecgmpi.drawing.truth.grid_mask import BOLD_CROSSING, BOLD_LINE, MINOR_LINE, grid_mask
from ecgmpi.drawing.truth.mask import mask, mask_rows_png
from ecgmpi.drawing.truth.text_mask import text_mask
from ecgmpi.picture_formats import FAST
from ecgmpi.themes import LEVELS, TEXT
from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import HIDDEN
from ecgmpi.wear.worn import WornPicture

_Mask = TypeVar("_Mask", npt.NDArray[np.uint8], npt.NDArray[np.uint16])


def carried_mask(worn: WornPicture, of_page: _Mask) -> _Mask:
    """Carry a mask over to the worn picture.

    Parameters
    ----------
    worn
        The picture.
    of_page
        uint8 or uint16, shape (height, width) of the page.

    Returns
    -------
    ndarray
        The same type, shape of the picture; 0 where there is no page.
    """
    cv2 = opencv()
    nearest = worn.composed.grid.nearest
    found: _Mask = cv2.remap(of_page, nearest, None, cv2.INTER_NEAREST)
    if worn.gone is not None:
        found[cv2.remap(worn.gone, nearest, None, cv2.INTER_NEAREST) > 0] = 0
    return found


def hidden_mask(worn: WornPicture) -> npt.NDArray[np.uint8]:
    """Map where no ink can be seen: covered, swallowed, no paper, or around the page.

    Returns
    -------
    ndarray
        uint8, shape of the picture: 255 there, 0 elsewhere.
    """
    of_page = np.zeros((worn.picture.height, worn.picture.width), np.uint8)
    for one in (worn.hidden, worn.gone):
        if one is not None:
            np.maximum(of_page, one, out=of_page)
    cv2 = opencv()
    # Around the page there is no ink either.
    found: npt.NDArray[np.uint8] = cv2.remap(
        of_page, worn.composed.grid.nearest, None, cv2.INTER_NEAREST, borderValue=HIDDEN
    )
    if worn.lost is not None:
        # Bare paper is of one level, too.
        found[(worn.lost > 0) & (carried_mask(worn, _ink(worn)) > 0)] = HIDDEN
    return found


def _ink(worn: WornPicture) -> npt.NDArray[np.uint8]:
    """Where trace or letters are on the page: uint8, shape of the page, above 0 there."""
    indices = worn.picture.indices()
    on = (indices % LEVELS > 0) | (indices // LEVELS > TEXT)
    return on.view(np.uint8)


def _seen(worn: WornPicture, carried: _Mask) -> _Mask:
    """Take what light or sensor swallowed out of a mask that was carried over."""
    if worn.lost is not None:
        carried[worn.lost > 0] = 0
    return carried


def worn_mask(worn: WornPicture) -> npt.NDArray[np.uint8]:
    """Map each pixel to its lead, as `ecgmpi.drawing.truth.mask.mask` does.

    What hides the ink hides it here, too.

    Returns
    -------
    ndarray
        uint8, shape of the picture: the index of the lead, 0 where there is none.
    """
    of_page = mask(worn.picture)
    if worn.hidden is not None:
        of_page[worn.hidden > 0] = 0
    return _seen(worn, carried_mask(worn, of_page))


def worn_bits(worn: WornPicture) -> npt.NDArray[np.uint16]:
    """Map each pixel to the bits of its leads, as `ecgmpi.drawing.truth.bits_mask.bits_mask` does.

    What hides the ink hides it here, too.

    Returns
    -------
    ndarray
        uint16, shape of the picture.
    """
    of_page = bits_mask(worn.picture)
    if worn.hidden is not None:
        of_page[worn.hidden > 0] = 0
    return _seen(worn, carried_mask(worn, of_page))


def worn_bits_png(worn: WornPicture, compression: str | None) -> bytes:
    """Encode `worn_bits` as a 16-bit grey PNG."""
    pairs = worn_bits(worn).astype(">u2").view(np.uint8)
    said = {"bits": mask_bits(worn.picture.sheet.traces)}
    return _grey_png(worn, pairs, said, compression, depth=16)


def worn_grid_png(worn: WornPicture, compression: str | None) -> bytes:
    """Encode the lines of the grid where they are now, also below what hides them."""
    said = {"grid": {"minor": MINOR_LINE, "bold": BOLD_LINE, "crossing": BOLD_CROSSING}}
    return _grey_png(worn, carried_mask(worn, grid_mask(worn.picture)), said, compression)


def worn_text_png(worn: WornPicture, compression: str | None) -> bytes:
    """Encode the letters where they are now, also below what hides them."""
    said = {"texts": len(worn.picture.sheet.texts)}
    return _grey_png(worn, carried_mask(worn, text_mask(worn.picture)), said, compression)


def _grey_png(
    worn: WornPicture,
    pixels: npt.NDArray[np.uint8],
    said: Mapping[str, object],
    compression: str | None,
    depth: int = 8,
) -> bytes:
    rows = SparseRows(pixels, [(0, len(pixels))])
    return grey_png(worn.picture, rows, said, compression or FAST, depth)


def hidden_mask_png(worn: WornPicture, compression: str | None) -> bytes:
    """Encode `hidden_mask`."""
    rows = filtered(hidden_mask(worn), None)
    return grey_png(worn.picture, rows, {"hidden": HIDDEN}, compression or FAST)


def worn_mask_png(worn: WornPicture, compression: str | None) -> bytes:
    """Encode `worn_mask`."""
    return mask_rows_png(worn.picture, worn_mask(worn), compression or FAST)
