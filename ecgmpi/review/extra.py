"""Files below OUT that no row of the manifest knows of."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ecgmpi.atomic import TEMPORARY_SUFFIX
from ecgmpi.names import written
from ecgmpi.outdir.paths import IMAGES, SHARDS
from ecgmpi.picture_formats import PICTURE
from ecgmpi.results.finished import Table
from ecgmpi.store import PACKINGS

from .problems import Checked
from .tasks import Setting

_ROWS_AT_ONCE = 65_536

Hashes = npt.NDArray[np.int64]


def check_extra(setting: Setting, pictures: Table, shards: Table, checked: Checked) -> None:
    """Look at each file below the folders of the stores, and note those without a row.

    Memory holds eight bytes a picture. A folder belongs to one part of a divided check.

    Raises
    ------
    JobError
        The manifest is damaged.
    """
    packed = PACKINGS[setting.pack].shards
    known = _hashes(setting, shards if packed else pictures)
    for folder, names in _files(setting):
        paths = [f"{folder}/{name}" for name in names]
        candidates = [[path] if packed else list(_pictures_of(path, setting)) for path in paths]
        counts = [len(some) for some in candidates]
        hashes = np.array([hash(one) for some in candidates for one in some], np.int64)
        owners = np.repeat(np.arange(len(paths)), counts)
        there = np.zeros(len(paths), np.bool_)
        there[owners[_among(hashes, known)]] = True
        for path, is_there in zip(paths, there, strict=True):
            if not is_there:
                half = path.endswith(TEMPORARY_SUFFIX)
                checked.extra(written(path), "a temporary file" if half else "")


def _hashes(setting: Setting, table: Table) -> Hashes:
    """The hash of every path in a table that belongs to this part, sorted."""
    found: list[Hashes] = [np.zeros(0, np.int64)]
    for first in range(0, table.n_rows, _ROWS_AT_ONCE):
        last = min(first + _ROWS_AT_ONCE, table.n_rows)
        paths = table.lists(first, last, "path")["path"]
        if setting.part.of > 1:
            paths = [path for path in paths if _is_ours(path.rpartition("/")[0], setting)]
        found.append(np.array([hash(path) for path in paths], np.int64))
    return np.unique(np.concatenate(found))


def _is_ours(folder: str, setting: Setting) -> bool:
    return setting.part.has(zlib.crc32(os.fsencode(folder)))


def _among(hashes: Hashes, known: Hashes) -> npt.NDArray[np.bool_]:
    if not len(known):
        return np.zeros(len(hashes), np.bool_)
    places = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    return np.asarray(known[places] == hashes)


def _pictures_of(path: str, setting: Setting) -> Iterator[str]:
    """Where the picture may be whose file is at `path`."""
    for series in setting.spec.every_series:
        own = series.endings[PICTURE]
        for ending in series.endings.values():
            if path.endswith(ending):
                yield path.removesuffix(ending) + own


def _files(setting: Setting) -> Iterator[tuple[str, list[str]]]:
    """Each folder of this part that stores write to, below OUT, and the files in it, sorted."""
    folders = [IMAGES, SHARDS]
    while folders:
        folder = folders.pop()
        names: list[str] = []
        try:
            with os.scandir(setting.out / folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(f"{folder}/{entry.name}")
                    else:
                        names.append(entry.name)
        except (FileNotFoundError, NotADirectoryError):
            continue
        if names and _is_ours(folder, setting):
            yield folder, sorted(names)
