"""Splits in a catalogue: by a column of a table or by recording, and what is kept of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.chunks import Chunking
from ecgmpi.corpus.discover import Found
from ecgmpi.errors import UsageError
from ecgmpi.labels.labelling import check_tables
from ecgmpi.options.labels import Labelling
from tests.labels.corpora import write_table

NAMES = [f"r{k}" for k in range(10)]
ROWS = [[f"r{k}", f"P{k // 2}", k, f"secret{k}"] for k in range(9)]
"""Of all but the last recording."""


@contextmanager
def catalogue(folder: Path, size: int = 2, names: list[str] = NAMES) -> Iterator[Catalogue]:
    found = [Found(name, f"{name}.mat", f"/in/{name}.mat") for name in names]
    path = folder / "catalogue.sqlite"
    with closing(Catalogue.build(path, found, Chunking(exactly=size))) as made:
        yield made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    rows: list[list[Any]] = [list(row) for row in ROWS]
    rows[4][2] = ""
    return write_table(tmp_path / "t.csv", ["id", "patient", "fold", "secret"], rows)


def divide(made: Catalogue, path: Path | None, by_split: bool = False, **options: Any) -> Catalogue:
    table = {} if path is None else {"metadata": (str(path),), "metadata_key": ("id",)}
    made.add_labels(Labelling(**table | options), lambda *_: None, by_split=by_split)
    return made


def splits(made: Catalogue) -> dict[str, Any]:
    return {item.name: item.labels["split"] for item in made.items(range(made.n_recordings))}


def test_by_a_column_that_is_not_copied(path: Path, tmp_path: Path) -> None:
    with catalogue(tmp_path) as made:
        divide(made, path, split="fold=8:test,7.0:val")
        assert splits(made) == dict(zip(NAMES, "0123456789", strict=True)) | {
            **{f"r{k}": "train" for k in range(7)},
            **{"r4": "", "r7": "val", "r8": "test", "r9": ""},
        }
        assert made.told_of_labels()[1:] == [
            "split: train 6, test 1, val 1, none 2; by fold of t.csv"
        ]
        assert made.labels is not None
        assert [column.name for column in made.labels.columns] == ["split"]
        assert made.labels.block(6, 10)["split"].tolist() == [b"train", b"val", b"test", b""]
        # With files, recordings stay in the order of their names.
        assert (made.chunks.splits, made.n_chunks) == ((), 5)


def test_by_shares_of_a_column(path: Path, tmp_path: Path) -> None:
    with catalogue(tmp_path) as made:
        divide(made, path, split="50/50", split_by="patient", metadata_columns=("fold",))
        found = splits(made)
        for k in range(0, 8, 2):
            assert found[f"r{k}"] == found[f"r{k + 1}"] in ("train", "test")
        assert found["r9"] == ""
        assert made.items([3])[0].labels == {"fold": "3", "split": found["r3"]}
        assert made.split is not None
        assert made.split.none == 1
        assert sum(made.split.recordings.values()) == 9
    for file in tmp_path.glob("catalogue*"):
        held = file.read_bytes()
        assert b"P3" not in held
        assert b"secret" not in held


def test_by_recording_without_any_table(tmp_path: Path) -> None:
    with catalogue(tmp_path) as made:
        divide(made, None, split="50/50")
        found = splits(made)
        assert set(found.values()) == {"train", "test"}
        (line,) = made.told_of_labels()
        assert line.endswith("; by recording, as no --split-by names a column of patients")
    with catalogue(tmp_path, names=[*NAMES, "a/b", "r10"]) as made:
        after = splits(divide(made, None, split="50/50"))
        assert {name: after[name] for name in NAMES} == found


def test_by_recording_beside_a_table(path: Path, tmp_path: Path) -> None:
    with catalogue(tmp_path) as made:
        divide(made, path, split="50/50", metadata_columns=("fold",), by_split=True)
        alone = {item.name: item.labels["fold"] for item in made.items(range(10))}
    assert alone == {f"r{k}": str(k) for k in range(9)} | {"r4": "nan", "r9": "nan"}


def test_sections_and_the_labels_in_them(path: Path, tmp_path: Path) -> None:
    other = write_table(
        tmp_path / "u.csv", ["id", "x"], [[f"r{k}", k * k] for k in range(0, 10, 2)]
    )
    options: dict[str, Any] = {
        "metadata": (str(path), str(other)),
        "metadata_key": ("id",),
        "metadata_columns": ("x", "fold=f"),
        "split": "fold=0:test,1:val,8:val,3:test",
    }
    with catalogue(tmp_path) as made:
        divide(made, None, **options)
        before = {
            item.name: (item.source, item.path, item.labels) for item in made.items(range(10))
        }
    with catalogue(tmp_path) as made:
        divide(made, None, **options, by_split=True)
        sections = [["r2", "r5", "r6", "r7"], ["r0", "r3"], ["r1", "r8"], ["r4", "r9"]]
    with closing(Catalogue.open(tmp_path / "catalogue.sqlite")) as made:
        items = made.items(range(10))
        assert [item.name for item in items] == list(chain(*sections))
        assert {item.name: (item.source, item.path, item.labels) for item in items} == before
        assert [item.chunk for item in items] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
        assert made.chunks.splits == (("train", 0), ("test", 2), ("val", 3), ("none", 4))
        assert [[item.name for item in made.chunk(k)] for k in (1, 4)] == [
            ["r6", "r7"],
            ["r4", "r9"],
        ]
        found = [item and (item.name, item.index) for item in map(made.named, [*NAMES, "r", "r99"])]
        places = {name: index for index, name in enumerate(chain(*sections))}
        assert found == [(name, places[name]) for name in NAMES] + [None, None]
        assert made.labels is not None
        assert made.labels.block(4, 6)["f"].tolist() == [0, 3]
        assert [name for table, name, _ in made.labels.unmatched() if table == "t.csv"] == ["r9"]


def test_a_chunk_ends_where_its_split_does(path: Path, tmp_path: Path) -> None:
    with catalogue(tmp_path, size=4) as made:
        divide(made, path, split="fold=1:val,2:val,3:test", by_split=True)
        # Six are left to train.
        assert made.chunks.splits == (("train", 0), ("val", 2), ("test", 3), ("none", 4))
        assert [len(made.chunk(k)) for k in range(made.n_chunks)] == [4, 1, 2, 1, 2]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"split": "fold=9:val,10:test"},
            "--split fold=9:val,10:test: column fold of .*t.csv has no value 9 or 10; it has 0, 1, "
            "2, 3, 5, 6, 7, 8$",
        ),
        ({"split": "folds=1:val"}, "no column 'folds'; do you mean fold"),
        ({"split": "80/20", "split_by": "patients"}, "no column 'patients'; do you mean patient"),
        (
            {"split": "fold=1:val", "metadata_columns": ("secret=split",)},
            "--metadata-columns secret=split: --split makes a column split; give yours another "
            "name: secret=label_split",
        ),
    ],
)
def test_what_does_not_fit(options: dict[str, Any], words: str, path: Path, tmp_path: Path) -> None:
    with catalogue(tmp_path) as made, pytest.raises(UsageError, match=words) as caught:
        divide(made, path, **options)
    assert "\n" not in str(caught.value)


def test_a_table_with_ids_of_two_spellings_is_refused(tmp_path: Path) -> None:
    rows = [["r1", "7"], ["r2", "8.0"], ["r3", "7.0"]]
    path = write_table(tmp_path / "t.csv", ["id", "patient"], rows)
    with catalogue(tmp_path) as made, pytest.raises(UsageError, match=r"7 and like 8\.0: ids are"):
        divide(made, path, split="80/20", split_by="patient")


def test_without_a_split_a_column_may_be_called_so(path: Path, tmp_path: Path) -> None:
    with catalogue(tmp_path) as made:
        divide(made, path, metadata_columns=("secret=split",))
        assert splits(made)["r2"] == "secret2"
        assert made.split is None


def test_columns_are_looked_for_before_a_job_waits(path: Path) -> None:
    for wrong in ("folds", "id=x"):
        options = Labelling((str(path),), ("id",), split="80/20", split_by=wrong)
        with pytest.raises(UsageError, match="no column"):
            check_tables(options)
    check_tables(Labelling((str(path),), ("id",), split="80/20", split_by="patient"))


def test_a_resumed_job_finds_that_recordings_have_moved(path: Path, tmp_path: Path) -> None:
    (tmp_path / "now").mkdir()
    with catalogue(tmp_path) as earlier:
        divide(earlier, path, split="fold=8:val", by_split=True)
    for split, differences in (
        ("fold=8:val", []),
        # As many in each.
        ("fold=1:val", ["recordings belong to other splits"]),
        # In the same order.
        ("fold=8:val,7:val", ["recordings belong to other splits"]),
    ):
        with catalogue(tmp_path / "now") as now:
            divide(now, path, split=split, by_split=True)
            assert now.differences(tmp_path / "catalogue.sqlite") == differences


def test_a_catalogue_of_an_earlier_version_has_one_section(tmp_path: Path) -> None:
    with catalogue(tmp_path, size=4) as made:
        made._database.execute("DROP TABLE chunks")
        made._database.execute("CREATE TABLE chunks (size INT)")
        made._database.execute("INSERT INTO chunks VALUES (4)")
    with closing(Catalogue.open(tmp_path / "catalogue.sqlite")) as earlier:
        assert [len(earlier.chunk(k)) for k in range(earlier.n_chunks)] == [4, 4, 2]
        (tmp_path / "now").mkdir()
        with catalogue(tmp_path / "now", size=4) as now:
            assert now.differences(tmp_path / "catalogue.sqlite") == []
