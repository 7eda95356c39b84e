"""Packed pictures beside files: the same recordings in one run, and one picture out of each.

In each round the same job is run with each packing, one after the other, the order changing. Shards
have 32 recordings, as in a corpus of 8,192: with 400, each would have one. Then single pictures are
read in random order: by the path of a file, and by key out of shards that are open.

Fails where tar takes a seventh more CPU than files do, beyond what the rounds differ by (a few
rounds on a busy machine differ by a tenth), or where a picture out of a tar takes more than twice
what a file takes.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import h5py

from ecgmpi.ecg.synthetic import write_corpus
from ecgmpi.store import PACKINGS, StoreSpec
from ecgmpi.store.reading import PictureReader
from tests.bench.compare import GATE
from tests.bench.figures import Figure, figure, parser_of, run_case
from tests.bench.spent import Spent, adopt, of_program
from tests.processes import ecgmpi

KINDS = {"strip": (), "page": ("--layout", "3x4+1")}
ABOUT = {"strip": "strips, 400 dpi", "page": "pages, 3x4+1, 200 dpi"}
MOST_CPU = 1.03
MOST_READ = 2.0
READS = 2000
SHARD = 32
ENDINGS = {"picture": ".png", "annotation": ".json"}


def main() -> int:
    """``python -m tests.bench.packing --help``."""
    parser = parser_of(__doc__, "packing")
    parser.add_argument(
        "--recordings", type=int, help="of a job; default: 400, or 120 with --quick"
    )
    parser.add_argument("--rounds", type=int, help="default: 5, or 3 with --quick")
    return run_case(parser, measure)


def measure(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Run the jobs in turn, then read out of what they left."""
    recordings = arguments.recordings or (120 if arguments.quick else 400)
    rounds = arguments.rounds or (3 if arguments.quick else 5)
    adopt()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_corpus(folder / "in", recordings)
        for kind in KINDS:
            spent = _jobs(kind, folder, rounds)
            yield from _told(kind, folder, spent)
            yield from _reads(kind, folder)


def _jobs(kind: str, folder: Path, rounds: int) -> dict[str, list[Spent]]:
    spent: dict[str, list[Spent]] = {name: [] for name in PACKINGS}
    for number in range(rounds):
        for name in list(PACKINGS)[:: 1 if number % 2 else -1]:
            out = folder / name
            shutil.rmtree(out, ignore_errors=True)
            shard = ("--shard-recordings", SHARD) if PACKINGS[name].shards else ()
            words = ("render", folder / "in", "-o", out, "--pack", name, "--progress", "none")
            spent[name].append(of_program(ecgmpi(*words, *shard, *KINDS[kind])))
    return spent


def _told(kind: str, folder: Path, spent: dict[str, list[Spent]]) -> Iterator[Figure]:
    files = [one.cpu for one in spent["files"]]
    for name in PACKINGS:
        with h5py.File(folder / name / "manifest.h5") as manifest:
            pictures = len(manifest["pictures/path"])
        stored = [
            path.stat().st_size
            for path in (folder / name).rglob("*")
            if path.is_file() and ".ecgmpi" not in path.parts
        ]
        rates = [pictures / one.wall for one in spent[name]]
        about = f"{ABOUT[kind]}: {len(stored)} files of {sum(stored) / 1e6:.1f} MB in all"
        yield figure(f"packing.{kind}_{name}_rate", rates, "pictures/s", about)
        if name == "files":
            continue
        most = max(MOST_CPU / GATE, max(files) / min(files)) if name == "tar" else None
        times = [one.cpu / beside for one, beside in zip(spent[name], files, strict=True)]
        about = f"{ABOUT[kind]}: CPU time of a job, against files"
        yield figure(f"packing.{kind}_{name}_cpu", times, "times", about, most=most)


def _reads(kind: str, folder: Path) -> Iterator[Figure]:
    """Time to the bytes of a picture, warm."""
    micro: dict[str, list[float]] = {}
    for name in PACKINGS:
        out = folder / name
        with h5py.File(out / "manifest.h5") as manifest:
            pictures = manifest["pictures"]
            places = list(zip(pictures["path"].asstr()[:], pictures["key"].asstr()[:], strict=True))
        chosen = random.Random(13).choices(places, k=READS)
        reader = PictureReader(out, name, StoreSpec("", endings=ENDINGS))
        spent = []
        for again in range(2):
            for path, key in chosen:
                begun = time.perf_counter()
                reader.read(path, key)
                if again:
                    spent.append(1e6 * (time.perf_counter() - begun))
        reader.close()
        micro[name] = spent
        about = f"{ABOUT[kind]}: to read a picture, warm"
        yield figure(f"packing.{kind}_{name}_read_us", spent, "us", about)
    ratio = statistics.median(micro["tar"]) / statistics.median(micro["files"])
    about = f"{ABOUT[kind]}: to read a picture out of a tar, against a file"
    yield figure(f"packing.{kind}_tar_read", ratio, "times", about, most=MOST_READ)


if __name__ == "__main__":
    sys.exit(main())
