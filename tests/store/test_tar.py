"""Shards of tar: what any tar reads, found by an index, the same bytes however they came about."""

from __future__ import annotations

import csv
import os
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.errors import LostSampleError, StoreError
from ecgmpi.store import ShardFile, StoreSpec
from ecgmpi.store.reading import PictureReader
from ecgmpi.store.tar import TarStore
from ecgmpi.store.tar_shard import TarShardReader

ENDINGS = {"picture": ".png", "annotation": ".json"}
SPEC = StoreSpec("shards", endings=ENDINGS)
LEADS = ("I", "V1")


def files(recording: str, label: str) -> dict[str, bytes]:
    """Content that differs in length from picture to picture."""
    return {
        "picture": f"picture {recording} {label} ".encode() * (len(recording) + 7),
        "annotation": f'{{"lead": "{label}"}}'.encode(),
    }


def keys(*recordings: str) -> list[tuple[str, list[str]]]:
    return [(name, [f"{name}-{label}" for label in LEADS]) for name in recordings]


class Job:
    """A store, with the scratch folder of a rank."""

    def __init__(self, folder: Path, spec: StoreSpec = SPEC) -> None:
        self.out, self.scratch = folder / "out", folder / "scratch"
        for made in (self.out, self.scratch):
            made.mkdir(parents=True, exist_ok=True)
        self.store = TarStore(self.out, spec, self.scratch)

    def draw(self, *recordings: str, chunk: int = 3) -> None:
        for name in recordings:
            for label in LEADS:
                self.store.put(chunk, name, label, files(name, label))

    def shard(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.out / "shards").iterdir()}


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


def members(tar: Path) -> Mapping[str, bytes]:
    with tarfile.open(tar) as archive:
        found = {}
        for member in archive:
            handle = archive.extractfile(member)
            assert handle
            found[member.name] = handle.read()
        return found


def test_a_shard_has_the_samples_of_its_chunk_side_by_side(job: Job) -> None:
    job.draw("b", "a")
    made = job.store.finish(3, keys("a", "b"))
    assert list(members(job.out / "shards/000003.tar").items()) == [
        (f"{name}-{label}{ENDINGS[kind]}", data)
        for name in "ab"
        for label in LEADS
        for kind, data in files(name, label).items()
    ]
    assert made == tuple(
        ShardFile(f"shards/{name}", len(data), zlib.crc32(data))
        for name in ("000003.tar", "000003.csv", "000003.idx")
        for data in [job.shard()[name]]
    )
    assert not list(job.scratch.iterdir())


def test_its_headers_say_nothing_of_who_wrote_it_and_when(job: Job) -> None:
    job.draw("a")
    job.store.finish(3, keys("a"))
    with tarfile.open(job.out / "shards/000003.tar") as archive:
        assert {(m.uid, m.gid, m.uname, m.gname, m.mtime, m.mode, m.type) for m in archive} == {
            (0, 0, "", "", 0, 0o644, tarfile.REGTYPE)
        }
    assert (job.out / "shards/000003.tar").stat().st_size % 10240 == 0


def test_its_index_finds_every_member(job: Job) -> None:
    job.draw("a", "b")
    job.store.finish(3, keys("a", "b"))
    shard = job.out / "shards/000003.tar"
    data = shard.read_bytes()
    with shard.with_suffix(".csv").open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [row["member"] for row in rows] == list(members(shard))
    for row in rows:
        begin, size = int(row["offset"]), int(row["bytes"])
        assert data[begin : begin + size] == members(shard)[row["member"]]
        assert zlib.crc32(data[begin : begin + size]) == int(row["crc32"])


