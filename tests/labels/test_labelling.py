"""Tables joined with a catalogue: against a plain dictionary, and every way not to fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.chunks import Chunking
from ecgmpi.corpus.discover import Found
from ecgmpi.errors import StoppedError, UsageError
from ecgmpi.labels import join, table, text_table
from ecgmpi.options.labels import Labelling
from tests.labels.corpora import write_table

NAMES = ("a/r1", "a/r2", "b/r3")


@contextmanager
def catalogue(folder: Path, names: Sequence[str] = NAMES) -> Iterator[Catalogue]:
    found = [Found(name, f"{name}.mat", f"/in/{name}.mat") for name in names]
    path = folder / "catalogue.sqlite"
    with closing(Catalogue.build(path, found, Chunking(exactly=2))) as made:
        yield made


def label(
    made: Catalogue, path: Path | Sequence[Path], key: str, *columns: str, **more: Any
) -> Catalogue:
    paths = [path] if isinstance(path, Path) else path
    options = Labelling(tuple(map(str, paths)), tuple(key.split()), columns)
    made.add_labels(options, lambda _path, _name: None, **more)
    return made


def labels(made: Catalogue) -> list[dict[str, Any]]:
    """Of every recording, as its samples have them."""
    items = made.items(range(made.n_recordings))
    return [dict(item.labels) for item in items]


KEYS = st.text(st.sampled_from("ab0/é"), min_size=1, max_size=3)


@given(
    st.lists(KEYS, min_size=1, max_size=12, unique=True),
    st.dictionaries(KEYS, st.one_of(st.integers(), st.text("xyz,é'\"", max_size=3)), max_size=12),
)
def test_a_join_is_what_a_dictionary_gives(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], rows: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("join")
    names = [name.strip("/") or "a" for name in names]
    names = sorted({f"d/{name}" for name in names}, key=str.encode)
    rows = {f"d/{key}".rstrip("/"): value for key, value in rows.items()}
    path = write_table(folder / "t.csv", ["id", "x"], rows.items())
    expected = [str(rows.get(name, "")) for name in names]
    with catalogue(folder, names) as made:
        if not any(name in rows for name in names):
            with pytest.raises(UsageError, match="no row matches"):
                label(made, path, "id=path", "x")
            return
        told = label(made, path, "id=path", "x").label_tables[0]
        found = [str(one["x"]) for one in labels(made)]
        assert [("" if x == "nan" else x) for x in found] == expected
        assert told.rows == len(rows)
        assert told.matched == sum(name in rows for name in names)
        assert told.unused == len(rows) - told.matched
        assert made.labels is not None
        assert [name for _, name, _ in made.labels.unmatched()] == [
            name for name in names if name not in rows
        ]


def test_blocks_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"r{k:03d}" for k in range(100)]
    rows = [[name, k] for k, name in enumerate(names) if k % 7][::-1]
    path = write_table(tmp_path / "t.csv", ["id", "x"], rows)
    with catalogue(tmp_path, names) as made:
        whole = labels(label(made, path, "id", "x"))
        for module in (join, table, text_table):
            monkeypatch.setattr(module, "BLOCK", 3)
        assert labels(label(made, path, "id", "x")) == whole
    assert [one["x"] for one in whole] == [str(k) if k % 7 else "nan" for k in range(100)]


def test_they_are_kept_with_the_catalogue(tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", ["id", "x"], [["r1", 1], ["r2", 2], ["r3", 3]])
    with catalogue(tmp_path) as made:
        before = labels(label(made, path, "id", "x"))
    with closing(Catalogue.open(tmp_path / "catalogue.sqlite")) as again:
        assert labels(again) == before == [{"x": 1}, {"x": 2}, {"x": 3}]
        assert [item.labels for item in again.chunk(1)] == [{"x": 3}]
        assert again.labels is not None
        assert again.labels.block(1, 3)["x"].tolist() == [2, 3]


def test_no_value_of_a_row_that_matches_nothing_is_kept(tmp_path: Path) -> None:
    rows = [["r1", 1, "A"], ["SECRETKEY", 2, "SECRETVALUE"], ["r2", 3, "B"]]
    path = write_table(tmp_path / "t.csv", ["id", "secret", "x"], rows)
    with catalogue(tmp_path) as made:
        label(made, path, "id", "x")
    for file in tmp_path.glob("catalogue*"):
        assert b"SECRET" not in file.read_bytes().upper()


def test_columns_of_several_tables(tmp_path: Path) -> None:
    one = write_table(tmp_path / "1.csv", ["id", "x", "both"], [["r1", 1, "one"], ["r3", 3, "one"]])
    two = write_table(tmp_path / "2.csv", ["file", "y", "both"], [["a/r2", 2.5, "two"]])
    with catalogue(tmp_path) as made:
        label(made, [one, two], "id=record file=path", "y", "both", "x")
        assert made.label_warnings == [
            "labels: 1.csv and 2.csv have a column both; 1.csv's is taken"
        ]
        assert labels(made) == [
            {"x": "1", "y": "nan", "both": "one"},
            {"x": "nan", "y": "2.5", "both": ""},
            {"x": "3", "y": "nan", "both": "one"},
        ]
        assert made.labels is not None
        assert [(name, t) for t, name, _ in made.labels.unmatched()] == [
            ("a/r2", "1.csv"),
            ("a/r1", "2.csv"),
            ("b/r3", "2.csv"),
        ]


def test_a_column_may_be_called_anything(tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", ["id=path", "a=b", "a"], [["r1", 1, 2]])
    with catalogue(tmp_path, ["r1"]) as made:
        assert labels(label(made, path, "id=path", "a=b", "a=c")) == [{"a=b": 1, "c": 2}]


ROWS = [["r1", 1], ["r2", 2], ["r3", 3]]


@pytest.mark.parametrize(
    ("rows", "key", "columns", "words"),
    [
        (
            [["r1", 1], ["r2", 1], ["r1", 2], ["x", 1], ["x", 1], ["x", 1]],
            *("id", "x"),
            "2 keys of id=record stand in several rows: r1 in lines 2, 4; x in lines 5, 6, 7;",
        ),
        ([["a/r1", 1], ["a/r1.mat", 2]], "id=path", "x", "several rows of id=path fit one rec"),
        ([["c/r1", 1], ["d/r1", 2]], "id=stem", "x", "1 key of id=stem stands in several rows"),
        (ROWS, "ids", "x", "no column 'ids'; do you mean id[?]"),
        (ROWS, "id=xyz", "x", "--metadata-key id=xyz: xyz is none of record, path, stem, key"),
        (ROWS, "id", "y", "no column 'y'; it has id, x"),
        (ROWS, "id", "status", "no column 'status'"),
        (ROWS, "id", "x=status", "the manifest has a column status of its own; .*x=label_status"),
        (ROWS, "id", "x x", "x is named twice"),
        (ROWS, "id", "x=QRS/T", "--metadata-columns x=QRS/T: HDF5 allows no column of that name"),
        (ROWS, "id", "x=.", "HDF5 allows no column of that name"),
        ([["", 1], [" ", 2]], "id", "x", "the table has no keys"),
        ([], "id", "x", "the table has no keys"),
        (
            ROWS,
            "id=key",
            "x",
            "no recording is of an HDF5 or npz file of many; with .* id=record, 3 of 3",
        ),
        ([["q\nr", 1]], "id", "x", r"the table has q\\x0ar, the recordings have r1, r2, r3;"),
        ([["q", 1]], "id=path", "x", "the recordings have a/r1.mat, a/r2.mat, b/r3.mat;"),
        ([["q", 1]], "id", "x", r"--metadata-key COLUMN=record\|path\|stem\|key$"),
        ([["r1", "a\0b"]], "id", "x", "column x holds a zero byte"),
    ],
)
def test_what_does_not_fit(
    tmp_path: Path, rows: list[list[object]], key: str, columns: str, words: str
) -> None:
    path = write_table(tmp_path / "t.csv", ["id", "x"], rows)
    with catalogue(tmp_path) as made, pytest.raises(UsageError, match=words) as caught:
        label(made, path, key, *columns.split(), taken=("name", "status"))
    assert "\n" not in str(caught.value)


def test_a_row_that_fits_two_recordings(tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", ["id", "x"], ROWS)
    words = r"1 row of id=record fits several .* a/r1 and b/r1;"
    with (
        catalogue(tmp_path, ["a/r1", "b/r1", "b/r2"]) as made,
        pytest.raises(UsageError, match=words),
    ):
        label(made, path, "id", "x")


def test_a_table_without_a_column_that_is_taken(tmp_path: Path) -> None:
    paths = [write_table(tmp_path / f"{k}.csv", ["id", "x"], ROWS) for k in range(2)]
    words = r"1\.csv: no column is taken from it"
    with catalogue(tmp_path) as made, pytest.raises(UsageError, match=words):
        label(made, paths, "id", "x")


def test_a_row_may_name_a_recording_in_both_ways(tmp_path: Path) -> None:
    # Its name is the path of another one's file.
    path = write_table(tmp_path / "t.csv", ["id", "x"], [["a", 1]])
    with catalogue(tmp_path, ["a"]) as made:
        assert labels(label(made, path, "id=path", "x")) == [{"x": 1}]


def test_a_join_can_be_stopped(tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", ["id", "x"], ROWS)

    def stopped() -> None:
        raise StoppedError("SIGTERM")

    with catalogue(tmp_path) as made, pytest.raises(StoppedError):
        label(made, path, "id", "x", check=stopped)
