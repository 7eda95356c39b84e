"""From colours to ink: how much of each pixel a trace covers, by a picture and its annotation."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

Floats = npt.NDArray[np.float64]


def ink_of(png: bytes, said: dict[str, Any]) -> Floats:
    """How much of each pixel the ink of traces covers: float64, shape (height, width), 0 to 1.

    Letters and pulses, which have the same ink, are taken out by their boxes.

    Raises
    ------
    ValueError
        The picture has no palette.
    OSError
        It cannot be decoded.
    """
    with Image.open(io.BytesIO(png)) as image:
        palette = image.getpalette("RGB")
        indices = np.asarray(image)
    if palette is None:
        raise ValueError("the picture has no palette")
    ink: Floats = _coverage(np.reshape(palette, (-1, 3)), said["colours"])[indices]
    for text in said["texts"]:
        _wipe(ink, text["box"], 0)
    for pulse in said["pulses"]:
        # Its stroke, and the stubs of baseline on both sides.
        _wipe(ink, pulse, 1.5 * said["px_per_mm"])
    return ink


def _coverage(palette: npt.NDArray[Any], colours: dict[str, list[int]]) -> Floats:
    """How much of a pixel of each colour of a palette is covered by the trace: float64, 0 to 1."""
    paper, minor, bold, trace = (
        np.array(colours[name], np.float64) for name in ("paper", "minor", "bold", "trace")
    )
    lines, trace = np.array([minor - paper, bold - paper]), trace - paper
    # A direction in which the grid is not seen, if there is one in which the trace well is.
    across = np.linalg.svd(lines)[2][np.linalg.matrix_rank(lines) :]
    away = across.T @ (across @ trace)
    if away @ trace < 0.1 * (trace @ trace):
        away = trace
    seen = (palette - paper) @ away / (trace @ away)
    grid = max(0.0, *(lines @ away / (trace @ away)))
    ink: Floats = np.clip((seen - grid) / (1 - grid), 0, 1)
    return ink


def _wipe(ink: Floats, box: list[float], margin: float) -> None:
    left, top, right, bottom = box
    rows = slice(max(0, int(top - margin)), int(np.ceil(bottom + margin)))
    ink[rows, max(0, int(left - margin)) : int(np.ceil(right + margin))] = 0


def window(lead: dict[str, Any], shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns that the stroke of a trace can touch."""
    (top, left), (bottom, right) = lead["lead_bounding_box"]["0"], lead["lead_bounding_box"]["2"]
    return (
        slice(max(0, int(np.floor(top))), min(shape[0], int(np.ceil(bottom)) + 1)),
        slice(max(0, int(np.floor(left))), min(shape[1], int(np.ceil(right)) + 1)),
    )


def own_ink(
    ink: Floats, lead: dict[str, Any], said: dict[str, Any]
) -> tuple[Floats, Floats, Floats]:
    """The ink of one trace, and y and x of the middles of its rows and columns, px.

    Another trace in its box is another piece of ink, unless the two touch. Its own is the
    piece that fills the box, and what is beside that piece.
    """
    rows, columns = window(lead, ink.shape)
    spot = ink[rows, columns]
    if len(said["leads"]) > 1:
        pieces, _ = ndimage.label(spot > 0, np.ones((3, 3)))
        boxes = ndimage.find_objects(pieces)
        if not boxes:
            raise ValueError(f"there is no ink where {lead['lead_name']} should be")
        own = max(boxes, key=lambda box: sum(side.stop - side.start for side in box))
        above = {
            number
            for number, box in enumerate(boxes, start=1)
            if box != own and box[1].start < own[1].stop and own[1].start < box[1].stop
        }
        spot = np.where(np.isin(pieces, list(above)), 0, spot)
    return spot, _middles(rows), _middles(columns)


def _middles(pixels: slice) -> Floats:
    middles: Floats = np.arange(pixels.start, pixels.stop) + 0.5
    return middles


def sample_x(lead: dict[str, Any], said: dict[str, Any]) -> Floats:
    """Where the samples of a trace lie, px."""
    count = np.arange(lead["end_sample"] - lead["start_sample"])
    x: Floats = lead["x0"] + count * (said["px_per_s"] / said["sampling_frequency"])
    return x


def millivolts(y: Floats, lead: dict[str, Any], said: dict[str, Any]) -> Floats:
    """The samples at some heights, mV: the inverse of the arithmetic that the annotation tells."""
    drawn = (lead["y0"] - y) / said["px_per_mv"]
    samples: Floats = lead["sign"] * (drawn + lead["offset_mv"])
    return samples


def heights(samples: Floats, lead: dict[str, Any], said: dict[str, Any]) -> Floats:
    """Where samples, mV, lie: y, px; the inverse of `millivolts`."""
    drawn = lead["sign"] * samples - lead["offset_mv"]
    y: Floats = lead["y0"] - drawn * said["px_per_mv"]
    return y


def by_centroid(ink: Floats, lead: dict[str, Any], said: dict[str, Any]) -> Floats:
    """Decode a trace: the centre of the ink of each column, between columns a straight line.

    Returns
    -------
    ndarray
        float64, shape (samples,), mV.

    Raises
    ------
    ValueError
        There is no ink where the trace should be.
    """
    spot, y, x = own_ink(ink, lead, said)
    weight = spot.sum(0)
    there = weight > 0
    if not there.any():
        raise ValueError(f"there is no ink where {lead['lead_name']} should be")
    middle = (y @ spot)[there] / weight[there]
    return millivolts(np.interp(sample_x(lead, said), x[there], middle), lead, said)
