"""The flat page of a worn picture, by the map that is stored beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import UsageError

from .mapping.control_grid import ControlGrid
from .opencv import opencv


def unwarp(
    picture: npt.NDArray[np.uint8], map: bytes | str | Path | npt.NDArray[np.int16]
) -> npt.NDArray[np.uint8]:
    """Bring a worn picture back to its flat page.

    Parameters
    ----------
    picture
        uint8, shape (height, width) or (height, width, channels): the worn picture, decoded.
    map
        Its ``.map.npy``: a path, the content of the file, or the array in it.

    Returns
    -------
    ndarray
        uint8, shape (page height, page width, ...): what the picture shows of each pixel of the
        page, linear between pixels; black where the page is outside the picture. Wear other than
        its geometry stays.

    Raises
    ------
    UsageError
        The map is none, it is that of a picture of another size, or OpenCV is not installed.
    """
    name = f"{map}" if isinstance(map, str | Path) else "map"
    try:
        if isinstance(map, np.ndarray):
            grid = ControlGrid.of_table(map)
        else:
            grid = ControlGrid.of_npy(map if isinstance(map, bytes) else Path(map).read_bytes())
    except OSError as error:
        raise UsageError(f"{name}: cannot read the map: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{name}: this is not the map of a worn picture: {error}") from error
    if picture.dtype != np.uint8 or picture.ndim not in (2, 3):
        raise UsageError(
            "picture: uint8 of shape (height, width) or (height, width, channels) is unwarped, "
            f"not {picture.dtype} of shape {picture.shape}"
        )
    if picture.shape[:2] != (grid.height, grid.width):
        raise UsageError(
            f"{name}: this map is of a picture of {grid.width} x {grid.height} px, not of "
            f"{picture.shape[1]} x {picture.shape[0]}; unwarp before you crop or scale"
        )
    cv2 = opencv()
    places, fractions = grid.inverse().dense()
    flat: npt.NDArray[np.uint8] = cv2.remap(picture, places, fractions, cv2.INTER_LINEAR)
    return flat
