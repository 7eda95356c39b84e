"""A recording on its way through the pipeline: checked, rendered, and each of its pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .drawing.picture import Picture
from .drawing.truth.outputs import PictureFile
from .ecg.limb_leads import LimbCheck
from .ecg.record import Record
from .ecg.signal_quality import LeadFacts
from .names import readable
from .picture_formats import CLEAN
from .results.columns import NO_FILES, Row, file_columns
from .results.result import lead_range


@dataclass(frozen=True, slots=True)
class CheckedRecord:
    """A recording as it was read, and what looks odd about it.

    Attributes
    ----------
    record
        The whole recording.
    leads
        Range and gaps of each lead, in the order of the recording.
    warnings
        What looks odd in the samples, in words.
    """

    record: Record
    leads: tuple[LeadFacts, ...]
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class RenderedPicture:
    """A picture of a recording.

    Attributes
    ----------
    picture
        What was drawn.
    files
        The picture, encoded, and what stands beside it; the picture first.
    label
        What tells it from the other pictures of its recording, its page or lead; empty where
        all of a recording is one picture.
    facts
        What its row in the manifest says of it, apart from its files and where they are.
    series, copy
        Of a worn copy: its series, and its number, from 1.
    """

    picture: Picture
    files: tuple[PictureFile, ...]
    label: str
    facts: Row
    series: str = CLEAN
    copy: int = 0

    @property
    def contents(self) -> dict[str, bytes]:
        """What its files hold, by their kind."""
        return {file.kind: file.data for file in self.files}

    def row(self, path: str) -> Row:
        """Make its row for the manifest; `path` is where the store has it."""
        row = NO_FILES | self.facts
        row |= {"path": path, "series": self.series, "copy": self.copy}
        for file in self.files:
            row |= file_columns(file.kind, file.data)
        return row


def picture_facts(picture: Picture, key: str, samples: npt.NDArray[np.float32]) -> Row:
    """What the row of a picture that shows `samples`, mV, says of it."""
    low, high, missing = lead_range(samples)
    return {
        "key": key,
        "lead": readable(picture.lead),
        "start_s": picture.start,
        "width_px": picture.width,
        "height_px": picture.height,
        "px_per_s": picture.scale.px_per_s,
        "px_per_mv": picture.scale.px_per_mv,
        "x0_px": picture.origin[0],
        "y0_px": picture.origin[1],
        "min_mv": low,
        "max_mv": high,
        "nan_samples": missing,
    }


@dataclass(frozen=True, slots=True)
class RenderedRecording:
    """A recording whose pictures are drawn as they are taken.

    Attributes
    ----------
    record
        The part of it that is drawn; its notes say what was assumed or done.
    limb
        Whether the limb leads of the whole recording agree with each other.
    warnings
        What looks odd in the samples of the whole recording, in words.
    pictures
        Its pictures, one after another: memory holds one at a time.
    """

    record: Record
    limb: LimbCheck
    warnings: list[str]
    pictures: Iterator[RenderedPicture]