@given(order=st.permutations(["a", "b", "c", "d"]), again=st.sets(st.sampled_from("abcd")))
def test_a_shard_is_the_same_however_it_came_about(
    order: list[str], again: set[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    once, parts = Job(tmp_path_factory.mktemp("once")), Job(tmp_path_factory.mktemp("parts"))
    once.draw("a", "b", "c", "d")
    once.store.finish(3, keys("a", "b", "c", "d"))
    # In another order; some failed at first, and were drawn by a later run.
    first = [name for name in order if name not in again]
    parts.draw(*first)
    parts.store.finish(3, [(n, of if n not in again else []) for n, of in keys(*"abcd")])
    later = Job(parts.out.parent)
    later.draw(*sorted(again))
    later.store.finish(3, keys("a", "b", "c", "d"))
    assert later.shard() == once.shard()


def test_a_chunk_without_a_picture_has_no_shard(job: Job) -> None:
    job.draw("a")
    job.store.finish(3, keys("a"))
    assert job.store.finish(3, [("a", [])]) == ()
    assert job.shard() == {}


def test_what_a_recording_left_before_it_failed_is_not_packed(job: Job) -> None:
    job.store.put(3, "a", "I", files("a", "I"))
    job.store.discard(3, "a")
    assert not list(job.scratch.iterdir())
    # A worker that was killed leaves half of it; another draws it anew.
    job.store.put(3, "a", "I", {"picture": b"half", "annotation": b""})
    Job(job.out.parent).draw("a")
    job.store.finish(3, keys("a"))
    assert members(job.out / "shards/000003.tar")["a-I.png"] == files("a", "I")["picture"]


def test_a_picture_that_is_nowhere_is_named(job: Job) -> None:
    job.draw("a")
    with pytest.raises(StoreError, match=r"shard 000003: sample b-I is neither .* --verify"):
        job.store.finish(3, keys("a", "b"))
    assert not job.shard()


def test_a_full_scratch_folder_is_named(job: Job) -> None:
    full = TarStore(job.out, SPEC, Path("/dev/full/x"))
    with pytest.raises(StoreError, match=r"scratch folder /dev/full: .*--scratch"):
        full.put(3, "a", "I", files("a", "I"))


def test_shards_of_a_split_lie_in_its_folder(tmp_path: Path) -> None:
    job = Job(tmp_path, replace(SPEC, splits=(("train", 0), ("val", 3), ("test", 4))))
    for chunk, folder in ((4, "test"), (0, "train"), (3, "val"), (2, "train")):
        location = f"shards/{folder}/{chunk:06d}.tar"
        assert job.store.put(chunk, "a", "I", files("a", "I")) == location
        made = job.store.finish(chunk, [("a", ["a-I"])])
        assert location in [file.path for file in made]
        assert (job.out / location).is_file()
    # A recording that fails in a later run takes its shard along.
    assert job.store.finish(3, [("a", [])]) == ()
    assert list((job.out / "shards/val").iterdir()) == []


@pytest.mark.parametrize("splits", [(), (("train", 0),)])
def test_an_out_that_is_gone_is_not_made_again(
    splits: tuple[tuple[str, int], ...], tmp_path: Path
) -> None:
    job = Job(tmp_path, replace(SPEC, splits=splits))
    job.draw("a")
    job.out.rmdir()
    with pytest.raises(StoreError, match="below OUT: No such file"):
        job.store.finish(3, keys("a"))
    assert not job.out.exists()


def test_a_picture_is_read_by_its_key(job: Job) -> None:
    for chunk in range(20):
        job.draw(f"r{chunk}", chunk=chunk)
        job.store.finish(chunk, keys(f"r{chunk}"))
    reader = PictureReader(job.out, "tar", SPEC)
    for chunk in (0, 19, 7, 0):
        found = reader.read(f"shards/{chunk:06d}.tar", f"r{chunk}-V1", "annotation")
        assert found == files(f"r{chunk}", "V1")["annotation"]
    with pytest.raises(KeyError):
        reader.read("shards/000000.tar", "r0-V2")
    reader.close()


def test_what_is_no_index_is_not_taken_for_one(job: Job) -> None:
    job.draw("a")
    job.store.finish(3, keys("a"))
    shard = job.out / "shards/000003.tar"
    whole = shard.with_suffix(".csv").read_bytes()
    for damaged in (b"", b"member,offset\n", whole[:-1], b"\xff" + whole[1:]):
        shard.with_suffix(".csv").write_bytes(damaged)
        with pytest.raises(ValueError, match=r"000003\.csv is not the index of a shard"):
            TarShardReader(shard, ENDINGS)
    shard.with_suffix(".csv").write_bytes(whole.replace(b"a-I.png,512,", b"a-I.png,x,"))
    with pytest.raises(ValueError, match=r"000003\.csv is not the index of a shard"):
        TarShardReader(shard, ENDINGS).read("a-I")


def test_a_shard_that_is_cut_off_gives_no_half_picture(job: Job) -> None:
    job.draw("a")
    job.store.finish(3, keys("a"))
    shard = job.out / "shards/000003.tar"
    os.truncate(shard, 600)
    with pytest.raises(ValueError, match=r"000003\.tar ends before member a-I\.png does"):
        TarShardReader(shard, ENDINGS).read("a-I")


def test_a_shard_is_written_again_though_its_index_is_of_another(job: Job) -> None:
    job.draw("a", "b")
    job.store.finish(3, keys("a", "b"))
    before = job.shard()
    longer = "annotation", b'{"lead":"longer than it was before, by more than a block"}' * 20

    def change(key: str, held: Mapping[str, bytes]) -> Mapping[str, bytes]:
        return {**held, longer[0]: longer[1] if key == "a-I" else held["annotation"]}

    job.store.rewrite("shards/000003.tar", keys("a", "b"), change)
    changed = job.shard()
    assert changed != before
    # As if it had been killed between the tar and its indexes.
    for ending in (".csv", ".idx"):
        (job.out / "shards" / f"000003{ending}").write_bytes(before[f"000003{ending}"])
    job.store.rewrite("shards/000003.tar", keys("a", "b"), lambda _, held: held)
    assert job.shard() == changed
    tar = job.out / "shards" / "000003.tar"
    tar.write_bytes(tar.read_bytes()[:700])
    with pytest.raises(LostSampleError, match=r"shards/000003\.tar"):
        job.store.rewrite("shards/000003.tar", keys("a", "b"), lambda _, held: held)
    tar.unlink()
    with pytest.raises(LostSampleError, match=r"shards/000003\.tar is missing"):
        job.store.rewrite("shards/000003.tar", keys("a", "b"), lambda _, held: held)
