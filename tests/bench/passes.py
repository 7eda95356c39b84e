"""Passes over a few recordings: those that are drawn, and what a worker of a job makes of them."""

from __future__ import annotations

import argparse
import gc
import os
import socket
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ecgmpi.corpus.item import Item
from ecgmpi.drawing.raster.background import BACKGROUNDS
from ecgmpi.ecg.synthetic import write_corpus
from ecgmpi.job.pool.messages import JobSpec
from ecgmpi.job.pool.worker import RecordingRenderer, settle
from ecgmpi.options.rendering import Rendering
from tests.bench.spent import Spent

TURNS, PASSES = 2, 5
"""Of a round, of what takes little time; see `in_turn`."""


def add_rounds(parser: argparse.ArgumentParser, recordings: int) -> None:
    """What a comparison in this process takes; `recordings` a round unless said."""
    parser.add_argument("--rounds", type=int, help="default: 5, or 3 with --quick")
    parser.add_argument(
        "--recordings", type=int, default=recordings, help="a round; default: %(default)s"
    )
    add_corpus(parser)


def add_corpus(parser: argparse.ArgumentParser) -> None:
    """Which recordings are drawn."""
    parser.add_argument(
        "--corpus", type=Path, default=real_corpus(), help="default: synthetic recordings"
    )


def rounds_of(arguments: argparse.Namespace) -> int:
    """How many rounds are asked for."""
    return int(arguments.rounds or (3 if arguments.quick else 5))


def real_corpus() -> Path | None:
    """Real recordings of 12 leads, 10 s, 500 Hz, where there are any."""
    data = os.environ.get("ECGMPI_TEST_DATA")
    return Path(data, "first_china", "TRAIN") if data else None


def files_of(corpus: Path | None, n: int, scratch: Path) -> list[Path]:
    """Give `n` recordings, synthetic ones where there is no corpus."""
    if corpus is None:
        write_corpus(scratch / "in", n)
        corpus = scratch / "in"
    files = sorted(corpus.glob("*.mat"))
    if len(files) < n:
        raise SystemExit(f"{corpus} has {len(files)} recordings; {n} are needed")
    return files[:: len(files) // n][:n]


def render(rendering: Rendering, files: list[Path], out: Path) -> None:
    """What a worker of the job does, in this process."""
    out.mkdir(exist_ok=True)
    renderer = RecordingRenderer(JobSpec(rendering, out, "files", timeout=60.0))
    for index, path in enumerate(files):
        result = renderer.render(Item(index, path.stem, path.name, str(path)))
        assert not getattr(result, "failed", True), result


@contextmanager
def drawn_apart(rendering: Rendering, files: list[Path]) -> Iterator[Callable[[Path], Spent]]:
    """Draw passes in a process that is like a worker, so that nothing else gains by how it is set.

    It begins with nothing kept, and keeps what it keeps from one pass to the next, as a worker
    does for hours.

    Yields
    ------
    callable
        Draws all of `files` into a folder, and gives what that took.
    """
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            ours.close()
            _draw_passes(rendering, files, theirs)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    theirs.close()

    def one_pass(out: Path) -> Spent:
        ours.sendall(os.fsencode(out))
        told = ours.recv(1 << 10)
        if not told:
            raise RuntimeError("the process that draws has ended")
        return Spent(*map(float, told.split()))

    with ours:
        yield one_pass
    os.waitpid(pid, 0)


def _draw_passes(rendering: Rendering, files: list[Path], asked: socket.socket) -> None:
    settle()
    gc.collect()
    gc.freeze()
    BACKGROUNDS.clear()
    while out := asked.recv(1 << 12):
        cpu, wall = time.process_time(), time.perf_counter()
        render(rendering, files, Path(os.fsdecode(out)))
        spent = time.process_time() - cpu, time.perf_counter() - wall
        asked.sendall(f"{spent[0]!r} {spent[1]!r}".encode())
