"""Messages between a supervisor and a worker that may die, hang or send garbage at any moment.

A message is a header (``<4sII``: magic, length, CRC-32 of what follows) and a pickle. The
supervisor takes what has arrived and never waits for the rest: a worker that is stopped in
the middle of a message, or a library that prints to any open descriptor, must not block it.
"""

from __future__ import annotations

import pickle
import socket
import struct
import zlib
from typing import Any

_HEADER = struct.Struct("<4sII")
_MAGIC = b"ECL1"

LONGEST = 1 << 26
"""Bytes of the longest message: the rows of a recording take some kilobytes."""

_PIECE = 1 << 18


class GarbledError(Exception):
    """What came over the channel is no message."""


class Channel:
    """One end of a channel.

    Parameters
    ----------
    end
        A connected stream socket, which now belongs to the channel.
    """

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._waiting = bytearray()

    def fileno(self) -> int:
        """The descriptor, to wait on."""
        return self._end.fileno()

    def send(self, message: object) -> None:
        """Send `message`, waiting until it has left.

        Raises
        ------
        OSError
            The other end is gone.
        """
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        self._end.sendall(_HEADER.pack(_MAGIC, len(data), zlib.crc32(data)) + data)

    def receive(self) -> Any:
        """The next message, however long it takes to come.

        Raises
        ------
        EOFError
            The other end has closed.
        GarbledError, OSError
            As for `take`.
        """
        while (message := self._next()) is None:
            self._fill(0)
        return message

    def take(self) -> list[Any]:
        """The messages that have arrived, perhaps none.

        Raises
        ------
        EOFError
            The other end has closed.
        GarbledError
            What came is no message.
        OSError
            The channel is broken.
        """
        try:
            self._fill(socket.MSG_DONTWAIT)
        except BlockingIOError:
            return []
        messages = []
        while (message := self._next()) is not None:
            messages.append(message)
        return messages

    def close(self) -> None:
        """Close this end."""
        self._end.close()

    def _fill(self, flags: int) -> None:
        piece = self._end.recv(_PIECE, flags)
        if not piece:
            raise EOFError
        self._waiting += piece

    def _next(self) -> Any:
        if len(self._waiting) < _HEADER.size:
            return None
        magic, length, checksum = _HEADER.unpack_from(self._waiting)
        if magic != _MAGIC or length > LONGEST:
            raise GarbledError
        end = _HEADER.size + length
        if len(self._waiting) < end:
            return None
        data = bytes(self._waiting[_HEADER.size : end])
        del self._waiting[:end]
        if zlib.crc32(data) != checksum:
            raise GarbledError
        return pickle.loads(data)
