"""The check and the repair of limb leads, as a job tells of them."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from ecgmpi.ecg.synthetic import synthesize
from tests.outputs import pictures, table
from tests.processes import QUICK
from tests.processes import run_ecgmpi as run


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A good recording, one with aVR upside down and aVL wrong, one of eight leads, of two."""
    folder = tmp_path / "in"
    folder.mkdir()
    good = synthesize(0, 1, duration=2.0).signal.astype(np.float64)
    bad = good.copy()
    bad[3], bad[4] = -good[3], good[1] / 2
    signals = {"a_good": good, "b_bad": bad, "c_eight": good[[0, 1, *range(6, 12)]]}
    for name, signal in (signals | {"d_two": good[:2]}).items():
        savemat(folder / f"{name}.mat", {"data": signal})
    return folder


@pytest.mark.slow
def test_the_manifest_tells_and_repair_mends(corpus: Path, tmp_path: Path) -> None:
    plain, mended = tmp_path / "plain", tmp_path / "mended"
    assert run("render", corpus, "-o", plain, *QUICK).status == 0
    rows = {row["name"]: row for row in table(plain / "manifest.csv")}
    assert {name: row["limb_leads"] for name, row in rows.items()} == {
        "a_good": "consistent",
        "b_bad": "aVR inverted, aVL wrong",
        "c_eight": "not checked",
        "d_two": "not checked",
    }
    assert float(rows["a_good"]["limb_residual_mv"]) < 0.001
    assert float(rows["b_bad"]["limb_residual_mv"]) > 0.1
    assert rows["c_eight"]["limb_residual_mv"] == ""
    assert rows["c_eight"]["leads"] == rows["a_good"]["leads"]
    assert "III aVR aVL aVF derived from I and II" in rows["c_eight"]["notes"]
    assert rows["d_two"]["leads"] == "I II"
    with h5py.File(plain / "manifest.h5") as manifest:
        column = manifest["recordings/limb_residual_mv"]
        assert column.dtype == np.float32
        assert np.isnan(column[:]).tolist() == [False, False, True, True]

    assert run("render", corpus, "-o", mended, *QUICK, "--repair-limb").status == 0
    after = {row["name"]: row for row in table(mended / "manifest.csv")}
    assert after["b_bad"]["limb_leads"] == "consistent"
    note = "aVR aVL recomputed from I and II; limb leads had been aVR inverted, aVL wrong (residual"
    assert note in after["b_bad"]["notes"]
    assert {name: row for name, row in after.items() if name != "b_bad"} == {
        name: row for name, row in rows.items() if name != "b_bad"
    }
    different = {
        Path(path).stem
        for path in pictures(plain)
        if (plain / path).read_bytes() != (mended / path).read_bytes()
    }
    assert different == {"b_bad_aVR", "b_bad_aVL"}
    refused = run("render", corpus, "-o", plain, *QUICK, "--repair-limb")
    assert refused.status == 1
    assert "--repair-limb was False, now True" in refused.err


def test_a_lead_that_follows_is_drawn_when_it_is_asked_for(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("render", corpus / "d_two.mat", "-o", out, *QUICK, "--leads", "aVF,II")
    assert done.status == 0, done.err
    assert [Path(path).stem for path in pictures(out)] == ["d_two_II", "d_two_aVF"]
    (row,) = table(out / "manifest.csv")
    assert "aVF derived from I and II" in row["notes"]
    shown = run(
        "show", corpus / "b_bad.mat", "--leads", "aVR", "--repair-limb", "-o", tmp_path / "a.png"
    )
    assert shown.status == 0, shown.err
    assert "limb leads consistent" in shown.out
    assert "aVR aVL recomputed from I and II" in shown.out


def test_inspect_says_what_mends_it(corpus: Path) -> None:
    said = run("inspect", corpus / "b_bad.mat").out
    assert "limb     aVR inverted, aVL wrong (residual" in said
    assert "--repair-limb recomputes aVR aVL" in said
