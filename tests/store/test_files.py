"""Pictures as files: whole or not at all, and taken back without touching any other's."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecgmpi.atomic import temporary_of
from ecgmpi.errors import RecordingError, StoreError
from ecgmpi.store import FileStore


def found(out: Path) -> list[str]:
    return sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())


def test_taking_back_strips_leaves_what_belongs_to_others(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    for name in (
        "x/x_I.png",
        "x/x_I.json",
        "x/x_V6.png",
        "x/y/y_I.png",
        "x_2/x_2_I.png",
        "y/y_I.png",
    ):
        store.put(f"images/{name}", b"1")
    Path(temporary_of(str(tmp_path / "images/x/x_II.png"))).write_bytes(b"torn")
    store.discard("x", True, (".png", ".json"))
    assert found(tmp_path) == ["images/x/y/y_I.png", "images/x_2/x_2_I.png", "images/y/y_I.png"]


def test_taking_back_a_page_leaves_what_belongs_to_others(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    # Beside the bad p.mat there is a folder p, with a recording called p_1.
    for name in ("p.png", "p.json", "p.mask.png", "p/p_1.png", "p.1.png", "pq.png"):
        store.put(f"images/{name}", b"1")
    Path(temporary_of(str(tmp_path / "images/p.png"))).write_bytes(b"torn")
    store.discard("p", False, (".png", ".json", ".mask.png"))
    assert found(tmp_path) == ["images/p.1.png", "images/p/p_1.png", "images/pq.png"]


def test_an_out_that_is_gone_is_not_made_again(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "out")
    with pytest.raises(StoreError, match=r"images/a\.png below OUT: No such file"):
        store.put("images/a.png", b"1")
    assert not (tmp_path / "out").exists()


def test_a_name_that_no_filesystem_takes_costs_that_recording_alone(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="File name too long"):
        FileStore(tmp_path).put(f"images/{'n' * 300}.png", b"1")
    longest = f"images/{'n' * 251}.png"
    FileStore(tmp_path).put(longest, b"whole")
    assert (tmp_path / longest).read_bytes() == b"whole"
