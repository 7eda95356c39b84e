"""What is refused before it is drawn, in every layout."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from ecgmpi.errors import FailureKind, RecordingError

from .raster.grid import Gridded

MOST_MV = 1e6
"""Samples have seven digits: further from zero, none of them is left for the signal."""

ABSURD_MV = 1e15
"""No converter counts as far: such values are no ECG in any unit."""

PLAUSIBLE_MV = 20.0
"""Values of an ECG stay below it: beyond, the unit of the file may be another."""


@dataclass(frozen=True, slots=True)
class SizeLimits:
    """The size limits of a format; None for no limit.

    Attributes
    ----------
    pixels
        Of the whole picture.
    side_px
        Of its width and of its height, px.
    side_mm
        Of its width and of its height, mm.
    samples
        Drawn on it, of all leads together.
    """

    pixels: int | None = None
    side_px: int | None = None
    side_mm: float | None = None
    samples: int | None = None

    def check(
        self,
        what: str,
        frame: Gridded,
        n_samples: int,
        because: Callable[[], str] | None = None,
        instead: str = "",
        highest: float = math.inf,
    ) -> None:
        """Refuse a picture by its size.

        Parameters
        ----------
        what
            What it is, for the message.
        frame
            Its size and scale.
        n_samples
            How many are drawn on it, of all leads together.
        because
            Gives the reason for its size, which is seldom asked for.
        instead
            What could be drawn instead of a picture that is too wide.
        highest
            The largest value drawn, without its sign, mV; infinite if unknown.

        Raises
        ------
        RecordingError
            It is too large.
        """
        found = self._excess(frame, n_samples)
        if not found:
            return
        size, least = found
        odd = highest > PLAUSIBLE_MV
        tall = odd and frame.height > frame.width
        flags = ["--gain"] if tall else ["--speed"] if not odd else ["--gain", "--speed"]
        flags += ["--dpi"] if self.pixels is not None else []
        remedies = ["if those are not millivolts, state their unit with --units"] if odd else []
        smaller = f"smaller with {' or '.join(flags)}"
        if tall:
            remedies.append(f"or draw {smaller}")
        else:
            more = f", {instead}," if instead else ""
            either = "or " if odd else ""
            remedies.append(f"{either}draw less with --duration{more} or {smaller}")
        reason = ""
        if because is not None:
            why = "its values lie far apart" if tall else "what it shows is long"
            reason = f", as {why}: {because()}"
        raise RecordingError(
            FailureKind.TOO_LARGE,
            f"{what} would be {size}, over {least}{reason}",
            "; ".join(remedies),
        )

    def _excess(self, frame: Gridded, n_samples: int) -> tuple[str, str] | None:
        wide, tall = frame.width, frame.height
        if self.pixels is not None and wide * tall > self.pixels:
            return f"{wide} x {tall} pixels", f"{self.pixels // 1_000_000} megapixels"
        if self.side_px is not None and max(wide, tall) > self.side_px:
            return f"{wide} x {tall} pixels", f"the limit of the format, {self.side_px} a side"
        px = frame.scale.px_per_mm
        if self.side_mm is not None and max(wide, tall) > self.side_mm * px:
            return f"{wide / px:.0f} x {tall / px:.0f} mm", f"{self.side_mm:g} mm a side"
        if self.samples is not None and n_samples > self.samples:
            return f"a line of {n_samples:,} samples", f"{self.samples:,}"
        return None


RASTER = SizeLimits(pixels=100_000_000)
JPEG = SizeLimits(pixels=100_000_000, side_px=65_500)
"""The limit of libjpeg."""
VECTOR = SizeLimits(side_mm=5080.0, samples=2_000_000)
"""PDF allows 200 inches; at tens of bytes per sample, viewers still open such files."""


def check_range(lead: str, low: float, high: float) -> None:
    """Refuse a lead by its extremes, mV.

    Raises
    ------
    RecordingError
        It holds an infinite value or one beyond a million millivolts; beyond `ABSURD_MV`, the
        file is damaged.
    """
    if math.isinf(low) or math.isinf(high):
        raise RecordingError(
            FailureKind.INFINITE,
            f"lead {lead} holds an infinite value",
            "correct the file, or write NaN where nothing was recorded",
        )
    if max(-low, high) > ABSURD_MV:
        raise RecordingError(
            FailureKind.CORRUPT,
            f"lead {lead} goes from {low:.3g} to {high:.3g} mV, beyond the range of any ECG",
            "the file is damaged, or its samples are of another type or byte order than it says: "
            "copy it again, or save it again from the original",
        )
    if max(-low, high) > MOST_MV:
        raise RecordingError(
            FailureKind.TOO_LARGE,
            f"lead {lead} goes from {low:g} to {high:g} mV, beyond {MOST_MV:,.0f} mV",
            "if those are not millivolts, state their unit with --units",
        )
