"""Labels that a job joined, as samples of a data set have them, whatever the packing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import ecgmpi
from ecgmpi.errors import UsageError
from tests.corpora import synthetic
from tests.labels.corpora import write_table
from tests.processes import QUICK, run_ecgmpi


@pytest.mark.parametrize("pack", ["files", "tar", "hdf5"])
def test_samples_have_the_columns_of_their_row_of_the_table(pack: str, tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 3)
    table = tmp_path / "labels.csv"
    table.write_text("ecg,rhythm,fold,name\nSYN000003,AF,2,Ann\nSYN000001,SR,1,Bob\n")
    command = ("render", corpus, "-o", tmp_path / "out", *QUICK, "--leads", "II", "--pack", pack)
    keyed = ("--metadata", table, "--metadata-key", "ecg", "--metadata-columns", "rhythm,fold")
    run_ecgmpi(*command, *keyed).expect(0)
    data = ecgmpi.dataset(tmp_path / "out", fields="labels")
    np.testing.assert_equal(
        [(sample["recording"], sample["labels"]) for sample in data],
        [
            ("SYN000001", {"rhythm": "SR", "fold": 1.0}),
            # The table has no row of it.
            ("SYN000002", {"rhythm": "", "fold": np.nan}),
            ("SYN000003", {"rhythm": "AF", "fold": 2.0}),
        ],
    )
    chosen = ecgmpi.dataset(tmp_path / "out", where="rhythm == 'AF' and fold in (2, 3)")
    assert [sample["recording"] for sample in chosen] == ["SYN000003"]


def test_a_split_that_label_makes_and_the_samples_in_none(tmp_path: Path) -> None:
    out = tmp_path / "out"
    render = ("render", synthetic(tmp_path / "in", 3), "-o", out, *QUICK, "--leads", "II")
    run_ecgmpi(*render).expect(0)
    with pytest.raises(UsageError, match=rf"; leave out split, ecgmpi label {out} --split"):
        ecgmpi.dataset(out, split="train")
    table = write_table(tmp_path / "t.csv", ["ecg", "fold"], [["SYN000001", 1], ["SYN000003", 2]])
    by_fold = ("--metadata", table, "--metadata-key", "ecg", "--split", "fold=2:test")
    run_ecgmpi("label", out, *by_fold).expect(0)
    (one,) = ecgmpi.dataset(out, split="none")
    assert one["recording"] == "SYN000002"
    with pytest.raises(UsageError, match="it has test, train, none"):
        ecgmpi.dataset(out, split="val")


NAMES = ("path", "lead", "recording", "recording_path", "recording_start_s", "key", "labels")
"""Names that columns of pictures have, or that those of recordings have in a table of samples."""


@pytest.mark.parametrize("names", [NAMES, NAMES[::-1]])
def test_a_label_may_be_called_like_a_column_of_pictures(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    corpus = synthetic(tmp_path / "in", 2)
    rows = [[f"{name} of {k}" for name in names] for k in (1, 2)]
    write_table(
        tmp_path / "labels.csv",
        ["ecg", *names],
        [[f"SYN00000{k}", *row] for k, row in zip((1, 2), rows, strict=True)],
    )
    command = ("render", corpus, "-o", tmp_path / "out", *QUICK, "--leads", "II")
    keyed = ("--metadata-key", "ecg", "--metadata-columns", ",".join(names))
    run_ecgmpi(*command, "--metadata", tmp_path / "labels.csv", *keyed).expect(0)
    data = ecgmpi.dataset(tmp_path / "out", fields=("image", "labels"))
    assert [[*sample["labels"].items()] for sample in data] == [
        [*zip(names, row, strict=True)] for row in rows
    ]
    assert data.table["lead"].tolist() == ["II", "II"]
    assert data.table["recording"].tolist() == [0, 1]
    assert data.table["recording_lead"].tolist() == ["lead of 1", "lead of 2"]
    # Each column of the manifest has a name of its own.
    said = [str(column[0]) for column in data.table.values()]
    assert set(rows[0]) <= set(said)
    (one,) = ecgmpi.dataset(tmp_path / "out", where="recording_lead == 'lead of 2'")
    assert one["recording"] == "SYN000002"
