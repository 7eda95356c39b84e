"""A packed job is made whole by the same command, whatever happened to its shards."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.corpora import synthetic
from tests.outputs import assert_same, contents
from tests.processes import QUICK, Ended, run_ecgmpi

SHARDS = 4
IN_A_SHARD = 3
BAD = "SYN000004.mat"
"""A recording in the second shard that cannot be read."""

OPTIONS = (*QUICK, "--pack", "tar", "--shard-recordings", IN_A_SHARD, "--workers", 1)


def pack(folder: Path, *options: object) -> Ended:
    """Run the job of a folder of `in` and `out`."""
    return run_ecgmpi("render", folder / "in", "-o", folder / "out", *OPTIONS, *options)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus with one bad recording, and the job that drew it."""
    folder = tmp_path_factory.mktemp("whole")
    synthetic(folder / "in", SHARDS * IN_A_SHARD)
    (folder / "in" / BAD).rename(folder / "good.mat")
    # With another size or time it would be another INPUT.
    facts = (folder / "good.mat").stat()
    (folder / "in" / BAD).write_bytes(bytes(facts.st_size))
    os.utime(folder / "in" / BAD, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    pack(folder).expect(3)
    return folder


@pytest.fixture
def job(whole: Path, tmp_path: Path) -> Path:
    """A copy of that."""
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    return tmp_path


def _alter(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-512])


def restored(job: Path, damaged: tuple[str, ...], *options: object) -> None:
    """Run the job again: it must draw the shards that are `damaged`, and no other."""
    shards = job / "out" / "shards"
    before = {path: path.stat().st_mtime_ns for path in shards.iterdir()}
    pack(job, *options).expect(3)
    after = {path: path.stat().st_mtime_ns for path in shards.iterdir()}
    assert {path.stem for path in after if after[path] != before.get(path)} == set(damaged)


@pytest.mark.slow
def test_a_shard_is_drawn_again_where_a_file_of_it_is_gone_or_shorter(job: Path) -> None:
    shards, sound = job / "out" / "shards", contents(job / "out")
    (shards / "000000.idx").unlink()
    (shards / "000001.tar").write_bytes((shards / "000001.tar").read_bytes()[:-512])
    (shards / "000003.csv").write_bytes(b"")
    restored(job, ("000000", "000001", "000003"))
    assert_same(sound, contents(job / "out"))
    (shards / "000001.tar").unlink()
    restored(job, ("000001",))
    assert_same(sound, contents(job / "out"))


@pytest.mark.slow
def test_verify_finds_a_byte_that_was_altered_in_a_shard(job: Path) -> None:
    shards, sound = job / "out" / "shards", contents(job / "out")
    for path in (shards / "000002.tar", shards / "000001.csv"):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    restored(job, ())
    restored(job, ("000001", "000002"), "--verify")
    assert_same(sound, contents(job / "out"))


@pytest.mark.slow
def test_what_failed_joins_its_shard_once_it_can_be_read(job: Path, tmp_path: Path) -> None:
    shutil.move(job / "good.mat", job / "in" / BAD)
    # Only files that were missing are looked for without being asked.
    pack(job).expect(3)
    said = pack(job, "--retry-failed").expect(0)
    # The others of its shard are kept.
    assert "this run: 1 in" in said.out
    assert "1 recording had failed before" in said.out
    other = tmp_path / "other"
    shutil.copytree(job / "in", other / "in")
    pack(other).expect(0)
    assert_same(contents(other / "out"), contents(job / "out"))
