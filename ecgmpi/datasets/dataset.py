"""The pictures of an OUT as a data set by position, as the ``DataLoader`` of torch takes it."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import UsageError
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.picture_formats import CLEAN
from ecgmpi.store import PACKINGS

from .columns import ManifestColumns
from .decode import factor_of
from .fields import chosen
from .index import Index
from .order import Indices, epoch_order, share
from .samples import Sample, SampleReader
from .selection import selected
from .table import SampleTable


def dataset(
    out: str | os.PathLike[str],
    split: str | None = None,
    fields: str | Iterable[str] | None = None,
    scale: float = 1,
    where: str | None = None,
    series: str | None = None,
) -> Dataset:
    """Open the pictures of a finished OUT as a data set; one picture is one sample.

    Parameters
    ----------
    out
        The folder that ``ecgmpi render`` wrote to, with any ``--pack``.
    split
        Only the samples of this split; ``"none"`` for those in no split, None for all.
    fields
        What each sample has: ``image``, ``indices``, ``mask``, ``bits``, ``grid``, ``text``,
        ``hidden``, ``points``, ``signal``, ``labels``, ``map``, ``crossings``, ``annotation``; see
        `Dataset`. None for what OUT holds, without ``indices``, ``map``, ``crossings`` and
        ``annotation``.
    scale
        Size of pictures and masks: 1, or 1/2, 1/3 ... 1/16 of what was drawn, each way.
    where
        A condition on the columns of `Dataset.table`, such as
        ``"limb_leads == 'consistent' and rate_hz == 500"``.
    series
        The samples of this series of worn copies, a profile of ``--wear``; empty for the clean
        pictures. None for the clean pictures too, or where the job kept none, for its only series.

    Returns
    -------
    Dataset
        The samples, in the order of the manifest.

    Raises
    ------
    UsageError
        An argument makes no sense, or OUT does not hold what is asked for.
    JobError
        The job of OUT has not ended, or its manifest is damaged.
    """
    if not os.fspath(out):
        raise UsageError("the name of out is empty: name the folder that ecgmpi render wrote to")
    shrink = factor_of(scale)
    index = Index.open(Path(out))
    columns = _columns(index)
    if index.worn or series is not None:
        index = index.of_series(series, _series_in(columns))
    names = chosen(fields, index, columns.labels, shrink)
    rows = selected(columns, index.called, where, {"split": split, "series": index.series})
    columns.forget()
    return Dataset(index, columns, rows, names, shrink)


class Dataset:
    """Samples of an OUT; made by `dataset`.

    A sample is a dict. It has ``key`` (its key in the manifest), ``recording`` (the name of that
    in OUT), ``lead`` (of a page, all of them), and the fields that were asked for:

    ``image``
        uint8, (height, width, 3): red, green, blue.
    ``indices``
        uint8, (height, width): the palette indices of a PNG, at full size.
    ``mask``
        uint8, (height, width): the lead of each pixel, 0 for none; scaled as
        `ecgmpi.datasets.decode.decode_mask` says.
    ``hidden``
        uint8, (height, width), of worn copies: above 0 where something hides the ink,
        or light or sensor swallowed it; scaled as a mask.
    ``bits``
        uint16, (height, width): a bit for each lead that a pixel belongs to, by the ``mask_bit``
        of the annotation; scaled, a pixel has the bits of all that it stands for.
    ``grid``
        uint8, (height, width): 0 for no line, 1 for a thin one, 2 for a bold one, 3 where two
        bold ones cross; scaled, a pixel has the highest of those that it stands for.
    ``text``
        uint8, (height, width): which of the annotation's ``texts`` a letter is of, from 1, 0 for
        none; scaled like ``mask``.
    ``points``
        float32, (n_points, 2): x and y of each sample of the signal, px of `image`, trace after
        trace; y is NaN in gaps. With it comes ``visible``, bool, (n_points,): False in gaps, and
        on worn copies where a point is hidden or outside; of these also ``state``, uint8,
        (n_points,): 0 visible, 1 hidden, 2 outside the picture.
    ``signal``
        float32, (n_leads, n_samples): mV of what the picture shows, in the order of the leads.
    ``labels``
        dict: the columns of the manifest that come from metadata.
    ``map``
        int16, of worn copies: where on the flat page each pixel looks, as its ``.map.npy`` has
        it, of the picture at full size; `ecgmpi.unwarp` takes it.
    ``crossings``
        float32, (rows, columns, 3), of worn copies: where bold lines of the grid cross, px of
        `image`: x, y, and the state as of points.
    ``annotation``
        dict: where everything on the picture lies, from its JSON.

    Only ``annotation`` parses JSON. Arrays may be written to.

    It can be pickled; files are opened when they are first read, by each process for itself.

    Attributes
    ----------
    fields
        What each sample has.
    rows
        int64, shape (n_samples,): the row of each sample in ``pictures`` of the manifest.
    """

    def __init__(
        self,
        index: Index,
        columns: ManifestColumns,
        rows: npt.NDArray[np.int64],
        fields: tuple[str, ...],
        shrink: int,
    ) -> None:
        self._index = index
        self._columns = columns
        self._shrink = shrink
        self.rows = rows
        self.fields = fields
        self._reader = SampleReader(index, columns, fields, shrink)

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> Dataset: ...
    def __getitem__(self, index: Any) -> Any:
        """The sample at `index`, which may be negative; or of a slice, a data set.

        Raises
        ------
        IndexError
            There is none.
        TypeError
            `index` is no whole number and no slice; `subset` takes arrays.
        JobError
            A file of the sample is not there, or damaged.
        """
        if isinstance(index, slice):
            return self._with(self.rows[index])
        return self._reader.read(self._row(index))

    def __getitems__(self, indices: Iterable[int]) -> list[Sample]:
        """The samples at some indices, in their order; each shard is read from front to back.

        Raises
        ------
        IndexError, TypeError, JobError
            As for one.
        """
        rows = [self._row(index) for index in indices]
        samples: list[Sample] = [{}] * len(rows)
        for place in sorted(range(len(rows)), key=rows.__getitem__):
            samples[place] = self._reader.read(rows[place])
        return samples

    def __iter__(self) -> Iterator[Sample]:
        return (self._reader.read(row) for row in self.rows.tolist())

    def __repr__(self) -> str:
        held = ", ".join(self.fields)
        return f"<data set of {len(self):,} samples of {self._index.called}: {held}>"

    def subset(self, which: npt.ArrayLike) -> Dataset:
        """Give a data set of some of the samples.

        Parameters
        ----------
        which
            Their indices, in the order that is wanted; or a bool for each sample, such as a
            comparison of columns of `table`.

        Raises
        ------
        IndexError
            There are no such samples.
        """
        wanted = np.asarray(which)
        if wanted.ndim != 1 or (wanted.dtype.kind not in "iub" and wanted.size):
            given = f"{wanted.ndim} axes of {wanted.dtype}"
            raise IndexError(f"subset takes a list or array of whole numbers or bools, not {given}")
        return self._with(self.rows[wanted if wanted.size else np.zeros(0, np.int64)])

    @property
    def table(self) -> SampleTable:
        """The manifest, a row a sample; see `ecgmpi.datasets.table.SampleTable`."""
        return SampleTable(self._columns, self.rows)

    def order(
        self, seed: int = 0, epoch: int = 0, rank: int = 0, world: int = 1, start: int = 0
    ) -> Indices:
        """Give the order in which a rank takes its samples in an epoch.

        It is shuffled, and the same on any machine. Of shards, `ecgmpi.datasets.order.WINDOW` are
        shuffled at a time, so that reading stays local; files are shuffled as a whole.

        Parameters
        ----------
        seed, epoch
            Each pair has an order of its own.
        rank, world
            Which rank of how many. The ranks share the order; their numbers of samples differ
            by one at most.
        start
            How many samples of this epoch the rank has taken before: what is left is given.

        Returns
        -------
        ndarray
            int64: indices of samples.

        Raises
        ------
        UsageError
            There is no such rank, or `start` is negative.
        """
        return share(epoch_order(self._shard_sizes(), seed, epoch), rank, world, start)

    def load_index(self) -> None:
        """Read what every sample needs of the manifest, which otherwise the first sample does.

        Processes that are forked after that share it, and do not read it each by itself.
        """
        self._reader.load_index()

    def close(self) -> None:
        """Close the files that are open. They are opened again where they are needed."""
        self._reader.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (self._index, self.rows, self.fields, self._shrink)

    def _with(self, rows: npt.NDArray[np.int64]) -> Dataset:
        return Dataset(self._index, self._columns, rows, self.fields, self._shrink)

    def _row(self, index: Any) -> int:
        place = operator.index(index)
        n = len(self.rows)
        if not -n <= place < n:
            raise IndexError(f"there is no sample {place}: there are {n:,}, numbered from 0")
        return int(self.rows[place])

    def _shard_sizes(self) -> npt.NDArray[np.int64]:
        """How many samples lie in each shard, one after another; files are as one shard."""
        n = len(self.rows)
        if not n or not PACKINGS[self._index.pack].shards:
            return np.array([n], np.int64)
        paths = self._columns.take("path", self.rows)
        firsts = np.flatnonzero(np.concatenate([[True], paths[1:] != paths[:-1]]))
        return np.diff(np.append(firsts, n)).astype(np.int64)


def _reopened(
    index: Index, rows: npt.NDArray[np.int64], fields: tuple[str, ...], shrink: int
) -> Dataset:
    """A data set that was pickled: it reads the manifest again, when it needs it."""
    return Dataset(index, _columns(index), rows, fields, shrink)


def _series_in(columns: ManifestColumns) -> set[str]:
    """The series of all pictures."""
    if "series" not in columns.places:
        return {CLEAN}
    return {name.decode() for name in np.unique(columns["series"])}


def _columns(index: Index) -> ManifestColumns:
    return ManifestColumns(JobPaths(index.out).manifest_h5, index.called)
