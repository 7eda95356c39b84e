"""Series of worn copies: files and shards of their own, and nothing of another's is touched."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np
import pytest

from ecgmpi.errors import RecordingError, UsageError
from ecgmpi.npy import from_npy, npy
from ecgmpi.picture_formats import ANNOTATION, CLEAN, MAP, PICTURE, POINTS, SIGNAL, endings_of
from ecgmpi.store import Series, StoreSpec, open_store
from ecgmpi.store.files import FileStore
from ecgmpi.store.keys import sample_key
from ecgmpi.store.packed import PackedStore
from ecgmpi.store.reading import PictureReader
from ecgmpi.store.series import refuse_splits

ENDINGS = endings_of("png", told=True, mask=True, points=True)
PHOTO = Series("photo", endings_of("jpg", told=True, mask=True, points=True, map=True), 2)
SCAN = Series("scan-bw", endings_of("png", told=True, mask=False, points=False, hidden=True))
ALL = ((CLEAN, 0), ("photo", 1), ("photo", 2), ("scan-bw", 1))
PAGES = StoreSpec("images", True, ENDINGS, series=(PHOTO, SCAN))
STRIPS = StoreSpec("images", False, ENDINGS, series=(PHOTO, SCAN))
PACKED = StoreSpec("shards", True, ENDINGS, series=(PHOTO, SCAN))
SPLIT = StoreSpec("shards", True, ENDINGS, splits=(("train", 0), ("test", 3)), series=(PHOTO,))
SIGNALS = StoreSpec("shards", True, ENDINGS, signals=True, series=(PHOTO, SCAN))


def content(spec: StoreSpec, name: str, series: str, copy: int) -> dict[str, bytes]:
    """What the files of a picture hold, each different."""
    held = {kind: f"{kind} of {name} {series}{copy}".encode() for kind in spec.of(series).endings}
    held[ANNOTATION] = f'{{"key":"{name}{series}{copy}","samples":3,"leads":"II"}}'.encode()
    for kind in held.keys() & {POINTS, MAP}:
        width = 3 if series else 2
        held[kind] = npy(np.full((4, width), len(name) + copy, np.float32))
    if spec.signals and copy < 2:
        held[SIGNAL] = npy(np.full((1, 3), len(name), np.float32))
    return held


def put(store: FileStore | PackedStore, spec: StoreSpec, name: str, chunk: int = 3) -> list[str]:
    """Put the pictures of a recording in turns, as a pipeline does."""
    return [
        store.put(chunk, name, "", content(spec, name, series, copy), series, copy)
        for series, copy in ALL
        if series == CLEAN or any(one.name == series for one in spec.series)
    ]


def keys(spec: StoreSpec, *names: str) -> list[tuple[str, list[str]]]:
    held = [series.name for series in spec.every_series]
    return [(n, [sample_key(n, "", s, c) for s, c in ALL if s in held]) for n in names]


def packed(folder: Path, pack: str, spec: StoreSpec = PACKED) -> PackedStore:
    for made in ("out", "scratch"):
        (folder / made).mkdir(parents=True, exist_ok=True)
    store = open_store(pack, folder / "out", spec, folder / "scratch")
    assert isinstance(store, PackedStore)
    return store


def found(out: Path) -> dict[str, bytes]:
    files = (path for path in out.rglob("*") if path.is_file())
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def test_a_worn_copy_lies_beside_its_clean_picture(tmp_path: Path) -> None:
    pages = FileStore(tmp_path, PAGES)
    assert put(pages, PAGES, "a/p") == [
        "images/a/p.png",
        "images/a/p~photo1.jpg",
        "images/a/p~photo2.jpg",
        "images/a/p~scan-bw1.png",
    ]
    strips = FileStore(tmp_path, STRIPS)
    files = content(STRIPS, "x", "photo", 1)
    assert strips.put(0, "x", "II", files, "photo", 1) == "images/x/x_II~photo1.jpg"
    assert sorted(path.name for path in (tmp_path / "images/x").iterdir()) == [
        "x_II~photo1.jpg",
        "x_II~photo1.json",
        "x_II~photo1.map.npy",
        "x_II~photo1.mask.png",
        "x_II~photo1.points.npy",
    ]


def test_each_file_of_a_worn_copy_is_known_by_what_it_holds(tmp_path: Path) -> None:
    store = FileStore(tmp_path, PAGES)
    _, _, location, _ = put(store, PAGES, "p")
    held = content(PAGES, "p", "photo", 2)
    for kind, data in held.items():
        assert store.holds(location, len(data), None, kind, "photo")
        assert not store.holds(location, len(data) + 1, None, kind, "photo")


@pytest.mark.parametrize("name", ["p~photo1", "p~scan-bw12", "p~photo1.mask", "p~scan-bw1.hidden"])
def test_a_page_that_is_called_like_a_worn_copy_is_refused_and_takes_nothing_along(
    name: str, tmp_path: Path
) -> None:
    store = FileStore(tmp_path, PAGES)
    put(store, PAGES, "p")
    before = found(tmp_path)
    with pytest.raises(RecordingError, match=r"no recording may be called \*(~|\.mask)"):
        put(store, PAGES, name)
    store.discard(3, name)
    store.sweep(3, name)
    assert found(tmp_path) == before


def test_a_lead_that_is_called_like_a_worn_copy_is_refused(tmp_path: Path) -> None:
    store = FileStore(tmp_path, STRIPS)
    with pytest.raises(RecordingError, match=r"no lead may be called \*~photo1"):
        store.put(0, "x", "II~photo1", content(STRIPS, "x", CLEAN, 0))
    for name, label in (("x~photo1", "II"), ("x", "II~photo"), ("x", "II~fax1")):
        store.put(0, name, label, content(STRIPS, "x", CLEAN, 0))


def test_names_like_those_of_worn_copies_are_allowed_in_a_job_that_wears_nothing(
    tmp_path: Path,
) -> None:
    store = FileStore(tmp_path, StoreSpec("images", True, ENDINGS))
    assert store.put(0, "p~photo1", "", {PICTURE: b"1"}) == "images/p~photo1.png"


def test_taking_back_a_page_takes_its_worn_copies_and_no_others(tmp_path: Path) -> None:
    store = FileStore(tmp_path, PAGES)
    for name in ("p", "p~fax1", "pq"):
        put(store, PAGES, name)
    store.discard(3, "p")
    assert {path.partition("~")[0] for path in found(tmp_path)} == {
        "images/p",
        *(f"images/pq{ending}" for ending in ("", *ENDINGS.values())),
    }
    assert all("p~fax1" in path or "pq" in path for path in found(tmp_path))


@pytest.mark.parametrize("pack", ["tar", "hdf5"])
def test_each_series_has_a_shard_of_its_own(pack: str, tmp_path: Path) -> None:
    store = packed(tmp_path, pack)
    places = {name: put(store, PACKED, name) for name in ("b", "a")}
    made = store.finish(3, keys(PACKED, "a", "b"))
    shards = [file.path for file in made if file.path.endswith(store.ending)]
    assert shards == [
        f"shards/{folder}000003{store.ending}" for folder in ("", "photo/", "scan-bw/")
    ]
    assert {file.path for file in made} == set(found(tmp_path / "out"))
    assert not list((tmp_path / "scratch").iterdir())
    reader = PictureReader(tmp_path / "out", pack, PACKED)
    for name, its in places.items():
        for place, (series, copy) in zip(its, ALL, strict=True):
            for kind, data in content(PACKED, name, series, copy).items():
                key = sample_key(name, "", series, copy)
                assert reader.read(place, key, kind, series) == data
    reader.close()


@pytest.mark.parametrize("pack", ["tar", "hdf5"])
def test_shards_of_series_are_the_same_however_they_came_about(pack: str, tmp_path: Path) -> None:
    once, parts = packed(tmp_path / "once", pack), packed(tmp_path / "parts", pack)
    for name in ("a", "b", "c"):
        put(once, PACKED, name)
    files = once.finish(3, keys(PACKED, "a", "b", "c"))
    for name in ("c", "a"):
        put(parts, PACKED, name)
    # What a worker left that was killed in the middle.
    parts.put(3, "b", "", content(PACKED, "b", "photo", 1), "photo", 1)
    parts.sweep(3, "b")
    parts.finish(3, keys(PACKED, "a", "c"))
    for name in ("b", "c"):
        put(parts, PACKED, name)
    assert parts.finish(3, keys(PACKED, "a", "b", "c")) == files
    assert found(tmp_path / "once/out") == found(tmp_path / "parts/out")


@pytest.mark.parametrize("pack", ["tar", "hdf5"])
def test_without_clean_pictures_there_are_shards_of_worn_copies_alone(
    pack: str, tmp_path: Path
) -> None:
    store = packed(tmp_path, pack)
    put(store, PACKED, "a")
    kept = [(name, [key for key in of if "--photo" in key]) for name, of in keys(PACKED, "a")]
    # Before, all series were kept.
    store.finish(3, keys(PACKED, "a"))
    store.put(3, "a", "", content(PACKED, "a", "photo", 1), "photo", 1)
    store.put(3, "a", "", content(PACKED, "a", "photo", 2), "photo", 2)
    made = store.finish(3, kept)
    assert {file.path for file in made} == set(found(tmp_path / "out"))
    assert {path.rpartition("/")[0] for path in found(tmp_path / "out")} == {"shards/photo"}


def test_splits_are_folders_in_that_of_a_series(tmp_path: Path) -> None:
    store = packed(tmp_path, "tar", SPLIT)
    for chunk in (0, 3):
        put(store, SPLIT, "a", chunk)
        store.finish(chunk, keys(SPLIT, "a"))
    assert [path for path in sorted(found(tmp_path / "out")) if path.endswith(".tar")] == [
        "shards/photo/test/000003.tar",
        "shards/photo/train/000000.tar",
        "shards/test/000003.tar",
        "shards/train/000000.tar",
    ]


def test_a_rewritten_shard_has_its_own_series_and_leaves_the_others(tmp_path: Path) -> None:
    store = packed(tmp_path, "tar")
    put(store, PACKED, "a")
    store.finish(3, keys(PACKED, "a"))
    before = found(tmp_path / "out")
    seen = []

    def change(key: str, files: Mapping[str, bytes]) -> Mapping[str, bytes]:
        seen.append(key)
        return {**files, ANNOTATION: b"{}"}

    store.rewrite("shards/photo/000003.tar", keys(PACKED, "a"), change, "photo")
    assert seen == ["a--photo1", "a--photo2"]
    changed = {path for path, data in found(tmp_path / "out").items() if data != before[path]}
    assert changed == {f"shards/photo/000003{ending}" for ending in (".tar", ".csv", ".idx")}


def test_an_hdf5_shard_of_a_series_has_its_signals_and_the_width_of_its_points(
    tmp_path: Path,
) -> None:
    store = packed(tmp_path, "hdf5", SIGNALS)
    for name in ("a", "bcd"):
        put(store, SIGNALS, name)
    (one,), (other,) = keys(SIGNALS, "a"), keys(SIGNALS, "bcd")
    store.finish(3, [one, ("failed", []), other])
    with h5py.File(tmp_path / "out/shards/photo/000003.h5") as file:
        assert file["recordings/name"].asstr()[:].tolist() == ["a", "failed", "bcd"]
        assert file["recording"][:].tolist() == [0, 0, 2, 2]
        assert [len(signal) for signal in file["recordings/signal"][:]] == [3, 0, 3]
        assert file["points"].attrs["columns"] == 3
        assert bytes(file["map"][3]) == content(SIGNALS, "bcd", "photo", 2)[MAP]
    with h5py.File(tmp_path / "out/shards/000003.h5") as file:
        assert "columns" not in file["points"].attrs
        assert "map" not in file
    reader = PictureReader(tmp_path / "out", "hdf5", SIGNALS)
    assert from_npy(
        reader.read("shards/photo/000003.h5", "bcd--photo2", POINTS, "photo")
    ).shape == (4, 3)
    reader.close()


@pytest.mark.parametrize("name", ["Photo", "photo1", "-photo", "scan--bw", "a.b", "a" * 25, "none"])
def test_a_name_that_no_file_or_key_could_carry_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of worn copies"):
        Series(name, ENDINGS)


def test_so_many_copies_that_the_manifest_could_not_count_them_are_refused() -> None:
    assert Series("photo", ENDINGS, 255).copies == 255
    for copies in (0, 256):
        with pytest.raises(UsageError, match="give 1 to 255 copies"):
            Series("photo", ENDINGS, copies)


def test_a_split_that_is_called_like_a_series_is_refused() -> None:
    refuse_splits((PHOTO, SCAN), ("train", "test"))
    with pytest.raises(UsageError, match="photo is the name of worn copies, too"):
        refuse_splits((PHOTO, SCAN), ("train", "photo"))
