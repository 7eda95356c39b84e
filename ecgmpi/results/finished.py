"""An OUT that a job has finished: its manifest, and the options that it was drawn with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Error as SqliteError
from typing import Any

import h5py
import numpy.typing as npt

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.errors import JobError, UsageError
from ecgmpi.hdf5_file import open_to_read
from ecgmpi.names import written
from ecgmpi.outdir.job_file import JobFile, half_labelled
from ecgmpi.outdir.paths import NAME_OUT, JobPaths
from ecgmpi.results.columns import TABLES, Column
from ecgmpi.results.label_columns import marked

Block = dict[str, npt.NDArray[Any]]
"""Name of a column -> some of its rows; text is bytes, UTF-8."""

_CACHE = 1 << 20
"""Bytes of each column that HDF5 keeps: its own default takes 8 MiB for each of some twenty."""


def again(paths: JobPaths, more: str = "") -> str:
    """Say which command goes on with the job of an OUT.

    The labels of OUT may be others than those of the command that began it, which is then
    refused: `ecgmpi label` has changed them.

    Parameters
    ----------
    paths
        Of OUT.
    more
        An option that the command needs besides.
    """
    job_file = _job_of(paths)
    if job_file is not None and job_file.has_labels:
        more = f" and {more}" if more else ""
        return (
            "run the ecgmpi render command of this OUT again with the labels that it has "
            f"({job_file.label_options}){more}"
        )
    if job_file is not None and _had_labels(paths):
        more = f", with {more}" if more else ""
        return (
            "run the ecgmpi render command of this OUT again without labels, which ecgmpi label "
            f"removed{more}"
        )
    return "run the same ecgmpi render command again" + (f" with {more}" if more else "")


def _job_of(paths: JobPaths) -> JobFile | None:
    """The job of an OUT; None where it is not known."""
    try:
        return JobFile.read(paths)
    except (JobError, OSError):
        return None


def _had_labels(paths: JobPaths) -> bool:
    """Whether the last run that ended knew of labels."""
    try:
        facts = json.loads(paths.run_json.read_text(encoding="utf-8"))
        return bool(facts.get("labels") or facts.get("split") or facts.get("labelled"))
    except (OSError, ValueError, AttributeError):
        return False


class Table:
    """One group of a manifest.

    Attributes
    ----------
    name
        Of the group.
    columns
        Its columns, in order.
    n_rows
        How many rows it has.

    Raises
    ------
    JobError
        It is not there, or not whole.
    """

    def __init__(self, file: h5py.File, name: str, called: str, paths: JobPaths) -> None:
        self.name = name
        self._paths = paths
        self._called = called
        try:
            self.columns = (*TABLES[name], *_labels(file[name]))
            self._datasets = {column.name: file[name][column.name] for column in self.columns}
            lengths = {len(dataset) for dataset in self._datasets.values()}
        except (KeyError, TypeError, ValueError, OSError, RuntimeError) as error:
            # Another version has other columns, and says so.
            JobFile.read(paths)
            raise _damaged(called, paths, f"the columns of {name} are not all there") from error
        if len(lengths) != 1:
            raise _damaged(called, paths, f"the columns of {name} differ in length")
        (self.n_rows,) = lengths

    def block(self, first: int, last: int, *names: str) -> Block:
        """Read the rows from `first` to before `last`, of the named columns or of all.

        Raises
        ------
        JobError
            They cannot be read.
        """
        wanted = names or self._datasets
        try:
            return {name: self._datasets[name][first:last] for name in wanted}
        except (OSError, RuntimeError) as error:
            what = f"{self.name}, rows {first} to {last - 1}, cannot be read"
            raise _damaged(self._called, self._paths, what) from error

    def lists(self, first: int, last: int, *names: str) -> dict[str, list[Any]]:
        """As `block`, as lists; text is `str`.

        Raises
        ------
        JobError
            They cannot be read.
        """
        block = self.block(first, last, *names)
        return {name: self.decoded(values) for name, values in block.items()}

    def decoded(self, values: npt.NDArray[Any]) -> list[Any]:
        """Some rows of a column as a list; text is `str`.

        Raises
        ------
        JobError
            Text is not UTF-8.
        """
        if values.dtype.kind != "S":
            return list(values.tolist())
        try:
            return [text.decode() for text in values.tolist()]
        except UnicodeDecodeError as error:
            raise _damaged(
                self._called, self._paths, f"text of {self.name} is not UTF-8"
            ) from error


@dataclass(frozen=True, slots=True)
class FinishedOut:
    """An OUT; made by `open`.

    Attributes
    ----------
    paths
        Of its files.
    """

    paths: JobPaths

    @classmethod
    def open(cls, out: Path, to_label: bool = False) -> FinishedOut:
        """Open an OUT whose job has written its manifest.

        Parameters
        ----------
        out
            OUT.
        to_label
            Accept one that is half labelled, which has no manifest.

        Raises
        ------
        UsageError
            It is not an OUT.
        JobError
            It has no manifest yet, or is half labelled.
        """
        paths = JobPaths.of_folder(out)
        called = written(str(out))
        if begun := half_labelled(paths):
            if to_label:
                return cls(paths)
            begun.refuse_half_labelled(paths)
        if not paths.manifest_h5.is_file():
            if not paths.hidden.is_dir():
                raise UsageError(
                    f"{called} is not an OUT: it has neither {paths.manifest_h5.name} nor "
                    f"{paths.hidden.name}; {NAME_OUT}"
                )
            raise JobError(
                f"OUT {called} has no {paths.manifest_h5.name} yet: its job has not ended; wait "
                f"for it, or {again(paths)} to resume it (after --part: ecgmpi merge {called})"
            )
        return cls(paths)

    @property
    def called(self) -> str:
        """How messages name it."""
        return written(str(self.paths.out))

    @contextmanager
    def table(self, name: str) -> Iterator[Table]:
        """Open a table of the manifest, for a block.

        Raises
        ------
        JobError
            The manifest is damaged.
        """
        called = f"OUT {self.called}: {self.paths.manifest_h5.name}"
        try:
            file = open_to_read(self.paths.manifest_h5, rdcc_nbytes=_CACHE)
        except (OSError, RuntimeError) as error:
            raise _damaged(called, self.paths, "it is not a whole HDF5 file") from error
        with file:
            yield Table(file, name, called, self.paths)

    @contextmanager
    def catalogue(self) -> Iterator[Catalogue]:
        """Open the catalogue of the job, for a block.

        Raises
        ------
        sqlite3.Error
            It is not there, or damaged.
        """
        # To open one that is not there would make it.
        if not self.paths.catalogue.is_file():
            raise SqliteError("it is missing")
        with closing(Catalogue.open(self.paths.catalogue)) as catalogue:
            yield catalogue

    def unfinished(self) -> str:
        """Say how many recordings the manifest lacks, as the job was stopped; empty if none."""
        try:
            with self.catalogue() as catalogue:
                n_all = catalogue.n_recordings
        except SqliteError:
            return ""
        with self.table("recordings") as recordings:
            n_rows = recordings.n_rows
        if n_rows >= n_all:
            return ""
        return (
            f"OUT {self.called}: the job has not ended: its manifest has {n_rows:,} of {n_all:,} "
            f"recordings; {again(self.paths)} to resume it"
        )

    def options(self) -> dict[str, str]:
        """The options of its job, as a user would type them.

        Raises
        ------
        JobError
            They are not there, or cannot be read.
        """
        job_file = JobFile.read(self.paths)
        if job_file is None:
            raise JobError(
                f"OUT {self.called}: .ecgmpi/{self.paths.job_json.name} is missing, which says "
                "how its pictures were made; copy the folder .ecgmpi, too, when you copy an OUT"
            )
        return job_file.options


def _labels(group: h5py.Group) -> Iterator[Column]:
    """The columns of labels, which each job has others of."""
    for name in marked(group):
        dataset = group[name]
        is_text = h5py.check_string_dtype(dataset.dtype) is not None
        kind = "text" if is_text else dataset.dtype.str[1:]
        yield Column(name, kind, str(dataset.attrs.get("about", "")))


def _damaged(called: str, paths: JobPaths, what: str) -> JobError:
    return JobError(
        f"{called} is damaged ({what}); {again(paths)}: it writes the manifest again from the "
        "journals"
    )
