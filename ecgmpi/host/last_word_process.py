"""The process that has the last word: run as a script by `ecgmpi.host.last_word`.

It waits until the program that started it has closed the pipe that is its standard input, and
until the launcher has ended; then it writes one line to the launcher's standard error, and ends.
It imports little, so that it is small.
"""

from __future__ import annotations

import os
import select
import signal
import sys

PATIENCE = 10
"""Seconds that it waits for the second of the two ends after the first, at most."""


def wait(words: int, launcher: int) -> bytes:
    """Wait for both ends.

    Parameters
    ----------
    words
        The pipe from the program.
    launcher
        A pidfd of the launcher.

    Returns
    -------
    bytes
        All that the program wrote.
    """
    said = b""
    waiting = {words, launcher}
    while waiting:
        for ready in select.select(waiting, [], [])[0]:
            if ready == words and (more := os.read(words, 65536)):
                said += more
                continue
            waiting.discard(ready)
            if said and not said.strip():
                # There is nothing to wait for.
                return b"\n"
            # The default action of the signal ends this process.
            signal.alarm(PATIENCE)
    return said


def main(launcher: int, stderr: int, otherwise: str) -> None:
    """Write what the program left to be said; `otherwise` where it ended without a word."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
        # The program decides what a signal means.
        signal.signal(number, signal.SIG_IGN)
    said = wait(0, launcher) or os.fsencode(otherwise) + b"\n"
    if said.strip():
        try:
            os.write(stderr, said)
        except OSError:
            # Nobody reads it any more.
            return


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
