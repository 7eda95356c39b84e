"""What is in a tar shard: the pictures of ``--pack files``, and the facts of the manifest."""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecgmpi.results.sample import AS_TEXT, OF_PICTURE, OF_RECORDING
from tests.loaders.conftest import Made
from tests.loaders.corpus import A_SHARD, GOOD
from tests.loaders.samples import of_files, of_tars, table, tars
from tests.outputs import table as csv_table

pytestmark = pytest.mark.slow


def test_the_same_pictures_as_files(job: Made) -> None:
    files, packed = of_files(job.out("files")), of_tars(tars(job.out("tar")))
    assert [sample.key for sample in packed] == [sample.key for sample in files]
    for one, other in zip(packed, files, strict=True):
        assert one.picture == other.picture, one.key
        for ending in (".mask.png", ".points.npy", ".signal.npy"):
            assert one.files.get(ending) == other.files.get(ending), one.key + ending
        if ".json" in other.files:
            said = json.loads(other.files[".json"])
            del said["notes"]
            # In a shard, they stand beside the annotation.
            assert one.facts.get("labels") == said.pop("labels", None), one.key
            for lead in said["leads"]:
                del lead["plotted_pixels"]
            assert one.facts["annotation"] == said, one.key


def test_the_json_says_what_the_manifest_says(job: Made) -> None:
    out = job.out("tar")
    recordings, pictures = table(out, "recordings"), table(out, "pictures")
    for sample, row in zip(of_tars(tars(out)), pictures, strict=True):
        facts = sample.facts
        labels = facts.get("labels", {})
        assert facts.keys() - {"annotation", "labels"} == {*OF_RECORDING, *OF_PICTURE}
        assert bool(labels) == job.labelled
        recording = recordings[row["recording"]]
        for name, value in labels.items():
            # Numbers that some recording lacks are text, in every sample.
            there = recording[name]
            is_text = isinstance(value, str) and not isinstance(there, str)
            np.testing.assert_equal(float(value) if is_text else value, there, name)
        for name in OF_RECORDING:
            _same(facts[name], recording[name], name)
        for name in OF_PICTURE:
            _same(facts[name], row[name], name)


def _same(said: Any, value: Any, name: str) -> None:
    if name in AS_TEXT:
        assert float(said) == pytest.approx(float(value), nan_ok=True), name
    else:
        assert said == value, name


def test_keys_are_what_every_reader_takes(job: Made) -> None:
    out = job.out("tar")
    keys = [row["key"] for row in table(out, "pictures")]
    assert len(set(keys)) == len(keys) == len({key.lower() for key in keys})
    for key in keys:
        assert re.fullmatch(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*", key)
        assert len(key) <= 88
    assert {key.rpartition("/")[0] for key in keys} >= {"a", "b", "c"}


def test_members_of_a_sample_lie_side_by_side_with_fixed_headers(job: Made) -> None:
    out = job.out("tar")
    fields = set()
    for path in tars(out):
        with tarfile.open(path, "r:") as tar:
            members = tar.getmembers()
        assert not any(member.pax_headers for member in members)
        assert {(m.uid, m.gid, m.uname, m.gname, m.mtime, m.mode, m.type) for m in members} == {
            (0, 0, "", "", 0, 0o644, tarfile.REGTYPE)
        }
        keys = [m.name.partition(".")[0] for m in members]
        runs = [key for key, before in zip(keys, ["", *keys], strict=False) if key != before]
        assert len(runs) == len(set(keys))
        fields |= {
            tuple(m.name.partition(".")[2] for m in members if m.name.startswith(f"{key}."))
            for key in runs
        }
    assert len(fields) == 1


def test_a_shard_is_a_chunk_and_one_without_a_picture_is_not_there(job: Made) -> None:
    out = job.out("tar")
    assert [path.name for path in tars(out)] == [
        f"{chunk:06d}.tar" for chunk in range(GOOD // A_SHARD)
    ]
    rows = table(out, "shards")
    assert sorted(row["path"] for row in rows) == sorted(
        path.relative_to(out).as_posix() for path in (out / "shards").iterdir()
    )
    for row in rows:
        data = (out / row["path"]).read_bytes()
        assert (row["bytes"], row["crc32"]) == (len(data), zlib.crc32(data))
        assert row["path"] == f"shards/{row['chunk']:06d}{Path(row['path']).suffix}"


def test_tar_lists_it(job: Made) -> None:
    for path in tars(job.out("tar")):
        listed = subprocess.run(["tar", "tf", path], capture_output=True, text=True, check=True)
        assert listed.stderr == ""
        with tarfile.open(path, "r:") as tar:
            assert listed.stdout.splitlines() == tar.getnames()


def test_a_member_is_found_by_the_index(job: Made) -> None:
    for path in tars(job.out("tar")):
        data = path.read_bytes()
        with tarfile.open(path, "r:") as tar:
            places = [(m.name, m.offset_data, m.size) for m in tar]
        rows = csv_table(path.with_suffix(".csv"))
        assert list(rows[0]) == ["member", "offset", "bytes", "crc32"]
        assert [(row["member"], int(row["offset"]), int(row["bytes"])) for row in rows] == places
        for row, (_, offset, size) in zip(rows, places, strict=True):
            assert int(row["crc32"]) == zlib.crc32(data[offset : offset + size])
