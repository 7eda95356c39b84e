"""Backgrounds: what lies behind traces, in bands of rows that pictures share.

A picture is its background, but for the rows that its traces and its own texts touch. So a
background is kept as bands, and what is the same in many pictures is copied, and compressed,
once a band and not once a picture.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Made = TypeVar("Made")

BAND = 12
"""Rows of a band. Fewer leave less to draw and compress; more take fewer steps."""


class Band:
    """Some rows of a background, never changed.

    Parameters
    ----------
    rows
        uint8, shape (rows, 1 + width), C-contiguous: Up-filtered palette indices, each row after
        its filter byte. The first is the difference from the last row of the band above.
    lasting
        Whether so many pictures will have it that the time that it takes once hardly counts.

    Attributes
    ----------
    users
        How many times kept backgrounds have it.
    """

    __slots__ = ("_made", "lasting", "rows", "users")

    def __init__(self, rows: Bytes, lasting: bool = False) -> None:
        rows.flags.writeable = False
        self.rows = rows
        self.lasting = lasting
        self.users = 0
        self._made: dict[Callable[[Bytes], Any], Any] = {}

    def once(self, make: Callable[[Bytes], Made]) -> Made:
        """Give what `make` makes of the rows, made when it is first asked for."""
        try:
            made: Made = self._made[make]
        except KeyError:
            made = self._made[make] = make(self.rows)
        return made


class Run:
    """Neighbouring bands.

    Parameters
    ----------
    bands
        From the top.
    """

    __slots__ = ("_made", "bands")

    def __init__(self, bands: tuple[Band, ...]) -> None:
        self.bands = bands
        self._made: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[tuple[Band, ...]], Made]) -> Made:
        """Give what `make` makes of the bands, made when `key` is first asked for."""
        try:
            made: Made = self._made[key]
        except KeyError:
            made = self._made[key] = make(self.bands)
        return made


_MOST_RUNS = 128
"""How many runs of one background are kept: traces reach to much the same rows on many pages."""


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """The rows of a picture without traces, as bands, from the top."""

    bands: tuple[Band, ...]
    edges: tuple[int, ...]
    """The first row of each band, and the number of rows."""
    own: Bytes | None = None
    """All rows, for one picture to draw on, where there are no bands to keep."""
    lasting: bool = False
    """Whether many pictures will have it, so that its runs are kept."""
    _runs: dict[tuple[int, int], Run] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, bands: Iterable[Band], lasting: bool = False) -> Background:
        """Put bands below each other."""
        bands = tuple(bands)
        edges = (0, *accumulate(len(band.rows) for band in bands))
        return cls(bands, edges, lasting=lasting)

    def run(self, begin: int, end: int) -> Run:
        """Give the bands from number `begin` up to but not including `end`."""
        if not self.lasting:
            return Run(self.bands[begin:end])
        found = self._runs.get((begin, end))
        if found is None:
            if len(self._runs) >= _MOST_RUNS:
                self._runs.clear()
            found = self._runs[begin, end] = Run(self.bands[begin:end])
        return found

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, and bytes a row: 1 + width."""
        rows = self.bands[0].rows if self.own is None else self.own
        return self.edges[-1], rows.shape[1]


class BackgroundCache:
    """The most recently used backgrounds by key, up to a number of bytes.

    A band lives as long as a background that has it, and counts once: its rows, not what was made
    of them or of runs. Threads may share the cache.
    """

    def __init__(self, limit: int) -> None:
        self._lock = threading.Lock()
        self.limit = limit
        self.held = 0
        self._backgrounds: OrderedDict[Hashable, tuple[Background, list[Hashable]]] = OrderedDict()
        self._bands: dict[Hashable, Band] = {}

    def get(
        self,
        key: Hashable,
        shape: tuple[int, int],
        bands: Callable[[], Iterable[tuple[Hashable, Callable[[], Bytes]]]],
        whole: Callable[[], Bytes],
        part: int = 1,
        lasting: bool = False,
    ) -> Background:
        """Give the background of that key.

        Parameters
        ----------
        key
            What it depends on.
        shape
            Rows, and bytes a row.
        bands
            Gives the key of each of its bands, and what makes its rows if none is kept.
        whole
            Makes all of its rows at once.
        part
            What is larger than 1 / `part` of the cache is not kept, nor held twice: it has no
            bands, and its rows are the picture's own.
        lasting
            Of its bands.
        """
        height, stride = shape
        if height * stride > self.limit // part:
            return Background((), (0, height), whole())
        with self._lock:
            found = self._backgrounds.get(key)
            if found is not None:
                self._backgrounds.move_to_end(key)
                return found[0]
            keys: list[Hashable] = []
            made: list[Band] = []
            new: dict[Hashable, Band] = {}
            for band_key, make in bands():
                band = self._bands.get(band_key) or new.get(band_key)
                if band is None:
                    band = new[band_key] = Band(make(), lasting)
                keys.append(band_key)
                made.append(band)
            background = Background.of(made, lasting)
            self._keep(key, background, keys, sum(band.rows.nbytes for band in new.values()))
            return background

    def _keep(self, key: Hashable, background: Background, keys: list[Hashable], size: int) -> None:
        self._backgrounds[key] = background, keys
        self.held += size
        for band_key, band in zip(keys, background.bands, strict=True):
            self._bands[band_key] = band
            band.users += 1
        while self.held > self.limit:
            self._drop()

    def _drop(self) -> None:
        """Forget the background that was not used for longest."""
        _, (background, keys) = self._backgrounds.popitem(last=False)
        for band_key, band in zip(keys, background.bands, strict=True):
            band.users -= 1
            if not band.users:
                self.held -= self._bands.pop(band_key).rows.nbytes

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            while self._backgrounds:
                self._drop()


BACKGROUNDS = BackgroundCache(24 << 20)
