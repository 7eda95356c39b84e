"""The view of a DICOM file that `pydicom` gets: never past its end, and never inflated."""

from __future__ import annotations

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.hints import ReadHints
from ecgmpi.readers.source import Source
from ecgmpi.readers.validate import check_bytes


class Window:
    """A file-like object that limits what the library reads at the request of the file.

    A plain file object allocates four gigabytes before it finds that they are missing. The
    library reads to the end only to inflate a deflated file, whatever its size becomes.
    """

    def __init__(self, source: Source, hints: ReadHints) -> None:
        self._source = source
        self._hints = hints
        self._at = 0

    def read(self, count: int | None = None) -> bytes:
        """Read `count` bytes, or as many as there are."""
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
        """Move the position."""
        start = (0, self._at, self._source.size)[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """Return the position."""
        return self._at
