"""Labels from tables, end to end: from the command line to manifest, samples and messages."""

from __future__ import annotations

import csv
import gzip
import json
import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from jsonschema import Draft202012Validator

import ecgmpi
from ecgmpi.drawing import schema
from ecgmpi.job.open_out import completed
from ecgmpi.options.rendering import Rendering
from ecgmpi.outdir.paths import JobPaths
from tests.corpora import synthetic
from tests.job.test_samples import samples, shape
from tests.labels.corpora import SCP_CODES, challenge, code_15, mimic, ptb_xl, write_table
from tests.outputs import assert_same, contents, manifest, run_json, table
from tests.processes import QUICK, Ended, run_ecgmpi


def render(corpus: Path, out: Path, *options: object) -> Ended:
    """Draw a corpus, small."""
    return run_ecgmpi("render", corpus, "-o", out, *QUICK, "--leads", "II", *options)


def labelled(path: Path, key: str, columns: str) -> tuple[object, ...]:
    """The options of one table."""
    return ("--metadata", path, "--metadata-key", key, "--metadata-columns", columns)


def stored(out: Path, *names: str) -> dict[str, list[Any]]:
    """Columns of manifest.h5, read by h5py alone."""
    with h5py.File(out / "manifest.h5") as file:
        group = file["recordings"]
        return {
            name: [v.decode() if isinstance(v, bytes) else v for v in group[name][:].tolist()]
            for name in names
        }


@pytest.fixture(scope="module")
def ptb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ptb_xl(tmp_path_factory.mktemp("ptb-xl"))


def test_ptb_xl_by_path(ptb: Path, tmp_path: Path) -> None:
    columns = "scp_codes,strat_fold,age,sex"
    options = labelled(ptb / "ptbxl_database.csv", "filename_hr=path", columns)
    # The table lies in INPUT, and is no recording.
    ended = render(ptb, tmp_path / "OUT", *options).expect(0)
    said = "labels of ptbxl_database.csv: 4 of 4 recordings have a row by filename_hr=path"
    assert f"ecgmpi: {said}" in ended.err.splitlines()
    assert said in ended.out
    assert stored(tmp_path / "OUT", "scp_codes", "strat_fold", "age", "sex") == {
        "scp_codes": [SCP_CODES] * 4,
        "strat_fold": [1, 2, 3, 4],
        "age": [51, 52, 53, 54],
        "sex": [1, 0, 1, 0],
    }
    assert [row["scp_codes"] for row in manifest(tmp_path / "OUT")] == [SCP_CODES] * 4
    assert table(tmp_path / "OUT" / "unmatched.csv") == []
    run_ecgmpi("verify", tmp_path / "OUT").expect(0)


def test_paths_below_a_folder_above_input(ptb: Path, tmp_path: Path) -> None:
    options = labelled(ptb / "ptbxl_database.csv", "filename_hr=path", "strat_fold")
    ended = render(ptb / "records500", tmp_path / "OUT", *options).expect(0)
    assert "4 of 4 recordings have a row" in ended.err
    assert stored(tmp_path / "OUT", "strat_fold") == {"strat_fold": [1, 2, 3, 4]}


def test_code_15_by_the_ids_in_its_files(tmp_path: Path) -> None:
    corpus = code_15(tmp_path / "code")
    options = labelled(corpus / "exams.csv", "exam_id=key", "age,is_male,1dAVb,exam_id=exam")
    ended = render(corpus, tmp_path / "OUT", "--pack", "tar", *options).expect(0)
    assert "5 of 5 recordings have a row by exam_id=key" in ended.err
    ids = [1_169_160 - 17 * k for k in range(3)] + [1_168_160 - 17 * k for k in range(2)]
    assert stored(tmp_path / "OUT", "exam", "age", "is_male", "1dAVb") == {
        "exam": ids,
        "age": [30 + i % 50 for i in ids],
        "is_male": [i % 2 == 0 for i in ids],
        "1dAVb": [False] * 5,
    }
    facts = [json.loads(sample["json"]) for sample in samples(tmp_path / "OUT")]
    assert [one["labels"]["exam"] for one in facts] == ids
    assert facts[0]["labels"]["is_male"] is True
    assert len({json.dumps(shape(one), sort_keys=True) for one in facts}) == 1


