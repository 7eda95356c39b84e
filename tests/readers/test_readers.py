from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ecgmpi.errors import RecordingError, UsageError
from ecgmpi.readers import FORMATS, ReadHints, claimed_extensions, read
from ecgmpi.readers.array import conventional_leads, orient
from ecgmpi.record import STANDARD_LEADS

from .files import mat5, wave


@pytest.mark.parametrize("module", ["readers", "record", "synth", "inspect"])
def test_nothing_of_jobs_and_nothing_heavy_is_imported(module: str) -> None:
    heavy = ["multiprocessing", "mpi4py", "scipy", "h5py", "matplotlib"]
    code = f"import sys, ecgmpi.{module}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_claimed_extensions_are_lower_case_with_a_dot() -> None:
    assert ".mat" in claimed_extensions()
    assert all(e.startswith(".") and e == e.lower() for e in claimed_extensions())


def test_format_names_differ() -> None:
    assert len({format.name for format in FORMATS}) == len(FORMATS)


def test_name_is_the_stem_unless_told(tmp_path: Path) -> None:
    path = tmp_path / "rec.01.mat"
    path.write_bytes(mat5({"data": wave()}))
    assert read(path).name == "rec.01"
    assert read(str(path), name="other").name == "other"


@pytest.mark.parametrize(
    ("count", "names"),
    [
        (1, "I"),
        (2, "I II"),
        (3, "I II III"),
        (5, "ch1 ch2 ch3 ch4 ch5"),
        (8, "I II V1 V2 V3 V4 V5 V6"),
        (12, " ".join(STANDARD_LEADS)),
        (15, " ".join((*STANDARD_LEADS, "ch13", "ch14", "ch15"))),
    ],
)
def test_lead_names_by_convention(count: int, names: str) -> None:
    assert conventional_leads(count) == tuple(names.split())


@pytest.mark.parametrize(
    ("shape", "transposed"),
    [
        ((12, 5000), False),
        ((5000, 12), True),
        ((12, 5), False),
        ((5, 12), True),
        ((12, 12), False),
        ((8, 5000), False),
        ((5000, 8), True),
        ((1, 5000), False),
        ((5000, 1), True),
        ((5000,), False),
        ((3, 3), False),
    ],
)
def test_leads_are_the_axis_of_12_or_else_the_shorter(
    shape: tuple[int, ...], transposed: bool
) -> None:
    assert orient(shape, "it") is transposed


@pytest.mark.parametrize(
    ("units", "value", "millivolts"),
    [
        (None, 1.5, 1.5),
        ("mV", 1.5, 1.5),
        ("uV", 1.0, 0.001),
        ("\N{GREEK SMALL LETTER MU}V", 1.0, 0.001),
        ("\N{MICRO SIGN}V", 1.0, 0.001),
        ("V", 0.001, 1.0),
        ("nv", 1.0, 1e-6),
    ],
)
def test_units_are_exact(
    units: str | None, value: float, millivolts: float, tmp_path: Path
) -> None:
    path = tmp_path / "a.mat"
    path.write_bytes(mat5({"data": np.full((12, 3), value)}))
    assert (read(path, ReadHints(units=units)).signal == np.float32(millivolts)).all()


def test_large_counts_are_rounded_once(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    counts = np.full((12, 3), 16_777_217, dtype="i4")
    path.write_bytes(mat5({"data": counts}))
    assert (read(path, ReadHints(units="uV")).signal == np.float32(16777.217)).all()


def test_notes_say_what_was_assumed_and_what_was_told(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    path.write_bytes(mat5({"data": wave()}))
    assert read(path).notes == (
        "lead names by convention",
        "rate 500 Hz assumed",
        "units mV assumed",
    )
    told = read(path, ReadHints(rate=250.0, units="uv"))
    assert told.rate == 250.0
    assert told.notes[1:] == ("rate 250 Hz as told", "units uV as told")


@pytest.mark.parametrize(
    "hints",
    [
        {"rate": 0.0},
        {"rate": -1.0},
        {"rate": float("nan")},
        {"rate": float("inf")},
        {"units": "counts"},
        {"key": ""},
        {"max_bytes": 0},
    ],
)
def test_hints_that_make_no_sense(hints: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        ReadHints(**hints)  # type: ignore[arg-type]


def test_hints_are_hashable_and_canonical() -> None:
    assert hash(ReadHints(units="UV")) == hash(ReadHints(units="uV"))


EXPECTED: dict[str, object] = {
    "code15_layout.hdf5": "no-variable",
    "cpsc2018_struct.mat": (12, 5000),
    "eight_leads.mat": (8, 5000),
    "empty_array.mat": "no-samples",
    "fifteen_leads.mat": (15, 5000),
    "flat_lead.mat": (12, 5000),
    "inf_sample.mat": "infinite",
    "int16_uV.mat": (12, 5000),
    "long_15000.mat": (12, 15000),
    "nan_lead_and_gap.mat": (12, 5000),
    "not_a_mat.mat": "not-recognised",
    "one_lead_vector.mat": (1, 5000),
    "short_2500.mat": (12, 2500),
    "transposed_5000x12.mat": (12, 5000),
    "truncated_half.mat": "truncated",
    "truncated_header.mat": "truncated",
    "v73_data.mat": (12, 5000),
    "wrong_key.mat": (12, 5000),
    "zero_bytes.mat": "empty-file",
    "bad_miuint32.mat": "corrupt",
    "big_endian.mat": "no-variable",
    "corrupted_zlib_checksum.mat": "corrupt",
    "corrupted_zlib_data.mat": "corrupt",
    "malformed1.mat": "truncated",
    "one_by_zero_char.mat": "no-variable",
    "testhdf5_7.4_GLNX86.mat": "no-variable",
    "testsparse_7.4_GLNX86.mat": "no-variable",
    "teststruct_7.4_GLNX86.mat": "no-variable",
}


@pytest.mark.parametrize("folder", ["derived", "malformed"])
def test_every_odd_file_is_a_record_or_an_error_in_words(test_data: Path, folder: str) -> None:
    files = sorted((test_data / folder).iterdir())
    assert files
    assert {path.name: outcome(path) for path in files} == {
        path.name: EXPECTED[path.name] for path in files
    }


def outcome(path: Path) -> object:
    try:
        return read(path).signal.shape
    except RecordingError as error:
        return str(error.kind)
