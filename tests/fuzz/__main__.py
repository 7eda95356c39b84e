"""Fuzz the readers: `python -m tests.fuzz --files 20000 --seed 1`."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from pathlib import Path

from tests.fuzz.bench import make, run, try_one
from tests.fuzz.seeds import seeds


def main() -> int:
    """Run, print what came of it, and fail where there is a finding."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--files", type=int, default=20_000, help="how many (default: 20000)")
    parser.add_argument("--seed", type=int, default=1, help="of all that is random (default: 1)")
    parser.add_argument(
        "--workers", type=int, default=len(os.sched_getaffinity(0)), help="default: the cores"
    )
    parser.add_argument("--seconds", type=float, default=1e9, help="stop after (default: never)")
    parser.add_argument("--only", default="", help="only of seeds with this in their names")
    parser.add_argument("--one", type=int, help="make and read this file alone, in the open")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-one"), help="where --one puts it")
    given = parser.parse_args()
    chosen = [seed for seed in seeds() if given.only in seed.name]
    if given.one is not None:
        given.keep.mkdir(parents=True, exist_ok=True)
        name, path = make(given.one, chosen, given.seed, given.keep)
        print(f"{path}, made of {name}")
        print(try_one(path))
        return 0
    outcome = run(chosen, given.files, given.seed, given.workers, given.seconds)
    kinds: Counter[str] = Counter()
    for (_, kind), count in outcome.counts.items():
        kinds[kind] += count
    for kind, count in kinds.most_common():
        print(f"{count:>8,} {kind}")
    for finding in outcome.findings[:40]:
        print(f"\nfile {finding.number} of seed {given.seed}, made of {finding.seed}:")
        print(finding.what)
    print(f"{outcome.n_files:,} files from {len(chosen)}, {len(outcome.findings)} findings")
    return 1 if outcome.findings else 0


if __name__ == "__main__":
    sys.exit(main())