def test_an_id_that_no_file_has(tmp_path: Path) -> None:
    corpus = code_15(tmp_path / "code", (2,))
    options = labelled(corpus / "exams.csv", "patient_id=key", "age")
    (line,) = render(corpus, tmp_path / "OUT", *options).expect(2).complaints
    assert "exams_part0.hdf5 has no dataset 'patient_id' with an entry for each" in line


def test_mimic_by_two_tables(tmp_path: Path) -> None:
    corpus = mimic(tmp_path / "mimic")
    out = tmp_path / "OUT"
    records = ("--metadata", corpus / "record_list.csv", "--metadata-key", "path=path")
    measures = ("--metadata", corpus / "machine_measurements.csv", "--metadata-key", "study_id")
    names = "subject_id,report_0,report_1,rr_interval,ecg_time"
    ended = render(corpus, out, *records, *measures, "--metadata-columns", names).expect(0)
    assert "record_list.csv: 4 of 4 recordings" in ended.err
    assert "machine_measurements.csv: 4 of 4 recordings" in ended.err
    assert stored(out, "subject_id", "report_1", "rr_interval") == {
        "subject_id": [10_000_032, 10_000_032, 10_000_033, 10_000_033],
        "report_1": ["Normal ECG", "", "Normal ECG", ""],
        "rr_interval": [600, 601, 602, 603],
    }
    tables = run_json(out)["labels"]
    assert [one["columns"] for one in tables] == [
        ["subject_id", "ecg_time"],
        ["report_0", "report_1", "rr_interval"],
    ]
    assert [one["matched"] for one in tables] == [4, 4]


def test_the_challenge_by_its_headers(tmp_path: Path) -> None:
    corpus, out = challenge(tmp_path / "challenge"), tmp_path / "OUT"
    options = ("--metadata", "header", "--metadata-columns", "Dx,Age,Sex")
    ended = render(corpus, out, *options).expect(0)
    assert "labels of header: 4 of 4 recordings have a row" in ended.err
    found = stored(out, "Dx", "Age", "Sex")
    assert found["Dx"] == ["426177001,164934002", "426783006", "", "59118001"]
    assert np.array_equal(found["Age"], [74, 49, np.nan, 81], equal_nan=True)
    assert found["Sex"] == ["Male", "Female", "", "Female"]
    # Comments name patients, too.
    for file in out.rglob("*"):
        assert file.is_dir() or b"Mustermann" not in file.read_bytes(), file
    assert "nothing was drawn" in render(corpus, out, *options).expect(0).out
    table = write_table(tmp_path / "t.csv", ["id", "x"], [["JS00001", 5]])
    more = ("--metadata", table, "--metadata-key", "id", "--metadata-columns", "Dx,x")
    render(corpus, tmp_path / "two", *options[:2], *more).expect(0)
    assert stored(tmp_path / "two", "Dx", "x")["x"][0] == 5


