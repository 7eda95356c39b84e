"""Labels that a job joined, as samples of a data set have them, whatever the packing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import ecgmpi
from tests.corpora import synthetic
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
