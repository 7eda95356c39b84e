"""The columns of the manifest, and the rows that workers make for it.

A worker makes the rows of a recording; the journal carries them; rank 0 lays them out in
catalogue order. Nothing in a row depends on who drew it, where or when.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ecgmpi.errors import RecordingError
from ecgmpi.limb import LimbCheck
from ecgmpi.record import Record

from .catalogue import Item

LONGEST_TEXT = 500
"""Bytes of a message that are kept."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its type in HDF5 (``text`` is UTF-8) and what it says."""

    name: str
    dtype: str
    about: str


RECORDING_COLUMNS = (
    Column("name", "text", "what the recording is called in OUT"),
    Column("source", "text", "the file it came from, below INPUT"),
    Column("status", "text", "drawn or failed"),
    Column("pictures", "u4", "how many pictures it has"),
    Column("bytes", "u8", "size of its pictures and what stands beside them, bytes"),
    Column("format", "text", "kind of file, as the reader calls it"),
    Column("leads", "text", "names of the leads that were drawn, in order"),
    Column("rate_hz", "f8", "samples per second, Hz"),
    Column("samples", "u4", "samples of each lead that were drawn"),
    Column("start_s", "f8", "where the part that was drawn begins in the file, s"),
    Column("min_mv", "f4", "smallest sample, mV"),
    Column("max_mv", "f4", "largest sample, mV"),
    Column("nan_samples", "u4", "samples that are not a number, drawn as gaps, all leads"),
    Column(
        "assumed",
        "text",
        "what neither the file nor an option stated, of rate, unit and leads",
    ),
    Column("baseline", "text", "what was taken off each lead: none, or its median"),
    Column(
        "limb_residual_mv",
        "f4",
        "by how much III, aVR, aVL or aVF misses what I and II make it, in 99 of 100 samples, mV",
    ),
    Column("limb_leads", "text", "whether the limb leads agree with each other, in words"),
    Column("problems", "text", "what looks odd in the samples of the file, in words"),
    Column("notes", "text", "what was assumed or done to the signal"),
    Column("content", "text", "with --strict: SHA-256 of what it was read from"),
    Column("class", "text", "why it failed, in a word"),
    Column("message", "text", "why it failed"),
    Column("remedy", "text", "what to do about it"),
)

PICTURE_COLUMNS = (
    Column("recording", "u4", "row of its recording, from 0"),
    Column("lead", "text", "lead that is drawn; on a page, all of them"),
    Column("start_s", "f8", "where what it shows begins in the file, s"),
    Column("path", "text", "where it is, below OUT"),
    Column("bytes", "u4", "size of the file, bytes"),
    Column("crc32", "u4", "CRC-32 of the file, as zlib computes it"),
    Column("annotation_bytes", "u4", "size of its annotation, bytes; 0 where there is none"),
    Column("annotation_crc32", "u4", "CRC-32 of its annotation"),
    Column("mask_bytes", "u4", "size of its mask, bytes; 0 where there is none"),
    Column("mask_crc32", "u4", "CRC-32 of its mask"),
    Column("width_px", "u4", "px; of an SVG or PDF this and what follows at the job's dpi"),
    Column("height_px", "u4", "px"),
    Column("px_per_s", "f8", "px per second"),
    Column("px_per_mv", "f8", "px per millivolt"),
    Column(
        "x0_px",
        "f8",
        "x of the first sample, px from the left; on a page, of row 1",
    ),
    Column("y0_px", "f8", "y of the baseline, px from the top; on a page, of row 1"),
    Column("min_mv", "f4", "smallest sample, mV"),
    Column("max_mv", "f4", "largest sample, mV"),
    Column("nan_samples", "u4", "samples that are not a number"),
)

Row = dict[str, Any]
"""Column name -> value; None where there is none."""

_PREFIXES = {"picture": "", "annotation": "annotation_", "mask": "mask_"}
NO_FILES: Row = {
    f"{prefix}{fact}": 0 for prefix in _PREFIXES.values() for fact in ("bytes", "crc32")
}
"""What the row of a picture says of files that are not there."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one recording: its row and the rows of its pictures.

    Picture rows lack the column ``recording``, which rank 0 fills in.
    """

    index: int
    recording: Row
    pictures: list[Row]

    @property
    def failed(self) -> bool:
        """Whether it could not be drawn."""
        return bool(self.recording["status"] == FAILED)


