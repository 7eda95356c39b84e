"""Tables as rows of text; and what is wrong with one, in one line."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.errors import UsageError
from ecgmpi.labels.column_types import Kind
from ecgmpi.labels.table import column_of, no_column
from ecgmpi.labels.table_file import open_table
from tests.labels.corpora import SCP_CODES


def rows(path: Path, *names: str) -> list[tuple[str, ...]]:
    """The named columns of every row."""
    return [row for block in open_table(path).blocks(names) for row in block]


def made(folder: Path, data: bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("t.csv", b"id,codes\nA,\"{'I': 1, 'II': 2}\"\n"),
        ("t.csv", b"\xef\xbb\xbfid,codes\r\nA,\"{'I': 1, 'II': 2}\"\r\n\r\n"),
        ("t.tsv", b"id\tcodes\nA\t{'I': 1, 'II': 2}"),
        ("t.csv", b"id;codes\nA;{'I': 1, 'II': 2}\n"),
        ("t.csv.gz", gzip.compress(b"id,codes\nA,\"{'I': 1, 'II': 2}\"\n", mtime=0)),
        ("T.TSV.GZ", gzip.compress(b"id\tcodes\nA\t{'I': 1, 'II': 2}\n", mtime=0)),
        ("no ending", b" id , codes \nA,\"{'I': 1, 'II': 2}\"\n"),
    ],
)
def test_every_way_to_write_a_table(tmp_path: Path, name: str, data: bytes) -> None:
    path = made(tmp_path, data, name)
    assert open_table(path).columns == ("id", "codes")
    assert rows(path, "codes", "id") == [("{'I': 1, 'II': 2}", "A")]
    assert rows(path, "id") == [("A",)]


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=30))
def test_what_csv_writes_is_read(
    tmp_path_factory: pytest.TempPathFactory, written: list[tuple[str, str, str]]
) -> None:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerows([("a", "b", "c"), *written])
    try:
        data = text.getvalue().encode()
    except UnicodeEncodeError:
        return
    path = made(tmp_path_factory.getbasetemp(), data, "any.csv")
    assert rows(path, "c", "a") == [(c, a) for a, _, c in written]
    assert len(list(open_table(path).numbers())) == len(written)


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    path = made(tmp_path, b'id,x\nA,"1\n2"\n\nB,3\n')
    assert list(open_table(path).numbers()) == [3, 5]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        (
            "t.csv",
            "id,text\nA,gut\nB,für\n".encode("latin-1"),
            r"line 3 has the byte 0xfc, which is not UTF-8; convert it, if it is Latin-1: "
            r"iconv -f WINDOWS-1252 -t UTF-8 \S+t.csv > \S+t.utf8.csv$",
        ),
        (
            "t.csv.gz",
            gzip.compress("id,text\nA,für\n".encode("latin-1"), mtime=0),
            r"line 2 has the byte 0xfc.* gzip -dc \S+t.csv.gz \| iconv -f WINDOWS-1252 "
            r"-t UTF-8 > \S+t.utf8.csv$",
        ),
        ("t.csv", "id,x\nA,1\n".encode("utf-16"), "this is UTF-16; convert it: iconv -f UTF-16"),
        ("t.csv", b"id,x\nA,1\nB,2,3\n", "line 3 has 3 values, and the header 2"),
        ("t.csv", b"id,x\nA,1\n\nB\n", "line 4 has 1 values, and the header 2"),
        ("t.csv", b'id,x\nA,"1\nB,2\n', "look for a quote"),
        ("t.csv", b"", "the file has no header"),
        ("t.csv.gz", b"id,x\nA,1\n", "name a table .* that can be read"),
        (
            "t.csv.gz",
            gzip.compress(b"id,x\nA,1\n" * 99, mtime=0)[:-20],
            "name a table .* that can be read",
        ),
        ("t.parquet", b"id,x\nA,1\n", "name a parquet file that can be read"),
    ],
)
def test_what_is_wrong_with_a_table(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    path = made(tmp_path, data, name)
    with pytest.raises(UsageError, match=words) as caught:
        rows(path, open_table(path).columns[-1])
    assert str(caught.value).startswith(f"--metadata {path}: ")
    assert "\n" not in str(caught.value)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file or directory; name a table"):
        open_table(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="Is a directory; name a table"):
        open_table(tmp_path)


def test_a_column_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    table = open_table(made(tmp_path, b"ecg_id,Age,sex\n1,2,3\n"))
    assert column_of(table, "age") is None
    assert "no column 'age'; do you mean Age?" in str(no_column([table], "age"))
    assert "do you mean ecg_id?" in str(no_column([table], "ecgid"))
    assert "it has ecg_id, Age, sex" in str(no_column([table], "xyzzy"))


def test_two_columns_of_one_name_are_refused_where_they_are_named(tmp_path: Path) -> None:
    table = open_table(made(tmp_path, b"id,x,x\n1,2,3\n"))
    assert column_of(table, "id") == "id"
    with pytest.raises(UsageError, match="2 columns are called 'x'"):
        column_of(table, "x")


def test_parquet_says_its_types(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    columns = {
        "id": pa.array(["001", None, "3"]),
        "n": pa.array([1, None, 3], pa.int32()),
        "big": pa.array([1, 2**64 - 1, 3], pa.uint64()),
        "f": pa.array([0.1, float("nan"), None]),
        "b": pa.array([True, False, None]),
        "codes": pa.array([["a", "b"], [], None]),
        "word": pa.array(["x", "y", "x"]).dictionary_encode(),
    }
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table(columns), path)
    table = open_table(path)
    assert table.columns == tuple(columns)
    assert table.kinds == {
        "id": Kind.TEXT,
        "n": Kind.INTEGER,
        "f": Kind.FLOAT,
        "b": Kind.BOOLEAN,
        "codes": Kind.TEXT,
        "word": Kind.TEXT,
    }
    assert rows(path, *columns) == [
        ("001", "1", "1", "0.1", "True", '["a", "b"]', "x"),
        ("", "", str(2**64 - 1), "", "False", "[]", "y"),
        ("3", "3", "3", "", "", "", "x"),
    ]
    assert rows(path, "n", "n") == [("1", "1"), ("", ""), ("3", "3")]
    assert list(table.numbers()) == [1, 2, 3]


def test_ptb_xl_codes_keep_their_commas_and_quotes(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    with path.open("w", newline="") as handle:
        csv.writer(handle).writerows([("id", "scp_codes"), ("1", SCP_CODES)])
    assert rows(path, "scp_codes") == [(SCP_CODES,)]
