"""Gives every Python that has this folder on its path a format of files that do harm.

Such a file is ``POISON`` and a word of `HARMS`: what happens to the process that reads it.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import types
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ecgmpi.ecg.record import Record
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.readers import file_names, reading
from ecgmpi.readers.hints import ReadHints
from ecgmpi.readers.registry import FORMATS, Format
from ecgmpi.readers.source import Source

MIB = 1 << 20


def _segfault() -> None:
    ctypes.string_at(0)


def _exit() -> None:
    os._exit(7)


def _sleep() -> None:
    time.sleep(3600)


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _eat_at_once() -> None:
    bytearray(1 << 42)


def _eat_slowly() -> None:
    eaten = []
    while True:
        eaten.append(b"\1" * MIB)
        time.sleep(0.001)


def _eat_shared() -> None:
    """Memory that no limit of the process counts."""
    eaten = []
    while True:
        piece = mmap.mmap(-1, 16 * MIB)
        piece.write(b"\1" * 16 * MIB)
        eaten.append(piece)
        time.sleep(0.02)


def _sockets() -> list[int]:
    """Every socket that this process has open."""
    found = []
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                found.append(int(name))
    return found


def _hang_up() -> None:
    for number in _sockets():
        os.close(number)
    time.sleep(3600)


def _babble() -> None:
    for number in _sockets():
        os.write(number, b"libecg: warning: value out of range\n" * 10)
    time.sleep(3600)


def _half_a_message() -> None:
    for number in _sockets():
        os.write(number, b"ECL1\xff\xff\0\0")
    time.sleep(3600)


def _leave_a_child() -> None:
    """A child that keeps the channel open when its parent is gone."""
    kept = [socket.socket(fileno=os.dup(number)) for number in _sockets()]
    subprocess.Popen(["sleep", "3600"], pass_fds=[end.fileno() for end in kept])
    os._exit(7)


def _node() -> None:
    """All processes of the rank: itself, its supervisor and its workers."""
    supervisor = os.getppid()
    rank = int(Path(f"/proc/{supervisor}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(rank, signal.SIGKILL)
    os.kill(supervisor, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


HARMS: dict[str, Callable[[], None]] = {
    "segfault": _segfault,
    "exit": _exit,
    "sleep": _sleep,
    "stop": _stop,
    "killed": _killed,
    "eat-at-once": _eat_at_once,
    "eat-slowly": _eat_slowly,
    "eat-shared": _eat_shared,
    "hang-up": _hang_up,
    "babble": _babble,
    "half-a-message": _half_a_message,
    "leave-a-child": _leave_a_child,
    "node": _node,
    "none": lambda: None,
}


def load(source: Source, hints: ReadHints) -> Record:
    """Do what the file says, and where that does no harm, return a recording."""
    HARMS[source.head.split()[1].decode()]()
    return synthesize(seed=1, index=0, duration=1.0)


_module = types.ModuleType("ecgmpi.readers.poison")
vars(_module)["load"] = load
sys.modules[_module.__name__] = _module
vars(file_names)["CLAIMED"] |= {".poison"}
vars(reading)["FORMATS"] = (
    *FORMATS,
    Format("poison", frozenset({".poison"}), lambda head: head.startswith(b"POISON "), "poison"),
)
