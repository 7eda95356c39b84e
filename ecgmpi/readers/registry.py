"""Every format that can be read, a line each: what names and first bytes it has, and its module."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from ecgmpi.ecg.record import Record

from . import signatures
from .hints import ReadHints
from .source import Source


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file that can be read.

    Attributes
    ----------
    name
        What `Record.format` says.
    extensions
        Endings, lower case with the dot, that a walk of a folder takes for it.
    sniff
        Whether the first bytes of a file are of this format.
    module
        The module of this package that has ``load(source, hints) -> Record``, imported
        when the first such file is read.
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
        its module has ``count(path, hints) -> int | None``.
    names_others
        Whether such a file may name others that are read with it: its module has
        ``named(path) -> list[Path]``.
    part
        What files are called that may be parts of a recording, with the name of the header
        that joins them as group ``whole``: its module has ``parts(path) -> list[Path]``.
    """

    name: str
    extensions: frozenset[str]
    sniff: Callable[[bytes], bool]
    module: str
    sidecars: frozenset[str] = frozenset()
    signals: tuple[str, ...] = ()
    any_text: bool = False
    many: bool = False
    names_others: bool = False
    part: re.Pattern[str] | None = None

    def preload(self) -> None:
        """Import the format's own module, so that processes forked later have it."""
        import_module(f".{self.module}", __package__)

    def load(self, source: Source, hints: ReadHints) -> Record:
        """Read the file with the format's own module."""
        module = import_module(f".{self.module}", __package__)
        load = cast(Callable[[Source, ReadHints], Record], module.load)
        return load(source, hints)


FORMATS = (
    Format(
        "wfdb",
        frozenset({".hea"}),
        signatures.wfdb,
        "wfdb.record",
        sidecars=frozenset({".mat"}),
        signals=(".dat", ".mat"),
        names_others=True,
        part=re.compile(r"(?P<whole>.+)_(?:[0-9]{4}|layout)(?P<ending>\.hea)", re.I),
    ),
    Format("matlab-5", frozenset({".mat"}), signatures.matlab5, "matlab.record"),
    Format("matlab-7.3", frozenset({".mat"}), signatures.matlab73, "hdf5.record"),
    Format("matlab-4", frozenset({".mat"}), signatures.matlab4, "matlab.record"),
    Format("hdf5", frozenset({".h5", ".hdf5"}), signatures.hdf5, "hdf5.record", many=True),
    Format("edf", frozenset({".edf", ".bdf"}), signatures.edf, "edf.record"),
    Format("dicom", frozenset({".dcm"}), signatures.dicom, "dicom.record"),
    Format("scp", frozenset({".scp"}), signatures.scp, "scp.record"),
    Format("ishne", frozenset({".ecg"}), signatures.ishne, "ishne"),
    Format("aecg", frozenset({".xml"}), signatures.aecg, "xml_formats.aecg"),
    Format("muse", frozenset({".xml"}), signatures.muse, "xml_formats.muse"),
    Format("cardiosoft", frozenset({".xml"}), signatures.cardiosoft, "xml_formats.cardiosoft"),
    Format("sierra", frozenset({".xml"}), signatures.sierra, "xml_formats.sierra"),
    Format("npy", frozenset({".npy"}), signatures.npy, "numpy_arrays.npy", many=True),
    Format("npz", frozenset({".npz"}), signatures.npz, "numpy_arrays.npz", many=True),
    Format("csv", frozenset({".csv", ".tsv"}), signatures.table, "table.load", any_text=True),
)
"""Every format, in the order in which they are asked."""
