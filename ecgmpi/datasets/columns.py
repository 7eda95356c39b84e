"""The columns of a manifest as arrays, read when they are first asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ecgmpi.errors import JobError
from ecgmpi.hdf5_file import open_to_read
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.results.finished import again
from ecgmpi.results.label_columns import marked

PICTURES, RECORDINGS = "pictures", "recordings"

OWNER = "recording"
"""The column of pictures that says which row of recordings is theirs."""

PREFIX = "recording_"
"""What the name of a recording's column begins with where pictures have one of that name."""

BLOCK = 1 << 16
"""Rows that are read at a time."""

_NEEDED = {
    PICTURES: {OWNER, "path", "key", "lead", "start_s"},
    RECORDINGS: {"name", "rate_hz"},
}
"""What samples are made of: an OUT of another version may lack others."""

Values = npt.NDArray[Any]


class ManifestColumns:
    """Columns of pictures and of their recordings, by one set of names.

    Those of pictures come first. One of recordings that is called the same begins with
    ``recording_``. The manifest is open only while a column is read. What was read is kept; a
    column whose rows are all the same takes no memory.

    Parameters
    ----------
    manifest
        Its path.
    called
        How messages name its OUT.

    Attributes
    ----------
    places
        Name -> group and name in the manifest.
    dtypes
        Name -> type of its values: text is bytes of fixed width, UTF-8.
    n_pictures, n_recordings
        How many rows the groups have.
    labels
        Name of each column that comes from metadata -> what it is called here.

    Raises
    ------
    JobError
        The manifest is damaged.
    """

    def __init__(self, manifest: Path, called: str) -> None:
        self._manifest = manifest
        self._called = called
        self._read: dict[tuple[str, str], Values] = {}
        self.places: dict[str, tuple[str, str]] = {}
        self.dtypes: dict[str, np.dtype[Any]] = {}
        lengths: dict[str, int] = {}
        with self._opened() as file:
            for group in (PICTURES, RECORDINGS):
                for name, dataset in file[group].items():
                    shown = name
                    while shown in self.places:
                        shown = f"{PREFIX}{shown}"
                    self.places[shown] = (group, name)
                    self.dtypes[shown] = _held(dataset.dtype)
                    if lengths.setdefault(group, len(dataset)) != len(dataset):
                        raise self._damaged(f"the columns of {group} differ in length")
                if lacking := _NEEDED[group] - set(file[group]):
                    raise self._damaged(f"{group} lacks {', '.join(sorted(lacking))}")
            labels = marked(file[RECORDINGS])
        self.n_pictures, self.n_recordings = lengths[PICTURES], lengths[RECORDINGS]
        shown_as = {place: shown for shown, place in self.places.items()}
        self.labels = {name: shown_as[RECORDINGS, name] for name in labels}

    def __getitem__(self, name: str) -> Values:
        """A column as the manifest has it: a value a row of its own group."""
        place = self.places[name]
        if place not in self._read:
            self._read[place] = self._loaded(*place)
        return self._read[place]

    def take(self, name: str, rows: npt.NDArray[np.int64] | slice) -> Values:
        """The values of some pictures, or of their recordings; `rows` are those of pictures."""
        values = self[name]
        if self.places[name][0] == PICTURES:
            return values[rows]
        return values[self[OWNER][rows]]

    @cached_property
    def name_of_recording(self) -> str:
        """What the name of a recording is called here."""
        return next(shown for shown, place in self.places.items() if place == (RECORDINGS, "name"))

    def labels_of(self, row: int) -> dict[str, Any]:
        """The labels of the recording of a picture: text as `str`, a number that is missing NaN."""
        owner = self[OWNER][row]
        values = {name: self[shown][owner] for name, shown in self.labels.items()}
        return {
            name: value.decode() if isinstance(value, bytes) else value.item()
            for name, value in values.items()
        }

    def forget(self) -> None:
        """Keep nothing of what was read."""
        self._read.clear()

    def _loaded(self, group: str, name: str) -> Values:
        with self._opened() as file:
            dataset = file[group][name]
            n, dtype = len(dataset), _held(dataset.dtype)
            if not n:
                return np.empty(0, dtype)
            first = dataset[:1].astype(dtype)
            values: Values | None = None
            for begin in range(0, n, BLOCK):
                block = dataset[begin : begin + BLOCK]
                if values is None:
                    if (block == first).all():
                        continue
                    values = np.empty(n, dtype)
                    values[:begin] = first
                values[begin : begin + BLOCK] = block
        return np.broadcast_to(first[0], n) if values is None else values

    @contextmanager
    def _opened(self) -> Iterator[h5py.File]:
        try:
            with open_to_read(self._manifest) as file:
                yield file
        except (OSError, RuntimeError, KeyError, AttributeError, TypeError, ValueError) as error:
            what = " ".join(str(error).split())
            raise self._damaged(f"it cannot be read: {what}") from error

    def _damaged(self, what: str) -> JobError:
        command = again(JobPaths(self._manifest.parent))
        return JobError(
            f"OUT {self._called}: {self._manifest.name} is damaged ({what}); {command}: it writes "
            "the manifest again from the journals"
        )


def _held(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The type that a column is held in: as it is, without what h5py notes beside it."""
    return np.dtype(dtype.str)


def as_text(values: Values) -> Values:
    """Text of bytes as `str`, shape as it was; other values as they are."""
    if values.dtype.kind != "S":
        return values
    return np.char.decode(values, "utf-8")
