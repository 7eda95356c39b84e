"""The recipes, as the chapter has them: labels and splits of every row, and nothing else of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import ecgmpi
from tests.outputs import table
from tests.processes import Ended, run
from tests.processes import ecgmpi as program
from tests.recipes.chapter import recipe, targets
from tests.recipes.corpora import Row, challenge_2021, code_15, mimic, ptb_xl, signals

pytestmark = pytest.mark.slow

SPLITS = ("train", "val", "test")
NORMAL = "{'NORM': 100.0, 'LVOL': 0.0, 'SR': 0.0}"


def followed(name: str, folder: Path) -> tuple[Path, Ended]:
    """Follow a recipe in the folder that its corpus lies in; its OUT, and how it ended."""
    wanted = recipe(name)
    ended = run(program(*wanted.render, "--progress", "none", "--no-report"), cwd=folder).expect(0)
    out = folder / wanted.out
    run(program("verify", out)).expect(0)
    return out, ended


def check(out: Path, expected: Mapping[str, Row]) -> None:
    """Compare columns of the manifest with what they should be: name of a recording -> row.

    A value that is a float is compared as one. Of each split, the data set has just its pictures,
    from shards of its own.
    """
    columns = list(next(iter(expected.values())))
    with h5py.File(out / "manifest.h5") as file:
        group = file["recordings"]
        names = group["name"].asstr()[:].tolist()
        found = {column: group[column][:].tolist() for column in columns}
    assert sorted(names) == sorted(expected)
    for place, name in enumerate(names):
        for column, value in expected[name].items():
            there = found[column][place]
            there = there.decode() if isinstance(there, bytes) else there
            np.testing.assert_equal(there, value, err_msg=f"{name} {column}")
    assert {row["split"] for row in expected.values()} - {""} == set(SPLITS)
    for split in SPLITS:
        data = ecgmpi.dataset(out, split=split, fields=["labels"])
        of_split = {name for name, row in expected.items() if row["split"] == split}
        assert set(data.table["name"].tolist()) == of_split
        assert {path.split("/")[1] for path in data.table["path"].tolist()} == {split}


def by_hash(value: object) -> str:
    """The split of a value by --split 80/10/10."""
    fraction = int(hashlib.sha256(str(value).encode()).hexdigest()[:16], 16) / 2**64
    return "train" if fraction < 0.8 else "val" if fraction < 0.9 else "test"


def holds(out: Path, *texts: str) -> list[str]:
    """Which texts stand in a file of OUT, its own logs among them."""
    files = [path.read_bytes() for path in out.rglob("*") if path.is_file()]
    assert len(files) > 10
    return [text for text in texts if any(text.encode() in content for content in files)]


def target_of(name: str, out: Path) -> dict[str, bool]:
    """What the training loop would learn of each recording of an OUT."""
    batch = ecgmpi.collate(list(ecgmpi.dataset(out, fields="labels")))
    answer: Any = eval(targets()[name], {"labels": batch["labels"]})
    return dict(zip(batch["recording"], map(bool, answer), strict=True))


def test_ptb_xl(test_data: Path, tmp_path: Path) -> None:
    rows = ptb_xl(tmp_path / "ptb-xl", signals(test_data), [NORMAL, "{'STACH': 0.0}"] * 6)
    out, ended = followed("ptb-xl", tmp_path)
    assert "12 of 12 recordings have a row by filename_hr=path" in ended.err
    split_of = {9: "val", 10: "test"}
    check(
        out,
        {
            row["filename_hr"].removeprefix("records500/"): {
                "ecg_id": row["ecg_id"],
                "scp_codes": row["scp_codes"],
                "age": float(row["age"]),
                "sex": row["sex"],
                "split": split_of.get(row["strat_fold"], "train"),
                "rate_hz": 500.0,
            }
            for row in rows
        },
    )
    assert holds(out, "15001.0", "CS-12   E", "1984-11-09", "sinusrhythmus") == []


def test_code_15(test_data: Path, tmp_path: Path) -> None:
    rows = code_15(tmp_path / "code-15", signals(test_data), (5, 4))
    out, ended = followed("code-15", tmp_path)
    assert "9 of 11 recordings have a row by exam_id=key; 2 have none" in ended.err
    # What is no exam, of each file.
    empty = [row["name"] for row in table(out / "unmatched.csv")]
    assert empty == ["exams_part0#5", "exams_part1#4"]
    of_table = {
        f"{row['trace_file'].removesuffix('.hdf5')}#{k}": row
        for part in ("exams_part0.hdf5", "exams_part1.hdf5")
        for k, row in enumerate(row for row in rows if row["trace_file"] == part)
    }
    flags = ("is_male", "1dAVb", "RBBB", "LBBB", "SB", "ST", "AF", "normal_ecg")
    expected: dict[str, Row] = {
        name: {
            **{flag: float(row[flag] == "True") for flag in flags},
            "exam_id": float(row["exam_id"]),
            "age": float(row["age"]),
            "split": by_hash(row["patient_id"]),
            # Where a signal of 7 s was padded, that is gone.
            "samples": 2800 if int(name.rpartition("#")[2]) % 3 == 1 else 4000,
        }
        for name, row in of_table.items()
    }
    nothing = dict.fromkeys((*flags, "exam_id", "age"), np.nan)
    check(out, expected | {name: {**nothing, "split": ""} for name in empty})
    assert holds(out, *(str(row["patient_id"]) for row in rows), "40.125") == []
    assert target_of("code-15", out) == {
        name: of_table.get(name, {"AF": ""})["AF"] == "True" for name in [*of_table, *empty]
    }


def test_mimic_iv_ecg(test_data: Path, tmp_path: Path) -> None:
    rows = mimic(tmp_path / "mimic-iv-ecg", signals(test_data), 12)
    out, ended = followed("mimic-iv-ecg", tmp_path)
    assert "12 of 12 recordings have a row by study_id=record" in ended.err
    names = {
        f"p1000/p{row['subject_id']}/s{row['study_id']}/{row['study_id']}": row for row in rows
    }
    texts = ("report_0", "report_1", "report_2", "report_3")
    numbers = ("study_id", "rr_interval", "qrs_axis")
    check(
        out,
        {
            name: {
                **{column: row[column] for column in (*texts, *numbers)},
                "split": by_hash(row["subject_id"]),
            }
            for name, row in names.items()
        },
    )
    # Subjects stand in paths; what the header and the table have besides does not come with them.
    assert holds(out, "<subject_id>", "08:44:00", "6848296", "notch") == []
    assert target_of("mimic-iv-ecg", out) == {
        name: "Sinus rhythm" in row["report_0"] for name, row in names.items()
    }


def test_challenge_2021(test_data: Path, tmp_path: Path) -> None:
    rows = challenge_2021(tmp_path / "challenge-2021", signals(test_data), test_data)
    out, ended = followed("challenge-2021", tmp_path)
    assert "ecgmpi: labels of header: 10 of 10 recordings have a row" in ended.err.splitlines()
    check(
        out,
        {
            row["name"]: {
                "Dx": row["Dx"],
                "Age": float(row["Age"]),
                "Sex": row["Sex"],
                "split": by_hash(row["name"]),
                "pictures": 1,
            }
            for row in rows
        },
    )
    assert target_of("challenge-2021", out) == {
        row["name"]: "426783006" in row["Dx"].split(",") for row in rows
    }
