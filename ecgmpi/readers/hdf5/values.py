"""Small values in an HDF5 file: attributes, datasets, MATLAB 7.3's text and cell arrays of it.

Values are bounded before they are read. References are followed only in cell arrays of text,
for one step, and never out of the file.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ecgmpi.readers.statements import DAMAGED, MANY, MOST_BYTES, UNKNOWN, Value
from ecgmpi.readers.validate import MAX_LISTED

from .heaps import readable
from .items import matlab_class

_LARGEST_CHUNK = 1 << 20
"""Largest chunk of a small dataset, bytes: a chunk is inflated whole."""


class Values:
    """Reads small values of one file.

    Parameters
    ----------
    file
        Its root.
    """

    def __init__(self, file: h5py.Group) -> None:
        self._file = file
        self._readable: bool | None = None

    def of_attribute(self, item: Any, name: str) -> Value:
        """The value of an attribute of `item`."""
        attribute = item.attrs.get_id(name)
        if attribute.shape is None:
            return UNKNOWN
        count = math.prod(attribute.shape)
        if count > MAX_LISTED and attribute.dtype.kind in "fiu":
            return MANY
        if count > MAX_LISTED or attribute.get_storage_size() > MOST_BYTES:
            return UNKNOWN
        damage = self._damage(attribute.dtype)
        return damage or np.asarray(item.attrs[name])

    def of_dataset(self, item: h5py.Dataset) -> Value:
        """The values of a dataset."""
        kind = matlab_class(item)
        if kind != "char" and item.dtype.kind in "fiu" and (item.size or 0) > MAX_LISTED:
            return MANY
        if not _bounded(item):
            return UNKNOWN
        if kind == "char":
            rows = _characters(item)
            return UNKNOWN if rows is None else rows
        if kind == "cell":
            return self._cell(item)
        if kind not in ("", "double", "single") and "int" not in kind:
            return UNKNOWN
        damage = self._damage(item.dtype)
        return damage or np.asarray(item[()])

    def _damage(self, dtype: np.dtype[Any]) -> Value | None:
        """Why values of a type must not be read; None if they may be."""
        text = h5py.check_string_dtype(dtype)
        if text is None:
            return None if dtype.kind in "fiuS" else UNKNOWN
        if text.length is not None:
            return None
        if self._readable is None:
            self._readable = readable(Path(self._file.file.filename))
        return None if self._readable else DAMAGED

    def _cell(self, item: h5py.Dataset) -> Value:
        """The texts of a cell array of MATLAB 7.3, which is one of references to them."""
        if item.size > MAX_LISTED or h5py.check_ref_dtype(item.dtype) is not h5py.Reference:
            return UNKNOWN
        texts: list[str] = []
        for reference in item[()].reshape(-1):
            inside = self._file[reference]
            if not (isinstance(inside, h5py.Dataset) and matlab_class(inside) == "char"):
                return UNKNOWN
            rows = _characters(inside) if _bounded(inside) else None
            if rows is None or len(rows) > 1:
                return UNKNOWN
            texts += rows or [""]
        return texts


def _bounded(item: h5py.Dataset) -> bool:
    """Whether a dataset is small and within the file."""
    if item.shape is None or item.external or item.is_virtual:
        return False
    chunk = math.prod(item.chunks or ()) * item.dtype.itemsize
    few = item.size <= (MAX_LISTED if item.dtype.kind == "O" else MOST_BYTES)
    return bool(few) and item.size * item.dtype.itemsize <= MOST_BYTES and chunk <= _LARGEST_CHUNK


def _characters(item: h5py.Dataset) -> list[str] | None:
    """The rows of a char array of MATLAB 7.3, which are columns here: UTF-16."""
    if item.dtype.kind not in "ui" or item.dtype.itemsize > 2 or len(item.shape) != 2:
        return None
    if item.attrs.get("MATLAB_empty", 0):
        return []
    rows = item[()].T
    if len(rows) > MAX_LISTED:
        return None
    return ["".join(map(chr, row)).strip("\0 ") for row in rows.astype("u2").tolist()]
