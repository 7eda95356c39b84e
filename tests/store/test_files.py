"""Pictures as files: whole or not at all, and taken back without touching any other's."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from ecgmpi.atomic import temporary_of
from ecgmpi.errors import RecordingError, StoreError
from ecgmpi.store import StoreSpec
from ecgmpi.store.files import FileStore


def found(out: Path) -> list[str]:
    return sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())


ENDINGS = {"picture": ".png", "annotation": ".json", "mask": ".mask.png"}
ONE = {"picture": b"1"}
STRIPS = StoreSpec("images", endings=ENDINGS)
PAGES = StoreSpec("images", one_picture=True, endings=ENDINGS)


def test_where_strips_and_pages_are(tmp_path: Path) -> None:
    strips, pages = FileStore(tmp_path, STRIPS), FileStore(tmp_path, PAGES)
    files = {"picture": b"1", "mask": b"2"}
    assert strips.put(0, "a/x", "I", files) == "images/a/x/x_I.png"
    # A lead may be called anything, and must not make a folder.
    assert strips.put(0, "a/x", "I/II", {"picture": b"1"}) == "images/a/x/x_I-II.png"
    assert pages.put(0, "a/p", "", files) == "images/a/p.png"
    assert found(tmp_path) == [
        "images/a/p.mask.png",
        "images/a/p.png",
        "images/a/x/x_I-II.png",
        "images/a/x/x_I.mask.png",
        "images/a/x/x_I.png",
    ]


def test_a_page_that_is_called_as_the_mask_of_another_is_refused_and_takes_nothing_along(
    tmp_path: Path,
) -> None:
    store = FileStore(tmp_path, PAGES)
    store.put(0, "p", "", {"picture": b"1", "mask": b"2"})
    with pytest.raises(RecordingError, match=r"no recording may be called \*\.mask"):
        store.put(1, "p.mask", "", ONE)
    store.discard(1, "p.mask")
    store.sweep(1, "p.mask")
    assert (tmp_path / "images/p.mask.png").read_bytes() == b"2"


def test_a_file_is_there_if_it_is_what_was_put(tmp_path: Path) -> None:
    store = FileStore(tmp_path, STRIPS)
    location = store.put(0, "x", "I", {"picture": b"picture", "mask": b"mask"})
    assert store.holds(location, 7)
    assert store.holds(location, 7, zlib.crc32(b"picture"))
    assert not store.holds(location, 8)
    assert not store.holds(location, 7, zlib.crc32(b"another"))
    assert store.holds(location, 4, zlib.crc32(b"mask"), "mask")
    assert not store.holds(location, 4, kind="annotation")


def test_taking_back_strips_leaves_what_belongs_to_others(tmp_path: Path) -> None:
    store = FileStore(tmp_path, STRIPS)
    both = {"picture": b"1", "annotation": b"2"}
    for recording, label, files in (
        ("x", "I", both),
        ("x", "V6", ONE),
        ("x/y", "I", ONE),
        ("x_2", "I", ONE),
        ("y", "I", ONE),
    ):
        store.put(0, recording, label, files)
    torn = Path(temporary_of(str(tmp_path / "images/x/x_II.png")))
    torn.write_bytes(b"torn")
    store.sweep(0, "x")
    assert not torn.exists()
    assert len(found(tmp_path)) == 6
    torn.write_bytes(b"torn")
    store.discard(0, "x")
    assert found(tmp_path) == ["images/x/y/y_I.png", "images/x_2/x_2_I.png", "images/y/y_I.png"]


def test_taking_back_a_page_leaves_what_belongs_to_others(tmp_path: Path) -> None:
    store = FileStore(tmp_path, PAGES)
    # Beside the bad p.mat there is a folder p, with a recording called p_1.
    store.put(0, "p", "", {"picture": b"1", "annotation": b"2", "mask": b"3"})
    for recording in ("p/p_1", "p.1", "pq"):
        store.put(0, recording, "", ONE)
    Path(temporary_of(str(tmp_path / "images/p.png"))).write_bytes(b"torn")
    store.discard(0, "p")
    assert found(tmp_path) == ["images/p.1.png", "images/p/p_1.png", "images/pq.png"]


def test_an_out_that_is_gone_is_not_made_again(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "out", PAGES)
    with pytest.raises(StoreError, match=r"images/a\.png below OUT: No such file"):
        store.put(0, "a", "", ONE)
    assert not (tmp_path / "out").exists()


def test_a_name_that_no_filesystem_takes_costs_that_recording_alone(tmp_path: Path) -> None:
    store = FileStore(tmp_path, PAGES)
    with pytest.raises(RecordingError, match="File name too long"):
        store.put(0, "n" * 300, "", ONE)
    longest = store.put(0, "n" * 251, "", {"picture": b"whole"})
    assert (tmp_path / longest).read_bytes() == b"whole"


def test_long_names_that_begin_alike_do_not_share_a_temporary_name(tmp_path: Path) -> None:
    one, other = (str(tmp_path / ("n" * 250 + end + ".png")) for end in "ab")
    assert temporary_of(one) != temporary_of(other)
    store = FileStore(tmp_path, STRIPS)
    for name in ("n" * 248, "n" * 240):
        location = store.put(0, name, "I", ONE)
        torn = Path(temporary_of(str(tmp_path / location)))
        torn.write_bytes(b"torn")
        store.sweep(0, name)
        assert not torn.exists()
        assert store.holds(location, 1)
