"""What a store is: where the files of pictures go, and how they are found again.

The workers of a job `put` the files of one picture after another. When all recordings of a
chunk are done, the rank that journals it calls `finish`, and writes the record of the chunk
only after that. So a store that packs pictures lets each worker write a fragment a recording,
and joins the fragments of a chunk into a shard in `finish`. Files as they are have nothing to
finish.

A job that was killed between the two draws the chunk again. One that was done before, of
which some recordings are drawn again, is finished once more: with the keys of all its
pictures, those that are kept and those that are new, of which alone there are fragments.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ecgmpi.names import written
from ecgmpi.picture_formats import CLEAN, PICTURE

from .series import Series
from .shard_file import ShardFile

Keys = Sequence[tuple[str, Sequence[str]]]
"""The recordings of a chunk in the order of the catalogue: the name of each, and the keys of its
pictures of all series, none where it failed. A key says which series it belongs to."""


Splits = tuple[tuple[str, int], ...]
"""The name of each split, and its first chunk."""


@dataclass(frozen=True, slots=True)
class StoreSpec:
    """What a store knows of the job.

    Attributes
    ----------
    folder
        The folder below OUT that all it writes goes to, relative to OUT.
    one_picture
        Whether all of a recording is one picture.
    endings
        What the names of the files of a clean picture end in, by kind, the picture's own first.
    signals
        Whether the signal of each recording is kept, too: a file of the kind ``signal`` comes
        with the first of its pictures of each series.
    splits
        Each split that has shards of its own, and its first chunk, in order; none where there are
        no splits.
    durable
        Whether a shard must be on the disk before it takes the place of another: so it is where
        nothing could draw that again.
    series
        The series of worn copies.
    """

    folder: str
    one_picture: bool = False
    endings: Mapping[str, str] = field(default_factory=lambda: {PICTURE: ".png"})
    signals: bool = False
    splits: Splits = ()
    durable: bool = False
    series: tuple[Series, ...] = ()

    @property
    def every_series(self) -> tuple[Series, ...]:
        """All series, that of the clean pictures first, also where none of these is kept."""
        return (Series(CLEAN, self.endings), *self.series)

    def of(self, series: str) -> Series:
        """Give a series by its name; raises KeyError where there is none."""
        for one in self.every_series:
            if one.name == series:
                return one
        raise KeyError(series)

    def folder_of(self, chunk: int, series: str = CLEAN) -> str:
        """Give the folder below OUT of what belongs to a chunk: each series and split has one.

        Examples
        --------
        >>> spec = StoreSpec("shards", splits=(("train", 0), ("test", 8)))
        >>> spec.folder_of(7), spec.folder_of(8), spec.folder_of(8, "photo")
        ('shards/train', 'shards/test', 'shards/photo/test')
        """
        splits = [split for split, first in self.splits if first <= chunk]
        return "/".join(filter(None, (self.folder, series, *splits[-1:])))

    def beside(self, path: str, kind: str, series: str = CLEAN) -> str:
        """Give where the file of a `kind` is whose picture is at `path`, if both share it.

        Examples
        --------
        >>> spec = StoreSpec("images", endings={"picture": ".png", "mask": ".mask.png"})
        >>> spec.beside("images/a/a_II.png", "mask")
        'images/a/a_II.mask.png'
        """
        endings = self.of(series).endings if series else self.endings
        return path.removesuffix(next(iter(endings.values()))) + endings[kind]


class Store(Protocol):
    """Keeps the files of pictures below OUT; it alone knows by which paths.

    Every process opens its own. A path is relative to OUT, with ``/``; the manifest has
    that of each picture: of its file, or of the shard that it is in.

    Parameters
    ----------
    out
        OUT.
    spec
        What the store knows of the job.
    fragments
        A folder of this rank for what is not finished, which all of its processes share; for
        a store that packs pictures.
    """

    def __init__(self, out: Path, spec: StoreSpec, fragments: Path | None = None) -> None: ...

    def put(
        self,
        chunk: int,
        recording: str,
        label: str,
        files: Mapping[str, bytes],
        series: str = CLEAN,
        copy: int = 0,
    ) -> str:
        """Keep the files of a picture, each whole or not at all.

        Parameters
        ----------
        chunk
            The chunk that the recording belongs to.
        recording
            What it is called in OUT: valid UTF-8, see `ecgmpi.names`.
        label
            What tells the picture from the others of its recording: its lead or page; empty
            where there is one. A lead may be called anything.
        files
            What they hold, by their kind, in the order of the endings of the series.
        series, copy
            Of a worn copy: its series, and its number, from 1.

        Returns
        -------
        str
            The path where the picture is by the end of `finish`.

        Raises
        ------
        StoreError
            OUT is full, read-only or gone: nothing can be written any more.
        RecordingError
            These files cannot be written.
        """

    def finish(self, chunk: int, keys: Keys) -> tuple[ShardFile, ...]:
        """Bring a chunk to the state that its record in the journal will describe.

        Parameters
        ----------
        chunk
            The chunk; it may have been finished before.
        keys
            Those of all its pictures, see `ecgmpi.store.keys`. Nothing else of the chunk is to
            be kept.

        Returns
        -------
        tuple
            The files of its shards, one a series; empty where each picture has files of its own.

        Raises
        ------
        StoreError
            OUT is full, read-only or gone; or a picture that is to be kept is not there.
        """

    def discard(self, chunk: int, recording: str) -> None:
        """Take back what was put of `recording` and is not finished, and anything half written.

        A store that has nothing to finish takes back every file of it.
        """

    def sweep(self, chunk: int, recording: str) -> None:
        """Take back what is half written of `recording`, and nothing else.

        For whoever has killed the process that wrote it.
        """

    def holds(
        self,
        path: str,
        size: int,
        checksum: int | None = None,
        kind: str = PICTURE,
        series: str = CLEAN,
    ) -> bool:
        """Whether a file of a picture is there and is `size` bytes.

        It is asked only of a store that makes no shards: these are checked as a whole.

        Parameters
        ----------
        path
            Of the picture, as `put` gave it.
        size
            Size of the file, bytes.
        checksum
            Its CRC-32, for which it is read; None where its size is enough.
        kind
            Which of the files of the picture is meant, a key of the endings of its series.
        series
            That the picture belongs to.
        """


class ShardReader(Protocol):
    """Reads files of samples of one shard.

    Parameters
    ----------
    shard
        Its path.
    endings
        What the names of the files of a picture end in, by kind, the picture's own first.

    Raises
    ------
    OSError
        It cannot be read.
    ValueError
        It, or its index, is damaged.
    """

    def __init__(self, shard: Path, endings: Mapping[str, str]) -> None: ...

    def read(self, key: str, kind: str = PICTURE) -> bytes:
        """The bytes of a file of a sample.

        Raises
        ------
        KeyError
            The shard has none of that key and kind.
        OSError
            It cannot be read.
        """
        ...

    def close(self) -> None:
        """Close the shard."""


def safe_name(text: str) -> str:
    """`text` as part of a file name: a lead called ``a/b`` must not make a folder."""
    return written(text.replace("/", "-").replace(os.sep, "-").replace("\0", "-"))
