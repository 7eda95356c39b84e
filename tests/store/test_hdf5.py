"""Shards of HDF5, and the file that joins them, as h5py alone reads them."""

from __future__ import annotations

import io
import json
import multiprocessing
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from ecgmpi.errors import StoreError
from ecgmpi.npy import npy
from ecgmpi.readers import read
from ecgmpi.store import StoreSpec
from ecgmpi.store.hdf5 import Hdf5Store
from ecgmpi.store.pictures_file import AT_A_TIME
from tests.corpora import synthetic
from tests.outputs import assert_same, contents
from tests.processes import QUICK, run_ecgmpi

BESIDE = ("--annotate", "lines", "--mask")
LEADS = ("--leads", "II,V1")
N = 6


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six recordings in shards of two; the first and the last two are none."""
    folder = synthetic(tmp_path_factory.mktemp("in"), N)
    for number in (1, 5, 6):
        (folder / f"SYN{number:06d}.mat").write_bytes(b"no recording")
    return folder


@pytest.fixture(scope="module")
def packed(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("packed") / "out"
    render(corpus, out, "--workers", "2")
    return out


def render(corpus: Path, out: Path, *more: object) -> None:
    pack = ("--pack", "hdf5", "--with-signals", "--shard-recordings", "2")
    run_ecgmpi("render", corpus, "-o", out, *pack, *BESIDE, *LEADS, *QUICK, *more).expect(3)


def loose(corpus: Path, out: Path) -> dict[str, Path]:
    """The same as files: stem of each by its key."""
    run_ecgmpi("render", corpus, "-o", out, *BESIDE, *LEADS, *QUICK).expect(3)
    with h5py.File(out / "manifest.h5") as manifest:
        pictures = manifest["pictures"]
        places = zip(pictures["key"].asstr()[:], pictures["path"].asstr()[:], strict=True)
        return {key: out / path.removesuffix(".png") for key, path in places}


def read_rows(path: Path) -> dict[str, tuple[bytes, bytes, bytes, str]]:
    """Picture, mask, points and name of the recording of each sample, by h5py alone."""
    with h5py.File(path) as file:
        names = file["recordings/name"].asstr()[:]
        rows = zip(
            file["key"].asstr()[:],
            file["picture"][:],
            file["mask"][:],
            file["points"][:],
            file["recording"][:],
            strict=True,
        )
        return {
            key: (bytes(picture), bytes(mask), points.tobytes(), names[recording])
            for key, picture, mask, points, recording in rows
        }


def test_the_joined_file_is_one_array_of_all_pictures(
    corpus: Path, packed: Path, tmp_path: Path
) -> None:
    found = read_rows(packed / "pictures.h5")
    stems = loose(corpus, tmp_path / "loose")
    assert list(found) == list(stems)
    for key, (picture, mask, points, name) in found.items():
        stem = str(stems[key])
        assert picture == Path(f"{stem}.png").read_bytes()
        assert mask == Path(f"{stem}.mask.png").read_bytes()
        beside = np.load(f"{stem}.points.npy")
        assert points == beside.tobytes()
        assert key.startswith(name)
    with h5py.File(packed / "manifest.h5") as manifest:
        assert manifest["pictures/key"].asstr()[:].tolist() == list(found)
        # No shard for the chunk of which nothing could be drawn.
        shards = manifest["shards/path"].asstr()[:].tolist()
    assert shards == ["shards/000000.h5", "shards/000001.h5"]
    assert sorted(path.name for path in (packed / "shards").iterdir()) == [
        "000000.h5",
        "000001.h5",
    ]


def test_signals_are_the_millivolts_that_are_drawn(corpus: Path, packed: Path) -> None:
    with h5py.File(packed / "pictures.h5") as file:
        recordings = file["recordings"]
        names = recordings["name"].asstr()[:].tolist()
        assert names == [f"SYN{number:06d}" for number in range(1, N + 1)]
        for row, name in enumerate(names):
            signal, leads = recordings["signal"][row], recordings["leads"].asstr()[row]
            if name in ("SYN000001", "SYN000005", "SYN000006"):
                assert (len(signal), leads) == (0, "")
                assert np.isnan(recordings["rate_hz"][row])
                continue
            record = read(corpus / f"{name}.mat")
            assert leads == "II V1"
            assert recordings["rate_hz"][row] == record.rate
            shown = signal.reshape(-1, recordings["samples"][row])
            np.testing.assert_array_equal(shown, [record["II"], record["V1"]])


@pytest.mark.slow
def test_several_processes_read_at_once_wherever_out_lies(packed: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(packed, moved)
    sources = [moved / "pictures.h5", moved / "pictures.h5", *sorted(moved.glob("shards/*.h5"))]
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        one, two, *shards = pool.map(read_rows, sources)
    assert one == two == read_rows(packed / "pictures.h5")
    assert {key: row for shard in shards for key, row in shard.items()} == one


def test_a_shard_is_readable_alone(packed: Path) -> None:
    with h5py.File(packed / "shards/000001.h5") as shard:
        told = json.loads(shard["json"].asstr()[0])
        assert told["key"] == shard["key"].asstr()[0] == "SYN000003-II"
        assert told["name"] == shard["recordings/name"].asstr()[shard["recording"][0]]
        with Image.open(io.BytesIO(bytes(shard["picture"][0]))) as image:
            assert image.size == (told["width_px"], told["height_px"])
        # Whatever else is of any length is in one piece.
        assert all(shard[name].chunks is None for name in ("picture", "json", "points"))


@pytest.mark.slow
def test_the_same_bytes_on_any_workers_and_after_a_shard_was_lost(
    corpus: Path, packed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    render(corpus, out, "--workers", "1")
    assert_same(contents(out), contents(packed))
    (out / "shards/000001.h5").write_bytes(b"truncated")
    (out / "pictures.h5").unlink()
    render(corpus, out)
    assert_same(contents(out), contents(packed))


@pytest.mark.slow
def test_a_recording_that_failed_joins_the_others_later(
    corpus: Path, packed: Path, tmp_path: Path
) -> None:
    whole, again = tmp_path / "whole", tmp_path / "again"
    mended = tmp_path / "in"
    shutil.copytree(corpus, mended)
    good = (mended / "SYN000002.mat").read_bytes()
    bad = (mended / "SYN000001.mat").read_bytes()
    (mended / "SYN000001.mat").unlink()
    (mended / "SYN000001.mat").symlink_to(tmp_path / "later.mat")
    render(mended, again)
    (tmp_path / "later.mat").write_bytes(good)
    render(mended, again)
    render(mended, whole)
    assert_same(contents(again), contents(whole))
    assert bad != good
    assert "SYN000001-II" in read_rows(again / "pictures.h5")


@pytest.mark.slow
def test_many_shards_are_joined_in_two_steps(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", AT_A_TIME + 6)
    out = tmp_path / "out"
    pack = ("--pack", "hdf5", "--shard-recordings", "1", "--leads", "II")
    run_ecgmpi("render", corpus, "-o", out, *pack, *QUICK).expect(0)
    with h5py.File(out / "pictures.h5") as file:
        assert len(file["joined"]) == 2
        keys = file["key"].asstr()[:].tolist()
        assert [json.loads(text)["key"] for text in file["json"].asstr()[:]] == keys
        assert len(set(keys)) == AT_A_TIME + 6


@pytest.mark.slow
def test_h5ls_lists_what_is_in_it(packed: Path) -> None:
    program = shutil.which("h5ls")
    if program is None:
        pytest.skip("needs h5ls: install Debian's package hdf5-tools")
    for path in (packed / "pictures.h5", packed / "shards/000000.h5"):
        listed = subprocess.run(
            [program, "-r", str(path)], capture_output=True, text=True, check=True, timeout=60
        ).stdout
        for name in ("/picture", "/json", "/recordings/signal"):
            assert f"{name} " in listed


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    scratch, out = tmp_path / "scratch", tmp_path / "out"
    scratch.mkdir()
    out.mkdir()
    spec = StoreSpec("shards", endings={"picture": ".png", "annotation": ".json"}, signals=True)
    store = Hdf5Store(out, spec, scratch)
    files = {"picture": b"1", "annotation": b"{}", "signal": npy(np.zeros((1, 2), np.float32))}
    store.put(0, "a", "I", files)
    (out / "shards").write_bytes(b"in its way")
    with pytest.raises(StoreError, match="below OUT"):
        store.finish(0, [("a", ["a-I"])])
    assert [path.suffix for path in scratch.iterdir()] == [".fragment"]


@pytest.mark.parametrize("damage", ["zeros", "cut", "index"])
def test_a_damaged_shard_is_not_blamed_on_the_scratch_folder(tmp_path: Path, damage: str) -> None:
    scratch, out = tmp_path / "scratch", tmp_path / "out"
    scratch.mkdir()
    out.mkdir()
    store = Hdf5Store(
        out, StoreSpec("shards", endings={"picture": ".png", "annotation": ".json"}), scratch
    )
    files = {"picture": bytes(9000), "annotation": b"{}"}
    chunk = [("a", ["a-I"]), ("b", ["b-I"])]
    store.put(0, "a", "I", files)
    store.put(0, "b", "I", files)
    (file,) = store.finish(0, chunk)
    shard = out / file.path
    whole = shard.read_bytes()
    half = whole[: len(whole) // 2]
    damaged = {"zeros": bytes(len(whole)), "cut": half, "index": half.ljust(len(whole), b"\0")}
    shard.write_bytes(damaged[damage])
    # Drawn again is the first recording only; the second is to come from the shard.
    store.put(0, "a", "I", files)
    with pytest.raises(StoreError, match=r"^shard 000000: sample b-I .* with --verify"):
        store.finish(0, chunk)
    assert shard.read_bytes() == damaged[damage]
    assert [path.suffix for path in scratch.iterdir()] == [".fragment"]


def test_a_shard_that_the_system_cannot_read_is_named(tmp_path: Path) -> None:
    scratch, out = tmp_path / "scratch", tmp_path / "out"
    scratch.mkdir()
    shard = out / "shards/000000.h5"
    shard.parent.mkdir(parents=True)
    shard.symlink_to(shard.name)
    store = Hdf5Store(out, StoreSpec("shards"), scratch)
    with pytest.raises(
        StoreError,
        match=r"^cannot read shards/000000\.h5 below OUT: Too many levels of symbolic links; ",
    ):
        store.finish(0, [("a", ["a-I"])])


@pytest.mark.parametrize("told", ["scratch", "out"])
def test_a_full_disk_is_said_in_one_line(tmp_path: Path, told: str) -> None:
    scratch = tmp_path / told
    scratch.mkdir()
    spec = StoreSpec("shards", endings={"picture": ".png", "annotation": ".json"})
    store = Hdf5Store(tmp_path / "out", spec, scratch)
    (tmp_path / "out").mkdir(exist_ok=True)
    store.put(0, "a", "I", {"picture": bytes(1 << 20), "annotation": b"{}"})
    # As a disk with no room: HDF5 says it in many words when it closes the file.
    with file_size_limit(1 << 19), pytest.raises(StoreError) as raised:
        store.finish(0, [("a", ["a-I"])])
    assert "File too large" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not list((tmp_path / "out").rglob("*.h5"))


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
