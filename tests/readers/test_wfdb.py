"""WFDB records: equal to what wfdb itself reads, and refused where it would do harm."""

from __future__ import annotations

import os
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import loadmat

from ecgmpi.ecg.lead_names import canonical_leads
from ecgmpi.errors import RecordingError
from ecgmpi.readers import ReadHints, read, signatures
from ecgmpi.readers.wfdb.files import MAX_HEADER
from tests.readers.helpers.writers import write_segments, write_wfdb


def by_library(header: Path) -> Any:
    with warnings.catch_warnings(action="ignore"):
        import wfdb

        return wfdb.rdrecord(str(header.with_suffix("")), smooth_frames=False)


def record_files(folder: Path, header: str, content: bytes = b"", name: str = "a.dat") -> Path:
    (folder / "a.hea").write_text(header)
    if content:
        (folder / name).write_bytes(content)
    return folder / "a.hea"


def refused(path: Path, hints: ReadHints | None = None) -> RecordingError:
    with pytest.raises(RecordingError) as caught:
        read(path, hints or ReadHints())
    return caught.value


@pytest.mark.parametrize("folder", ["wfdb", "cinc2021", "mat_other"])
def test_equal_to_the_library_on_real_records(test_data: Path, folder: str) -> None:
    headers = sorted((test_data / folder).glob("*.hea"))
    compared = 0
    for path in headers:
        if path.stem == "drive02":
            continue
        record, expected = read(path), by_library(path)
        leads = canonical_leads(expected.sig_name)
        for lead in record.leads:
            row = leads.index(lead)
            np.testing.assert_array_equal(
                record[lead], expected.e_p_signal[row].astype(np.float32), f"{path.stem} {lead}"
            )
            assert record.rate == expected.fs * expected.samps_per_frame[row]
        compared += 1
    assert compared >= 2


def test_matlab_beside_its_header_is_counts_by_gain(test_data: Path) -> None:
    for path in sorted((test_data / "cinc2021").glob("*.mat")):
        counts = loadmat(str(path))["val"]
        record = read(path)
        np.testing.assert_array_equal(record.signal, (counts / 1000.0).astype(np.float32))
        assert record.format == "wfdb"
        assert record.unit_known
        np.testing.assert_array_equal(read(path.with_suffix(".hea")).signal, record.signal)


