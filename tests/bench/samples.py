"""Samples of pages to train on, beside the plain way: `python -m tests.bench.samples`.

Pages as people draw them (3x4+1, letter, 200 dpi: 2200 x 1700 px) lie in tar shards, with masks,
points and labels, a fifth of the recordings without labels. `ecgmpi.dataset` reads them on one
core. The plain way gets at the same arrays with Pillow, json and the standard library:

- from the same shards, by tarfile: points by `numpy.load`, labels from the JSON of the sample;
- from ``--pack files``: points from the JSON that lies beside each picture.

Each page is read in all ways, in turn, and a ratio is that of a page's CPU times. A figure is the
median of the rounds, each over all pages.

Gates: nine tenths of 150 / 131 times the pages a second of Pillow, as palette indices; and of
90 / 131 times as many with mask, points and labels as Pillow reads indices alone.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import ecgmpi
from tests.bench.compare import GATE
from tests.bench.figures import Figure, figure, parser_of, run_case
from tests.bench.passes import add_corpus, files_of
from tests.bench.spent import pin
from tests.processes import run_ecgmpi

PAGES = 20
ROUNDS = 9
INDICES_OF_PILLOW = GATE * 150 / 131
ALL_OF_PILLOW = GATE * 90 / 131

FIELDS = ("indices", "mask", "points", "labels")
PAGE = ("--layout", "3x4+1", "--paper", "letter", "--annotate", "lines", "--mask")
LABELS = ("age", "sinus", "report")

Read = Callable[[int], dict[str, Any]]


def main() -> int:
    """``python -m tests.bench.samples --help``."""
    parser = parser_of(__doc__, "samples")
    parser.add_argument("--pages", type=int, default=PAGES, help="default: %(default)s")
    parser.add_argument("--rounds", type=int, help="default: 9, or 5 with --quick")
    add_corpus(parser)
    return run_case(parser, measure)


def measure(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Draw the pages, and read them in rounds."""
    with tempfile.TemporaryDirectory() as folder:
        files = files_of(arguments.corpus, arguments.pages, Path(folder))
        tar, loose = _drawn(files, Path(folder))
        pin()
        plain = _PlainTar(tar)
        whole, pictures = (ecgmpi.dataset(tar, fields=names) for names in (FIELDS, "indices"))
        ways: dict[str, Read] = {
            "indices": pictures.__getitem__,
            "indices_pillow": plain.indices,
            "all": whole.__getitem__,
            "all_plain": plain.whole,
            "all_json": _PlainFiles(loose, plain.keys).whole,
        }
        rounds = arguments.rounds or (5 if arguments.quick else ROUNDS)
        spent = _in_turn(ways, len(files), rounds)
    for name, about in (
        ("indices", "pages a second of CPU, as palette indices"),
        ("indices_pillow", "the same by Pillow"),
        ("all", "pages a second of CPU, with mask, points and labels"),
        ("all_plain", "the same by Pillow, numpy.load, and json for labels"),
        ("all_json", "the same by Pillow, and json for points, from files"),
    ):
        rates = [len(cpu) / sum(cpu) for cpu in spent[name]]
        yield figure(f"samples.{name}", rates, "/s", about)
    for name, ours, theirs, least, about in (
        (
            "indices_ratio",
            "indices",
            "indices_pillow",
            INDICES_OF_PILLOW,
            "as many indices as by Pillow",
        ),
        (
            "all_of_pillow",
            "all",
            "indices_pillow",
            ALL_OF_PILLOW,
            "as many with all as Pillow reads indices alone",
        ),
        ("all_ratio", "all", "all_plain", None, "as many with all as in the plain way"),
        ("all_json_ratio", "all", "all_json", None, "as many as with json for points"),
    ):
        ratios = [
            statistics.median(b / a for a, b in zip(*both, strict=True))
            for both in zip(spent[ours], spent[theirs], strict=True)
        ]
        yield figure(f"samples.{name}", ratios, "times", about, least=least)


