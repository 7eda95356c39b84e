"""Every format that can be read, a line each: what names and first bytes it has, and its module."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from ecgmpi.record import Record

from . import sniff
from .base import ReadHints, Source


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
        Whether text that nobody knows is offered to it if it has one of its extensions: it
        can say what is wrong with it.
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
        sniff.wfdb,
        "wfdb",
        sidecars=frozenset({".mat"}),
        signals=(".dat", ".mat"),
        names_others=True,
        part=re.compile(r"(?P<whole>.+)_(?:[0-9]{4}|layout)(?P<ending>\.hea)", re.I),
    ),
    Format("matlab-5", frozenset({".mat"}), sniff.matlab5, "matlab"),
    Format("matlab-7.3", frozenset({".mat"}), sniff.matlab73, "matlab73"),
    Format("matlab-4", frozenset({".mat"}), sniff.matlab4, "matlab"),
    Format("hdf5", frozenset({".h5", ".hdf5"}), sniff.hdf5, "matlab73", many=True),
    Format("edf", frozenset({".edf", ".bdf"}), sniff.edf, "edf"),
    Format("dicom", frozenset({".dcm"}), sniff.dicom, "dicom"),
    Format("scp", frozenset({".scp"}), sniff.scp, "scp"),
    Format("ishne", frozenset({".ecg"}), sniff.ishne, "ishne"),
    Format("aecg", frozenset({".xml"}), sniff.aecg, "aecg"),
    Format("muse", frozenset({".xml"}), sniff.muse, "muse"),
    Format("cardiosoft", frozenset({".xml"}), sniff.cardiosoft, "cardiosoft"),
    Format("sierra", frozenset({".xml"}), sniff.sierra, "sierra"),
    Format("npy", frozenset({".npy"}), sniff.npy, "numpy_files", many=True),
    Format("npz", frozenset({".npz"}), sniff.npz, "numpy_archives", many=True),
    Format("csv", frozenset({".csv", ".tsv"}), sniff.table, "table.load", any_text=True),
)
"""Every format, in the order in which they are asked."""
