"""Segments of a WFDB record are drawn once: as parts of it, not as recordings beside it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.discover import find
from ecgmpi.corpus.segments import Wholes
from ecgmpi.readers import claimed_extensions, parent_header, segment_files
from tests.outputs import manifest, run_json
from tests.processes import QUICK, run_ecgmpi
from tests.readers.helpers.writers import write_segments, write_wfdb


def names(*inputs: object, folder: Path) -> tuple[list[str], int]:
    """What a catalogue calls its recordings, and how many files it ignored."""
    found = find(map(str, inputs), folder / "OUT", claimed_extensions())
    catalogue = Catalogue.build(folder / "c.sqlite", found)
    listed = [item.name for item in catalogue.items(range(catalogue.n_recordings))]
    ignored = catalogue.n_ignored
    catalogue.close()
    return listed, ignored


@pytest.mark.parametrize("layout", [True, False])
def test_a_record_in_segments_is_one_recording(layout: bool, tmp_path: Path) -> None:
    write_segments(tmp_path / "in", "3000003", "3000003", layout)
    write_wfdb(tmp_path / "in" / "alone_0001", np.zeros((1, 100)), "16")
    listed, ignored = names(tmp_path / "in", folder=tmp_path)
    assert listed == ["3000003", "alone_0001"]
    assert ignored == 3 + 2 + layout


def test_a_record_that_goes_by_another_name_than_its_segments(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write_segments(folder / "p1", "p1-2183-04-28", "3544749")
    write_segments(folder / "p2", "p2-2183-04-28", "3544750", layout=False)
    listed, _ = names(folder, folder=tmp_path)
    # Nothing beside the second says that there are such records, so that none is looked into.
    second = ["p2/3544750_0001", "p2/3544750_0002", "p2/p2-2183-04-28"]
    assert listed == ["p1/p1-2183-04-28", *second]


def test_a_header_that_only_looks_like_a_segment_is_a_recording(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for stem in ("a", "a_0001", "b_0001", "c_layout"):
        write_wfdb(folder / stem, np.ones((1, 100)), "16")
    (folder / "b.hea").write_text("nonsense")
    write_segments(folder / "deep", "a", "a")
    write_wfdb(folder / "deep" / "a_0003", np.ones((1, 100)), "16")
    listed, _ = names(folder, folder=tmp_path)
    assert listed == ["a", "a_0001", "b", "b_0001", "c_layout", "deep/a", "deep/a_0003"]


def test_segments_that_are_named_or_listed_count(tmp_path: Path) -> None:
    write_segments(tmp_path, "r", "r")
    listing = tmp_path / "list.txt"
    listing.write_text(f"{tmp_path / 'r_0001.hea'}\n{tmp_path / 'r.hea'}\n")
    assert names(f"@{listing}", folder=tmp_path)[0] == ["r", "r_0001"]
    given = (tmp_path / "r_0001.hea", tmp_path / "r_0002.hea")
    assert names(*given, folder=tmp_path)[0] == ["r_0001", "r_0002"]


def test_many_segments_are_looked_up_once_a_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []

    def counted(path: Path) -> list[Path]:
        read.append(path)
        return segment_files(path)

    monkeypatch.setattr("ecgmpi.corpus.segments.segment_files", counted)
    for record in ("a", "b"):
        lines = [f"{record}_{number:04} 10" for number in range(500)]
        (tmp_path / f"{record}.hea").write_text("\n".join([f"{record}/500 1 500", *lines]))
        for number in range(500):
            (tmp_path / f"{record}_{number:04}.hea").touch()
    assert names(tmp_path, folder=tmp_path)[0] == ["a", "b"]
    assert [path.name for path in read] == ["a.hea", "b.hea"]


def test_a_job_and_inspect_take_the_same(tmp_path: Path) -> None:
    write_segments(tmp_path / "in", "r", "r")
    run_ecgmpi("render", tmp_path / "in", "-o", tmp_path / "OUT", *QUICK).expect(0)
    (row,) = manifest(tmp_path / "OUT")
    assert (row["source"], row["samples"], row["nan_samples"]) == ("r.hea", "450", "300")
    assert run_json(tmp_path / "OUT")["ignored_files"] == 5
    ended = run_ecgmpi("inspect", tmp_path / "in", "--json").expect(0)
    (line,) = ended.out.splitlines()
    assert json.loads(line)["file"].endswith("in/r.hea")
    named = run_ecgmpi("inspect", tmp_path / "in" / "r_0001.hea", "--json").expect(0)
    assert json.loads(named.out)["samples"] == 200


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("81739927_0000.hea", "81739927.hea"),
        ("r_LAYOUT.HEA", "r.HEA"),
        ("a\nb_0001.hea", "a\nb.hea"),
        ("00001_lr.hea", None),
        ("a_00001.hea", None),
        ("_0001.hea", None),
        ("a_0001.mat", None),
    ],
)
def test_names_of_segments(name: str, whole: str | None, tmp_path: Path) -> None:
    assert parent_header(name) == whole
    assert not Wholes().have(str(tmp_path / name))
