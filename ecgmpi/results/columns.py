"""The columns of the manifest, and which files the row of a picture names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecgmpi.picture_formats import (
    ANNOTATION,
    CROSSINGS,
    HIDDEN,
    MAP,
    MASK,
    MASKS,
    PICTURE,
    POINTS,
    SIGNAL,
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its type in HDF5 (``text`` is UTF-8) and what it says."""

    name: str
    dtype: str
    about: str

    @property
    def is_text(self) -> bool:
        """Whether it is text."""
        return self.dtype == "text"


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
    Column("path", "text", "where it is, below OUT: its file, or the shard that it is in"),
    Column("key", "text", "key of its sample in a shard; no other picture has the same"),
    Column("series", "text", "its kind of worn copies; empty for a clean picture"),
    Column("copy", "u1", "number of the copy in its series, from 1; 0 for a clean picture"),
    Column("bytes", "u4", "size of the file, bytes"),
    Column("crc32", "u4", "CRC-32 of the file, as zlib computes it"),
    Column("annotation_bytes", "u4", "size of its annotation, bytes; 0 where there is none"),
    Column("annotation_crc32", "u4", "CRC-32 of its annotation"),
    Column("mask_bytes", "u4", "size of its mask, bytes; 0 where there is none"),
    Column("mask_crc32", "u4", "CRC-32 of its mask"),
    Column("bits_bytes", "u4", "size of its bit mask, bytes; 0 where there is none"),
    Column("bits_crc32", "u4", "CRC-32 of its bit mask"),
    Column("grid_bytes", "u4", "size of its grid mask, bytes; 0 where there is none"),
    Column("grid_crc32", "u4", "CRC-32 of its grid mask"),
    Column("text_bytes", "u4", "size of its text mask, bytes; 0 where there is none"),
    Column("text_crc32", "u4", "CRC-32 of its text mask"),
    Column(
        "points_bytes", "u4", "size of the points of its samples, bytes; 0 where there are none"
    ),
    Column("points_crc32", "u4", "CRC-32 of these points"),
    Column(
        "signal_bytes", "u4", "size of what it shows in mV, bytes; 0 where that is not beside it"
    ),
    Column("signal_crc32", "u4", "CRC-32 of that"),
    Column("map_bytes", "u4", "size of the map of a worn copy, bytes; 0 where there is none"),
    Column("map_crc32", "u4", "CRC-32 of its map"),
    Column(
        "crossings_bytes",
        "u4",
        "size of the places where bold lines of the grid cross on a worn copy, bytes; 0 for none",
    ),
    Column("crossings_crc32", "u4", "CRC-32 of these places"),
    Column(
        "hidden_bytes",
        "u4",
        "size of the mask of what hides the ink of a worn copy, bytes; 0 where there is none",
    ),
    Column("hidden_crc32", "u4", "CRC-32 of that mask"),
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

SHARD_COLUMNS = (
    Column("chunk", "u4", "chunk of the catalogue that it holds, from 0"),
    Column("path", "text", "where it is, below OUT: a shard, or an index of one"),
    Column("bytes", "u8", "size of the file, bytes"),
    Column("crc32", "u4", "CRC-32 of the file, as zlib computes it"),
)

TABLES = {
    "recordings": RECORDING_COLUMNS,
    "pictures": PICTURE_COLUMNS,
    "shards": SHARD_COLUMNS,
}
"""The groups of the manifest, and their columns."""

Row = dict[str, Any]
"""Column name -> value; None where there is none."""

_PREFIXES = {
    PICTURE: "",
    ANNOTATION: "annotation_",
    MASK: "mask_",
    **{kind: f"{kind}_" for kind in MASKS},
    POINTS: "points_",
    SIGNAL: "signal_",
    MAP: "map_",
    CROSSINGS: "crossings_",
    HIDDEN: "hidden_",
}
NO_FILES: Row = {
    f"{prefix}{fact}": 0 for prefix in _PREFIXES.values() for fact in ("bytes", "crc32")
}
"""What the row of a picture says of files that are not there."""


def checksum_column(kind: str) -> str:
    """The column of pictures with the CRC-32 of one of its files, by its kind; 0 for no file."""
    return f"{_PREFIXES[kind]}crc32"


def file_columns(kind: str, data: bytes) -> Row:
    """What the row of a picture says of one of its files, by its kind."""
    # Ten times as fast as that of zlib; loaded only where something was drawn.
    from zlib_ng.zlib_ng import crc32

    prefix = _PREFIXES[kind]
    return {f"{prefix}bytes": len(data), f"{prefix}crc32": crc32(data)}


def files_of_row(pictures: Mapping[str, Sequence[Any]], row: int) -> Iterator[tuple[str, int, int]]:
    """Give kind, size and CRC-32 of every file that the row of a picture speaks of.

    `pictures` has a sequence a column.
    """
    for kind, prefix in _PREFIXES.items():
        size, checksum = (pictures[f"{prefix}{fact}"][row] for fact in ("bytes", "crc32"))
        # The picture is always there; a row without one says so, and is found to be wrong.
        if size or kind == PICTURE:
            yield kind, size, checksum
