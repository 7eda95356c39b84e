"""How busy many ranks are kept that pack: a model of time, the dispatcher as it is.

    python -m tests.bench.balance [--recordings 21799] [--ranks 64] [--layout 3x4+1]

Some real recordings, or synthetic ones, are drawn by a worker and their shards finished, each
timed. Then the dispatcher of a job hands out the chunks of a corpus of that many recordings to
modelled ranks of one worker. Each draws its recordings in times that are taken from those measured,
some ranks being up to a tenth slower than others, and finishes the shard of each chunk while it
draws the next. Fails where the ranks draw less than 85 % of the time until the last shard is done.
"""

from __future__ import annotations

import argparse
import heapq
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.discover import Found
from ecgmpi.corpus.item import Item
from ecgmpi.job.cataloguing import chunking_for
from ecgmpi.job.dispatch import Dispatcher
from ecgmpi.job.pool.messages import JobSpec
from ecgmpi.job.pool.worker import RecordingRenderer
from ecgmpi.options.rendering import Rendering
from ecgmpi.results.journal_index import JournalIndex
from ecgmpi.results.result import Result
from tests.bench.figures import Figure, figure, parser_of, run_case
from tests.bench.passes import files_of, real_corpus

LEAST_BUSY = 0.85
SLOWEST = 1.1
MEASURED = 85


@dataclass(frozen=True)
class Times:
    """Seconds that were measured: of each recording, and of a shard of `MEASURED`."""

    recordings: list[float]
    shard: float


def main() -> int:
    """``python -m tests.bench.balance --help``."""
    parser = parser_of(__doc__, "balance")
    parser.add_argument("--recordings", type=int, default=21799, help="default: as PTB-XL, 21799")
    parser.add_argument("--ranks", type=int, default=64)
    parser.add_argument("--layout", default="3x4+1")
    parser.add_argument("--pack", default="tar")
    return run_case(parser, measure)


def measure(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Draw and pack a few, then model how many ranks would do so."""
    rendering = Rendering(layout=arguments.layout, pack=arguments.pack)
    with tempfile.TemporaryDirectory() as folder:
        times = measured(rendering, Path(folder))
        catalogue = catalogue_of(arguments.recordings, rendering, Path(folder))
        with closing(catalogue):
            dispatcher = Dispatcher(
                catalogue, JournalIndex(Path(folder), catalogue.n_chunks), arguments.ranks
            )
            busy, end = model(dispatcher, arguments.ranks, times, random.Random(13))
            about = (
                f"of the time {arguments.ranks} ranks draw, of {arguments.recordings:,} recordings "
                f"in {catalogue.n_chunks} shards of {catalogue.chunks.size}, in the model"
            )
    yield figure("balance.recording_ms", [1e3 * one for one in times.recordings], "ms", "drawn")
    yield figure("balance.shard_ms", 1e3 * times.shard, "ms", f"a shard of {MEASURED}, finished")
    yield figure("balance.end_s", end, "s", "until the last shard is finished, in the model")
    yield figure("balance.busy", 100 * busy, "%", about, least=100 * LEAST_BUSY)


def measured(rendering: Rendering, folder: Path) -> Times:
    """Draw some recordings, and pack them."""
    corpus = real_corpus()
    out, fragments = folder / "out", folder / "fragments"
    for made in (out, fragments):
        made.mkdir()
    spec = JobSpec(rendering, out, rendering.pack, timeout=60.0)
    renderer, store = RecordingRenderer(spec, fragments), spec.open_store(fragments)
    seconds: list[float] = []
    keys: list[tuple[str, list[str]]] = []
    files = files_of(corpus, min(MEASURED, 40) if corpus else MEASURED, folder)
    for index in range(MEASURED + 1):
        path = files[index % len(files)]
        item = Item(index, f"{path.stem}-{index}", path.name, str(path))
        begun = time.perf_counter()
        result = renderer.render(item)
        spent = time.perf_counter() - begun
        assert isinstance(result, Result)
        assert not result.failed, result
        # The first loads what a worker of a job has from the start.
        if index:
            seconds.append(spent)
            keys.append((item.name, [row["key"] for row in result.pictures]))
    begun = time.perf_counter()
    store.finish(0, keys)
    return Times(seconds, time.perf_counter() - begun)


def catalogue_of(n: int, rendering: Rendering, folder: Path) -> Catalogue:
    """A catalogue of recordings that are nowhere."""
    found = (Found(f"r{k:07d}", f"r{k:07d}.mat", f"/r{k:07d}.mat", 1) for k in range(n))
    return Catalogue.build(folder / "catalogue.sqlite", found, chunking_for(rendering))


def model(
    dispatcher: Dispatcher, ranks: int, times: Times, chance: random.Random
) -> tuple[float, float]:
    """Share of the time that ranks draw, and seconds until the last shard is finished."""
    slowness = [chance.uniform(1.0, SLOWEST) for _ in range(ranks)]
    free_at = [(0.0, rank) for rank in range(ranks)]
    drawing, end = 0.0, 0.0
    while free_at:
        now, rank = heapq.heappop(free_at)
        chunks = dispatcher.take(rank, 2)
        if not chunks:
            continue
        for chunk in chunks:
            spent = slowness[rank] * sum(chance.choice(times.recordings) for _ in chunk.work)
            drawing += spent
            now += spent
            finished = times.shard * len(chunk.work) / MEASURED
            end = max(end, now + slowness[rank] * finished)
        heapq.heappush(free_at, (now, rank))
    return drawing / (ranks * end), end


if __name__ == "__main__":
    sys.exit(main())
