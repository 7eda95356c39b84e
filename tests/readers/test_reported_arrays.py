"""Arrays that people reported as read wrongly, and others of their kinds.

A kind is what lies beside the samples and says what they are: attributes, variables, arrays,
names of datasets; and several recordings in one array.
"""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from ecgmpi.ecg.record import STANDARD_LEADS, Record
from ecgmpi.errors import RecordingError
from ecgmpi.readers import ReadHints, count_recordings, read
from tests.outputs import manifest
from tests.processes import run_ecgmpi
from tests.readers.helpers.files import Array, hdf5, mat4, mat5, mat73, with_matlab_header
from tests.readers.helpers.reported import Right

DEVICE_ORDER = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6", "III", "aVR", "aVL", "aVF")
EIGHT = (*DEVICE_ORDER[2:8], "I", "II")
LIMB_AND_V6 = {("I", 0): -0.115, ("I", 222): 0.781, ("III", 222): -0.677, ("V6", 222): 0.930}

RIGHT = {
    "attributes.h5": Right(DEVICE_ORDER, 1250, 250.0, LIMB_AND_V6),
    "dataset_a_lead.h5": Right(STANDARD_LEADS, 1250, 250.0, LIMB_AND_V6, assumed=("unit",)),
    "names_beside.mat": Right(
        EIGHT, 1250, 250.0, {("I", 0): -0.115, ("I", 222): 0.781, ("V6", 222): 0.930}
    ),
    "batch_3_12_600.npy#0": Right(
        STANDARD_LEADS, 600, 500.0, LIMB_AND_V6, assumed=("rate", "unit", "leads")
    ),
    "batch_3_12_600.npy#1": Right(
        STANDARD_LEADS, 600, 500.0, {("I", 0): -0.095}, assumed=("rate", "unit", "leads")
    ),
    "batch_3_12_600.npy#2": Right(
        STANDARD_LEADS, 600, 500.0, {("I", 0): 0.085}, assumed=("rate", "unit", "leads")
    ),
    "other_order.npy": Right(
        DEVICE_ORDER,
        1000,
        500.0,
        {**LIMB_AND_V6, ("aVR", 222): -0.442},
        assumed=("rate", "unit"),
        hints=ReadHints(lead_names=DEVICE_ORDER),
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_reported_file_is_read_right(name: str, test_data: Path) -> None:
    record = RIGHT[name].check(test_data / "reported" / name)
    assert record.unused == ()


def test_the_reported_batch_holds_three(test_data: Path) -> None:
    assert count_recordings(test_data / "reported" / "batch_3_12_600.npy") == 3


SIGNAL: Array = np.random.default_rng(10).integers(-900, 900, (12, 240)).astype("i2")
"""Whole microvolts, in the order of `DEVICE_ORDER`."""


def is_right(record: Record, leads: tuple[str, ...] = DEVICE_ORDER) -> None:
    """The record is `SIGNAL` at 250 Hz, each row under its own name, and nothing is assumed."""
    assert record.rate == 250.0
    assert set(record.leads) == set(leads)
    for lead in leads:
        row = SIGNAL[DEVICE_ORDER.index(lead)]
        np.testing.assert_array_equal(record[lead], (row / 1000.0).astype("f4"))
    assert (record.assumed, record.unused) == ((), ())


Fill = Callable[[h5py.File], object]


def _text_attributes(file: h5py.File) -> None:
    item = file.create_dataset("x", data=SIGNAL, chunks=(3, 60), compression="gzip")
    item.attrs["Sampling-Rate (Hz)"] = np.float32(250)
    item.attrs["UNIT"] = np.bytes_("microvolt")
    item.attrs["ch_names"] = ", ".join(DEVICE_ORDER)


def _attributes_of_groups(file: h5py.File) -> None:
    file["a/b/signal"] = SIGNAL.T
    file.attrs["SR"] = "250 Hz"
    file["a"].attrs["sig_name"] = np.array(DEVICE_ORDER, "S4")
    file["a/b"].attrs["units"] = ["uV"] * 12


def _datasets_beside(file: h5py.File) -> None:
    file["ecg/data"] = SIGNAL
    file["ecg/fs"] = np.array([[250]])
    file["ecg/lead_names"] = np.array(DEVICE_ORDER, h5py.string_dtype())
    file["units"] = np.bytes_("\N{MICRO SIGN}V".encode("latin-1"))


def _period(file: h5py.File) -> None:
    file["data"] = SIGNAL
    file.attrs.update(dt=0.004, unit="UV", Channels=[f"ECG {lead}" for lead in DEVICE_ORDER])
    file["resp"] = np.zeros(240)


def _wfdb_words(file: h5py.File) -> None:
    file["data"] = (SIGNAL * 2 + 7).astype("i2")
    file["data"].attrs.update(fs=[250] * 12, adc_gain=[2000.0] * 12, baseline=7)
    file["data"].attrs["lead_order"] = "I|II|V1|V2|V3|V4|V5|V6|III|aVR|aVL|aVF"


@pytest.mark.parametrize(
    "fill", [_text_attributes, _attributes_of_groups, _datasets_beside, _period, _wfdb_words]
)
def test_what_stands_beside_a_dataset_is_used(fill: Fill, tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    path.write_bytes(hdf5(fill))
    key = "ecg/data" if fill is _datasets_beside else None
    is_right(read(path, ReadHints(key=key)))


def cell_of_text(texts: tuple[str, ...]) -> Array:
    return np.array([texts], dtype=object)


def mat73_of(fill: Fill) -> bytes:
    return with_matlab_header(hdf5(fill, userblock=512))


def _variable(file: h5py.File, name: str, values: Array, matlab_class: str) -> None:
    file[name] = values.T
    file[name].attrs["MATLAB_class"] = np.bytes_(matlab_class)


def _characters(texts: tuple[str, ...]) -> Array:
    width = max(map(len, texts))
    return np.array([[ord(letter) for letter in text.ljust(width)] for text in texts], "u2")


def _cells_of_73(file: h5py.File) -> None:
    _variable(file, "data", SIGNAL, "int16")
    _variable(file, "Fs", np.array([[250.0]]), "double")
    _variable(file, "units", _characters(("uV",)), "char")
    for number, lead in enumerate(DEVICE_ORDER):
        _variable(file, f"#refs#/{number}", _characters((lead,)), "char")
    references = [file[f"#refs#/{number}"].ref for number in range(12)]
    file.create_dataset("leads", data=np.array([references], dtype=h5py.ref_dtype).T)
    file["leads"].attrs["MATLAB_class"] = np.bytes_("cell")


def _struct_of_73(file: h5py.File) -> None:
    _variable(file, "ECG/data", SIGNAL, "int16")
    _variable(file, "ECG/sampling_rate", np.array([[250.0]]), "double")
    _variable(file, "ECG/leads", _characters(DEVICE_ORDER), "char")
    _variable(file, "unit", _characters(("uV",)), "char")


BESIDE: dict[str, Any] = {
    "fs": 250.0,
    "units": "uV",
    "leads": cell_of_text(DEVICE_ORDER),
    "note": "of no one",
}


@pytest.mark.parametrize(
    "content",
    [
        mat5({"val": SIGNAL, **BESIDE}),
        mat5({**BESIDE, "data": SIGNAL.T}, compressed=True),
        mat5({"ECG": {"data": SIGNAL, **BESIDE}}),
        mat5({"ECG": {**BESIDE, "data": SIGNAL}, "age": 7.0}, compressed=True),
        mat5({"x": SIGNAL, "Sample_Rate": 250, "Units": ["uV"] * 12, "CHANNELS": DEVICE_ORDER}),
        mat5({"data": SIGNAL, "dt_ms": 4.0, "unit": "uV", "leadNames": " ".join(DEVICE_ORDER)}),
        mat4({"data": SIGNAL, "fs": 250.0, "units": "uV", "leads": list(DEVICE_ORDER)}),
        mat73_of(_cells_of_73),
        mat73_of(_struct_of_73),
    ],
)
def test_what_stands_beside_a_matlab_variable_is_used(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    path.write_bytes(content)
    is_right(read(path))


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize(
    "beside",
    [
        {"Fs": 250, "unit": "uV", "leads": np.array(DEVICE_ORDER)},
        {
            "sfreq": [250.0],
            "units": np.array([b"uV"] * 12),
            "ch_names": np.array(DEVICE_ORDER, "S"),
        },
        {"freq": "250", "sig_units": ["uV"], "labels": ",".join(DEVICE_ORDER)},
    ],
)
def test_what_stands_beside_an_array_is_used(
    save: Callable[..., None], beside: dict[str, Any], tmp_path: Path
) -> None:
    save(tmp_path / "a.npz", ecg=SIGNAL, age=np.array(7), **beside)
    is_right(read(tmp_path / "a.npz"))


def each_lead() -> dict[str, Any]:
    return dict(zip(DEVICE_ORDER, SIGNAL, strict=True))


def _at_the_root(file: h5py.File) -> None:
    file.attrs.update(fs=250, units="uV")
    file.update(each_lead())
    file["exam"] = 7


def _in_groups(file: h5py.File) -> None:
    file.attrs["sampling_rate"] = 250
    for lead, row in each_lead().items():
        item = file.create_dataset(f"visit/ecg/lead_{lead.lower()}", data=row, compression="gzip")
        item.attrs["unit"] = "uV"
    file["visit/pulse"] = np.zeros(400)


def _columns(file: h5py.File) -> None:
    file["rate_of_heart"] = 61
    for lead, row in each_lead().items():
        item = file.create_dataset(f"ECG {lead}", data=row[:, None])
        item.attrs.update(fs=250.0, units=b"uV")


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (hdf5(_at_the_root), ".h5"),
        (hdf5(_in_groups), ".h5"),
        (hdf5(_columns), ".hdf5"),
        (mat5({**each_lead(), "fs": 250, "units": "uV"}), ".mat"),
        (mat4({**each_lead(), "fs": 250, "units": "uV"}), ".mat"),
        (mat73({"fs": np.array([[250]]), "adc_gain": np.array([[1e3]]),
                **{lead: row[None] for lead, row in each_lead().items()}}, "int16"), ".mat"),
    ],
)  # fmt: skip
def test_an_array_a_lead_is_one_recording(content: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    is_right(read(path))


def test_an_array_a_lead_of_an_archive(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", fs=250, units="uV", ppg=np.zeros(240), **each_lead())
    record = read(tmp_path / "a.npz")
    is_right(record)
    assert record.leads == DEVICE_ORDER
    assert "array ppg (240 float64) left out" in record.notes


@pytest.mark.parametrize("compressed", [False, True])
def test_a_struct_of_leads_is_taken_by_key(compressed: bool, tmp_path: Path) -> None:
    other = {"I": np.ones((1, 99)), "II": np.ones((1, 99))}
    path = tmp_path / "a.mat"
    path.write_bytes(
        mat5({"rest": {**each_lead(), "fs": 250, "units": "uV"}, "stress": other}, compressed)
    )
    is_right(read(path, ReadHints(key="rest")))


def batch(path: Path, save: Callable[[Path, Array], object], axes: tuple[int, ...]) -> list[Array]:
    """Write three recordings; returns them as leads by samples, mV."""
    rng = np.random.default_rng(3)
    array = rng.normal(0, 0.4, (3, 12, 100)).astype("f4")
    save(path, array.transpose(axes))
    return list(array)


def _fortran(path: Path, array: Array) -> None:
    np.save(path, np.asfortranarray(array))


def _archived(path: Path, array: Array) -> None:
    np.savez(path, X=array, y=np.zeros(3), fs=250, leads=np.array(DEVICE_ORDER))


def _packed(path: Path, array: Array) -> None:
    np.savez_compressed(path, data=array, labels=np.zeros((3, 60)), fs=250, leads=DEVICE_ORDER)


def _within_hdf5(path: Path, array: Array) -> None:
    with h5py.File(path, "w") as file:
        file["set/recordings"] = array
        file["set"].attrs.update(fs=250, leads=DEVICE_ORDER)


@pytest.mark.parametrize("axes", [(0, 1, 2), (0, 2, 1)])
@pytest.mark.parametrize(
    ("save", "name"),
    [
        (np.save, "a.npy"),
        (_fortran, "a.npy"),
        (_archived, "a.npz"),
        (_packed, "a.npz"),
        (_within_hdf5, "a.h5"),
    ],
)
def test_each_recording_of_a_batch_has_an_address(
    save: Callable[[Path, Array], object], name: str, axes: tuple[int, ...], tmp_path: Path
) -> None:
    path = tmp_path / name
    expected = batch(path, save, axes)
    assert count_recordings(path) == 3
    for number, signal in enumerate(expected):
        record = read(f"{path}#{number}")
        np.testing.assert_array_equal(record.signal, signal)
        assert record.name == f"a#{number}"
        if name != "a.npy":
            assert (record.rate, record.leads) == (250.0, DEVICE_ORDER)


def test_an_array_of_more_rows_than_leads_beside_them_is_no_guess(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", I=SIGNAL[0], II=SIGNAL[1], ecg=SIGNAL)
    with pytest.raises(RecordingError, match="no variable") as caught:
        read(tmp_path / "a.npz")
    assert caught.value.remedy == "name the variable with --key ecg"


@pytest.mark.parametrize("beat", ["median", "other/median"])
def test_a_group_of_leads_and_other_arrays(beat: str, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.update({f"ecg/{lead}": row for lead, row in each_lead().items()})
        file["ecg"].attrs.update(fs=250, units="uV")
        file[beat if "/" in beat else f"ecg/{beat}"] = SIGNAL[:, :100]
    if "/" in beat:
        with pytest.raises(RecordingError, match="several recordings may be meant") as caught:
            read(tmp_path / "a.h5")
        assert "--key ecg" in caught.value.remedy
    record = read(tmp_path / "a.h5", ReadHints(key="ecg"))
    is_right(record)
    assert ("dataset median (12x100 int16) left out" in record.notes) is ("/" not in beat)


def test_leads_that_differ_in_length_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", I=SIGNAL[0], II=SIGNAL[1, :200])
    with pytest.raises(RecordingError, match="differ in length: 200 to 240 samples"):
        read(tmp_path / "a.npz")


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "a.h5"])
def test_a_batch_of_one_is_the_recording(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name == "a.h5":
        path.write_bytes(hdf5(lambda file: file.create_dataset("data", data=SIGNAL[None])))
    else:
        (np.save if name == "a.npy" else np.savez)(path, SIGNAL[None])
    assert count_recordings(path) is None
    one = read(path)
    assert one.signal.shape == (12, 240)
    np.testing.assert_array_equal(one.signal, read(f"{path}#0").signal)


def test_of_a_batch_that_was_cut_off_what_is_there_is_read(tmp_path: Path) -> None:
    expected = batch(tmp_path / "a.npy", np.save, (0, 1, 2))
    content = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(content[:-100])
    np.testing.assert_array_equal(read(tmp_path / "a.npy#1").signal, expected[1])
    with pytest.raises(RecordingError, match="the array ends after"):
        read(tmp_path / "a.npy#2")


@pytest.mark.parametrize("order", ["C", "F"])
def test_one_recording_of_a_batch_is_read_and_no_other(order: str, tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    shape = (2000, 12, 1000)
    head = {"descr": "<f4", "fortran_order": order == "F", "shape": shape}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, head)
        # A hole of 92 MB, which takes no space.
        file.truncate(file.tell() + 4 * 2000 * 12 * 1000)
    hints = ReadHints(max_bytes=12 * 1000 * 4)
    read(f"{path}#1999", hints)
    tracemalloc.start()
    try:
        assert read(f"{path}#1999", hints).n_samples == 1000
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_three_axes_in_matlab_are_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.mat").write_bytes(mat5({"data": np.zeros((12, 100, 3))}))
    with pytest.raises(RecordingError, match=r"3 axes \(12x100x3\)") as caught:
        read(tmp_path / "a.mat")
    assert caught.value.remedy.startswith("save one recording per file as leads by samples")


@pytest.mark.slow
def test_a_job_has_a_row_for_each_recording_of_a_batch(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    batch(folder / "a.npy", np.save, (0, 1, 2))
    batch(folder / "b.npz", _archived, (0, 1, 2))
    np.save(folder / "c.npy", SIGNAL)
    sources = [f"{name}#{number}" for name in ("a.npy", "b.npz") for number in range(3)]
    quick = ("--layout", "3x4", "--dpi", "50", "--progress", "none", "--rate", "250")
    out = tmp_path / "out"
    run_ecgmpi("render", folder, "-o", out, *quick, "--units", "uV").expect(0)
    assert [row["source"] for row in manifest(out)] == [*sources, "c.npy"]
    lines = run_ecgmpi("inspect", folder, "--json").expect(0).out.splitlines()
    files = [Path(json.loads(line)["file"]).name for line in lines]
    assert files == [*sources, "c.npy"]
    (tmp_path / "list.txt").write_text(f"{folder / 'a.npy'}#2\n")
    listed = tmp_path / "listed"
    run_ecgmpi("render", f"@{tmp_path / 'list.txt'}", "-o", listed, *quick).expect(0)
    assert [row["leads"].split()[0] for row in manifest(listed)] == ["I"]
    picture = tmp_path / "one.png"
    run_ecgmpi("show", f"{folder / 'a.npy'}#1", "-o", picture, "--dpi", "50").expect(0)
    assert picture.stat().st_size > 0
