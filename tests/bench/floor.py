"""What no program of this design can do without, on the very pixels that ecgmpi drew.

Read the file; copy a background; deflate the rows; write the picture.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from isal import igzip_lib

from ecgmpi.drawing import StripOptions, draw_strip
from ecgmpi.readers import read

Rows = npt.NDArray[np.uint8]


class Floor:
    """The least work for one recording."""

    def __init__(self, path: Path) -> None:
        self._path = path
        record = read(path)
        self._rows = [draw_strip(record, lead, StripOptions()).rows for lead in record.leads]

    def run(self, out: Path) -> None:
        """Do it once, into `out`."""
        self._path.read_bytes()
        folder = out / self._path.stem
        folder.mkdir(parents=True, exist_ok=True)
        for number, rows in enumerate(self._rows):
            rows.copy()
            data = igzip_lib.compress(rows, 1, igzip_lib.COMP_ZLIB)
            (folder / f"{number}.png").write_bytes(data)
