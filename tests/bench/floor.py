"""What no program of this design can do without, on the very pixels that ecgmpi drew.

Read the file; copy a background; deflate the rows; write the picture.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from isal import igzip_lib

Rows = npt.NDArray[np.uint8]


class Floor:
    """The least work for one recording.

    Parameters
    ----------
    path
        The recording.
    pictures
        Place below OUT -> the filtered rows of a picture, as ecgmpi drew them.
    """

    def __init__(self, path: Path, pictures: dict[str, Rows]) -> None:
        self._path = path
        self._pictures = pictures
        self._folders = {Path(place).parent for place in pictures} - {Path()}

    def run(self, out: Path) -> None:
        """Do it once, into `out`."""
        self._path.read_bytes()
        for folder in self._folders:
            (out / folder).mkdir()
        for place, rows in self._pictures.items():
            rows.copy()
            data = igzip_lib.compress(rows, 1, igzip_lib.COMP_ZLIB)
            (out / place).write_bytes(data)
