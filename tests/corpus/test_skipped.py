"""Files that a walk skips are counted by ending; parts of a record are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.corpus import skipped as module
from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.discover import find
from ecgmpi.corpus.skipped import MOST_ENDINGS, OTHERS, Skipped, skipped_line

EXTENSIONS = frozenset({".mat", ".hea"})


def counted(folder: Path, *names: str) -> dict[str, int]:
    """What a catalogue of a folder of such files counts, opened from the disk."""
    for name in names:
        path = folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    found = find([str(folder / "in")], folder / "in" / "out", EXTENSIONS)
    built = Catalogue.build(folder / "catalogue", found)
    built.close()
    opened = Catalogue.open(folder / "catalogue")
    opened.close()
    assert opened.skipped == built.skipped
    return built.skipped


def test_files_of_unknown_format_are_counted_by_ending(tmp_path: Path) -> None:
    names = ("a.hd5", "deep/b.HD5", "notes.txt", "RECORDS", "c.mat", "Dr. A. Patient")
    assert counted(tmp_path, *names) == {".hd5": 2, "": 2, ".txt": 1}


def test_hidden_files_and_out_do_not_count(tmp_path: Path) -> None:
    assert counted(tmp_path, "a.mat", ".git/x.txt", "._b.txt", "out/c.txt") == {}


@pytest.mark.parametrize("remembered", [1, 2, 100_000])
def test_what_belongs_to_a_record_does_not_count(
    remembered: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However little is remembered of a folder, in whichever order it is read.
    monkeypatch.setattr(module, "MOST_REMEMBERED", remembered)
    parts = ("1.hea", "1.dat", "1.xyz", "1.atr", "2.HEA", "2.DAT", "3.hea", "3.mat")
    segments = ("4.hea", "4_0001.hea", "4_0001e.dat", "4_0001r.dat")
    alone = ("5.dat", "deep/1.dat", "1b.xyz", "5")
    found = counted(tmp_path, *parts, *segments, *alone)
    assert found == {".dat": 2, ".xyz": 1, "": 1}


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(1, 30)), max_size=60))
def test_every_file_is_counted_once_under_a_bounded_number_of_keys(
    files: list[tuple[str, int]],
) -> None:
    skipped = Skipped()
    for ending, n in files:
        for _ in range(n):
            skipped.add(f".{ending}")
    counts = skipped.counts()
    assert sum(counts.values()) == sum(n for _, n in files)
    assert len(counts.keys() - {OTHERS}) <= MOST_ENDINGS
    assert all(ending.isprintable() for ending in counts)


def test_a_folder_of_numbered_endings_takes_no_more_memory() -> None:
    skipped = Skipped()
    for number in range(20_000):
        skipped.add(f".{number:06}")
    counts = skipped.counts()
    assert (len(counts), sum(counts.values())) == (MOST_ENDINGS + 1, 20_000)
    assert "and more than 15 more endings" in skipped_line(counts)


@pytest.mark.parametrize(
    ("skipped", "line"),
    [
        ({}, ""),
        (
            {".hd5": 1, ".txt": 1, "": 1},
            "Skipped 3 files of unknown format (.hd5, .txt, no ending); "
            "name them to have them read.",
        ),
        ({".txt": 1}, "Skipped 1 file of unknown format (.txt); name it to have it read."),
        (
            {".a": 1, ".b": 2, ".c": 3, ".d": 4, ".e": 5, ".f": 1200},
            "Skipped 1,215 files of unknown format (.f, .e, .d, .c, .b and 1 more ending); "
            "name them to have them read.",
        ),
        (
            {f".{letter}": 1 for letter in "abcdefg"},
            "Skipped 7 files of unknown format (.a, .b, .c, .d, .e and 2 more endings); "
            "name them to have them read.",
        ),
    ],
)
def test_the_line(skipped: dict[str, int], line: str) -> None:
    assert skipped_line(skipped) == line
