"""Labels as columns of the manifest, behind those of the recordings."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ecgmpi.atomic import replacing
from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.chunks import Chunks
from ecgmpi.labels.stored import StoredLabels
from ecgmpi.outdir.paths import JobPaths

from .columns import Column
from .tables import Table

if TYPE_CHECKING:
    import h5py

MARK = "labels"
"""The attribute of the group ``recordings`` with the names of its labels, as JSON."""


class LabelOf(Column):
    """A column of labels."""


@dataclass(frozen=True, slots=True)
class LabelRows:
    """The labels of a job, chunk by chunk."""

    stored: StoredLabels
    chunks: Chunks

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the manifest that they become."""
        return tuple(
            LabelOf(column.name, column.kind.value, column.about) for column in self.stored.columns
        )

    @property
    def widths(self) -> dict[str, int]:
        """Bytes of the longest text of each, as `Totals.widths` has them."""
        return {f"recordings/{column.name}": column.width for column in self.stored.columns}

    @property
    def identity(self) -> list[Any]:
        """What decides them, but for the recordings."""
        return self.stored.identity

    def rows(self, chunk: int) -> Table:
        """The labels of the recordings of a chunk."""
        indices = self.chunks.recordings(chunk)
        return self.stored.block(indices.start, indices.stop)

    def mark(self, recordings: Any) -> None:
        """Note in the group of the recordings which of its columns are labels."""
        recordings.attrs[MARK] = json.dumps([column.name for column in self.stored.columns])


def marked(recordings: h5py.Group) -> tuple[str, ...]:
    """The names of the labels among the columns of recordings, in order.

    Raises
    ------
    ValueError
        The mark that names them is damaged.
    """
    mark = recordings.attrs.get(MARK)
    if mark is None:
        return ()
    names = json.loads(mark)
    if not isinstance(names, list) or not set(names) <= set(recordings):
        raise ValueError(f"its attribute {MARK} names columns that are not there")
    return tuple(names)


def labels_of(catalogue: Catalogue) -> LabelRows | None:
    """The labels of a job; None if it has none."""
    if catalogue.labels is None:
        return None
    return LabelRows(catalogue.labels, catalogue.chunks)


def names_of(catalogue: Catalogue) -> tuple[str, ...]:
    """The names of the labels of a job."""
    return tuple(column.name for column in catalogue.labels.columns) if catalogue.labels else ()


def write_unmatched(paths: JobPaths, catalogue: Catalogue) -> None:
    """Write which recordings have no row in a table of labels; nothing where there are none.

    Raises
    ------
    OSError
        The disk is full or gone.
    """
    if catalogue.labels is None or not catalogue.label_tables:
        return
    with (
        replacing(paths.unmatched_csv) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as handle,
    ):
        rows = csv.writer(handle, lineterminator="\n")
        rows.writerow(("table", "name", "source"))
        rows.writerows(catalogue.labels.unmatched())
