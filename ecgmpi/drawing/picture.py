"""A drawn picture: palette indices, as differences, and what they show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ecgmpi.geometry import Scale

from .places import Sheet
from .png import encode_png
from .stroke import Floats


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture.

    Attributes
    ----------
    rows
        uint8, shape (height, 1 + width), read-only: each row's PNG filter byte (2, Up)
        and the differences, modulo 256, of its palette indices from the row above.
    sheet
        Where everything lies.
    lines
        What is drawn of each trace of the sheet: float32, mV from the baseline, NaN in gaps.
    record, lead
        What is shown; of a page, all its leads, with spaces between.
    start
        Seconds between the beginning of the recording and the first sample shown.
    n_samples
        Number of samples shown, of each lead.
    page
        What it is called among the pages of its recording; empty where it is the only one.
    """

    rows: npt.NDArray[np.uint8]
    sheet: Sheet
    lines: tuple[Floats, ...]
    record: str
    lead: str
    start: float
    n_samples: int
    page: str = ""

    def __post_init__(self) -> None:
        self.rows.flags.writeable = False

    @property
    def scale(self) -> Scale:
        """Pixels per millimetre, second, millivolt."""
        return self.sheet.scale

    @property
    def rate(self) -> float:
        """Samples per second, Hz."""
        return self.sheet.rate

    @property
    def origin(self) -> tuple[float, float]:
        """X of the first sample and y of the baseline, px; of a page, those of its first row."""
        return self.sheet.origin

    @property
    def palette(self) -> npt.NDArray[np.uint8]:
        """Colours: uint8, shape (256, 3): red, green, blue."""
        return self.sheet.style.palette

    @property
    def width(self) -> int:
        """Columns of pixels."""
        return int(self.rows.shape[1]) - 1

    @property
    def height(self) -> int:
        """Rows of pixels."""
        return int(self.rows.shape[0])

    @cached_property
    def metadata(self) -> dict[str, object]:
        """What the text chunk of the PNG says, ready for JSON."""
        said = {
            "px_per_mv": self.scale.px_per_mv,
            "px_per_s": self.scale.px_per_s,
            "rate": self.rate,
            "record": self.record,
            "samples": self.n_samples,
            "start": self.start,
        }
        return said | self.sheet.metadata

    @property
    def notes(self) -> tuple[str, ...]:
        """What somebody who sees only the picture must be told, in words."""
        return self.sheet.notes

    def png(self) -> bytes:
        """Encode as a palette PNG: the same bytes each time, on any machine."""
        return encode_png(self.rows, self.palette, self.scale.px_per_metre, self.metadata)

    def indices(self) -> npt.NDArray[np.uint8]:
        """Palette index of each pixel: uint8, shape (height, width)."""
        return np.cumsum(self.rows[:, 1:], axis=0, dtype=np.uint8)

    def rgb(self) -> npt.NDArray[np.uint8]:
        """Colour of each pixel: uint8, shape (height, width, 3)."""
        return self.palette[self.indices()]
