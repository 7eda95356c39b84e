"""What a file says of its samples is used, named as unused, or contradicts itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.ecg.record import Record
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers import NO_HINTS, ReadHints, read
from ecgmpi.readers.stated import settle
from ecgmpi.readers.statements import WORDS, statement, word_of
from tests.processes import run_ecgmpi
from tests.readers.helpers.files import Array, deflated, hdf5, mat5, mat5_by_hand, matrix, wave

NAMED = ["V1", "V2", "I"]
SIGNAL: Array = wave(3, 200, "i2")


def attributes(tmp_path: Path, said: dict[str, Any], hints: ReadHints = NO_HINTS) -> Record:
    """Read three leads, whole numbers, with attributes."""
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["data"] = SIGNAL
        file["data"].attrs.update(said)
    return read(path, hints)


@pytest.mark.parametrize(
    ("said", "rate"),
    [
        ({"fs": 250}, 250.0),
        ({"FS": np.array([[250.0]])}, 250.0),
        ({"fs": [250, 250, 250]}, 250.0),
        ({"Sampling Frequency": "0.25 kHz"}, 250.0),
        ({"sample_rate": b"250"}, 250.0),
        ({"dt": 0.004}, 250.0),
        ({"sampling_interval_us": 2778}, 360.0),
        ({"fs": 360, "dt": 0.002778}, 360.0),
        ({"rate": 72, "sfreq": 250}, 250.0),
        ({"frequency": 250.0}, 250.0),
        ({"ecg_fs": 250}, 250.0),
    ],
)
def test_a_rate_is_found_under_its_names(said: dict[str, Any], rate: float, tmp_path: Path) -> None:
    record = attributes(tmp_path, said)
    assert record.rate == rate
    assert "rate" not in record.assumed
    assert any(note.startswith(f"rate {rate:g} Hz from attribute '") for note in record.notes)


@pytest.mark.parametrize(
    ("said", "unused"),
    [
        ({"fs": 0}, "attribute 'fs' (0 Hz)"),
        ({"fs": 5.0}, "attribute 'fs' (5 Hz)"),
        ({"fs": np.nan}, "attribute 'fs' (nan Hz)"),
        ({"fs": 1e9}, "attribute 'fs' (1e+09 Hz)"),
        ({"fs": [250, 500, 250]}, "attribute 'fs' (3 values)"),
        ({"fs": "Doe, Jane, of no rate"}, "attribute 'fs' (text)"),
        ({"fs": np.arange(5000)}, "attribute 'fs' (more than 256 numbers)"),
        ({"t": np.arange(300)}, "attribute 't' (times of samples, from which no rate is taken)"),
        ({"dt": 4.0}, "attribute 'dt' (4 s)"),
        ({"dt": 0.0}, "attribute 'dt' (0 s)"),
        ({"rate": 72}, "attribute 'rate' (72 Hz)"),
        ({"units": "counts"}, "attribute 'units' (counts)"),
        ({"units": 5}, "attribute 'units' (5)"),
        ({"units": ["mV", "mV"]}, "attribute 'units' (mV)"),
        ({"units": "Doe, Jane, Miss"}, "attribute 'units' (text)"),
        ({"leads": ["I", "II"]}, "attribute 'leads' (2 names for 3 leads)"),
        ({"leads": "I"}, "attribute 'leads' (1 name for 3 leads)"),
        ({"leads": ["1", "2", "3"]}, "attribute 'leads' (numbers, no names)"),
        ({"gain": 200}, "attribute 'gain' (200)"),
        ({"adc_gain": 0}, "attribute 'adc_gain' (0)"),
        ({"adc_gain": 200, "unit": "uV"}, "attribute 'adc_gain' (200)"),
    ],
)
def test_what_cannot_be_used_is_named(said: dict[str, Any], unused: str, tmp_path: Path) -> None:
    record = attributes(tmp_path, said)
    assert record.unused == (unused,)
    assert record.rate == 500.0
    assert record.leads == ("I", "II", "III")
    assert "rate" in record.assumed


@pytest.mark.parametrize(
    "said",
    [
        {"labels": ["AF", "SR", "LBBB"], "names": ["Doe", "Jane", "Miss"]},
        {"channels": 3, "leads": 3, "label": 7},
        {"units": "", "scale": 1.0, "baseline": 12.5},
        {"exam_id": 4, "frequency_of_visits": 200, "rate": np.arange(5000)},
    ],
)
def test_what_is_no_statement_is_not_mentioned(said: dict[str, Any], tmp_path: Path) -> None:
    record = attributes(tmp_path, said)
    assert record.unused == ()
    assert record.assumed == ("rate", "unit", "leads")


CONTRADICTORY: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (
        {"fs": 250},
        {"fs": 500},
        "statements of rate contradict each other: attribute 'fs' (250 Hz), data",
    ),
    ({"sfreq": 250, "dt": 0.002}, {}, "rate contradict each other: attribute 'sfreq' (250 Hz), "),
    ({"fs": "250 Hz"}, {"SR": 1000}, "attribute 'fs' (250 Hz), dataset 'SR' (1000 Hz)"),
    ({"unit": "uV"}, {"units": "mV"}, "unit contradict each other: attribute 'unit' (uV), dataset"),
    ({"leads": NAMED}, {"channels": ["I", "V1", "V2"]}, "lead names of the file contradict"),
]


@pytest.mark.parametrize(("own", "beside", "words"), CONTRADICTORY)
def test_statements_that_contradict_each_other(
    own: dict[str, Any], beside: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["data"] = SIGNAL
        file["data"].attrs.update(own)
        file.update(beside)
    with pytest.raises(RecordingError, match=re.escape(words)) as caught:
        read(tmp_path / "a.h5")
    assert caught.value.kind == FailureKind.CONTRADICTORY
    assert "state the right one with --" in caught.value.remedy
    # The user may say which holds; what the file says is then named.
    decided = ReadHints(rate=250.0, units="mV", lead_names=tuple(NAMED))
    record = read(tmp_path / "a.h5", decided)
    assert (record.rate, record.leads) == (250.0, tuple(NAMED))
    assert len(record.unused) == len(own) + len(beside)


@given(
    st.one_of(st.floats(), st.integers(-(10**6), 10**6).map(float)), st.sampled_from(["fs", "dt"])
)
def test_a_number_is_the_rate_or_is_named_as_unused(value: float, name: str) -> None:
    stated = settle([statement(name, "it", np.array(value))], 1, NO_HINTS)
    if stated.rate is None:
        assert len(stated.unused) == 1
    else:
        assert not stated.unused
        assert 20.0 <= stated.rate <= 100_000.0
        assert stated.rate == pytest.approx(value if name == "fs" else 1 / value, rel=1e-4)


@given(st.lists(st.text(max_size=8), min_size=1, max_size=9), st.integers(1, 9))
def test_lead_names_are_one_a_lead_or_unused(names: list[str], n_leads: int) -> None:
    stated = settle([statement("leads", "it", names)], n_leads, NO_HINTS)
    if stated.names is None:
        assert len(stated.unused) == any(name.strip("\0 \t\r\n") for name in names)
    else:
        assert len(stated.names) == n_leads
        assert not stated.unused


def test_units_one_a_lead(tmp_path: Path) -> None:
    record = attributes(tmp_path, {"units": ["uV", "mmHg", "mV"], "sig_name": ["I", "ABP", "V1"]})
    assert record.leads == ("I", "V1")
    np.testing.assert_array_equal(record["I"], (SIGNAL[0] / 1000.0).astype("f4"))
    np.testing.assert_array_equal(record["V1"], SIGNAL[2].astype("f4"))
    assert "ABP left out (not ECG, mmHg)" in record.notes
    assert "unit" not in record.assumed


def test_counts_per_mv_apply_to_whole_numbers_alone(tmp_path: Path) -> None:
    said = {"adc_gain": [200.0, 400.0, 200.0], "adc_zero": 10}
    record = attributes(tmp_path, said)
    expected = (SIGNAL - 10) / np.array([[200.0], [400.0], [200.0]])
    np.testing.assert_array_equal(record.signal, expected.astype("f4"))
    assert record.assumed == ("rate", "leads")
    np.savez(tmp_path / "a.npz", data=SIGNAL / 200.0, adc_gain=200)
    record = read(tmp_path / "a.npz")
    np.testing.assert_array_equal(record.signal, (SIGNAL / 200.0).astype("f4"))
    assert record.unused == ("array 'adc_gain' (200)",)


def test_the_name_of_one_array_is_that_of_its_lead(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", V5=SIGNAL[0], fs=250)
    record = read(tmp_path / "a.npz")
    assert (record.leads, record.assumed) == (("V5",), ("unit",))
    (tmp_path / "a.mat").write_bytes(mat5({"lead_II": SIGNAL[:1]}))
    assert read(tmp_path / "a.mat").leads == ("II",)


def test_the_rate_of_code_is_a_convention(tmp_path: Path) -> None:
    path = tmp_path / "exams.h5"
    with h5py.File(path, "w") as file:
        file["tracings"] = np.ones((2, 300, 12))
    record = read(f"{path}#0")
    assert record.rate == 400.0
    assert record.assumed == ("rate", "unit", "leads")
    assert any("rate 400 Hz assumed" in note for note in record.notes)
    assert read(f"{path}#0", ReadHints(rate=300)).rate == 300.0
    with h5py.File(path, "r+") as file:
        file.attrs["fs"] = 200
    record = read(f"{path}#0")
    assert (record.rate, record.assumed) == (200.0, ("unit", "leads"))


@pytest.mark.parametrize(("word", "names"), WORDS)
def test_every_name_of_the_table_is_known(word: object, names: str) -> None:
    for name in names.split():
        for spelled in (name, name.upper(), name.replace("_", ""), name.title().replace("_", " ")):
            assert word_of(spelled) == word


Fill = Callable[[h5py.File], object]


def _reference(file: h5py.File) -> None:
    file["data"].attrs["fs"] = file["data"].ref


def _compound(file: h5py.File) -> None:
    file["data"].attrs["fs"] = np.zeros(1, [("rate", "f8"), ("unit", "S4")])


def _list_of_lists(file: h5py.File) -> None:
    lists = np.empty(1, object)
    lists[0] = np.arange(3.0)
    file["data"].attrs.create("fs", lists, dtype=h5py.vlen_dtype(np.float64))


def _null(file: h5py.File) -> None:
    file["data"].attrs["fs"] = h5py.Empty("f8")


def _large(file: h5py.File) -> None:
    file.create_dataset("fs", (1 << 30,), "S8", chunks=(1 << 20,), compression="gzip")


def _large_chunk(file: h5py.File) -> None:
    file.create_dataset("fs", (1,), "f8", chunks=(1 << 26,), maxshape=(None,), compression="gzip")


def _truth(file: h5py.File) -> None:
    file["fs"] = True


@pytest.mark.parametrize(
    "fill", [_reference, _compound, _list_of_lists, _null, _large, _large_chunk, _truth]
)
def test_values_that_are_no_statement_cost_nothing(fill: Fill, tmp_path: Path) -> None:
    def both(file: h5py.File) -> None:
        file["data"] = SIGNAL
        fill(file)

    (tmp_path / "a.h5").write_bytes(hdf5(both))
    record = read(tmp_path / "a.h5")
    assert record.rate == 500.0
    assert record.unused in (
        ("attribute 'fs' (no number or text)",),
        ("dataset 'fs' (no number or text)",),
    )


def test_a_statement_in_another_file_is_not_read(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["fs"] = 250
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["data"] = SIGNAL
        file["fs"] = h5py.ExternalLink("other.h5", "/fs")
        layout = h5py.VirtualLayout((1,), "f8")
        layout[:] = h5py.VirtualSource("other.h5", "fs", (1,))
        file.create_virtual_dataset("sr", layout)
    record = read(tmp_path / "a.h5")
    assert record.rate == 500.0
    assert record.unused == ("dataset 'sr' (no number or text)",)


def test_python_objects_are_never_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", data=SIGNAL, leads=np.array([NAMED, 1], dtype=object))
    record = read(tmp_path / "a.npz")
    assert record.unused == ("array 'leads' (Python objects, which only pickle can read)",)
    assert "leads" in record.assumed


@pytest.mark.parametrize("pack", [bytes, deflated])
@pytest.mark.parametrize(
    "beside",
    [
        matrix(b"fs", (1, 1), b"\0" * 4),
        matrix(b"fs", (1, 1), b"\0" * 8, storage=77),
        matrix(b"units", (1, 2), b"\xff\xfe\xff\xff", mx_class=4, storage=16),
        matrix(b"units", (1, 2), b"uV", mx_class=4, storage=99),
        matrix(b"leads", (1, 3), b"\0" * 64, mx_class=1, storage=14),
        matrix(b"leads", (1, 100_000), b"\0" * 64, mx_class=1, storage=14),
    ],
)
def test_a_statement_of_matlab_that_is_damaged_is_named(
    beside: bytes, pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    samples = matrix(b"data", (12, 5), np.arange(60.0).tobytes())
    (tmp_path / "a.mat").write_bytes(mat5_by_hand(pack(beside), samples))
    record = read(tmp_path / "a.mat")
    assert record.n_leads == 12
    assert record.assumed == ("rate", "unit", "leads")
    assert len(record.unused) == 1
    assert record.unused[0].startswith("variable '")


def test_a_heap_of_texts_that_the_library_would_never_leave(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["data"] = SIGNAL
        file["data"].attrs.update(fs=250, units="uV", leads=NAMED)
    content = bytearray(path.read_bytes())
    heap = content.index(b"GCOL")
    # Its first object, uV, becomes free space of no length.
    content[heap + 16 : heap + 32] = bytes(16)
    path.write_bytes(content)
    report = json.loads(run_ecgmpi("inspect", path, "--json").expect(0).out)
    assert report["rate_hz"] == 250.0
    record = read(path)
    assert record.unused == ("attribute 'units' (damaged)", "attribute 'leads' (damaged)")
