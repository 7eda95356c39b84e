"""Helper processes that are forked: as free of their parent as those that are started with exec."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

FORKS = """
import json, os, signal, socket, subprocess, sys, threading, time, types
from multiprocessing.connection import Connection
from pathlib import Path
from ecgmpi.job.pool import spawn


def serve(channel):
    here = "/proc/self/fd"
    held = {}
    for name in os.listdir(here):
        try:
            held[name] = os.readlink(f"{here}/{name}")
        except OSError:
            # That of the listing itself.
            pass
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    said = held, channel, os.getpid(), os.getpgid(0), len(blocked), sys.path[0]
    with Connection(channel) as rank:
        rank.send(said)
        rank.recv()


sys.modules["helper"] = types.SimpleNamespace(serve=serve)
kept = open(sys.argv[1]), socket.socketpair(), os.pipe()
os.set_inheritable(kept[2][0], True)
print("once", end="")
assert spawn.may_fork()
process, ours = spawn.fork("helper")
rank = Connection(ours.detach())
held, channel, pid, group, blocked, first = rank.recv()
found = {"held": held, "channel": channel, "pid": pid, "group": group, "blocked": blocked}
found |= {"first": first, "process": process.pid, "still": len(kept)}
try:
    process.wait(0.05)
except subprocess.TimeoutExpired:
    process.kill()
found["status"] = process.wait()
process.kill()
process, ours = spawn.fork("no_such_module")
found["failed"] = process.wait(10)
stop = threading.Event()
thread = threading.Thread(target=stop.wait)
thread.start()
found["with_a_thread"] = spawn.may_fork()
stop.set()
thread.join()
give_up = time.monotonic() + 10
while not spawn.may_fork() and time.monotonic() < give_up:
    # A thread that was joined may take a moment to leave.
    time.sleep(0.01)
found["without"] = spawn.may_fork()
sys.modules["mpi4py.MPI"] = types.ModuleType("MPI")
found["with_mpi"] = spawn.may_fork()
print(json.dumps(found))
"""


def forked(file: Path) -> tuple[dict[str, Any], subprocess.CompletedProcess[str]]:
    """What a process that is forked sees, and all that was said."""
    said = subprocess.run(
        [sys.executable, "-c", FORKS, str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert said.stdout.count("once") == 1, said
    return json.loads(said.stdout.removeprefix("once")), said


def test_a_forked_process_holds_nothing_of_its_parent(tmp_path: Path) -> None:
    (tmp_path / "open").touch()
    found, said = forked(tmp_path / "open")
    held = found["held"]
    assert held.keys() == {"0", "1", "2", str(found["channel"])}
    assert held["0"] == "/dev/null"
    assert found["pid"] == found["process"] == found["group"]
    # As with exec, those that end a process of a terminal are blocked until it ignores them.
    assert found["blocked"] == 4
    assert (Path(found["first"]) / "ecgmpi" / "__init__.py").exists()
    # It was killed after a wait in vain; and one that fails says why.
    assert found["status"] == -9
    assert found["failed"] == 1
    assert said.stderr.count("Traceback") == 1
    assert "no_such_module" in said.stderr


def test_no_process_of_threads_or_of_mpi_is_forked(tmp_path: Path) -> None:
    (tmp_path / "open").touch()
    found, _ = forked(tmp_path / "open")
    assert found["without"] is True
    assert found["with_a_thread"] is False
    assert found["with_mpi"] is False
