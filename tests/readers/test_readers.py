from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ecgmpi.ecg.record import STANDARD_LEADS, Record
from ecgmpi.errors import UsageError
from ecgmpi.readers import FORMATS, ReadHints, claimed_extensions, read, reading
from ecgmpi.readers.array_record import conventional_leads, orient
from ecgmpi.readers.registry import Format
from ecgmpi.readers.source import Source
from tests.readers.helpers.files import mat5, wave


@pytest.mark.parametrize("module", ["readers", "ecg.record", "ecg.synthetic", "inspection"])
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


def test_name_is_the_stem_unless_given(tmp_path: Path) -> None:
    path = tmp_path / "rec.01.mat"
    path.write_bytes(mat5({"data": wave()}))
    assert read(path).name == "rec.01"
    assert read(str(path), name="other").name == "other"


class Telltale(Format):
    """A format whose reader says who the patient is, asked or not."""

    def load(self, source: Source, hints: ReadHints) -> Record:
        said = (("name", "Doe^Jane"), ("date", "2003-01-02"))
        return Record(source.name, wave(1, dtype="f4"), 500.0, ("I",), identity=said)


def test_nobody_is_identified_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    telltale = Telltale("telltale", frozenset({".ecg"}), bool, "none")
    monkeypatch.setattr(reading, "FORMATS", (telltale,))
    (tmp_path / "a.ecg").write_bytes(b"x")
    assert read(tmp_path / "a.ecg", ReadHints()).identity == ()
    asked = read(tmp_path / "a.ecg", ReadHints(identify=True))
    assert dict(asked.identity)["date"] == "2003-01-02"


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


def test_notes_say_what_was_assumed_and_what_was_given(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    path.write_bytes(mat5({"data": wave()}))
    assert read(path).notes == (
        "lead names by convention",
        "rate 500 Hz assumed",
        "units mV assumed",
    )
    given = read(path, ReadHints(rate=250.0, units="uv"))
    assert given.rate == 250.0
    assert given.notes[1:] == ("rate 250 Hz as given", "units uV as given")


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
