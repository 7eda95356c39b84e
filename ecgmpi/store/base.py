"""What a store is: where the files of pictures go, and how they are found again.

The workers of a job `put` the files of a recording, one after another. When all recordings
of a chunk are done, the rank that journals it calls `finish`, and writes the record of the
chunk only after that. So a store that packs pictures lets each worker write a fragment a
recording, and joins the fragments of a chunk into a shard in `finish`. Files as they are
have nothing to finish.

A job that was killed between the two draws the chunk again. One that was done before, of
which some recordings are drawn again, is finished once more: with the locations of all its
pictures, those that are kept and those that are new, of which alone there are fragments.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ecgmpi.names import written
from ecgmpi.picture_formats import PICTURE


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
        What the names of the files of a picture end in, by kind, the picture's own first.
    """

    folder: str
    one_picture: bool = False
    endings: Mapping[str, str] = field(default_factory=lambda: {PICTURE: ".png"})

    def beside(self, location: str, kind: str) -> str:
        """Give where the file of a `kind` is whose picture is at `location`, if both share it.

        Examples
        --------
        >>> spec = StoreSpec("images", endings={"picture": ".png", "mask": ".mask.png"})
        >>> spec.beside("images/a/a_II.png", "mask")
        'images/a/a_II.mask.png'
        """
        return location.removesuffix(next(iter(self.endings.values()))) + self.endings[kind]


class Store(Protocol):
    """Keeps the files of pictures below OUT; it alone knows by which paths.

    Every process opens its own. A location is relative to OUT, with ``/``; the manifest has
    that of each picture.
    """

    def __init__(self, out: Path, spec: StoreSpec) -> None: ...

    def put(self, chunk: int, recording: str, name: str, data: bytes) -> str:
        """Keep a file, whole or not at all.

        Parameters
        ----------
        chunk
            The chunk that the recording belongs to.
        recording
            What it is called in OUT: valid UTF-8, see `ecgmpi.names`.
        name
            What tells the file from the others of its recording: the lead or page, if there
            are several, and one of `StoreSpec.endings`. A lead may be called anything.
        data
            What it holds.

        Returns
        -------
        str
            Its location, by the end of `finish`.

        Raises
        ------
        StoreError
            OUT is full, read-only or gone: nothing can be written any more.
        RecordingError
            This one file cannot be written.
        """

    def finish(self, chunk: int, locations: Sequence[str]) -> None:
        """Bring a chunk to the state that its record in the journal will describe.

        Parameters
        ----------
        chunk
            The chunk; it may have been finished before.
        locations
            Those of all its pictures, in the order of the catalogue. Nothing else of the
            chunk is to be kept.

        Raises
        ------
        StoreError
            OUT is full, read-only or gone.
        """

    def discard(self, recording: str) -> None:
        """Take back what was put of `recording` and is not finished, and anything half written.

        A store that has nothing to finish takes back every file of it.
        """

    def sweep(self, recording: str) -> None:
        """Take back what is half written of `recording`, and nothing else.

        For whoever has killed the process that wrote it.
        """

    def holds(
        self, location: str, size: int, checksum: int | None = None, kind: str = PICTURE
    ) -> bool:
        """Whether a file is there and is `size` bytes.

        Parameters
        ----------
        location
            Of the picture, as `put` gave it.
        size
            Size of the file, bytes.
        checksum
            Its CRC-32, for which it is read; None where its size is enough.
        kind
            Which of the files of the picture is meant, a key of `StoreSpec.endings`.
        """


def safe_name(text: str) -> str:
    """`text` as part of a file name: a lead called ``a/b`` must not make a folder."""
    return written(text.replace("/", "-").replace(os.sep, "-").replace("\0", "-"))