def _drawn(files: list[Path], folder: Path) -> tuple[Path, Path]:
    """Draw the pages, in tar shards and as files."""
    corpus, table = folder / "pages", folder / "labels.csv"
    corpus.mkdir()
    lines = [",".join(("ecg", *LABELS))]
    for number, path in enumerate(files):
        (corpus / path.name).symlink_to(path.resolve())
        if number % 5:
            lines.append(f"{path.stem},{40 + number},{number % 2 == 0},rhythm number {number}")
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    labels = ("--metadata", table, "--metadata-key", "ecg", "--metadata-columns", ",".join(LABELS))
    outs = folder / "tar", folder / "files"
    for out in outs:
        options = (*PAGE, *labels, "--pack", out.name, "-q")
        run_ecgmpi("render", corpus, "-o", out, *options).expect(0)
    return outs


class _PlainTar:
    """Reads tar shards as people do: by tarfile, Pillow, numpy and json."""

    def __init__(self, out: Path) -> None:
        self._members: dict[str, tuple[tarfile.TarFile, tarfile.TarInfo]] = {}
        for path in sorted((out / "shards").glob("*.tar")):
            tar = tarfile.open(path)  # noqa: SIM115
            self._members |= {member.name: (tar, member) for member in tar}
        self.keys = [name[:-4] for name in self._members if name.count(".") == 1 and "png" in name]

    def _read(self, number: int, ending: str) -> io.BytesIO:
        tar, member = self._members[self.keys[number] + ending]
        handle = tar.extractfile(member)
        assert handle is not None
        return io.BytesIO(handle.read())

    def indices(self, number: int) -> dict[str, Any]:
        """The picture alone."""
        return {"indices": _by_pillow(self._read(number, ".png"))}

    def whole(self, number: int) -> dict[str, Any]:
        """All of a sample."""
        return self.indices(number) | {
            "mask": _by_pillow(self._read(number, ".mask.png")),
            "points": np.load(self._read(number, ".points.npy")),
            "labels": json.load(self._read(number, ".json"))["labels"],
        }


class _PlainFiles:
    """Reads files by Pillow and json."""

    def __init__(self, out: Path, keys: list[str]) -> None:
        self._stems = [str(out / "images" / key) for key in keys]

    def whole(self, number: int) -> dict[str, Any]:
        """All of a sample but its labels, of which there may be none in a JSON beside a picture."""
        stem = self._stems[number]
        leads = json.loads(Path(f"{stem}.json").read_bytes())["leads"]
        # Row and column of each sample; hundredths of a pixel.
        points = [np.array(lead["plotted_pixels"], np.float32)[:, ::-1] for lead in leads]
        return {
            "indices": _by_pillow(f"{stem}.png"),
            "mask": _by_pillow(f"{stem}.mask.png"),
            "points": np.concatenate(points),
        }


def _by_pillow(file: io.BytesIO | str) -> Any:
    with Image.open(file) as image:
        # It need not be copied.
        return np.asarray(image)


def _in_turn(ways: dict[str, Read], n: int, rounds: int) -> dict[str, list[list[float]]]:
    """CPU seconds of each page, a list a round, of each way; all read the same arrays."""
    spent: dict[str, list[list[float]]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        cpu: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(n):
            found = {}
            for name in [*ways][:: 1 if turn % 2 else -1]:
                begun = time.process_time()
                found[name] = ways[name](number)
                cpu[name].append(time.process_time() - begun)
                if turn:
                    del found[name]
            if not turn:
                _compare(found)
        # The first round paid for what is loaded once.
        if turn:
            for name, took in cpu.items():
                spent[name].append(took)
    return spent


def _compare(found: dict[str, dict[str, Any]]) -> None:
    """Fail unless a page is the same in all ways."""
    for name, sample in found.items():
        for field in FIELDS[: 1 if name.startswith("indices") else 3]:
            about = f"{field} of {name}"
            atol = 0.01 if field == "points" else 0
            np.testing.assert_allclose(sample[field], found["all"][field], 0, atol, err_msg=about)
    for name, value in found["all_plain"]["labels"].items():
        ours = found["all"]["labels"][name]
        np.testing.assert_equal(type(ours)(value), ours)


if __name__ == "__main__":
    sys.exit(main())
