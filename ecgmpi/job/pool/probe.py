"""A process that looks how many recordings files hold: ``python -m ecgmpi.job.pool.probe FD``.

Whatever a file does to the library that reads its header, it does here and not to the rank.
"""

from __future__ import annotations

import resource
import socket
import sys

from ecgmpi.host.signals import die_with_parent
from ecgmpi.readers import FORMATS, count_recordings

from .channel import Channel, GarbledError

READY = "ready"
"""What it says once it has loaded all that it needs."""

MOST_MEMORY = 4 << 30
"""Bytes of addresses that it may use: a header that wants more is left to a worker to judge."""


def main() -> None:
    """Take the hints, then one path after another; answer ``(members(path, hints),)`` to each."""
    die_with_parent()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if most == resource.RLIM_INFINITY or most > MOST_MEMORY:
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, most))
    channel = Channel(socket.socket(fileno=int(sys.argv[1])))
    try:
        hints = channel.receive()
        for format in FORMATS:
            if format.many:
                format.preload()
        channel.send(READY)
        while True:
            # None would be no message.
            channel.send((count_recordings(channel.receive(), hints),))
    except (EOFError, OSError, GarbledError):
        return


if __name__ == "__main__":
    main()
