"""What a job left in OUT, to compare with what another left."""

from __future__ import annotations

import csv
import hashlib
import json
import struct
from pathlib import Path
from typing import Any

ITS_OWN = ("run.json", "report.html", "report.json", ".ecgmpi")
"""What alone may differ between two runs of one job."""

# Magic, chunk, length of the summary, length of the rows, checksum.
_RECORD = struct.Struct("<4sIIII")


def contents(out: Path) -> dict[str, str]:
    """Path below OUT -> SHA-256, of everything that must be the same however it was made."""
    return {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.relative_to(out).parts[0] not in ITS_OWN
    }


def assert_same(one: dict[str, str], other: dict[str, str]) -> None:
    """Fail with the names of what differs, not with the sums of everything."""
    assert sorted(one) == sorted(other)
    assert [path for path in one if one[path] != other[path]] == []


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def pictures(out: Path) -> list[str]:
    """Paths of all pictures, below OUT."""
    return sorted(path.relative_to(out).as_posix() for path in out.rglob("*.png"))


def run_json(out: Path) -> dict[str, Any]:
    """The provenance of the run."""
    facts: dict[str, Any] = json.loads((out / "run.json").read_text(encoding="utf-8"))
    return facts


def failures(out: Path) -> list[dict[str, str]]:
    """The rows of failures.csv."""
    return table(out / "failures.csv")


def manifest(out: Path) -> list[dict[str, str]]:
    """The rows of manifest.csv."""
    return table(out / "manifest.csv")


def journaled(out: Path) -> dict[int, list[int]]:
    """Rank -> the chunks that it wrote down as done, all runs together.

    Reads whole records as they are laid down, while the job runs, too.
    """
    chunks: dict[int, list[int]] = {}
    for path in sorted((out / ".ecgmpi" / "journal").glob("*.journal")):
        data, offset = path.read_bytes(), 0
        done = chunks.setdefault(int(path.name.partition("-")[0]), [])
        while offset + _RECORD.size <= len(data):
            _, chunk, head, body, _ = _RECORD.unpack_from(data, offset)
            offset += _RECORD.size + head + body
            if offset <= len(data):
                done.append(chunk)
    return chunks


def n_journaled(out: Path) -> int:
    """How many chunks are written down as done."""
    return sum(map(len, journaled(out).values()))


def half_written(out: Path) -> list[Path]:
    """Temporary names that were left in OUT."""
    return [path for path in out.rglob(".*.part") if ".ecgmpi" not in path.parts]


def shards(out: Path, kind: str, series: str = "") -> list[Path]:
    """The shards of OUT, in order: their tar or h5 files, or the indexes beside them.

    Those of clean pictures, or of a series of worn copies.
    """
    return sorted((out / "shards" / series).glob(f"*.{kind}"))