def test_a_header_of_another_file_leaves_a_matlab_file_alone(
    test_data: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.mat").symlink_to(test_data / "first_china" / "TRAIN" / "TRAIN101.mat")
    (tmp_path / "a.hea").write_text("a 1 500 10\na.dat 16 1000/mV\n")
    assert read(tmp_path / "a.mat").format == "matlab-5"


def test_a_signal_file_alone_names_its_header(test_data: Path) -> None:
    error = refused(test_data / "wfdb" / "00001_lr.dat")
    assert "name its header, 00001_lr.hea" in error.remedy


def test_channels_at_other_rates_and_of_other_kinds_are_left_out_and_told(tmp_path: Path) -> None:
    lines = ["a 4 100 4", "a.dat 16x5 1000/mV 0 0 0 0 0 I", "a.dat 16x5 1000/mV 0 0 0 0 0 II"]
    lines += ["a.dat 16 200/mV 0 0 0 0 0 V9", "a.dat 16 20/mmHg 0 0 0 0 0 ABP"]
    values = np.arange(48, dtype="<i2")
    path = record_files(tmp_path, "\n".join(lines), values.tobytes())
    record = read(path)
    assert (record.leads, record.rate) == (("I", "II"), 500.0)
    frames = values.reshape(4, 12)
    np.testing.assert_array_equal(
        record["II"], (frames[:, 5:10].reshape(-1) / 1000).astype(np.float32)
    )
    assert record.notes == (
        "V9 left out (100 Hz, where the others have 500)",
        "ABP left out (not ECG, mmHg)",
    )
    asked = read(path, ReadHints(leads=("ABP",)))
    assert (asked.leads, asked.rate) == (("V9", "ABP"), 100.0)
    assert "ABP is not a voltage: 1 mmHg is drawn as 1 mV" in asked.notes
    assert "differ in rate" in refused(path, ReadHints(leads=("I", "ABP"))).message


@pytest.mark.parametrize(
    ("gain", "hints", "first", "known"),
    [
        ("", {}, 200 / 200, False),
        (" 0", {}, 200 / 200, False),
        ("", {"adc_gain": 100.0}, 2.0, True),
        ("", {"units": "uV"}, 1e-3, True),
        (" 400", {"adc_gain": 100.0, "units": None}, 0.5, True),
        (" 0.4/uV", {}, 0.5, True),
        (" 400(100)", {}, 0.25, True),
        (" 400 16 100", {}, 0.25, True),
        (" 4e2(0)/mV", {}, 0.5, True),
    ],
)
def test_gain_and_baseline(
    gain: str, hints: dict[str, Any], first: float, known: bool, tmp_path: Path
) -> None:
    content = np.array([200, 300, -32768], "<i2").tobytes()
    path = record_files(tmp_path, f"a 1 500 3\na.dat 16{gain}\n", content)
    record = read(path, ReadHints(**hints))
    assert record.signal[0, 0] == np.float32(first)
    assert np.isnan(record.signal[0, 2])
    assert record.unit_known is known


def test_a_gain_that_is_assumed_is_told_of_signals_without_a_name(tmp_path: Path) -> None:
    record = read(record_files(tmp_path, "a 2 500 3\na.dat 16\na.dat 16\n", bytes(12)))
    assert "gain of ch1, ch2 not in the header: 200 counts per unit assumed" in record.notes


def test_a_record_shorter_than_its_header_says(tmp_path: Path) -> None:
    path = record_files(tmp_path, "a 1 500 100\na.dat 16 200/mV\n", bytes(20))
    assert read(path).notes == ("the header promises 100 samples, the file holds 10",)
    assert refused(record_files(tmp_path, "a 1 500 9\na.dat 16 200\n", b"x")).kind == "truncated"


@pytest.mark.parametrize("form", ["16", "310"])
@pytest.mark.parametrize(
    "name", ["../secret.dat", "{tmp}/secret.dat", "sub/../../secret.dat", "..\\secret.dat"]
)
def test_nothing_outside_the_folder_of_a_header_is_read(
    name: str, form: str, tmp_path: Path
) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "secret.dat").write_bytes(np.full(20, 7, "<i2").tobytes())
    (tmp_path / "secret.hea").write_text("secret 1 500 10\nsecret.dat 16 200/mV\n")
    name = name.format(tmp=tmp_path)
    path = record_files(tmp_path / "in", f"a 1 500 10\n{name} {form} 200/mV\n")
    assert "signal file secret.dat is not beside the header" in refused(path).message
    segment = name.removesuffix(".dat")
    path = record_files(tmp_path / "in", f"a/1 1 500 10\n{segment} 10\n")
    assert refused(path).message == "its segment secret is not beside the header"


@pytest.mark.parametrize("name", ["..", "sub/", "a/..", "C:\\"])
def test_what_no_file_is_called(name: str, tmp_path: Path) -> None:
    error = refused(record_files(tmp_path, f"a 1 500 10\n{name} 16 200/mV\n"))
    assert (error.kind, "which is not a file name" in error.message) == ("corrupt", True)


def test_what_is_too_large_is_refused_by_its_header(tmp_path: Path) -> None:
    path = record_files(tmp_path, "a 12 500 99999999\n" + "a.dat 508 200/mV\n" * 12, b"fLaC")
    assert refused(path).kind == "too-large"
    path = record_files(tmp_path, "a 2 500 500\n" + "a.dat 16 200/mV\n" * 2, bytes(2000))
    assert read(path, ReadHints(max_samples=1000)).n_samples == 500
    assert "--max-samples allows 999" in refused(path, ReadHints(max_samples=999)).message


