"""A job that is killed again and again, and what is done in its OUT."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mpi.flavours import mpich
from tests.outputs import journaled

N, RANKS = 400, 3
"""Recordings of a job, where not said otherwise, and its ranks."""

IN_FLIGHT = 2 * RANKS
"""Most chunks that ranks of one worker have in flight."""

A_SHARD = 3
"""Recordings of a chunk if it is packed; the last one has fewer."""

TIMEOUT = 120.0
"""Seconds to wait for anything, on a machine that is busy with other things."""


@dataclass(frozen=True, slots=True)
class Bed:
    """What all jobs have in common.

    Attributes
    ----------
    folder
        Where corpus, OUTs and scratch are.
    pack
        How pictures are packed.
    n
        How many recordings there are.
    options
        Of ``ecgmpi render``, besides.
    """

    folder: Path
    pack: str
    n: int = N
    options: tuple[str, ...] = ()

    @property
    def corpus(self) -> Path:
        """`n` recordings."""
        return self.folder / "in"

    @property
    def n_chunks(self) -> int:
        """Chunks of a job."""
        return self.n if self.pack == "files" else -(-self.n // A_SHARD)

    @property
    def scratch(self) -> Path:
        """The folder of the node for what is not packed yet."""
        return self.folder / "scratch"

    def command(self, out: Path) -> list[object]:
        """The job on its ranks."""
        options = ["--dpi", "60", "--progress", "none", "--workers", "1", "--pack", self.pack]
        options += self.options
        if self.pack != "files":
            options += ["--shard-recordings", str(A_SHARD), "--scratch", str(self.scratch)]
        return mpich().command(RANKS, "render", self.corpus, "-o", out, *options)


class Watch:
    """What is done in an OUT, looked at only when a journal has grown."""

    def __init__(self, out: Path, n_chunks: int) -> None:
        self._out = out
        self._n_chunks = n_chunks
        self._size = -1
        self._done: set[int] = set()
        self._written: dict[Path, int] = {}

    def done(self) -> set[int]:
        """The chunks that are journaled; fails where one is twice."""
        size = sum(
            path.stat().st_size for path in (self._out / ".ecgmpi" / "journal").glob("*.journal")
        )
        if size != self._size:
            chunks = [chunk for of_rank in journaled(self._out).values() for chunk in of_rank]
            assert len(chunks) == len(set(chunks)), "a chunk was done twice"
            self._size, self._done = size, set(chunks)
        return self._done

    def out_now(self) -> set[int]:
        """The chunks that may be out: they are handed out in order."""
        return set(sorted(set(range(self._n_chunks)) - self.done())[:IN_FLIGHT])

    def look(self) -> int:
        """Fail where what was done has been made again; how many chunks were lost.

        A chunk is lost where there is some of it, and it was not journaled.
        """
        done = self.done()
        lost = set()
        for chunk, path in self._files():
            if chunk not in done:
                lost.add(chunk)
                continue
            written = path.stat().st_mtime_ns
            assert self._written.setdefault(path, written) == written, f"{path} made again"
        return len(lost)

    def _files(self) -> Iterator[tuple[int, Path]]:
        """Every file of a picture, or of a shard, and its chunk."""
        images = self._out / "images"
        for path in images.rglob("*.*"):
            # A folder of strips, or a page and what belongs to it.
            recording = path.relative_to(images).parts[0]
            if recording.startswith("SYN"):
                yield int(recording[3:9]) - 1, path
        # Those of worn copies are in folders of their own.
        for path in (self._out / "shards").rglob("[0-9]*"):
            yield int(path.stem), path
