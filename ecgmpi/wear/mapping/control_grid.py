"""The map of a worn picture: offsets at the nodes of a grid, in whole parts of a pixel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.npy import from_npy, npy

from .cells import Cells, inverted
from .dense import CELLS, dense_map, nearest_map

CELL = 16
"""Distance of nodes, px."""

UNIT = 32
"""Parts of a pixel: what OpenCV's fixed-point maps are made of."""

MOST_OFFSET = 32_760
"""Of a node, in parts of a pixel: it fits int16, and so does what is interpolated and rounded."""

MOST_SIDE = 32_000
"""Of a picture or page, px: OpenCV's fixed-point maps reach 32,767."""

LEAST_SIDE = 2 * CELL + 1
"""Of a picture or page, px."""

Offsets = npt.NDArray[np.int16]
Floats = npt.NDArray[np.float64]


def nodes_along(side: int, cell: int = CELL) -> int:
    """How many nodes a side has: its pixels are in the cells between them."""
    return -(-side // cell) + 1


def going_on(nodes: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.int64]:
    """Add a last row and column of nodes: as far from those before as these from the ones before.

    Cells at the right and lower edge end beyond the last pixels. So what is in them goes on from
    their neighbours, and their outer nodes need not be stored.

    Parameters
    ----------
    nodes
        Whole numbers, shape (rows, columns, 2), two or more of each.

    Returns
    -------
    ndarray
        int64, shape (rows + 1, columns + 1, 2).
    """
    whole = nodes.astype(np.int64)
    return np.pad(whole, ((0, 1), (0, 1), (0, 0)), "reflect", reflect_type="odd")


@dataclass(frozen=True, eq=False)
class ControlGrid:
    """Where each pixel of a picture looks on its page.

    Node (i, j) is the pixel in column ``cell * j`` and row ``cell * i`` of the picture. The place
    on the page that a pixel looks at is its own column and row plus the offset that is bilinear
    between the four nodes around it, rounded as `dense` says: by at most 1/32 px. Places are
    (column, row), whole at the centre of a pixel: half a pixel less than coordinates of
    `ecgmpi.geometry`, on both the picture and the page.

    Attributes
    ----------
    offsets
        int16, shape (rows, columns, 2): x and y on the page less x and y in the picture, at each
        node, in 1/32 px.
    width, height
        Of the picture, px.
    page_width, page_height
        Of the page, px.
    cell
        Distance of nodes, px: 4, 8 or 16.
    """

    offsets: Offsets
    width: int
    height: int
    page_width: int
    page_height: int
    cell: int = CELL

    def __post_init__(self) -> None:
        if self.cell not in CELLS:
            raise ValueError(f"nodes are 4, 8 or 16 px apart, not {self.cell}")
        for side in (self.width, self.height, self.page_width, self.page_height):
            if not LEAST_SIDE <= side <= MOST_SIDE:
                raise ValueError(
                    f"a worn picture and its page have sides of {LEAST_SIDE} to {MOST_SIDE:,} px, "
                    f"not {side:,}"
                )
        shape = (nodes_along(self.height, self.cell), nodes_along(self.width, self.cell), 2)
        if self.offsets.dtype != np.int16 or self.offsets.shape != shape:
            raise ValueError(
                f"offsets of a picture of {self.width} x {self.height} px are int16 of shape "
                f"{shape}, not {self.offsets.dtype} of shape {self.offsets.shape}"
            )
        if self.offsets.size and int(np.abs(self.offsets.astype(np.int32)).max()) > MOST_OFFSET:
            raise ValueError(f"offsets are at most {MOST_OFFSET:,} / {UNIT} px")

    @classmethod
    def identity(cls, width: int, height: int) -> ControlGrid:
        """Make the map of a picture that is its page."""
        offsets = np.zeros((nodes_along(height), nodes_along(width), 2), np.int16)
        return cls(offsets, width, height, width, height)

    @cached_property
    def cells(self) -> Cells:
        """The polynomial of each cell."""
        return Cells.of(self.offsets / UNIT, self.cell)

    def dense(self) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.uint16]]:
        """Make the map of every pixel, as ``cv2.remap`` takes it.

        It is linear along the rows of nodes, and then from row to row, each time rounded to
        1/32 px, halves upwards.

        Returns
        -------
        places : ndarray
            int16, shape (height, width, 2): whole column and row on the page.
        fractions : ndarray
            uint16, shape (height, width): 32 times the rest of y, in 1/32 px, plus that of x.
        """
        return dense_map(self.offsets, self.width, self.height, self.cell)

    @cached_property
    def nearest(self) -> npt.NDArray[np.int16]:
        """The pixel of the page nearest to where each pixel looks, as ``cv2.remap`` takes it.

        int16, shape (height, width, 2): column and row.
        """
        return nearest_map(self.offsets, self.width, self.height, self.cell)

    def backward(self, points: Floats) -> Floats:
        """Where on the page points of the picture look.

        Parameters
        ----------
        points
            float64, shape (n, 2): column and row in the picture, finite. Beyond its edges, the
            nearest cell goes on.

        Returns
        -------
        ndarray
            float64, shape (n, 2): column and row on the page.
        """
        x, y = self.cells.at(points[:, 0], points[:, 1])
        return np.stack([x, y], axis=1)

    def forward(self, points: Floats) -> Floats:
        """Where points of the page are in the picture: the inverse of `backward`.

        Parameters
        ----------
        points
            float64, shape (n, 2): column and row on the page, finite.

        Returns
        -------
        ndarray
            float64, shape (n, 2): column and row in the picture, such that `backward` comes within
            0.001 px of the point. Beyond the edges of the picture this is by the nearest cell, and
            rough; NaN where nothing was found at all.
        """
        return inverted(self.cells, self._start, points)

    @cached_property
    def _start(self) -> Cells:
        """A rough inverse."""
        return self.cells.roughly_inverted(self.page_width, self.page_height)

    def inverse(self, cell: int = 4) -> ControlGrid:
        """Make the map from the page to the picture, with which ``cv2.remap`` flattens it.

        Parameters
        ----------
        cell
            Distance of its nodes, px. Between them it is bilinear, while the true inverse has the
            kinks of a finer grid: hence 4.
        """
        rows, columns = (nodes_along(side, cell) for side in (self.page_height, self.page_width))
        x, y = np.meshgrid(np.arange(columns) * float(cell), np.arange(rows) * float(cell))
        nodes = np.stack([x.ravel(), y.ravel()], axis=1)
        found = self.forward(nodes)
        # What lies far outside the picture, or nowhere, is as black as what lies just outside.
        offsets = np.floor((np.nan_to_num(found, nan=-MOST_SIDE) - nodes) * UNIT + 0.5)
        clipped = np.clip(offsets, -MOST_OFFSET, MOST_OFFSET).astype(np.int16)
        return ControlGrid(
            clipped.reshape(rows, columns, 2),
            self.page_width,
            self.page_height,
            self.width,
            self.height,
            cell,
        )

    def folds_over(self) -> bool:
        """Whether the map turns anything over: its determinant is not positive somewhere.

        Within a cell the determinant of a bilinear map is linear in both coordinates, so that it is
        positive everywhere if it is at the four corners; these are whole numbers.
        """
        own = self.cell * UNIT
        nodes = self.offsets.astype(np.int64)
        right, down = nodes[:, 1:] - nodes[:, :-1], nodes[1:] - nodes[:-1]
        right[..., 0] += own
        down[..., 1] += own
        return any(
            bool((r[..., 0] * d[..., 1] <= r[..., 1] * d[..., 0]).any())
            for r in (right[:-1], right[1:])
            for d in (down[:, :-1], down[:, 1:])
        )

    def npy(self) -> bytes:
        """Make the content of the ``.map.npy`` file: less than 60 kB for 2200 x 1700 px.

        It is an int16 array of shape (rows + 1, columns, 2). Its first row begins with the width
        and height of the picture, those of the page, and the distance of nodes and the parts of a
        pixel; zeros follow. The other rows are `offsets` without the last row and column, which go
        on as those before. This makes the place on the page of every pixel, in parts of a pixel,
        exactly as the picture was made:

        >>> import io, numpy as np
        >>> file = io.BytesIO(ControlGrid.identity(70, 50).npy())
        >>> table = np.load(file).astype(int)
        >>> (width, height), page, (cell, unit) = table[0, :3]
        >>> nodes = np.pad(table[1:], ((0, 1), (0, 1), (0, 0)), "reflect", reflect_type="odd")
        >>> part = np.arange(cell)[:, None]
        >>> def between(first, second):
        ...     return first + (part * (second - first) + cell // 2) // cell
        >>> along = between(nodes[:, :-1, None], nodes[:, 1:, None]).reshape(len(nodes), 1, -1)
        >>> along = along[:, :, : 2 * width]
        >>> down = between(along[:-1], along[1:]).reshape(-1, width, 2)[:height]
        >>> pixels = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1)
        >>> places = down + unit * pixels
        >>> (places // unit)[20, 30].tolist()
        [30, 20]

        Raises
        ------
        ValueError
            The last row or column of nodes does not go on as those before.
        """
        stored = self.offsets[:-1, :-1]
        if not np.array_equal(going_on(stored), self.offsets):
            raise ValueError("the last nodes of a map that is stored go on as those before")
        rows, columns = stored.shape[:2]
        table = np.zeros((rows + 1, columns, 2), np.int16)
        table[0, :3] = (
            (self.width, self.height),
            (self.page_width, self.page_height),
            (self.cell, UNIT),
        )
        table[1:] = stored
        return npy(table)

    @classmethod
    def of_npy(cls, content: bytes) -> ControlGrid:
        """Read the content of a ``.map.npy`` file.

        Raises
        ------
        ValueError
            `content` is none.
        """
        return cls.of_table(from_npy(content))

    @classmethod
    def of_table(cls, table: npt.NDArray[np.int16]) -> ControlGrid:
        """Take the array that `npy` describes.

        Raises
        ------
        ValueError
            It is none.
        """
        if table.dtype != np.int16 or table.ndim != 3 or table.shape[1] < 3 or table.shape[2] != 2:
            raise ValueError(
                "a map is int16 of shape (rows + 1, columns, 2), "
                f"not {table.dtype} of shape {table.shape}"
            )
        width, height, page_width, page_height, cell, unit = table[0, :3].ravel().tolist()
        if unit != UNIT:
            raise ValueError(f"a map is in 1/{UNIT} px, not in 1/{unit}")
        nodes = going_on(table[1:])
        if int(np.abs(nodes).max()) > MOST_OFFSET:
            raise ValueError(f"offsets are at most {MOST_OFFSET:,} / {UNIT} px")
        offsets = nodes.astype(np.int16)
        return cls(offsets, width, height, page_width, page_height, cell)
