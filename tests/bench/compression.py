"""What ``--compression small`` saves and what it costs, beside ``fast`` and beside plain igzip.

Of each recording a page (3x4+1, letter, 200 dpi) and a strip a lead (400 dpi), on one core. Sizes
are those of the compressed pixels, and shares those of level 1 of igzip over the whole rows, which
is what ecgmpi wrote before there was a choice; CPU seconds are those of making the file of a
picture that is drawn. Then whole passes of a worker, reading and writing included, by one
compression and the other in turn: the ratio of their CPU, and the bandwidth a core below which
``small`` is the faster job, which is what it saves over what it costs.

Fails where ``small`` takes more than 60 % of igzip's bytes on pages or 70 % on strips, or ``fast``
more than all of them.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from isal import igzip_lib

from ecgmpi.drawing import Picture, draw
from ecgmpi.options.rendering import Rendering
from ecgmpi.picture_formats import COMPRESSIONS, FAST, SMALL
from ecgmpi.readers import read
from tests.bench.figures import Figure, named, parser_of, run_case
from tests.bench.passes import add_corpus, files_of, render
from tests.bench.spent import pin

RECORDINGS = 40
IN_PASSES = 10
"""Recordings of a pass."""
ROUNDS = 5
KINDS: dict[str, dict[str, Any]] = {
    "page": {"layout": "3x4+1", "paper": "letter"},
    "strip": {"layout": "strip"},
}
MOST_SHARE = {
    "page_small": 0.6,
    "strip_small": 0.7,
    "page_fast": 1.0,
    "strip_fast": 1.0,
}


def main() -> int:
    """``python -m tests.bench.compression --help``."""
    parser = parser_of(__doc__, "compression")
    parser.add_argument("--recordings", type=int, help="default: 40, or 12 with --quick")
    add_corpus(parser)
    return run_case(parser, _figures)


def _figures(arguments: argparse.Namespace) -> Iterator[Figure]:
    pin()
    recordings = arguments.recordings or (12 if arguments.quick else RECORDINGS)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        found = measure(files_of(arguments.corpus, recordings, scratch), scratch)
    most = {f"compression.{name}_share": share for name, share in MOST_SHARE.items()}
    yield from named(found, most)


def measure(files: list[Path], scratch: Path) -> dict[str, float]:
    """Compress the pictures of `files`, and draw them into `scratch` by either compression.

    Returns
    -------
    dict
        By names that begin with ``compression.page_`` or ``compression.strip_``: ``igzip_kb``,
        mean size of a picture, kB; ``fast_share`` and ``small_share`` of that; ``fast_ms`` and
        ``small_ms``, median CPU of making the file of one, and ``small_times``, median ratio;
        ``job_times``, median ratio of the CPU of whole passes; ``job_fast_ms`` and
        ``job_small_ms``, median CPU of a picture in such a pass; ``pays_below_mb_s``, MB/s a core.
    """
    found: dict[str, float] = {}
    for kind, options in KINDS.items():
        of_kind = _compressed(files, options) | _jobs(files[:IN_PASSES], options, scratch / kind)
        seconds = 1e-3 * (of_kind["job_small_ms"] - of_kind["job_fast_ms"])
        saved = 1e-3 * of_kind["igzip_kb"] * (of_kind["fast_share"] - of_kind["small_share"])
        of_kind["pays_below_mb_s"] = saved / seconds
        found |= {f"compression.{kind}_{name}": value for name, value in of_kind.items()}
    return found


def _compressed(files: list[Path], options: dict[str, Any]) -> dict[str, float]:
    igzip, size = 0, dict.fromkeys(COMPRESSIONS, 0)
    cpu: dict[str, list[float]] = {name: [] for name in COMPRESSIONS}
    for number, picture in enumerate(_pictures(files, options)):
        igzip += len(igzip_lib.compress(picture.rows, 1, igzip_lib.COMP_ZLIB))
        for name in list(COMPRESSIONS)[:: 1 if number % 2 else -1]:
            begun = time.process_time()
            file = picture.png(name)
            cpu[name].append(1e3 * (time.process_time() - begun))
            at = file.index(b"IDAT")
            size[name] += int.from_bytes(file[at - 4 : at], "big")
    times = [small / fast for small, fast in zip(cpu[SMALL], cpu[FAST], strict=True)]
    return {
        "igzip_kb": 1e-3 * igzip / len(times),
        "fast_share": size[FAST] / igzip,
        "small_share": size[SMALL] / igzip,
        "fast_ms": statistics.median(cpu[FAST]),
        "small_ms": statistics.median(cpu[SMALL]),
        "small_times": statistics.median(times),
    }


def _pictures(files: list[Path], options: dict[str, Any]) -> Iterator[Picture]:
    for path in files:
        record = read(path)
        leads = record.leads if options["layout"] == "strip" else (None,)
        for lead in leads:
            yield draw(record, lead=lead, **options)


def _jobs(files: list[Path], options: dict[str, Any], scratch: Path) -> dict[str, float]:
    """Draw all of `files` by either compression, in turn."""
    scratch.mkdir()
    cpu: dict[str, list[float]] = {FAST: [], SMALL: []}
    pictures = 0
    for number in range(ROUNDS + 1):
        for name in list(cpu)[:: 1 if number % 2 else -1]:
            with tempfile.TemporaryDirectory(dir=scratch) as out:
                begun = time.process_time()
                render(Rendering(compression=name, **options), files, Path(out))
                cpu[name].append(time.process_time() - begun)
                pictures = sum(path.suffix == ".png" for path in Path(out).rglob("*"))
    # The first pass of each paid for what is loaded once.
    fast, small = cpu[FAST][1:], cpu[SMALL][1:]
    return {
        "job_times": statistics.median(b / a for a, b in zip(fast, small, strict=True)),
        "job_fast_ms": 1e3 * statistics.median(fast) / pictures,
        "job_small_ms": 1e3 * statistics.median(small) / pictures,
    }


if __name__ == "__main__":
    sys.exit(main())
