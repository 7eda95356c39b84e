"""Counts the recordings in files, and reads what these call them, in a process of its own.

It is started as ``python -m ecgmpi.job.pool.probe FD``.

Whatever a file does to the library that reads its header, it does to that process and not to
the rank.
"""

from __future__ import annotations

import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from select import select
from typing import Any

from ecgmpi.errors import FailureKind, JobError, RecordingError, StoppedError, UsageError
from ecgmpi.host.signals import die_with_parent
from ecgmpi.names import written
from ecgmpi.readers import FORMATS, ReadHints, count_recordings, entries_of

from . import spawn
from .channel import Channel, GarbledError

READY = "ready"
"""What it says once it has loaded all that it needs."""

MOST_MEMORY = 4 << 30
"""Bytes of addresses that it may use: a header that wants more is left to a worker to judge."""

LONGEST_COUNT = 60.0
"""Seconds that counting the recordings of one file may take."""

LONGEST_START = 300.0
"""Seconds until the process must be there: a cold shared filesystem is slow."""

_POLL = 0.2
"""Seconds between two checks whether the job is to stop."""


class _LostError(Exception):
    """The process is gone; says what happened, and of which class of failure it is."""

    def __init__(self, kind: FailureKind, what: str) -> None:
        super().__init__(what)
        self.kind = kind


class Probe:
    """Counts the recordings in files, in a process of its own that the first file starts.

    A file that ends that process, or keeps it for longer than `longest`, twice, is refused.

    Parameters
    ----------
    hints
        What the user states about the files.
    stopped
        Why the job is to stop, in words; empty while it is not.
    longest
        Seconds that counting the recordings of one file may take.
    """

    def __init__(
        self,
        hints: ReadHints,
        stopped: Callable[[], str] = str,
        longest: float = LONGEST_COUNT,
    ) -> None:
        self._hints = hints
        self._stopped = stopped
        self._longest = longest
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Channel | None = None

    def count(self, path: str) -> int | None:
        """Count the recordings in the file at `path`, as `ecgmpi.readers.count_recordings` does.

        Raises
        ------
        RecordingError
            The file ended the process, or kept it for too long, twice.
        StoppedError
            The job is to stop.
        JobError
            The process cannot be started.
        """
        losses: list[str] = []
        for _ in range(2):
            if self._channel is None:
                self._start()
            try:
                count: int | None
                (count,) = self._ask(path, self._longest)
            except _LostError as lost:
                losses.append(str(lost))
                kind = lost.kind
            else:
                return count
        first, second = losses
        again = ", twice" if first == second else f"; before that, it {first}"
        raise RecordingError(
            kind,
            f"counting the recordings in this file {second}{again}",
            "repair the file or leave it out",
        )

    def entries(self, path: Path, name: str) -> list[str] | None:
        """Read what a file of many recordings says of each, as `ecgmpi.readers.entries_of` does.

        Raises
        ------
        UsageError
            The file ended the process, or kept it for too long.
        StoppedError
            The job is to stop.
        JobError
            The process cannot be started.
        """
        if self._channel is None:
            self._start()
        try:
            entries: list[str] | None
            (entries,) = self._ask((str(path), name), self._longest)
        except _LostError as lost:
            raise UsageError(
                f"--metadata-key {name}=key: reading {name!r} of {written(str(path))} {lost}; "
                "repair the file or leave it out"
            ) from None
        return entries

    def _start(self) -> None:
        self._process, ours = spawn.start("ecgmpi.job.pool.probe")
        self._channel = Channel(ours)
        try:
            ready = self._ask(self._hints, LONGEST_START)
        except _LostError as lost:
            ready = str(lost)
        if ready != READY:
            self.close()
            raise JobError(
                f"the process that counts the recordings in files could not start ({ready}); was "
                "it killed, or is memory short? Run the same command again to resume"
            )

    def _ask(self, question: object, longest: float) -> Any:
        """Send a message and wait for the answer."""
        channel = self._channel
        assert channel is not None
        give_up = time.monotonic() + longest
        try:
            channel.send(question)
            while time.monotonic() < give_up:
                if why := self._stopped():
                    raise StoppedError(why)
                if select([channel], (), (), _POLL)[0] and (answers := channel.take()):
                    return answers[0]
        except GarbledError:
            self.close()
            raise _LostError(FailureKind.CRASHED, "was answered with nonsense") from None
        except (EOFError, OSError):
            raise _LostError(FailureKind.CRASHED, f"ended its process with {self._end()}") from None
        self.close()
        raise _LostError(FailureKind.TIMEOUT, f"took more than {longest:g} s")

    def _end(self) -> str:
        """How it ended, which it may be about to do."""
        assert self._process is not None
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        self.close()
        status = self._process.returncode if self._process else 0
        return f"exit status {status}" if status >= 0 else signal.Signals(-status).name

    def close(self) -> None:
        """End the process, whatever it is doing."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._process is not None:
            self._process.kill()
            with suppress(subprocess.TimeoutExpired):
                # One that waits for a lost disk cannot even be killed.
                self._process.wait(2)


def main() -> None:
    """Take the hints, then one path after another; answer each with its count in a tuple.

    A path with the name of a dataset is answered with the entries of that.
    """
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
            question = channel.receive()
            if isinstance(question, tuple):
                channel.send((entries_of(*question),))
            else:
                channel.send((count_recordings(question, hints),))
    except (EOFError, OSError, GarbledError):
        return


if __name__ == "__main__":
    main()
