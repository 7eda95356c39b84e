"""Signals of worn pictures, by a reader who has picture, map and the annotation of the page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

import ecgmpi
from ecgmpi.drawing import annotation, draw
from ecgmpi.drawing.picture import Picture
from ecgmpi.ecg.record import Record
from ecgmpi.review.roundtrip.bounds import rms_error
from ecgmpi.review.roundtrip.crossing import line_of, touches_another
from ecgmpi.review.roundtrip.ink import ink_of, window
from ecgmpi.wear.encode import encode_jpg
from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.registry import MARKS
from ecgmpi.wear.wear_profile import PNG, Profile
from ecgmpi.wear.worn import WornPicture, wear

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
Decoder = Callable[[Floats, dict[str, Any], dict[str, Any]], Floats]

BLURS = (0.6, 0.9, 1.2, 1.6, 2.1)
"""Of pictures, px of the page, that a reader tries."""

_BLOCK = 32
"""Over which the light is about the same, px."""

_LINES = 25
"""Percentile of a row or column which is a grid line, if one is there, and no trace."""

_NOISE = 0.12
"""Parts of a pixel below which ink is none."""


@dataclass(frozen=True)
class CleanPage:
    """A page, what its annotation says, and those of its leads that touch no other."""

    record: Record
    picture: Picture
    said: dict[str, Any]
    leads: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, record: Record, most: int) -> CleanPage:
        """Draw a letter page at 200 dpi; `most` leads, from the first that touches no other."""
        picture = draw(record, "3x4+1", paper="letter")
        said = json.loads(annotation(picture, lines=True))
        lines = [
            line_of(np.array(lead["plotted_pixels"])[:, 0], lead, said) for lead in said["leads"]
        ]
        alone = [
            lead
            for number, lead in enumerate(said["leads"])
            if lead["column"] >= 0 and not touches_another(lines, number)
        ]
        return cls(record, picture, said, tuple(alone[:most]))

    def errors(self, ink: Floats, decode: Decoder) -> list[float]:
        """Root mean square error of each lead, uV; infinite where there is none of its ink."""
        return list(self._errors(ink, decode))

    def _errors(self, ink: Floats, decode: Decoder) -> Iterator[float]:
        for lead in self.leads:
            true = self.record[lead["lead"]][lead["start_sample"] : lead["end_sample"]]
            try:
                found = decode(_calibrated(ink, lead, self.said), lead, self.said)
            except ValueError:
                yield float("inf")
            else:
                yield rms_error(found, true)

    def clean_errors(self, decode: Decoder) -> list[float]:
        """Those of the page itself."""
        return self.errors(ink_of(self.picture.png(), self.said), decode)

    def worn_errors(
        self, profile: Profile, level: float, copy: int, decode: Decoder
    ) -> list[float]:
        """Those of a worn copy, flattened by its map."""
        worn = wear(self.picture, profile, level, 0, self.record.name, copy)
        flat = ecgmpi.unwarp(as_file(worn), worn.composed.grid.npy())
        return self.errors(worn_ink(flat, self.said), decode)


def unmarked(profile: Profile) -> Profile:
    """The profile without anything that people or liquids leave on a page."""
    marks = {effect.name for effect in MARKS}
    uses = {name: use for name, use in profile.uses.items() if name not in marks}
    return replace(profile, uses=uses)


def as_file(worn: WornPicture) -> Bytes:
    """The pixels as they are in its file."""
    if worn.profile.format == PNG:
        return worn.pixels
    cv2 = opencv()
    file = encode_jpg(worn.pixels, worn.quality, worn.picture.scale.dpi, {})
    pixels: Bytes = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)
    return pixels


def worn_ink(flat: Bytes, said: dict[str, Any]) -> Floats:
    """How much of each pixel of a flattened page is ink of its traces: shape (height, width).

    The grid is palest in red. Light and paper are what is bright around, and lines of the grid what
    most of a row or a column shows.
    """
    seen = (flat if flat.ndim == 2 else flat[..., 2]).astype(np.float64)
    seen /= np.maximum(_paper(seen), 1.0)
    left, top, right, bottom = (round(side) for side in said["grid"]["box"])
    inside = seen[top:bottom, left:right]
    rows, columns = (np.percentile(inside, 100 - _LINES, axis=axis) for axis in (1, 0))
    inside /= np.clip(rows, 0.2, 1.0)[:, None] * np.clip(columns, 0.2, 1.0)
    ink: Floats = np.clip(1.0 - seen, 0.0, 1.0)
    ink[ink < _NOISE] = 0.0
    for text in said["texts"]:
        x0, y0, x1, y1 = text["box"]
        ink[int(y0) - 1 : int(y1) + 2, int(x0) - 1 : int(x1) + 2] = 0.0
    for x0, y0, x1, y1 in said["pulses"]:
        more = 1.5 * said["px_per_mm"]
        ink[int(y0 - more) : int(y1 + more) + 1, int(x0 - more) : int(x1 + more) + 1] = 0.0
    return ink


def _paper(seen: Floats) -> Floats:
    """Brightness of the paper at each pixel."""
    height, width = seen.shape
    rows, columns = -(-height // _BLOCK), -(-width // _BLOCK)
    whole = np.pad(seen, ((0, rows * _BLOCK - height), (0, columns * _BLOCK - width)), mode="edge")
    blocks = whole.reshape(rows, _BLOCK, columns, _BLOCK).swapaxes(1, 2).reshape(rows, columns, -1)
    bright = ndimage.median_filter(np.percentile(blocks, 80, axis=2), 3, mode="nearest")
    y = (np.arange(height) + 0.5) / _BLOCK - 0.5
    x = (np.arange(width) + 0.5) / _BLOCK - 0.5
    down = np.stack([np.interp(y, np.arange(rows), column) for column in bright.T], axis=1)
    return np.stack([np.interp(x, np.arange(columns), row) for row in down])


def _calibrated(ink: Floats, lead: dict[str, Any], said: dict[str, Any]) -> Floats:
    """The ink of a lead, as dark as makes its flat parts as wide as the stroke is said to be."""
    rows, columns = window(lead, ink.shape)
    part = ink[rows, columns]
    sums = part.sum(axis=0)
    there = sums > 0
    if not there.any():
        raise ValueError("there is no ink")
    usual = float(np.percentile(sums[there], 30))
    scaled = ink.copy()
    scaled[rows, columns] = np.minimum(part * (said["trace_width"] / usual), 1.0)
    return scaled
