"""Textures that are repeated over a picture, from a place on."""

from __future__ import annotations

from collections.abc import Iterator

Area = tuple[slice, slice]


def tiles(
    shape: tuple[int, ...], tile: tuple[int, ...], first: list[int]
) -> Iterator[tuple[Area, Area]]:
    """Cover a picture with a texture.

    Parameters
    ----------
    shape
        Of the picture: height, width, and whatever follows.
    tile
        Of the texture, in the same way.
    first
        Row and column of the texture that lie on the picture's first pixel.

    Yields
    ------
    area, area
        A part of the picture, and the part of the texture that belongs there.

    Examples
    --------
    >>> [area for area, part in tiles((2, 4), (2, 3), [0, 2])]
    [(slice(0, 2, None), slice(0, 1, None)), (slice(0, 2, None), slice(1, 4, None))]
    """
    for rows, tile_rows in _pieces(shape[0], tile[0], first[0]):
        for columns, tile_columns in _pieces(shape[1], tile[1], first[1]):
            yield (rows, columns), (tile_rows, tile_columns)


def _pieces(length: int, period: int, first: int) -> Iterator[tuple[slice, slice]]:
    done, place = 0, first % period
    while done < length:
        step = min(period - place, length - done)
        yield slice(done, done + step), slice(place, place + step)
        done, place = done + step, 0
