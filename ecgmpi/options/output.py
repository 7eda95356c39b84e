"""The files of pictures: their format, how they are compressed, and how they are packed."""

from __future__ import annotations

from dataclasses import dataclass

from ecgmpi.errors import UsageError
from ecgmpi.picture_formats import (
    COMPRESSIONS,
    FAST,
    MOST_QUALITY,
    PICTURE_FORMATS,
    endings_of,
)
from ecgmpi.store import PACKINGS, Series

from .files import Files
from .option import OUTPUT, option
from .truth import LINES

MOST_IN_A_SHARD = 4096
"""Recordings of a shard: a rank that dies costs at most the shards in flight."""


@dataclass(frozen=True, slots=True)
class Output(Files):
    """How pictures are stored; a part of what decides every byte in OUT."""

    format: str = option(
        "png",
        "choose the kind of file: pixels (png, jpg), or lines and letters at true millimetres "
        "(svg, pdf), placed as finely as --dpi says",
        group=OUTPUT,
        common=True,
        choices=PICTURE_FORMATS,
    )
    quality: int | None = option(
        None,
        "set the quality of a jpg; higher is truer and larger",
        group=OUTPUT,
        unit="1 to 95, default: 90",
        at_least=1,
    )
    compression: str | None = option(
        None,
        "compress each png, masks too, fast or small; small has the same pixels in two thirds "
        "of the bytes, for two (pages) to three times (strips) the CPU of the job (default: fast)",
        group=OUTPUT,
        choices=tuple(COMPRESSIONS),
    )
    pack: str = option(
        "files",
        "choose how pictures are stored: "
        + ", ".join(f"{packing.name} is {packing.about}" for packing in PACKINGS.values()),
        group=OUTPUT,
        choices=tuple(PACKINGS),
    )
    shard_recordings: int | None = option(
        None,
        "pack this many recordings into a shard",
        group=OUTPUT,
        metavar="N",
        unit="default: one in 256 of all, at most 128",
        at_least=1,
        at_most=MOST_IN_A_SHARD,
    )
    with_signals: bool = option(
        False,
        "store the samples that are drawn beside each picture, in mV, as .signal.npy; with --pack "
        "hdf5, once a recording",
        group=OUTPUT,
    )
    name_with_ending: bool = option(
        False,
        "name each recording with the ending of its file, x.mat rather than x, so that x.mat and "
        "x.csv of one folder are both drawn",
        group=OUTPUT,
    )

    def check_output(self) -> None:
        """Refuse options of files that do not fit each other.

        Raises
        ------
        UsageError
            They do not.
        """
        if self.quality is not None:
            if self.format != "jpg":
                raise UsageError("--quality is for jpg: add --format jpg, or leave it out")
            if self.quality > MOST_QUALITY:
                raise UsageError(f"--quality {self.quality}: give at most {MOST_QUALITY}")
        if self.compression is not None:
            if self.format != "png":
                raise UsageError("--compression is for png: leave it out, or choose --format png")
            if self.compression == FAST:
                # An OUT that was begun without it has the same bytes.
                object.__setattr__(self, "compression", None)
        if self.shard_recordings is not None and not PACKINGS[self.pack].shards:
            raise UsageError(f"--shard-recordings: {self.pack} makes no shards; add --pack tar")

    @property
    def packed_by(self) -> tuple[str, ...]:
        """Packages that affect the bytes of its shards."""
        return PACKINGS[self.pack].decisive

    @property
    def signals_once(self) -> bool:
        """Whether it keeps what is drawn of a recording once, and not with each picture."""
        return self.with_signals and PACKINGS[self.pack].recordings

    @property
    def worn_series(self) -> tuple[Series, ...]:
        """The series of worn copies that it makes of each picture."""
        return tuple(
            Series(
                one.name,
                endings_of(
                    one.profile.format,
                    told=True,
                    mask=self.mask,
                    points=self.annotate == LINES,
                    signal=self.with_signals and not self.signals_once,
                    masks=self.masks or (),
                    map=True,
                    crossings=True,
                    hidden=self.masked,
                ),
                one.copies,
            )
            for one in self.worn
        )

    @property
    def compressed_by(self) -> tuple[str, ...]:
        """Packages that affect the bytes of its PNGs."""
        formats = {self.format, *(one.profile.format for one in self.worn)}
        if "png" not in formats and not self.masked:
            return ()
        return COMPRESSIONS[self.compression or FAST]
