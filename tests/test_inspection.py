from __future__ import annotations

import json
import os
from pathlib import Path

import h5py
import numpy as np
import pytest

from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.inspection import format_text, inspect_file
from ecgmpi.readers import ReadHints
from tests.processes import Ended, run_ecgmpi
from tests.readers.helpers.files import Array, mat5
from tests.unprivileged import obedient, open_folder

OF_THIS_SET = "limb leads: aVR inverted, aVL wrong (--repair-limb recomputes aVR aVL)"


def heart() -> Array:
    return synthesize(0, 1).signal.astype(np.float64)


def write(folder: Path, array: Array) -> Path:
    path = folder / "a.mat"
    path.write_bytes(mat5({"data": array}))
    return path


def test_a_plain_recording(tmp_path: Path) -> None:
    found = inspect_file(write(tmp_path, heart()))
    assert (found.format, found.rate, found.n_samples, found.duration) == (
        "matlab-5", 500.0, 5000, 10.0,
    )  # fmt: skip
    assert found.failure is None
    assert found.problems == ()
    assert found.leads[1].name == "II"
    assert found.leads[1].maximum == heart()[1].max()
    text = format_text(found)
    assert "rate 500 Hz assumed" in text
    assert "10 s, 5,000 samples" in text
    assert "limb     consistent (residual 0.000 mV)" in text
    assert "assumed  rate 500 Hz, unit mV, leads in the usual order" in text
    assert text.count("\n") == 23


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    found = inspect_file(tmp_path / "gone.mat")
    assert found.failure is not None
    text = format_text(found)
    assert "is not there (missing)" in text
    assert "remedy" in text


@pytest.mark.parametrize(
    ("factor", "units", "problem"),
    [
        (1000.0, None, "look like uV or raw counts (set --units uV"),
        (1000.0, "uV", None),
        (0.001, None, "look like V (set --units V"),
        (0.001, "V", None),
    ],
)
def test_units_that_cannot_be(
    factor: float, units: str | None, problem: str | None, tmp_path: Path
) -> None:
    found = inspect_file(write(tmp_path, heart() * factor), ReadHints(units=units))
    assert len(found.problems) == (problem is not None)
    assert problem is None or problem in found.problems[0]


def test_gaps_and_flat_leads(tmp_path: Path) -> None:
    array = heart()
    array[3] = np.nan
    array[4, 100:200] = np.nan
    array[5] = 0.25
    found = inspect_file(write(tmp_path, array))
    assert found.problems == (
        "nothing recorded in aVR",
        "flat: aVF",
        "gaps (NaN) in aVL",
        "limb leads: aVF wrong (--repair-limb recomputes aVF)",
    )
    assert [lead.nan for lead in found.leads[3:6]] == [5000, 100, 0]
    rows = format_text(found).splitlines()
    assert rows[-9].split() == ["aVR", "-", "-", "5,000"]
    assert rows[-7].split() == ["aVF", "0.250", "0.250", "0", "flat"]


def test_a_spike_of_an_electrode_is_no_problem_of_units(test_data: Path) -> None:
    found = inspect_file(test_data / "first_china" / "TRAIN" / "TRAIN123.mat")
    assert max(lead.maximum or 0.0 for lead in found.leads) > 15.0
    assert found.problems == (OF_THIS_SET,)


def test_int16_microvolts_are_noticed(test_data: Path) -> None:
    file = test_data / "derived" / "int16_uV.mat"
    assert "raw counts" in inspect_file(file).problems[0]
    assert inspect_file(file, ReadHints(units="uV")).problems == (OF_THIS_SET,)


def inspect(*arguments: str | Path) -> Ended:
    return run_ecgmpi("inspect", *map(str, arguments))


