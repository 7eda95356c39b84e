"""What the module of a format has: functions that are found by their names.

`load` alone is needed. A format whose line in the registry says that its files are more
than one recording in one file has the function for that, too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from ecgmpi.ecg.record import Record

from .hints import ReadHints
from .source import Source


class Reader(Protocol):
    """The module of any format."""

    def load(self, source: Source, hints: ReadHints) -> Record:
        """Read one recording.

        Parameters
        ----------
        source
            The open file, whose first bytes were found to be of this format. Where it holds
            many recordings, `Source.member` says which.
        hints
            What the file does not state itself.

        Returns
        -------
        Record
            Samples in mV, float32, shape (n_leads, n_samples); rate in Hz. Whatever was
            assumed is in `Record.assumed` and in its notes.

        Raises
        ------
        RecordingError
            The file is damaged or holds no recording. It says what was found, what is
            allowed and what to do. Whatever the file holds, nothing else is raised except
            OSError and MemoryError.
        """


class Container(Reader, Protocol):
    """For a format with `Format.many`: a file may hold many recordings."""

    def count(self, path: Path, hints: ReadHints) -> int | None:
        """Count the recordings in a file by its header alone.

        Returns
        -------
        int or None
            None if the file holds one recording, or none that can be read.
        """


class Named(Container, Protocol):
    """For a format with `Format.names_many`: a file may say of each recording what it is called."""

    def entries(self, path: Path, name: str) -> list[str] | None:
        """Read the dataset or array called `name`, of one axis.

        Returns
        -------
        list of str or None
            Whole numbers and text, as text; None if there is none, or it cannot be read.
        """


class Segmented(Reader, Protocol):
    """For a format with `Format.segment_name`: a header may join others to one recording."""

    def segments(self, path: Path) -> list[Path]:
        """Give the headers that a header joins, existing or not; none if it joins none.

        Raises
        ------
        OSError, RecordingError
            The header cannot be read or is invalid.
        """


class Linked(Reader, Protocol):
    """For a format with `Format.names_others`: a file may name others that are read with it."""

    def named(self, path: Path) -> list[Path]:
        """Give every file that is read with the one at `path`, existing or not.

        Raises
        ------
        OSError, RecordingError
            The file cannot be read or is invalid.
        """
