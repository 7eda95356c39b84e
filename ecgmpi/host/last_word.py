"""A line that stands below what a launcher prints when it ends, of what it started.

Launchers print a text of their own after the last line of a program that failed, and that text
says nothing about the program. So a small process waits for the end of the launcher, which must
be an ancestor of this process, on this host, and writes the line to the launcher's standard error.
It is started before there is trouble, as a launcher may kill the program at once.
"""

from __future__ import annotations

import ctypes
import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

LAUNCHERS = ("mpirun", "mpiexec", "orterun", "prterun")
"""What launchers are called, up to the first dot."""

_STDERR = 2
_PIDFD_GETFD = 438
"""Number of the system call, the same on all processors; Python has no name for it."""


class LastWord:
    """What is said once the launcher has ended.

    Without a launcher, under Slurm (whose script has the last word itself), and where the
    launcher's standard error cannot be had, nothing is.

    Parameters
    ----------
    otherwise
        The line for the case that this process is killed before it says one.
    environment
        Of this process.
    """

    def __init__(self, otherwise: str, environment: Mapping[str, str] = os.environ) -> None:
        self._words: int | None = None
        if "SLURM_JOB_ID" in environment or not hasattr(os, "pidfd_open"):
            return
        if (pid := launcher_above(os.getpid())) is None:
            return
        opened: list[int] = []
        try:
            opened.append(os.pidfd_open(pid))
            opened.append(_standard_error_of(pid, opened[0]))
            self._words = _start(opened[0], opened[1], otherwise)
        except OSError:
            # A line less, of a job that runs all the same.
            return
        finally:
            for one in opened:
                os.close(one)

    def say(self, line: str) -> None:
        """Have `line` said, which may be empty; what comes later counts no more."""
        if self._words is None:
            return
        words, self._words = self._words, None
        with suppress(OSError):
            os.write(words, line.encode(errors="backslashreplace") + b"\n")
        os.close(words)


def launcher_above(pid: int) -> int | None:
    """The launcher among the ancestors of a process; None if there is none."""
    found = None
    while pid > 1:
        try:
            status = Path(f"/proc/{pid}/stat").read_text(errors="replace")
            name = Path(f"/proc/{pid}/comm").read_text(errors="replace").strip()
        except OSError:
            break
        if name.partition(".")[0] in LAUNCHERS:
            # A script of that name may have started it.
            found = pid
        elif found is not None:
            break
        pid = int(status.rpartition(")")[2].split()[1])
    return found


def _standard_error_of(pid: int, pidfd: int) -> int:
    """The standard error of a process, to write at the place where it would.

    Raises
    ------
    OSError
        It cannot be had; or it is a file that would be written to at another place.
    """
    fd = ctypes.CDLL(None, use_errno=True).syscall(_PIDFD_GETFD, pidfd, _STDERR, 0)
    if fd >= 0:
        return int(fd)
    # That is not allowed here. Opening it again gives another position, which matters for a file.
    path = Path(f"/proc/{pid}/fd/{_STDERR}")
    flags = os.O_WRONLY | os.O_NOCTTY | os.O_APPEND
    if stat.S_ISREG(path.stat().st_mode):
        info = Path(f"/proc/{pid}/fdinfo/{_STDERR}").read_text()
        (found,) = (line.split()[1] for line in info.splitlines() if line.startswith("flags:"))
        if not int(found, 8) & os.O_APPEND:
            raise OSError("the place in the file is not known")
    return os.open(path, flags)


def _start(pidfd: int, stderr: int, otherwise: str) -> int:
    """Start the process; the pipe to it."""
    script = Path(__file__).with_name("last_word_process.py")
    words, far = os.pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", script, str(pidfd), str(stderr), otherwise],
            stdin=words,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(pidfd, stderr),
            cwd="/",
            start_new_session=True,
        )
    except BaseException:
        os.close(far)
        raise
    finally:
        os.close(words)
    # It outlives this process, on purpose: Python would warn of that.
    process.returncode = 0
    return far
