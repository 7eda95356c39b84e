"""``ecgmpi export``: the rows of a manifest in formats that other programs read."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import shutil
from pathlib import Path
from typing import Any

import h5py
import pyarrow.parquet as pq
import pytest

from ecgmpi.results import columns
from ecgmpi.results.columns import TABLES
from tests.outputs import manifest
from tests.processes import ecgmpi, run, run_ecgmpi
from tests.review.checks import here
from tests.review.conftest import Copied

KINDS = {"u": int, "f": float, "t": str}


def expected(out: Path, table: str) -> list[dict[str, Any]]:
    """The rows as h5py reads them; None where there is no value."""
    with h5py.File(out / "manifest.h5") as file:
        columns = {
            name: (data.asstr()[:] if data.dtype.kind == "S" else data[:]).tolist()
            for name, data in file[table].items()
        }
    return [
        {name: None if value != value else value for name, value in zip(columns, row, strict=True)}
        for row in zip(*columns.values(), strict=True)
    ]


def typed(table: str, row: dict[str, str]) -> dict[str, Any]:
    """A row of CSV with the types of its columns."""
    kinds = {column.name: KINDS[column.dtype[0]] for column in TABLES[table]}
    return {
        name: None if text == "" and kinds[name] is float else kinds[name](text)
        for name, text in row.items()
    }


def rounded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the digits that a float32 has."""
    return [
        {name: float(f"{v:.7g}") if isinstance(v, float) else v for name, v in row.items()}
        for row in rows
    ]


@pytest.mark.parametrize("table", ["recordings", "pictures"])
def test_every_format_has_the_rows_of_the_manifest(
    files_out: Path, table: str, tmp_path: Path
) -> None:
    wanted = expected(files_out, table)
    assert len(wanted) == {"recordings": 7, "pictures": 18}[table]
    told = run_ecgmpi("export", files_out, "--csv", "--rows", table).expect(0).out
    found = [typed(table, row) for row in csv.DictReader(io.StringIO(told))]
    assert rounded(found) == rounded(wanted)
    told = run_ecgmpi("export", files_out, "--jsonl", "--rows", table).expect(0).out
    assert rounded([json.loads(line) for line in told.splitlines()]) == rounded(wanted)
    path = tmp_path / "rows.parquet"
    run_ecgmpi("export", files_out, "--parquet", "--rows", table, "-o", path).expect(0)
    read = pq.read_table(path)
    assert read.to_pylist() == wanted
    assert [field.metadata[b"about"].decode() for field in read.schema] == [
        column.about for column in TABLES[table]
    ]


def test_a_failed_recording_has_no_range(files_out: Path) -> None:
    told = run_ecgmpi("export", files_out, "--jsonl", "--rows", "recordings").expect(0).out
    (failed,) = (row for row in map(json.loads, told.splitlines()) if row["status"] == "failed")
    assert failed["min_mv"] is None
    assert failed["name"] == "SYN000003b"


def test_csv_of_recordings_says_what_the_manifest_csv_does(files_out: Path) -> None:
    told = run_ecgmpi("export", files_out, "--csv", "--rows", "recordings").expect(0).out
    ours = list(csv.DictReader(io.StringIO(told)))
    assert [row["name"] for row in ours] == [row["name"] for row in manifest(files_out)]
    for row, other in zip(ours, manifest(files_out), strict=True):
        assert row["min_mv"] == other["min_mv"]
        assert math.isclose(float(row["rate_hz"] or 0), float(other["rate_hz"] or 0))


def test_a_file_is_replaced_in_one_step_and_a_pipe_is_written_to(
    files_out: Path, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("old")
    assert run_ecgmpi("export", files_out, "--csv", "-o", path).expect(0).out == ""
    assert path.read_text() == run_ecgmpi("export", files_out, "--csv").out
    assert [entry.name for entry in tmp_path.iterdir()] == ["rows.csv"]
    ended = run_ecgmpi("export", files_out, "--csv", "-o", "/dev/stdout").expect(0)
    assert ended.out == path.read_text()


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["OUT"], 2, "--csv, --jsonl or --parquet"),
        (["--csv"], 2, "name OUT"),
        (["OUT", "--parquet"], 2, "-o"),
        (["OUT", "--csv", "-o", "/no/such/folder/x.csv"], 2, "/no/such/folder/x.csv"),
        (["/no/such/out", "--csv"], 2, "does not exist"),
        (["/etc/hostname", "--csv"], 2, "is not a folder"),
        (["/usr", "--csv"], 2, "is not an OUT"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    files_out: Path, words: list[str], status: int, said: str
) -> None:
    given = [files_out if word == "OUT" else word for word in words]
    ended = here("export", *given).expect(status)
    assert ended.out == ""
    (line,) = ended.err.splitlines()
    assert said in line


def test_a_job_that_has_not_ended_is_told_from_a_damaged_manifest(
    files_out: Path, copied: Copied
) -> None:
    out = copied(files_out)
    shutil.copy(files_out / "run.json", out / "manifest.h5")
    ended = here("export", out, "--csv").expect(1)
    (line,) = ended.err.splitlines()
    assert "damaged" in line
    (out / "manifest.h5").unlink()
    ended = here("export", out, "--csv").expect(1)
    (line,) = ended.err.splitlines()
    assert "has not ended" in line
    assert "ecgmpi render" in line


def test_the_extra_that_parquet_needs_is_named(files_out: Path, tmp_path: Path) -> None:
    (tmp_path / "pyarrow.py").write_text("raise ImportError\n")
    command = ecgmpi("export", files_out, "--parquet", "-o", tmp_path / "rows.parquet")
    ended = run(command, {"PYTHONPATH": str(tmp_path)}).expect(2)
    assert "pip install 'ecgmpi[parquet]'" in ended.err
    assert not (tmp_path / "rows.parquet").exists()


def test_columns_are_listed_without_an_out() -> None:
    told = here("export", "--columns", "--rows", "pictures").expect(0).out.splitlines()
    assert len(told) == len(TABLES["pictures"])
    assert re.fullmatch(r"pictures/path +text +where it is, below OUT.*", told[3])
    everything = here("export", "--columns").expect(0).out.splitlines()
    assert len(everything) == sum(map(len, TABLES.values()))


def test_the_chapter_has_the_columns_of_the_code() -> None:
    chapter = Path(columns.__file__).with_name("README.md")
    tables = re.split(r"^## ", chapter.read_text(encoding="utf-8"), flags=re.M)[1:]
    found = {
        text.splitlines()[0]: re.findall(r"^\| `(\w+)` \| (\w+) \| (.*) \|$", text, re.M)
        for text in tables
    }
    assert found == {
        name: [(column.name, column.dtype, column.about) for column in declared]
        for name, declared in TABLES.items()
    }
