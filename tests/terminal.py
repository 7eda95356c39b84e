"""A real pseudo-terminal of a given width, and what stands on its screen."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import struct
import termios
from collections.abc import Iterator

CLEAR_TO_END = "\x1b[K"


class Terminal:
    """A pseudo-terminal.

    Attributes
    ----------
    near
        File descriptor of the end that a program writes to.
    """

    def __init__(self, columns: int) -> None:
        self._far, self.near = pty.openpty()
        self.resize(columns)
        os.set_blocking(self._far, False)
        self._read = b""

    def resize(self, columns: int) -> None:
        """Change its width."""
        self.columns = columns
        fcntl.ioctl(self.near, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def text(self) -> str:
        """All that was written to it so far."""
        with contextlib.suppress(OSError):
            while more := os.read(self._far, 65536):
                self._read += more
        return self._read.decode()

    def lines(self) -> list[str]:
        """What its screen shows, from the first line on, of a terminal that never scrolls."""
        return screen(self.text(), self.columns)

    def hang_up(self) -> None:
        """Close the far end, as a window that is closed."""
        os.close(self._far)

    def close(self) -> None:
        """Close both ends."""
        for end in (self._far, self.near):
            with contextlib.suppress(OSError):
                os.close(end)


@contextlib.contextmanager
def terminal(columns: int) -> Iterator[Terminal]:
    """A pseudo-terminal that is closed after the block."""
    one = Terminal(columns)
    try:
        yield one
    finally:
        one.close()


def screen(text: str, columns: int) -> list[str]:
    """The lines of a screen of so many columns after `text` was written to it.

    A line that is too long begins the next one as soon as its last column is filled, as on the
    terminals that are the hardest to please.
    """
    lines: list[list[str]] = [[]]
    column = 0
    for part in re.findall(r"\x1b\[K|.|\n|\r", text):
        line = lines[-1]
        if part == "\r":
            column = 0
        elif part == "\n":
            lines.append([])
        elif part == CLEAR_TO_END:
            del line[column:]
        else:
            line += " " * (column + 1 - len(line))
            line[column] = part
            column += 1
            if column == columns:
                lines.append([])
                column = 0
    return ["".join(line).rstrip() for line in lines]
