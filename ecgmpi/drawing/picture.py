"""A picture: its geometry, and its pixels once they are needed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import UsageError
from ecgmpi.geometry import Scale
from ecgmpi.picture_formats import FAST

from .encode.jpeg import QUALITY, encode_jpeg
from .encode.png import encode_png
from .encode.registry import ENCODINGS, format_of
from .raster.canvas import Canvas
from .raster.running_sums import summed_down
from .raster.stroke_plan import Floats
from .scene import Sheet
from .size_limits import RASTER


@dataclass(frozen=True, eq=False, repr=False)
class Picture:
    """One picture.

    Attributes
    ----------
    paint
        Draws the pixels; see `canvas`.
    sheet
        Where everything lies.
    lines
        One for each trace of the sheet: float32, shape (n_samples,), mV from the baseline, NaN
        in gaps.
    record, lead
        What is shown; for a page, all its leads, separated by spaces.
    start
        Seconds between the beginning of the recording and the first sample shown.
    n_samples
        Number of samples shown, of each lead.
    notes
        What was assumed or done to the signal, and anything else that a reader of the
        picture alone must know, in words.
    page
        Its name among the pages of its recording; empty if it is the only one.
    """

    paint: Callable[[], Canvas]
    sheet: Sheet
    lines: tuple[Floats, ...]
    record: str
    lead: str
    start: float
    n_samples: int
    notes: tuple[str, ...]
    page: str = ""

    def __repr__(self) -> str:
        page = f", page {self.page!r}" if self.page else ""
        size = f"{self.width} x {self.height} px"
        return f"<Picture of {self.record!r}{page}: {self.lead}, {size}>"

    def _repr_png_(self) -> bytes:
        """What a notebook shows."""
        return self.png()

    @cached_property
    def canvas(self) -> Canvas:
        """The pixels, drawn when first asked for.

        Raises
        ------
        RecordingError
            The picture was laid out for a vector file and would have over 100 million pixels.
        """
        RASTER.check("the picture", self.sheet.frame, self.n_samples)
        return self.paint()

    @property
    def rows(self) -> npt.NDArray[np.uint8]:
        """The pixels as the rows of a PNG: uint8, shape (height, 1 + width), read-only.

        Each row's PNG filter byte (2, Up) and the differences, modulo 256, of its palette
        indices from the row above.
        """
        return self.canvas.whole()

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
        """X of the first sample and y of the baseline, px; for a page, of its first row."""
        return self.sheet.origin

    @property
    def palette(self) -> npt.NDArray[np.uint8]:
        """Colours: uint8, shape (256, 3): red, green, blue."""
        return self.sheet.style.palette

    @property
    def width(self) -> int:
        """Width in pixels; for a vector file, at the requested dpi."""
        return self.sheet.frame.width

    @property
    def height(self) -> int:
        """Height in pixels; for a vector file, at the requested dpi."""
        return self.sheet.frame.height

    @cached_property
    def metadata(self) -> dict[str, object]:
        """The metadata in a file, ready for JSON; lengths in pixels, at the file's dpi."""
        said = {
            "px_per_mv": self.scale.px_per_mv,
            "px_per_s": self.scale.px_per_s,
            "rate": self.rate,
            "record": self.record,
            "samples": self.n_samples,
            "start": self.start,
        }
        return said | self.sheet.metadata

    def png(self, compression: str = FAST) -> bytes:
        """Encode as a palette PNG: the same bytes each time, on any machine.

        `compression` is ``fast``, or ``small``, which takes more time for fewer bytes.
        """
        px_per_metre = self.scale.px_per_metre
        return encode_png(self.canvas, self.palette, px_per_metre, self.metadata, compression)

    def jpg(self, quality: int = QUALITY) -> bytes:
        """Encode as a JPEG without chroma subsampling; `quality` is 1 to 95."""
        return encode_jpeg(self.indices(), self.palette, self.scale.dpi, quality, self._with_dpi)

    def svg(self) -> bytes:
        """Write as an SVG at true millimetres: lines, and letters as text."""
        from .encode.vector import encode_svg

        return encode_svg(self.sheet, self.lines, self._with_dpi)

    def pdf(self) -> bytes:
        """Write as a PDF at true millimetres: lines, and letters as text in an embedded font."""
        from .encode.vector import encode_pdf

        return encode_pdf(self.sheet, self.lines, self._with_dpi)

    def save(self, path: str | os.PathLike[str], compression: str | None = None) -> None:
        """Write to a file whose ending says which format: .png, .jpg, .jpeg, .svg or .pdf.

        Parameters
        ----------
        path
            The file.
        compression
            Of a PNG: ``fast``, which is the default, or ``small``.

        Raises
        ------
        UsageError
            The ending is unknown, or is not that of a PNG and a compression was given.
        OSError
            As the system says.
        """
        format = format_of(path)
        Path(path).write_bytes(self.encode(format, compression=compression))

    def encode(
        self, format: str, quality: int | None = None, compression: str | None = None
    ) -> bytes:
        """Write in the format of that name; `quality` is for ``jpg``, `compression` for ``png``.

        Raises
        ------
        UsageError
            A compression was given, and the format is not ``png``.
        """
        if compression is not None and format != "png":
            raise UsageError(f"compression is for png, not {format}: leave it out")
        return ENCODINGS[format].encode(self, quality, compression)

    @property
    def _with_dpi(self) -> dict[str, object]:
        """The metadata, with the exact resolution for files that may not state it elsewhere."""
        return self.metadata | {"dpi": self.scale.dpi}

    def indices(self) -> npt.NDArray[np.uint8]:
        """Palette index of each pixel: uint8, shape (height, width)."""
        return summed_down(self.rows[:, 1:])

    def rgb(self) -> npt.NDArray[np.uint8]:
        """Colour of each pixel: uint8, shape (height, width, 3)."""
        return self.palette[self.indices()]
