"""The catalogue of a job: INPUT looked through, with a process that counts recordings in files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.chunks import Chunking
from ecgmpi.corpus.inputs import catalogue_of
from ecgmpi.errors import StoppedError
from ecgmpi.options.quantities import Part
from ecgmpi.options.rendering import Rendering
from ecgmpi.pipeline import hints_for
from ecgmpi.results.columns import RECORDING_COLUMNS
from ecgmpi.store import PACKINGS

from .pool.probe import Probe

SHARDS_PER_RANK = 4
"""With fewer, ranks end far apart."""

TAKEN = tuple(column.name for column in RECORDING_COLUMNS)
"""Names that labels cannot have."""

Build = Callable[[Path, bool], Catalogue]
"""Writes the catalogue of a job to a path, told whether its shards are divided by split."""


def builder(
    inputs: list[str], out: Path, rendering: Rendering, stopped: Callable[[], str] = str
) -> Build:
    """Say how the catalogue of a job is built, for whoever knows where it goes.

    Parameters
    ----------
    inputs, out, rendering
        What the job is about.
    stopped
        Why the job is to stop, in words; empty while it is not.

    Returns
    -------
    callable
        Takes the path of the catalogue, and whether shards, if there are any, are divided by
        split. It raises what `catalogue_of` and `Probe` raise.
    """

    def build(path: Path, divided: bool = True) -> Catalogue:
        with closing(Probe(hints_for(rendering), stopped)) as probe:
            catalogue = catalogue_of(
                path,
                inputs,
                out,
                probe.count,
                stopped,
                with_ending=rendering.name_with_ending,
                chunking=chunking_for(rendering),
                tables=rendering.tables,
            )
            if rendering.labelled:
                try:
                    catalogue.add_labels(
                        rendering,
                        probe.entries,
                        TAKEN,
                        check,
                        by_split=divided and PACKINGS[rendering.pack].shards,
                    )
                except BaseException:
                    catalogue.close()
                    raise
            return catalogue

    def check() -> None:
        if why := stopped():
            raise StoppedError(why)

    return build


def chunking_for(rendering: Rendering) -> Chunking:
    """Say how the recordings of a job are divided into chunks."""
    return Chunking(PACKINGS[rendering.pack].most_recordings, rendering.shard_recordings)


def few_shards(catalogue: Catalogue, part: Part, ranks: int) -> str:
    """Say that ranks may have nothing to do at the end of a job that packs; empty if not."""
    n_shards = len(range(part.number - 1, catalogue.n_chunks, part.of))
    if ranks == 1 or n_shards >= SHARDS_PER_RANK * ranks:
        return ""
    size = catalogue.chunks.n_recordings_of(part) // (SHARDS_PER_RANK * ranks)
    mend = f"; --shard-recordings {size} gives each {SHARDS_PER_RANK}" if size else ""
    return f"{n_shards} shards for {ranks} ranks: some will wait for the others at the end{mend}"
