"""Every format that can be read, one line each: its endings, first bytes and module."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from ecgmpi.ecg.record import Record

from . import signatures
from .hints import ReadHints
from .protocol import Container, Linked, Named, Reader, Segmented
from .source import Source


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file that can be read.

    Attributes
    ----------
    name
        The value of `Record.format`.
    extensions
        Endings, lower case with the dot, that a walk of a folder accepts for it.
    sniff
        Whether the first bytes of a file are of this format.
    module
        The module of this package that reads it, a `Reader`; imported when the first such
        file is read.
    sidecars
        Endings of files that other formats claim, too, but that are part of a recording of
        this one where a file of the same name with its (only) extension lies beside them.
    signals
        Endings of the files in which the samples are, if such a file is but their header; most
        usual first.
    any_text
        Whether unrecognised text with one of its extensions is offered to it, so that it
        can say what is wrong with the file.
    many
        Whether such a file may hold many recordings, each with an address, ``file.h5#17``:
        its module is a `Container`.
    names_many
        Whether a file of `many` may hold a dataset or array with an entry for each recording: its
        module is `Named`.
    names_others
        Whether such a file may name others that are read with it: its module is `Linked`.
    segment_name
        What files are called that may be segments of a recording, with the name of the
        header that joins them as groups ``whole`` and ``ending``: its module is `Segmented`.
    """

    name: str
    extensions: frozenset[str]
    sniff: Callable[[bytes], bool]
    module: str
    sidecars: frozenset[str] = frozenset()
    signals: tuple[str, ...] = ()
    any_text: bool = False
    many: bool = False
    names_many: bool = False
    names_others: bool = False
    segment_name: re.Pattern[str] | None = None

    def preload(self) -> None:
        """Import the format's own module, so that processes forked later have it."""
        self._import()

    def load(self, source: Source, hints: ReadHints) -> Record:
        """Read a recording; see `Reader.load`."""
        reader: Reader = self._import()
        return reader.load(source, hints)

    def count(self, path: Path, hints: ReadHints) -> int | None:
        """Count the recordings in a file that may hold `many`; see `Container.count`."""
        reader: Container = self._import()
        return reader.count(path, hints)

    def entries(self, path: Path, name: str) -> list[str] | None:
        """Give the entries of a dataset of a file that `names_many`; see `Named.entries`."""
        reader: Named = self._import()
        return reader.entries(path, name)

    def segments(self, path: Path) -> list[Path]:
        """Give what a header joins, where there is a `segment_name`; see `Segmented.segments`."""
        reader: Segmented = self._import()
        return reader.segments(path)

    def named(self, path: Path) -> list[Path]:
        """Give the files that are read with one that `names_others`; see `Linked.named`."""
        reader: Linked = self._import()
        return reader.named(path)

    def _import(self) -> Any:
        # Not before it is needed: some readers import h5py, scipy or pydicom.
        return import_module(f".{self.module}", __package__)


FORMATS = (
    Format(
        "wfdb",
        frozenset({".hea"}),
        signatures.wfdb,
        "wfdb.record",
        sidecars=frozenset({".mat"}),
        signals=(".dat", ".mat"),
        names_others=True,
        segment_name=re.compile(r"(?P<whole>.+)_(?:[0-9]{4}|layout)(?P<ending>\.hea)", re.I | re.S),
    ),
    Format("matlab-5", frozenset({".mat"}), signatures.matlab5, "matlab.record"),
    Format("matlab-7.3", frozenset({".mat"}), signatures.matlab73, "hdf5.record"),
    Format("matlab-4", frozenset({".mat"}), signatures.matlab4, "matlab.record"),
    Format(
        "hdf5",
        frozenset({".h5", ".hdf5"}),
        signatures.hdf5,
        "hdf5.record",
        many=True,
        names_many=True,
    ),
    Format("edf", frozenset({".edf", ".bdf"}), signatures.edf, "edf.record"),
    Format("dicom", frozenset({".dcm"}), signatures.dicom, "dicom.record"),
    Format("scp", frozenset({".scp"}), signatures.scp, "scp.record"),
    Format("ishne", frozenset({".ecg"}), signatures.ishne, "ishne"),
    Format("aecg", frozenset({".xml"}), signatures.aecg, "xml_formats.aecg"),
    Format("muse", frozenset({".xml"}), signatures.muse, "xml_formats.muse"),
    Format("cardiosoft", frozenset({".xml"}), signatures.cardiosoft, "xml_formats.cardiosoft"),
    Format("sierra", frozenset({".xml"}), signatures.sierra, "xml_formats.sierra"),
    Format("npy", frozenset({".npy"}), signatures.npy, "numpy_arrays.npy", many=True),
    Format(
        "npz",
        frozenset({".npz"}),
        signatures.npz,
        "numpy_arrays.npz",
        many=True,
        names_many=True,
    ),
    Format("csv", frozenset({".csv", ".tsv"}), signatures.table, "table.load", any_text=True),
)
"""Every format, in the order in which they are asked."""
