"""One line of a terminal that is redrawn in place, with other lines above it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TextIO

USUAL_COLUMNS = 80
"""Width of a terminal that does not tell its own."""

_CLEAR = "\r\x1b[K"


class TerminalLine:
    """The last line of a terminal.

    Parameters
    ----------
    stream
        A text stream to a terminal; None where it was closed. Where it breaks, nothing more is
        written: a terminal that is gone stops no job.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._shown = ""

    @property
    def columns(self) -> int:
        """Width of the terminal now: it may have been resized."""
        if self._stream is None:
            return USUAL_COLUMNS
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or USUAL_COLUMNS
        except (OSError, ValueError):
            return USUAL_COLUMNS

    def can_show(self, text: str) -> bool:
        """Whether the encoding of the terminal has every character of `text`."""
        try:
            text.encode(getattr(self._stream, "encoding", None) or "ascii")
        except UnicodeEncodeError:
            return False
        return True

    def show(self, compose: Callable[[int], str]) -> None:
        """Redraw the line.

        Parameters
        ----------
        compose
            Makes the text for so many columns. The last column stays free: where it is filled,
            some terminals begin a new line.
        """
        room = self.columns - 1
        self._shown = compose(room)[:room]
        self._write(_CLEAR + self._shown)

    def say(self, line: str) -> None:
        """Print `line` above this one."""
        if not self._shown:
            self._write(line + "\n")
        else:
            # A longer line wraps, and this one begins below it.
            room = self.columns - 1
            self._write(f"{_CLEAR}{line}\n{self._shown[:room]}")

    def close(self) -> None:
        """Leave the line as it is, and begin a new one."""
        if self._shown:
            self._shown = ""
            self._write("\n")

    def _write(self, text: str) -> None:
        if self._stream is None:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            self._stream = None
