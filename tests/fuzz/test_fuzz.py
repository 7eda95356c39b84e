"""A little of the fuzzing with each run of the tests; all of it: `python -m tests.fuzz`."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from ecgmpi.readers import FORMATS, read
from tests.fuzz import bench
from tests.fuzz.bench import run
from tests.fuzz.seeds import Seed, seeds


def written(seed: Seed, folder: Path) -> Path:
    for name, content in seed.files.items():
        (folder / name).write_bytes(content)
    return folder / (next(iter(seed.files)) + seed.member)


@pytest.mark.slow
def test_some_thousand_damaged_files_are_read_or_refused() -> None:
    outcome = run(seeds(), 3000, entropy=20, workers=2, seconds=120)
    assert outcome.n_files > 200
    assert not outcome.findings, "\n".join(
        f"{f.number} {f.seed}: {f.what}" for f in outcome.findings
    )
    kinds = {kind for _, kind in outcome.counts}
    assert {"corrupt", "truncated", "read as wfdb"} <= kinds


@pytest.mark.slow
def test_every_format_has_files_to_damage(test_data: Path, tmp_path: Path) -> None:
    formats = set()
    for number, seed in enumerate(seeds()):
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            formats.add(read(written(seed, folder)).format)
        except Exception:
            assert "/" in seed.name, f"{seed.name} is damaged already"
    assert {format.name for format in FORMATS} <= formats


@pytest.mark.slow
def test_a_reader_that_hangs_dies_takes_memory_or_throws_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The bench itself, on files that do what none should."""
    monkeypatch.setattr(bench, "SECONDS", 3.0)
    monkeypatch.setattr(bench, "try_one", misbehave)
    outcome = run([Seed("bad", {"a.csv": b"1,2\n"})], 6, entropy=1, workers=1)
    whats = {finding.number: finding.what for finding in outcome.findings}
    assert outcome.n_files == 6
    assert set(whats) == {0, 1, 2, 4}
    for number, words in enumerate(["ZeroDivisionError", "ended with -9", "more than 3 s"]):
        assert words in whats[number]
    assert "MemoryError" in whats[4]


def misbehave(path: Path) -> str:
    """What the third, say, of six files does; each process begins where the last one ended."""
    turn = path.parent / "turn"
    number = turn.stat().st_size if turn.exists() else 0
    turn.write_bytes(bytes(number + 1))
    if number == 0:
        raise ZeroDivisionError
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 2:
        time.sleep(60)
    if number == 4:
        bytearray(2 * bench.HEADROOM)
    return "read"