DRAWN, FAILED = "drawn", "failed"

_NOTHING: Row = {
    column.name: "" if column.dtype == "text" else None for column in RECORDING_COLUMNS
} | {"pictures": 0, "bytes": 0, "samples": 0, "nan_samples": 0}


def drawn(
    item: Item,
    record: Record,
    limb: LimbCheck,
    pictures: list[Row],
    baseline: str,
    problems: Iterable[str],
    notes: Iterable[str],
) -> Result:
    """The result for a recording that was drawn; `limb` and `problems` are of all of it."""
    ranges = [row for row in pictures if row["min_mv"] is not None]
    row = _NOTHING | {
        "name": item.name,
        "source": item.source,
        "status": DRAWN,
        "pictures": len(pictures),
        "bytes": sum(
            picture[f"{prefix}bytes"] for picture in pictures for prefix in _PREFIXES.values()
        ),
        "format": record.format,
        "leads": " ".join(record.leads),
        "rate_hz": record.rate,
        "samples": record.n_samples,
        "start_s": record.start,
        "min_mv": min((row["min_mv"] for row in ranges), default=None),
        "max_mv": max((row["max_mv"] for row in ranges), default=None),
        "nan_samples": sum(picture["nan_samples"] for picture in pictures),
        "assumed": " ".join(record.assumed),
        "baseline": baseline,
        "limb_residual_mv": limb.residual_mv,
        "limb_leads": limb.verdict,
        "problems": one_line("; ".join(problems)),
        "notes": one_line("; ".join(notes)),
    }
    return Result(item.index, row, pictures)


def file_columns(kind: str, data: bytes) -> Row:
    """What the row of a picture says of one of its files, of a kind of `ecgmpi.drawing.files`."""
    prefix = _PREFIXES[kind]
    return {f"{prefix}bytes": len(data), f"{prefix}crc32": zlib.crc32(data)}


def files_of_row(
    pictures: Mapping[str, Sequence[Any]], row: int, endings: Mapping[str, str]
) -> Iterator[tuple[str, int, int]]:
    """Give path, size and CRC-32 of every file that the row of a picture speaks of.

    `pictures` has a sequence a column; `endings` are those of `ecgmpi.drawing.endings`.
    """
    path = pictures["path"][row]
    stem = path.removesuffix(next(iter(endings.values())))
    for kind, ending in endings.items():
        prefix = _PREFIXES[kind]
        size, checksum = (pictures[f"{prefix}{fact}"][row] for fact in ("bytes", "crc32"))
        yield stem + ending, size, checksum


def failed(item: Item, error: RecordingError, how: str = "") -> Result:
    """The result for a recording that could not be drawn.

    Parameters
    ----------
    item
        Which one.
    error
        Why.
    how
        What ended the process that tried, as part of its class: ``crashed: SIGSEGV``.
    """
    # Absolute paths would make the manifest depend on where the corpus lies.
    message = error.message.replace(item.path, item.source)
    row = _NOTHING | {
        "name": item.name,
        "source": item.source,
        "status": FAILED,
        "class": f"{error.kind}: {how}" if how else str(error.kind),
        "message": one_line(message),
        "remedy": one_line(error.remedy),
    }
    return Result(item.index, row, [])


def one_line(text: str) -> str:
    """`text` on one line and not too long for a table."""
    line = " ".join(text.split())
    encoded = line.encode("utf-8", "surrogateescape")
    if len(encoded) <= LONGEST_TEXT:
        return line
    return encoded[: LONGEST_TEXT - 3].decode("utf-8", "ignore") + "..."


def lead_range(samples: np.ndarray[Any, np.dtype[np.float32]]) -> tuple[Any, Any, int]:
    """Smallest and largest of float32 `samples`, mV, and how many are NaN.

    The first two are None where all are NaN.
    """
    low, high = float(samples.min()), float(samples.max())
    if low == low:
        return low, high, 0
    missing = np.isnan(samples)
    count = int(missing.sum())
    if count == samples.size:
        return None, None, count
    present = samples[~missing]
    return float(present.min()), float(present.max()), count


def safe_part(text: str) -> str:
    """`text` as part of a file name: a lead called ``a/b`` must not make a folder."""
    return text.replace("/", "-").replace(os.sep, "-").replace("\0", "-")
