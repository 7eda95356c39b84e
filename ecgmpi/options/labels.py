"""Labels and splits: which tables, which of their columns, and how a row names its recording."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ecgmpi.errors import UsageError

from .option import LABELS, check_options, flag_of, option
from .splits import ByShare, ByValue, SplitRule, parsed

HEADER = "header"
"""The word for the comments of WFDB headers, in place of a table."""


@dataclass(frozen=True, slots=True)
class Labelling:
    """Where labels come from; a part of the options that decide every byte in OUT."""

    metadata: tuple[str, ...] | None = option(
        None,
        "copy labels from this table (CSV or TSV, either with .gz, or parquet) into the manifest "
        "and the JSON of samples, or Dx, Age and Sex from WFDB headers; given again, from several",
        group=LABELS,
        metavar="TABLE|header",
        unit="default: none",
        repeats=True,
    )
    metadata_key: tuple[str, ...] | None = option(
        None,
        "name the column that says which recording a row is of, and what it holds: record, the "
        "name in OUT without folders; path, below INPUT; stem, the last part of a path without "
        "its ending; key, the entry in the dataset or array of that name in an HDF5 or npz file of "
        "many; given again, for each table",
        group=LABELS,
        metavar="COLUMN[=record|path|stem|key]",
        unit="default: none; of what it holds: record",
        repeats=True,
    )
    metadata_columns: tuple[str, ...] | None = option(
        None,
        "copy these columns, and nothing else of a table; COLUMN=NAME calls it NAME",
        group=LABELS,
        metavar="COLUMN,...",
        unit="default: none",
    )
    split: str | None = option(
        None,
        "divide recordings into splits, a column of the manifest, and, where they are packed, "
        "folders of shards: by a column of a table (strat_fold=9:val,10:test; other values are "
        "train, or NAME with *:NAME), or by a hash in shares (80/10/10 is train/val/test, 80/20 "
        "train/test; train:70,val:10,test:20 names them)",
        group=LABELS,
        metavar="COLUMN=VALUE:NAME,...|SHARES",
        unit="default: none",
    )
    split_by: str | None = option(
        None,
        "with shares, give all recordings that have the same value in this column of a table the "
        "same split: name the column of patients",
        group=LABELS,
        metavar="COLUMN",
        unit="default: by recording",
    )

    def __post_init__(self) -> None:
        check_options(self)
        self.check_labels()

    @property
    def labelled(self) -> bool:
        """Whether there are labels, of which the split is one."""
        return self.metadata is not None or self.split is not None

    @property
    def split_rule(self) -> SplitRule | None:
        """How recordings are divided into splits; None where they are not."""
        return None if self.split is None else parsed(self.split)

    @property
    def split_column(self) -> str | None:
        """The column of a table that decides the split; None where none does."""
        rule = self.split_rule
        return rule.column if isinstance(rule, ByValue) else self.split_by

    @property
    def tables(self) -> tuple[str, ...]:
        """The files that labels come from."""
        return tuple(path for path in self.metadata or () if path != HEADER)

    def check_labels(self) -> None:
        """Refuse options of labels that do not fit each other.

        Raises
        ------
        UsageError
            They do not.
        """
        self._check_split()
        if self.metadata is None:
            for flag, given in (
                ("--metadata-key", self.metadata_key),
                ("--metadata-columns", self.metadata_columns),
            ):
                if given is not None:
                    raise UsageError(f"{flag} is for a table: name it with --metadata")
            return
        n_tables, n_keys = len(self.tables), len(self.metadata_key or ())
        if n_tables and not n_keys:
            raise UsageError(
                "--metadata: which recording is a row of? Add --metadata-key "
                "COLUMN=record, path, stem or key"
            )
        if self.metadata_columns is None and self.split_column is None:
            raise UsageError(
                "--metadata: nothing is copied unless it is named; add --metadata-columns a,b,c"
            )
        if n_keys not in (n_tables, 1 if n_tables else 0):
            raise UsageError(
                f"--metadata-key is given {n_keys} times, and there are {n_tables} tables: give "
                "one key, or one for each table, in the same order; header takes none"
            )

    def _check_split(self) -> None:
        rule = self.split_rule
        if self.split_by is not None and not isinstance(rule, ByShare):
            given = "--split 80/10/10" if rule is None else f"shares, not --split {self.split}"
            raise UsageError(f"--split-by {self.split_by} is for shares of a split: give {given}")
        if self.split_column is not None and self.metadata is None:
            flag = (
                f"--split {self.split}" if self.split_by is None else f"--split-by {self.split_by}"
            )
            raise UsageError(f"{flag}: name the table that has this column with --metadata")


FLAGS = frozenset(flag_of(entry) for entry in fields(Labelling))
"""The options of labels, as they are typed: none of them has a say in a picture."""