def test_headers_that_are_compressed_or_no_files(tmp_path: Path) -> None:
    corpus, out = challenge(tmp_path / "challenge"), tmp_path / "OUT"
    header = corpus / "WFDBRecords" / "01" / "JS00001.hea"
    header.with_suffix(".hea.gz").write_bytes(gzip.compress(header.read_bytes()))
    header.unlink()
    # To open it would block rank 0 forever.
    os.mkfifo(header.with_name("pipe.hea"))
    options = ("--metadata", "header", "--metadata-columns", "Dx,Age,Sex")
    render(corpus, out, *options).expect(3)
    found = stored(out, "Dx", "Age", "Sex")
    assert found["Dx"] == ["426177001,164934002", "426783006", "", "59118001", ""]
    assert np.array_equal(found["Age"], [74, 49, np.nan, 81, np.nan], equal_nan=True)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Six recordings."""
    return synthetic(tmp_path / "in", 6)


NAMES = [f"SYN{k:06d}" for k in range(1, 7)]


@pytest.mark.slow
def test_what_has_no_value(corpus: Path, tmp_path: Path) -> None:
    rows = [[name, 60 + k, k % 2 == 0, f"{k:05d}", "x"] for k, name in enumerate(NAMES)]
    rows[2][1:] = ["", "", "", ""]
    # The last has no row, and one row no recording.
    path = write_table(
        tmp_path / "t.csv", ["id", "age", "sex", "code", "text"], [*rows[:5], ["Z", 1, True, 1, 1]]
    )
    options = labelled(path, "id", "age,sex=male,code,text")
    out = tmp_path / "OUT"
    ended = render(corpus, out, "--pack", "tar", *options).expect(0)
    assert "5 of 6 recordings have a row by id=record; 1 has none (see " in ended.err
    assert "; 1 of 6 rows matches no recording" in ended.err
    found = stored(out, "age", "male", "code", "text")
    assert np.array_equal(found["age"], [60, 61, np.nan, 63, 64, np.nan], equal_nan=True)
    assert np.array_equal(found["male"], [1, 0, np.nan, 0, 1, np.nan], equal_nan=True)
    assert found["code"] == ["00000", "00001", "", "00003", "00004", ""]
    assert [row["age"] for row in manifest(out)] == ["60", "61", "", "63", "64", ""]
    assert table(out / "unmatched.csv") == [
        {"table": "t.csv", "name": NAMES[5], "source": f"{NAMES[5]}.mat"}
    ]
    facts = [json.loads(sample["json"])["labels"] for sample in samples(out)]
    assert [one["age"] for one in facts] == ["60", "61", "nan", "63", "64", "nan"]
    assert {json.dumps(shape(one), sort_keys=True) for one in facts} == {
        json.dumps(dict.fromkeys(("age", "male", "code", "text"), "str"), sort_keys=True)
    }
    render(corpus, tmp_path / "files", "--annotate", "boxes", *options).expect(0)
    beside = sorted((tmp_path / "files" / "images").rglob("*.json"))
    assert [json.loads(one.read_text())["labels"] for one in beside] == facts


def test_pictures_are_the_same_with_and_without(corpus: Path, tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", ["id", "age"], [[name, 50] for name in NAMES])
    plain, with_labels = tmp_path / "plain", tmp_path / "labels"
    options = ("--annotate", "lines", "--mask")
    render(corpus, plain, *options).expect(0)
    render(corpus, with_labels, *options, *labelled(path, "id", "age")).expect(0)
    differing = {"manifest.h5", "manifest.csv", "unmatched.csv"}
    one, other = (
        {
            name: digest
            for name, digest in contents(out).items()
            if name not in differing and not name.endswith(".json")
        }
        for out in (plain, with_labels)
    )
    assert len(one) == 1 + 3 * len(NAMES)
    assert_same(one, other)
    for path in plain.rglob("images/**/*.json"):
        beside = with_labels / path.relative_to(plain)
        said = json.loads(beside.read_text())
        Draft202012Validator(schema()).validate(said)
        assert said.pop("labels") == {"age": 50}
        assert said == json.loads(path.read_text())
    found = (ecgmpi.dataset(out, fields="annotation")[2] for out in (plain, with_labels))
    assert next(found) == next(found)


@pytest.mark.slow
@pytest.mark.parametrize("pack", ["tar", pytest.param("hdf5", marks=pytest.mark.slow)])
def test_parts_and_resumed_runs_make_the_same(pack: str, corpus: Path, tmp_path: Path) -> None:
    rows = [[name, f"text {name}"] for name in NAMES[:5]]
    path = write_table(tmp_path / "t.csv", ["id", "text"], rows)
    options = ("--pack", pack, "--shard-recordings", "2", *labelled(path, "id", "text"))
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    render(corpus, whole, *options).expect(0)
    for part in ("2/2", "1/2"):
        render(corpus, parts, *options, "--part", part).expect(0)
    ended = run_ecgmpi("merge", parts).expect(0)
    assert "5 of 6 recordings have a row" in ended.out
    assert_same(contents(whole), contents(parts))
    assert run_json(whole)["labels"] == run_json(parts)["labels"]
    # Where the manifest and a shard are lost, they come back as they were.
    before = contents(whole)
    (whole / "manifest.h5").unlink()
    next((whole / "shards").glob("000001.*")).unlink()
    render(corpus, whole, *options).expect(0)
    assert_same(before, contents(whole))


def test_another_table_is_refused(corpus: Path, tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", ["id", "age", "sex"], [[n, 50, 1] for n in NAMES])
    out = tmp_path / "OUT"
    render(corpus, out, *labelled(path, "id", "age")).expect(0)
    before = contents(out)
    # The same table elsewhere is the same.
    moved = path.rename(tmp_path / "moved.csv")
    ended = render(corpus, out, *labelled(moved, "id", "age")).expect(0)
    assert "nothing was drawn" in ended.out
    (line,) = render(corpus, out, *labelled(moved, "id", "sex")).expect(1).complaints[-1:]
    assert "was begun with other options: --metadata-columns was age, now sex" in line
    assert f"ecgmpi label {out} gives it these labels and draws nothing" in line
    write_table(moved, ["id", "age"], [[name, 51] for name in NAMES])
    (line,) = render(corpus, out, *labelled(moved, "id", "age")).expect(1).complaints[-1:]
    assert "other options: --metadata was t.csv (SHA-256 " in line
    assert "now moved.csv (SHA-256 " in line
    (line,) = render(corpus, out).expect(1).complaints
    assert "now not given" in line
    assert f"ecgmpi label {out} gives it no labels (--no-labels) and draws nothing" in line
    (line,) = render(corpus, out, "--dpi", 61).expect(1).complaints
    assert "ecgmpi label" not in line
    assert_same(before, contents(out))


@pytest.mark.parametrize("pack", ["files", "tar"])
def test_only_what_is_named_comes_into_out(pack: str, corpus: Path, tmp_path: Path) -> None:
    header = ["record", "name", "born", "social", "age"]
    rows = [
        [n, f"Erika Mustermann{k}", f"1944-08-1{k}", f"999-{k}", k] for k, n in enumerate(NAMES)
    ]
    # Rows of others, and one whose key has lost its zeros.
    rows += [["OTHER77", "Hans Niemand", "1950-01-01", "888-1", 7], ["31415", "N N", "1", "2", 3]]
    path = write_table(tmp_path / "secret-names.csv", header, rows)
    out = tmp_path / "OUT"
    options = ("--pack", pack, "-v", "--annotate", "boxes", *labelled(path, "record", "age"))
    render(corpus, out, *options).expect(0)
    run_ecgmpi("report", out).expect(0)
    files = [one for one in out.rglob("*") if one.is_file()]
    assert len(files) > 10
    for file in files:
        held = file.read_bytes()
        for secret in (b"Mustermann", b"1944-08", b"999-", b"Niemand", b"OTHER77", b"31415"):
            assert secret not in held, (file, secret)


def test_zeros_that_were_lost_are_told_and_not_made_up(tmp_path: Path) -> None:
    synthetic(tmp_path / "made", 3)
    corpus = tmp_path / "in"
    corpus.mkdir()
    for k, file in enumerate(sorted((tmp_path / "made").iterdir()), 1):
        file.rename(corpus / f"{k:05d}.mat")
    path = write_table(tmp_path / "t.csv", ["id", "age"], [["00001", 50], ["2", 51], ["3", 52]])
    out = tmp_path / "OUT"
    ended = render(corpus, out, *labelled(path, "id", "age")).expect(0)
    assert "2 keys differ from a recording only by leading zeros (2 for 00002)" in ended.err
    assert [row["age"] for row in manifest(out)] == ["50", "", ""]
    # What such a row is called is not kept.
    assert "leading zeros" not in (out / "run.json").read_text()
    write_table(path, ["id", "age"], [["1", 50], ["2", 51]])
    (line,) = render(corpus, tmp_path / "none", *labelled(path, "id", "age")).expect(2).complaints
    assert "the table has 1, 2, the recordings have 00001, 00002, 00003" in line
    assert "2 keys differ from a recording only by leading zeros (1 for 00001)" in line
    assert not (tmp_path / "none" / "images").exists()


def test_whole_numbers_that_became_fractions_are_told(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 3)
    for k, file in enumerate(sorted(corpus.iterdir()), 11):
        file.rename(corpus / f"{k}.mat")
    path = write_table(tmp_path / "t.csv", ["id", "age"], [["11", 50], ["12.0", 51], ["13.5", 52]])
    out = tmp_path / "OUT"
    ended = render(corpus, out, *labelled(path, "id", "age")).expect(0)
    assert "1 keys differ from a recording only by their spelling as fractions (12.0" in ended.err
    assert [row["age"] for row in manifest(out)] == ["50", "", ""]
    write_table(path, ["id", "age"], [["11.0", 50], ["12.0", 51]])
    (line,) = render(corpus, tmp_path / "none", *labelled(path, "id", "age")).expect(2).complaints
    assert "(11.0 for 11)" in line
    assert "f'{int(float(key))}' in Python" in line


def test_nothing_matched_says_what_would(corpus: Path, tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", ["file", "x"], [[f"a/{n}.mat", 1] for n in NAMES[:4]])
    (line,) = render(corpus, tmp_path / "OUT", *labelled(path, "file", "x")).expect(2).complaints
    for words in (
        "no row matches a recording by file=record",
        "the table has a/SYN000001.mat, a/SYN000002.mat, a/SYN000003.mat",
        "the recordings have SYN000001, SYN000002, SYN000003",
        "with --metadata-key file=stem, 4 of 6 would match",
    ):
        assert words in line


def test_a_dry_run_says_what_matches_and_writes_nothing(corpus: Path, tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", ["id", "x"], [[NAMES[0], 1]])
    ended = render(corpus, tmp_path / "OUT", "--dry-run", *labelled(path, "id", "x")).expect(0)
    assert "labels of t.csv: 1 of 6 recordings have a row by id=record; 5 have none" in ended.out
    assert not (tmp_path / "OUT").exists()


def test_the_same_options_from_a_file(corpus: Path, tmp_path: Path) -> None:
    path = write_table(tmp_path / "t, and more.csv", ["id", "x"], [[n, 1.5] for n in NAMES])
    config = tmp_path / "job.toml"
    config.write_text(
        f'metadata = ["{path}"]\nmetadata-key = "id=record"\nmetadata-columns = ["x"]\n'
    )
    render(corpus, tmp_path / "OUT", "--config", config).expect(0)
    assert stored(tmp_path / "OUT", "x") == {"x": [1.5] * 6}
    ended = render(corpus, tmp_path / "OUT", *labelled(path, "id=record", "x")).expect(0)
    assert "nothing was drawn" in ended.out


@pytest.mark.slow
def test_exports_have_them(corpus: Path, tmp_path: Path) -> None:
    rows = [[n, k, k / 2, k % 2 == 0, "ä\nb"] for k, n in enumerate(NAMES)]
    path = write_table(tmp_path / "t.csv", ["id", "n", "half", "even", "text"], rows)
    out = tmp_path / "OUT"
    render(corpus, out, *labelled(path, "id", "n,half,even,text")).expect(0)
    said = run_ecgmpi("export", out, "--rows", "recordings", "--jsonl").expect(0).out
    facts = [json.loads(line) for line in said.splitlines()]
    assert [[one[name] for name in ("n", "half", "even", "text")] for one in facts] == [
        [k, k / 2, k % 2 == 0, "ä\nb"] for k in range(6)
    ]
    said = run_ecgmpi("export", out, "--rows", "recordings", "--csv").expect(0).out
    assert [row["half"] for row in csv.DictReader(said.splitlines(True))][1] == "0.5"
    parquet = pytest.importorskip("pyarrow.parquet")
    run_ecgmpi("export", out, "--rows", "recordings", "--parquet", "-o", tmp_path / "x").expect(0)
    kinds = {field.name: str(field.type) for field in parquet.read_schema(tmp_path / "x")}
    assert [kinds[n] for n in ("n", "half", "even", "text")] == [
        "int64",
        "double",
        "bool",
        "string",
    ]


def test_the_end_of_a_job_needs_no_table(corpus: Path, tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", ["id", "x"], [[n, 1] for n in NAMES])
    out = tmp_path / "OUT"
    options = labelled(path, "id", "x")
    render(corpus, out, "--overwrite", *options).expect(0)
    before = json.loads((out / ".ecgmpi" / "job.json").read_text())
    rendering = Rendering(metadata=(str(path),), metadata_key=("id",), metadata_columns=("x",))
    path.unlink()
    completed(JobPaths(out), rendering)
    assert json.loads((out / ".ecgmpi" / "job.json").read_text()) == before
    # To resume it takes the table: it may be another.
    (line,) = render(corpus, out, *options).expect(2).complaints
    assert line == f"ecgmpi: --metadata {path}: No such file or directory; {READABLE}"


READABLE = "name a table (CSV, TSV, either with .gz, or parquet) that can be read"


def test_a_wrong_column_need_not_wait_in_a_queue(corpus: Path, tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", ["id", "x"], [[n, 1] for n in NAMES])
    options = ("--check-options", *labelled(path, "id", "y"))
    (line,) = render(corpus, tmp_path / "OUT", *options).expect(2).complaints
    assert "no column 'y'" in line
    render(corpus, tmp_path / "OUT", "--check-options", *labelled(path, "id", "x")).expect(0)
