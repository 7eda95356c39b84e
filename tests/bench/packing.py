"""Packed pictures beside files: the same recordings in one run, and one picture out of each.

    python -m tests.bench.packing [--recordings N] [--rounds N]

In each round the same job is run with each packing, one after the other, the order changing:
medians of CPU and of wall seconds, the number of files and their bytes. Shards have 32 recordings,
as in a corpus of 8,192: with 400, each would have one. Then single pictures are
read in random order: by the path of a file, and by key out of shards that are open.

Fails where tar takes more CPU than files do, beyond what the rounds differ by, or where a picture
out of a tar takes more than twice what a file takes.
"""

from __future__ import annotations

import argparse
import ctypes
import random
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import h5py

from ecgmpi.ecg.synthetic import write_corpus
from ecgmpi.job.pool.supervisor import SUBREAPER
from ecgmpi.store import PACKINGS
from ecgmpi.store.reading import PictureReader
from tests.bench.job import HERE, cpu_of

KINDS = {"strips, 400 dpi": (), "3x4+1, 200 dpi": ("--layout", "3x4+1")}
MOST_CPU = 1.03
MOST_READ = 2.0
READS = 2000
SHARD = 32
ENDINGS = {"picture": ".png", "annotation": ".json"}


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.packing")
    parser.add_argument("--recordings", type=int, default=400, help="of a job (default: 400)")
    parser.add_argument("--rounds", type=int, default=5, help="how often (default: 5)")
    arguments = parser.parse_args()
    # What a job leaves behind becomes this process's own, and is counted.
    ctypes.CDLL(None).prctl(SUBREAPER, 1)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "in"
        write_corpus(corpus, arguments.recordings)
        for kind, options in KINDS.items():
            failed |= _jobs(kind, options, corpus, arguments.rounds, arguments.recordings)
            failed |= _reads(kind, Path(folder))
    return int(failed)


def _jobs(kind: str, options: tuple[str, ...], corpus: Path, rounds: int, recordings: int) -> bool:
    cpu: dict[str, list[float]] = {name: [] for name in PACKINGS}
    wall: dict[str, list[float]] = {name: [] for name in PACKINGS}
    for number in range(rounds):
        for name in list(PACKINGS)[:: 1 if number % 2 else -1]:
            out = corpus.parent / name
            shutil.rmtree(out, ignore_errors=True)
            begun = time.perf_counter()
            shard = ("--shard-recordings", SHARD) if PACKINGS[name].shards else ()
            command = ("render", corpus, "-o", out, "--pack", name, *shard, *options)
            cpu[name].append(cpu_of(HERE, *command))
            wall[name].append(time.perf_counter() - begun)
    print(f"{kind}: {recordings} recordings, {rounds} rounds")
    failed = False
    for name in PACKINGS:
        ratio = statistics.median(
            own / files for own, files in zip(cpu[name], cpu["files"], strict=True)
        )
        spread = max(cpu["files"]) / min(cpu["files"])
        failed |= name == "tar" and ratio > max(MOST_CPU, spread)
        with h5py.File(corpus.parent / name / "manifest.h5") as manifest:
            pictures = len(manifest["pictures/path"])
        stored = [
            path.stat().st_size
            for path in (corpus.parent / name).rglob("*")
            if path.is_file() and ".ecgmpi" not in path.parts
        ]
        print(
            f"  {name:<6} {pictures / statistics.median(wall[name]):7.1f} pictures a second, "
            f"{1e3 * statistics.median(cpu[name]) / pictures:6.2f} ms CPU each, "
            f"{ratio:.3f} times files; {len(stored)} files, {sum(stored) / 1e6:.1f} MB",
            flush=True,
        )
    return failed


def _reads(kind: str, folder: Path) -> bool:
    """Time to the bytes of a picture, warm."""
    micro: dict[str, float] = {}
    for name in PACKINGS:
        out = folder / name
        with h5py.File(out / "manifest.h5") as manifest:
            pictures = manifest["pictures"]
            places = list(zip(pictures["path"].asstr()[:], pictures["key"].asstr()[:], strict=True))
        chosen = random.Random(13).choices(places, k=READS)
        reader = PictureReader(out, name, ENDINGS)
        spent = []
        for again in range(2):
            for path, key in chosen:
                begun = time.perf_counter()
                reader.read(path, key)
                if again:
                    spent.append(time.perf_counter() - begun)
        reader.close()
        micro[name] = 1e6 * statistics.median(spent)
    told = ", ".join(
        f"{name} {spent:.0f} us ({spent / micro['files']:.2f} times files)"
        for name, spent in micro.items()
    )
    print(f"  one picture of {kind}, warm: {told}", flush=True)
    return micro["tar"] > MOST_READ * micro["files"]


if __name__ == "__main__":
    sys.exit(main())