@pytest.mark.parametrize(
    "header",
    [
        "a 1 {}x",
        "a 1 500 10\na.dat 16 {}x",
        "a 1 500 10\na.dat 16 1.{}x",
        "a 1 500 10\na.dat 16 1e{}x",
        "a/1 1 500 10\n{}x",
    ],
)
def test_endless_numbers_are_not_tried_in_every_division(header: str, tmp_path: Path) -> None:
    path = record_files(tmp_path, header.format("1" * 1_000_000)[: MAX_HEADER - 1])
    begun = time.process_time()
    assert refused(path).kind in ("corrupt", "not-recognised")
    assert time.process_time() - begun < 2.0


def test_a_pipe_for_a_signal_file_does_not_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.dat")
    assert (
        "not a regular file"
        in refused(record_files(tmp_path, "a 1 500 10\na.dat 16 200/mV\n")).message
    )


def test_records_in_segments(tmp_path: Path) -> None:
    signal = np.round(np.random.default_rng(0).normal(0, 1, (2, 300)), 3)
    for number, part in enumerate(np.split(signal, 3, axis=1)):
        write_wfdb(tmp_path / f"p{number}", part, "16")
    (tmp_path / "m.hea").write_text("m/4 2 500 350\np0 100\n~ 50\np1 100\np2 100\n")
    record = read(tmp_path / "m.hea")
    assert (record.leads, record.n_samples) == (("I", "II"), 350)
    assert np.isnan(record.signal[:, 100:150]).all()
    np.testing.assert_allclose(record.signal[:, 150:], signal[:, 100:], atol=2e-4)
    (tmp_path / "p1.hea").unlink()
    assert "segment p1 is not beside the header" in refused(tmp_path / "m.hea").message


def test_segments_of_a_layout_are_joined_as_the_library_joins_them(tmp_path: Path) -> None:
    header = write_segments(tmp_path, "m", "3544749")
    record, expected = read(header), by_library(header)
    assert list(record.leads) == expected.sig_name == ["I", "II"]
    for lead, samples in zip(record.leads, expected.e_p_signal, strict=True):
        np.testing.assert_array_equal(record[lead], samples.astype(np.float32))
    assert np.isnan(record["I"][200:]).all()
    assert np.isnan(record["II"]).sum() == 50
    alone = refused(header.with_name("3544749_layout.hea"))
    assert "layout of a record in segments" in alone.message
    assert alone.remedy == "name the header of the whole record"


def test_comments_of_a_header_go_nowhere(tmp_path: Path) -> None:
    header = "# <age>: 61 <name>: Somebody\na 1 500 4\na.dat 16 200/mV 0 0 0 0 0 II\n#Dx: 426783006"
    record = read(record_files(tmp_path, header, bytes(8)))
    assert "Somebody" not in repr(record)
    assert "426783006" not in repr(record)


def test_signals_at_two_rates_as_the_library_writes_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    fast, slow = np.round(rng.normal(0, 1, 400), 3), np.round(rng.normal(0, 1, 100), 3)
    with warnings.catch_warnings(action="ignore"):
        import wfdb

        wfdb.wrsamp(
            "a", fs=125, units=["mV"] * 3, sig_name=["I", "II", "V1"],
            e_p_signal=[fast, 2 * fast, slow], samps_per_frame=[4, 4, 1],
            fmt=["16"] * 3, write_dir=str(tmp_path),
        )  # fmt: skip
    record = read(tmp_path / "a.hea")
    assert (record.leads, record.rate) == (("I", "II"), 500.0)
    np.testing.assert_allclose(record.signal, [fast, 2 * fast], atol=2e-4)
    assert record.notes == ("V1 left out (125 Hz, where the others have 500)",)
    np.testing.assert_allclose(
        read(tmp_path / "a.hea", ReadHints(leads=("V1",)))["V1"], slow, atol=1e-4
    )


@pytest.mark.parametrize("second", ["995", "16", "212"])
def test_a_table_of_whole_numbers_is_no_header_whatever_its_numbers_are(second: str) -> None:
    table = f"0 995 1011\n1 {second} 1011\n2 995 1010\n3 994 1009\n"
    assert not signatures.wfdb(table.encode())
    # With numbers for names, a header says how many lines of signals follow.
    assert signatures.wfdb(b"100 2 360 650000\n100 212 200 11\n100 212 200 11\n")
