"""A DICOM file as `pydicom` is given it: no larger than it is, and never inflated."""

from __future__ import annotations

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.hints import ReadHints
from ecgmpi.readers.source import Source
from ecgmpi.readers.validate import check_bytes


class Window:
    """The file as the library sees it, which asks for whatever the file tells it to.

    A plain file makes room for four gigabytes before it finds that they are not there. And
    only what is deflated is asked for to its end, to be inflated whatever it becomes.
    """

    def __init__(self, source: Source, hints: ReadHints) -> None:
        self._source = source
        self._hints = hints
        self._at = 0

    def read(self, count: int | None = None) -> bytes:
        """Give `count` bytes, or as many as there are."""
        if count is None or count < 0:
            raise RecordingError(
                FailureKind.NOT_SUPPORTED,
                "a deflated DICOM file",
                "convert it to explicit little endian, as dcmconv +te does",
            )
        count = min(count, max(0, self._source.size - self._at))
        check_bytes(count, self._hints, "an element of the file")
        piece = self._source.at(self._at, count)
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go somewhere else."""
        start = (0, self._at, self._source.size)[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """Say where it is."""
        return self._at
