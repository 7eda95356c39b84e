"""The manifest as columns of numpy, a row a sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import UsageError

from .columns import ManifestColumns, as_text

if TYPE_CHECKING:
    import pandas


class SampleTable(Mapping[str, npt.NDArray[Any]]):
    """The columns of the samples of a data set, read when they are asked for.

    Those of the picture come first, under their names in the manifest; those of its recording
    follow. Where both have one of the same name (``start_s``, ``bytes``, ``min_mv``, ``max_mv``,
    ``nan_samples``) that of the recording begins with ``recording_``. ``recording`` is the row
    of the recording in the manifest, and ``name`` what it is called.

    Each column has the shape (n_samples,). Text is `str` of fixed width; what has no value is
    NaN, or an empty text.
    """

    def __init__(self, columns: ManifestColumns, rows: npt.NDArray[np.int64]) -> None:
        self._columns = columns
        self._rows = rows

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """A column; raises KeyError where there is none of that name."""
        if name not in self._columns.places:
            raise KeyError(name)
        return as_text(self._columns.take(name, self._rows))

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns.places)

    def __len__(self) -> int:
        return len(self._columns.places)

    def __contains__(self, name: object) -> bool:
        return name in self._columns.places

    def __repr__(self) -> str:
        return f"<table of {len(self._rows):,} samples: {', '.join(self)}>"

    def pandas(self) -> pandas.DataFrame:
        """Give all of it as a data frame of pandas.

        Raises
        ------
        UsageError
            pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise UsageError(
                "a data frame needs the library pandas, which is not installed; pip install pandas"
            ) from error
        return pandas.DataFrame(dict(self))
