"""What a job assumed: a column of the manifest, and sentences at its end."""

from __future__ import annotations

import doctest
from pathlib import Path

import h5py
import pytest

import ecgmpi.ecg.assumptions
from tests.corpora import synthetic
from tests.outputs import failures, manifest, run_json
from tests.processes import QUICK, run_ecgmpi

STATED = "time (s),II (mV),V5 (mV)\n" + "".join(
    f"{number / 250:.3f},{number % 7 / 10},{number % 5 / 10}\n" for number in range(500)
)
UNSTATED = STATED.replace("time (s)", "V1").replace(" (mV)", "")

RATE = "Assumed 500 Hz for 4 of 5 recordings; set --rate if that is wrong."
UNIT = "Assumed mV for 4 of 5 recordings; set --units or --adc-gain if that is wrong."
ORDER = "Assumed the usual lead order for 3 of 5 recordings; set --lead-names if that is wrong."


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Three recordings that state nothing, one that states its leads, and one all of it."""
    folder = synthetic(tmp_path / "in", 3)
    (folder / "leads.csv").write_text(UNSTATED)
    (folder / "stated.csv").write_text(STATED)
    return folder


@pytest.mark.slow
def test_what_was_assumed_is_in_the_row_and_counted_at_the_end(
    corpus: Path, tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    command = ("render", corpus, "-o", out, *QUICK)
    said = run_ecgmpi(*command).expect(0).out.splitlines()
    assert [line for line in said if line.startswith("Assumed")] == [RATE, UNIT, ORDER]
    everything = ["rate unit leads"] * 3
    assert [row["assumed"] for row in manifest(out)] == [*everything, "rate unit", ""]
    with h5py.File(out / "manifest.h5") as file:
        column = file["recordings/assumed"].asstr()[:]
    assert list(column) == [*everything, "rate unit", ""]
    counted = {"rate 500 Hz": 4, "unit mV": 4, "leads in the usual order": 3}
    assert run_json(out)["assumed"] == counted
    # The counts are those of OUT, not of a run that drew nothing.
    again = run_ecgmpi(*command).expect(0).out.splitlines()
    assert {RATE, UNIT, ORDER} <= set(again)
    assert run_json(out)["assumed"] == counted


def test_what_an_option_states_is_not_assumed(corpus: Path, tmp_path: Path) -> None:
    stated = ("--rate", "250", "--units", "mV", "--lead-names", "I,II,III,V1,V2,V3,V4,V5,X,Y,Z,V9")
    out = tmp_path / "OUT"
    said = run_ecgmpi("render", corpus, "-o", out, *QUICK, *stated).expect(0).out
    assert "Assumed" not in said
    rows = manifest(out)
    assert [row["assumed"] for row in rows] == [""] * 5
    assert rows[0]["leads"] == "I II III V1 V2 V3 V4 V5 X Y Z V9"
    # A file that names its leads keeps its own names.
    assert [row["leads"] for row in rows[3:]] == ["V1 II V5", "II V5"]


def test_nothing_is_assumed_where_that_is_not_wanted(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "OUT"
    run_ecgmpi("render", corpus, "-o", out, *QUICK, "--no-assume").expect(3)
    rows = failures(out)
    assert [row["class"] for row in rows] == ["assumed"] * 4
    assert rows[0]["message"].startswith("the file does not state its rate or its unit or which")
    for option in ("--rate", "--units", "--lead-names"):
        assert option in rows[0]["remedy"]
    assert "--lead-names" not in rows[3]["remedy"]


def test_lead_names_must_be_as_many_as_there_are_rows(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "OUT"
    run_ecgmpi("render", corpus, "-o", out, *QUICK, "--lead-names", "II,V5").expect(3)
    assert [row["class"] for row in failures(out)] == ["wrong-shape"] * 3
    assert "12 unnamed leads" in failures(out)[0]["message"]


@pytest.mark.slow
def test_parts_are_counted_together(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "OUT"
    for part in ("1/2", "2/2"):
        run_ecgmpi("render", corpus, "-o", out, *QUICK, "--part", part).expect(0)
    assert RATE in run_ecgmpi("merge", out).expect(0).out.splitlines()


@pytest.mark.slow
def test_show_and_inspect_say_it_too(corpus: Path, tmp_path: Path) -> None:
    words = "rate 500 Hz, unit mV, leads in the usual order"
    file = corpus / "SYN000001.mat"
    assert f"assumed  {words}" in run_ecgmpi("inspect", file).expect(0).out
    shown = run_ecgmpi("show", file, "-o", tmp_path / "a.png").expect(0).out
    assert f"assumed {words}" in shown
    assert "assumed  nothing" in run_ecgmpi("inspect", corpus / "stated.csv").expect(0).out
    assert "--rate" in run_ecgmpi("show", file, "--no-assume").expect(1).err
    # Many files get a count of each.
    counted = run_ecgmpi("inspect", corpus).expect(0).out
    assert "4 x rate 500 Hz" in counted


@pytest.mark.slow
def test_files_of_unknown_format_are_counted_wherever_a_folder_is_walked(
    corpus: Path, tmp_path: Path
) -> None:
    for name in ("a.hd5", "b.hd5", "notes"):
        (corpus / name).write_text("x")
    line = "Skipped 3 files of unknown format (.hd5, no ending); name them to have them read."
    out = tmp_path / "OUT"
    render = ("render", corpus, "-o", out, *QUICK)
    planned = run_ecgmpi(*render, "--dry-run").expect(0).out.splitlines()
    assert {line, RATE, UNIT, ORDER} <= set(planned)
    assert line in run_ecgmpi(*render).expect(0).out.splitlines()
    assert run_json(out)["skipped"] == {".hd5": 2, "": 1}
    assert line in run_ecgmpi("inspect", corpus).expect(0).out.splitlines()
    for part in ("1/2", "2/2"):
        run_ecgmpi("render", corpus, "-o", tmp_path / "parts", *QUICK, "--part", part).expect(0)
    assert line in run_ecgmpi("merge", tmp_path / "parts").expect(0).out.splitlines()
    for name in ("leads.csv", "stated.csv", *(f"SYN00000{number}.mat" for number in (1, 2, 3))):
        (corpus / name).unlink()
    for command in (("render", corpus, "-o", tmp_path / "none"), ("inspect", corpus)):
        assert line in run_ecgmpi(*command).expect(2).err


def test_the_examples_hold() -> None:
    assert doctest.testmod(ecgmpi.ecg.assumptions).failed == 0
