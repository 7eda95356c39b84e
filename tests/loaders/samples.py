"""Samples, read without ecgmpi: from loose files by their manifest, and from tar files."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from tests.outputs import shards

MASKS = (".mask.png", ".bits.png", ".grid.png", ".text.png")
WORN = (".map.npy", ".grid.npy", ".hidden.png")
BESIDE = (".json", *MASKS, ".points.npy", ".signal.npy", *WORN)


@dataclass(slots=True)
class Sample:
    """A picture and what stands beside it.

    Attributes
    ----------
    key
        What it is called.
    files
        What the names end in -> content, the picture first.
    """

    key: str
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def picture(self) -> bytes:
        """The picture itself."""
        return next(iter(self.files.values()))

    @property
    def facts(self) -> dict[str, Any]:
        """What its JSON says."""
        said: dict[str, Any] = json.loads(self.files[".json"])
        return said

    def array(self, ending: str) -> npt.NDArray[Any]:
        """One of its arrays."""
        found: npt.NDArray[Any] = np.load(io.BytesIO(self.files[ending]))
        return found

    @property
    def told(self) -> dict[str, Any]:
        """What a program that reads it with a loader prints of it."""
        said: dict[str, Any] = {"key": self.key}
        for ending, data in self.files.items():
            if ending == ".json":
                said["json"] = json.loads(data)
            elif ending.endswith(".npy"):
                said[ending[1:]] = digest(self.array(ending).tobytes())
            else:
                said[ending[1:]] = digest(data)
        return said


def digest(data: bytes) -> str:
    """SHA-256."""
    return hashlib.sha256(data).hexdigest()


def table(out: Path, group: str) -> list[dict[str, Any]]:
    """The rows of a group of the manifest."""
    with h5py.File(out / "manifest.h5") as manifest:
        columns = {
            name: column.asstr()[:] if h5py.check_string_dtype(column.dtype) else column[:]
            for name, column in manifest[group].items()
        }
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def of_files(out: Path) -> list[Sample]:
    """The samples of ``--pack files``, in the order of the manifest."""
    samples = []
    for row in table(out, "pictures"):
        path = out / row["path"]
        stem = path.name.removesuffix(path.suffix)
        files = {path.suffix: path.read_bytes()}
        for ending in BESIDE:
            beside = path.with_name(stem + ending)
            if beside.exists():
                files[ending] = beside.read_bytes()
        samples.append(Sample(row["key"], files))
    return samples


def of_tars(tars: Iterable[Path]) -> list[Sample]:
    """The samples of ``--pack tar``: members side by side that share what is before the dot."""
    samples: list[Sample] = []
    for path in tars:
        with tarfile.open(path, "r:") as tar:
            for member in tar:
                folder, _, name = member.name.rpartition("/")
                stem, dot, ending = name.partition(".")
                key = f"{folder}/{stem}" if folder else stem
                if not samples or samples[-1].key != key:
                    samples.append(Sample(key))
                handle = tar.extractfile(member)
                assert handle is not None
                samples[-1].files[dot + ending] = handle.read()
    return samples


def tars(out: Path, series: str = "") -> list[Path]:
    """The tar files of OUT, in order: those of clean pictures, or of a series of worn copies."""
    return shards(out, "tar", series)
