"""What stores of shards share: workers write fragments, `finish` joins those of a chunk."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from ecgmpi.atomic import explain
from ecgmpi.errors import LostSampleError, StoreError
from ecgmpi.picture_formats import CLEAN, PICTURE, SIGNAL

from .base import Keys, ShardReader, StoreSpec
from .fragments import Fragments, Sample
from .keys import sample_key, series_of
from .series import Series
from .shard_file import ShardFile

Recordings = Sequence[tuple[str, Sequence[str], Iterable[Sample]]]
"""The recordings of a shard, in order: the name of each, the keys of its samples, and these, which
are to be taken in order."""


Change = Callable[[str, Mapping[str, bytes]], Mapping[str, bytes]]
"""Takes the key of a sample and its files by kind; gives the files that it is to have."""


class PackedStore(ABC):
    """Pictures in shards, one for each chunk and series that has any."""

    ending: str
    """What the name of a shard ends in."""

    reader: type[ShardReader]
    """What reads a shard."""

    beside: tuple[str, ...] = ()
    """What the names of the indexes that stand beside it end in."""

    def __init__(self, out: Path, spec: StoreSpec, fragments: Path | None = None) -> None:
        self._out = out
        self._spec = spec
        # A process that never puts anything has no scratch folder.
        self._scratch = fragments or out
        self._fragments = Fragments(self._scratch, [one.name for one in spec.every_series])

    def put(
        self,
        chunk: int,
        recording: str,
        label: str,
        files: Mapping[str, bytes],
        series: str = CLEAN,
        copy: int = 0,
    ) -> str:
        """Append a sample to the fragment of its recording and series.

        Raises
        ------
        StoreError
            The scratch folder is full, read-only or gone.
        """
        sample = Sample(sample_key(recording, label, series, copy), files)
        try:
            self._fragments.append(chunk, recording, sample, series)
        except OSError as error:
            raise self._scratch_failed(error) from error
        return self._location(chunk, series)

    def finish(self, chunk: int, keys: Keys) -> tuple[ShardFile, ...]:
        """Write the shards of a chunk, one a series, and their indexes, each in one step.

        Raises
        ------
        StoreError
            OUT or the scratch folder is full, read-only or gone; or a picture that is to be kept
            is not in the shard as it was.
        """
        files: list[ShardFile] = []
        for series in self._spec.every_series:
            files += self._finish(chunk, series, _of_series(keys, series.name, self._spec))
        for recording, _ in keys:
            self._fragments.discard(chunk, recording)
        return tuple(files)

    def _finish(self, chunk: int, series: Series, keys: Keys) -> tuple[ShardFile, ...]:
        """Write the shard of a chunk that has the pictures of one series."""
        location = self._location(chunk, series.name)
        shard = self._out / location
        try:
            if not any(of_recording for _, of_recording in keys):
                self._remove(shard)
                return ()
            self._make_folders(chunk, series.name)
            reader = partial(self.reader, shard, series.endings)
            sources = _Sources(self._fragments, chunk, location, reader, self._spec, series)
            recordings = [(name, of, sources.samples(name, of)) for name, of in keys]
            with closing(sources):
                return self._write(shard, location, recordings, series)
        except OSError as error:
            explained = explain(error, location)
            raise StoreError(str(explained)) from error

    def rewrite(
        self, location: str, keys: Keys, change: Change, series: str = CLEAN
    ) -> tuple[ShardFile, ...]:
        """Write a shard again, each of its own samples as `change` makes it.

        Parameters
        ----------
        location
            Its path, as `put` gave it.
        keys
            Those of its chunk, as `finish` takes them.
        change
            Called with one sample after another, in order.
        series
            That it holds.

        Raises
        ------
        LostSampleError
            A sample is not there, or the shard cannot be read; it stays as it was.
        StoreError
            OUT or the scratch folder is full, read-only or gone.
        """
        shard = self._out / location
        own = self._spec.of(series)
        try:
            reader = self._reader_of_all(shard, own)
        except (OSError, ValueError) as error:
            raise LostSampleError(f"{location} {_unreadable(error)}") from error
        samples = partial(self._changed, reader, location, change, own)
        of_shard = _of_series(keys, series, self._spec)
        recordings = [(name, of, samples(of)) for name, of in of_shard]
        try:
            with closing(reader):
                return self._write(shard, location, recordings, own)
        except OSError as error:
            raise StoreError(str(explain(error, location))) from error

    def _changed(
        self,
        reader: ShardReader,
        location: str,
        change: Change,
        series: Series,
        keys: Iterable[str],
    ) -> Iterator[Sample]:
        """The samples of a recording, changed."""
        for number, key in enumerate(keys):
            kinds = [*series.endings]
            if number == 0 and self._spec.signals:
                kinds.append(SIGNAL)
            try:
                files = {kind: reader.read(key, kind) for kind in kinds}
            except (OSError, KeyError, ValueError, RuntimeError) as error:
                raise LostSampleError(f"{location}: sample {key} {_unreadable(error)}") from error
            yield Sample(key, change(key, files))

    def _reader_of_all(self, shard: Path, series: Series) -> ShardReader:
        """Open a shard to read all of it, whatever became of the files beside it."""
        return self.reader(shard, series.endings)

    def discard(self, chunk: int, recording: str) -> None:
        """Remove the fragments of a recording."""
        self._fragments.discard(chunk, recording)

    def sweep(self, chunk: int, recording: str) -> None:
        """Remove the fragments of a recording: they are of no use unless they are whole."""
        self._fragments.discard(chunk, recording)

    def holds(
        self,
        path: str,  # noqa: ARG002
        size: int,  # noqa: ARG002
        checksum: int | None = None,  # noqa: ARG002
        kind: str = PICTURE,  # noqa: ARG002
        series: str = CLEAN,  # noqa: ARG002
    ) -> bool:
        """No file of its own: a shard is checked as a whole."""
        return False

    @abstractmethod
    def _write(
        self, shard: Path, location: str, recordings: Recordings, series: Series
    ) -> tuple[ShardFile, ...]:
        """Write the shard of a series and its indexes; `location` is its path relative to OUT."""

    def _location(self, chunk: int, series: str) -> str:
        return f"{self._spec.folder_of(chunk, series)}/{chunk:06d}{self.ending}"

    def _make_folders(self, chunk: int, series: str) -> None:
        """Make the folders of a shard below OUT."""
        folder = self._out
        for name in self._spec.folder_of(chunk, series).split("/"):
            folder /= name
            # One at a time: an OUT that was moved away must not reappear.
            folder.mkdir(exist_ok=True)

    def _remove(self, shard: Path) -> None:
        for ending in (self.ending, *self.beside):
            shard.with_suffix(ending).unlink(missing_ok=True)

    def _scratch_failed(self, error: OSError) -> StoreError:
        if self._scratch.is_relative_to(self._out):
            return StoreError(str(explain(error, self._scratch.relative_to(self._out).as_posix())))
        return StoreError(
            f"cannot write to the scratch folder {self._scratch.parent}: "
            f"{error.strerror or type(error).__name__}; make room there, or give another with "
            "--scratch, then run the same command again to resume"
        )


def _of_series(keys: Keys, series: str, spec: StoreSpec) -> Keys:
    """The keys of a chunk that are of one series; none of a recording that has no picture of it."""
    if not spec.series:
        return keys
    return [(name, [key for key in of if series_of(key) == series]) for name, of in keys]


class _Sources:
    """Where the samples of a shard come from: from fragments, or from the shard as it was.

    Parameters
    ----------
    fragments, chunk
        What was drawn in this run, and of which chunk.
    location
        Of its shard, relative to OUT.
    reader
        Opens the shard as it was.
    spec, series
        What the store knows of the job, and which series the shard holds.
    """

    def __init__(
        self,
        fragments: Fragments,
        chunk: int,
        location: str,
        reader: Callable[[], ShardReader],
        spec: StoreSpec,
        series: Series,
    ) -> None:
        self._fragments = fragments
        self._chunk = chunk
        self._location = location
        self._reader = reader
        self._spec = spec
        self._series = series
        self._before: ShardReader | None = None

    def samples(self, recording: str, keys: Iterable[str]) -> Iterator[Sample]:
        """The samples of a recording, in order of their `keys`.

        Raises
        ------
        StoreError
            One is nowhere, or the shard as it was cannot be read.
        OSError
            A fragment cannot be read.
        """
        drawn = self._fragments.read(self._chunk, recording, self._series.name)
        for number, key in enumerate(keys):
            sample = next(drawn, None)
            if sample is None:
                sample = self._kept(key, signal=number == 0 and self._spec.signals)
            elif sample.key != key:
                raise self._lost(key)
            yield sample

    def close(self) -> None:
        """Close the shard as it was."""
        if self._before is not None:
            self._before.close()

    def _kept(self, key: str, signal: bool) -> Sample:
        kinds = [*self._series.endings, *([SIGNAL] if signal else [])]
        try:
            if self._before is None:
                self._before = self._reader()
            return Sample(key, {kind: self._before.read(key, kind) for kind in kinds})
        except (FileNotFoundError, KeyError, ValueError, RuntimeError) as error:
            raise self._lost(key) from error
        except OSError as error:
            # HDF5 gives no number of the system where the file is damaged.
            if error.errno is None:
                raise self._lost(key) from error
            # Said here, as Hdf5Store takes what is left for a fault of its scratch folder.
            raise StoreError(
                f"cannot read {self._location} below OUT: {os.strerror(error.errno)}; check that "
                "OUT is healthy, then run the same command again to resume"
            ) from error

    def _lost(self, key: str) -> StoreError:
        return StoreError(
            f"shard {self._chunk:06d}: sample {key} is neither in the scratch folder nor in the "
            "shard that an earlier run made: something removed or changed files there; run the "
            "same command again with --verify, which draws what is lost"
        )


def _unreadable(error: Exception) -> str:
    if isinstance(error, FileNotFoundError | KeyError):
        return "is missing"
    reason = error.strerror if isinstance(error, OSError) else None
    return f"cannot be read ({reason or ' '.join(str(error).split())})"