def test_json_has_all_that_the_text_has(tmp_path: Path) -> None:
    array = heart()
    array[5, :10] = np.nan
    path = write(tmp_path, array * 1000)
    ended = inspect("--json", path, tmp_path / "gone.mat", "--units", "uV")
    good, bad = map(json.loads, ended.expect(3).out.splitlines())
    assert (good["rate_hz"], good["samples"], good["unit_known"]) == (500.0, 5000, True)
    assert good["leads"][5]["nan_samples"] == 10
    assert abs(good["leads"][1]["max_mv"] - heart()[1].max()) < 1e-6
    assert good["problems"] == ["gaps (NaN) in aVF"]
    assert "units uV as given" in good["notes"]
    assert (bad["readable"], bad["class"]) == (False, "missing")


def test_of_many_files_a_table_and_a_summary(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"{number}.mat").write_bytes(mat5({"data": heart() * (1000 if number else 1)}))
    (tmp_path / "x.mat").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("not read")
    lines = inspect(tmp_path).expect(3).out.splitlines()
    assert lines[0].split()[:2] == ["format", "leads"]
    assert lines[1].endswith("0.mat")
    assert "raw counts" in lines[2]
    assert lines[5].startswith("empty-file")
    summary = " ".join(" ".join(lines[6:]).split())
    for words in ("5: 4 can be read, 1 cannot", "1 x empty-file", "4 x matlab-5", "4 x 500 Hz",
                  "4 x unit mV", "Skipped 1 file", "3 x amplitude", "10 to 10 s"):  # fmt: skip
        assert words in summary
    text = inspect(tmp_path, "--adc-gain", "1000").expect(3).out
    assert "raw counts" not in text
    assert "4 x rate 500 Hz" in text
    assert "unit mV" not in text
    assert "give one of them" in inspect(tmp_path, "--adc-gain", "9", "--units", "V").expect(2).err


def test_each_recording_of_a_file_of_many_is_inspected(tmp_path: Path) -> None:
    signal = np.stack([heart().T, 2 * heart().T]).astype(np.float32)
    with h5py.File(tmp_path / "two.h5", "w") as file:
        file["tracings"] = signal
    os.mkfifo(tmp_path / "pipe.h5")
    named = inspect(tmp_path / "two.h5", "--json").expect(0).out.splitlines()
    walked = inspect(tmp_path, "--json").expect(3).out.splitlines()
    assert [Path(json.loads(line)["file"]).name for line in named] == ["two.h5#0", "two.h5#1"]
    assert walked[1:] == named
    assert json.loads(walked[0])["message"] == "this is not a regular file"
    one = inspect(f"{tmp_path / 'two.h5'}#1", "--json").expect(0).out.splitlines()
    assert one == named[1:]


@pytest.mark.parametrize("option", [(), ("--json",)])
def test_nothing_to_inspect_is_said(option: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not read")
    ended = inspect(tmp_path, *option).expect(2)
    assert f"no recording found in {tmp_path}; what is read: .bdf .csv" in ended.err


def test_what_is_named_and_wrong_is_said_with_what_mends_it(tmp_path: Path) -> None:
    path = write(tmp_path, heart())
    for arguments, status, words in (
        ((path, "--key", "ecg"), 3, ("no variable 'ecg'", "--key data")),
        ((path, "--units", "uuV"), 2, ("--units uuV", "choose from mV, uV, V, nV")),
        ((path, "--adc-gain", "0"), 2, ("--adc-gain 0", "above 0 counts per mV")),
        ((path, "--max-samples", "9"), 3, ("12x5000, 60,000 samples", "allow more")),
        ((tmp_path / "gone.mat",), 3, ("is not there", "put the file there")),
        ((f"@{tmp_path / 'gone'}",), 2, ("No such file", "a text file with one path a line")),
    ):
        ended = inspect(*arguments).expect(status)
        for word in words:
            assert word in ended.out + ended.err, (arguments, word)
        assert "Traceback" not in ended.err


def test_a_folder_that_may_not_be_read_is_a_row_of_its_own() -> None:
    with open_folder() as folder:
        write(folder, heart())
        (folder / "shut").mkdir(mode=0)
        ended = run_ecgmpi("inspect", folder, "--json", before=obedient())
    good, bad = map(json.loads, ended.expect(3).out.splitlines())
    assert good["readable"]
    assert "the folder cannot be read: Permission denied" in bad["message"]
