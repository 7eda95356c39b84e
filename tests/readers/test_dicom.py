"""DICOM: groups, scales, types, padding, and what a file asks for."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from ecgmpi.ecg.record import STANDARD_LEADS
from ecgmpi.errors import FailureKind
from ecgmpi.readers import ReadHints, read
from tests.readers.helpers import device_files
from tests.readers.helpers.reading import read_as, refusal, wave


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4"])
@pytest.mark.parametrize("big_endian", [False, True])
def test_samples_of_every_type_in_dicom(dtype: str, big_endian: bool, tmp_path: Path) -> None:
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    counts = np.array([[low, high, 5, 6, low + 1, 0]], dtype)
    file = device_files.dicom(counts, sensitivity=0.001, big_endian=big_endian)
    record = read_as("a.dcm", device_files.saved(file), tmp_path)
    np.testing.assert_allclose(record.signal, counts * 1e-6, rtol=1e-6)


def test_scale_of_dicom_is_sensitivity_by_correction_and_baseline(tmp_path: Path) -> None:
    counts = wave()
    file = device_files.dicom(counts, sensitivity=3.0, correction=1.5, baseline=40.0)
    record = read_as("a.dcm", device_files.saved(file), tmp_path)
    np.testing.assert_allclose(record.signal, (counts * 4.5 + 40.0) / 1000, atol=1e-6)
    in_mv = device_files.dicom(counts, sensitivity=0.01, unit="mV")
    record = read_as("b.dcm", device_files.saved(in_mv), tmp_path)
    np.testing.assert_allclose(record.signal, counts * 0.01, rtol=1e-6)


def test_leads_of_dicom_by_code_or_by_meaning(tmp_path: Path) -> None:
    for coded in (True, False):
        file = device_files.dicom(wave(12), coded=coded)
        record = read_as("a.dcm", device_files.saved(file), tmp_path)
        assert record.leads == STANDARD_LEADS


def test_padding_of_dicom_is_a_gap_unless_it_would_be_0_mv(tmp_path: Path) -> None:
    counts = np.array([[5, -32768, 7, 0]], np.int16)
    gap = read_as("a.dcm", device_files.saved(device_files.dicom(counts, padding=-32768)), tmp_path)
    assert np.isnan(gap.signal).tolist() == [[False, True, False, False]]
    zero = read_as("b.dcm", device_files.saved(device_files.dicom(counts, padding=0)), tmp_path)
    assert not np.isnan(zero.signal).any()


def test_groups_of_dicom(tmp_path: Path) -> None:
    file = device_files.dicom(wave(2), leads=("I", "II"))
    beat = device_files.group(wave(2, 100), leads=("I", "II"))
    beat.MultiplexGroupLabel, beat.WaveformOriginality = "MEDIAN BEAT", "DERIVED"
    later = device_files.group(wave(1), leads=("V1",))
    later.MultiplexGroupTimeOffset = 100.0
    slow = device_files.group(wave(1), leads=("V2",), rate=250.0)
    file.WaveformSequence = [beat, *file.WaveformSequence, later, slow]
    record = read_as("a.dcm", device_files.saved(file), tmp_path)
    assert record.leads == ("I", "II", "V1")
    assert record.signal.shape == (3, 450)
    # 100 ms at 500 Hz.
    assert np.isnan(record["V1"][:50]).all()
    np.testing.assert_array_equal(record["V1"][50:], (wave(1)[0] * 0.0025).astype(np.float32))
    assert "V2 left out (250 Hz, where the others have 500)" in record.notes
    file.WaveformSequence = [beat]
    assert refusal("b.dcm", device_files.saved(file), tmp_path).kind == FailureKind.NO_SAMPLES


@pytest.mark.parametrize("kind", ["1.1", "1.2", "1.3"])
def test_twelve_leads_general_and_ambulatory(kind: str, tmp_path: Path) -> None:
    n_leads = 12 if kind == "1.1" else 3
    file = device_files.dicom(wave(n_leads), rate=200.0)
    file.SOPClassUID = f"1.2.840.10008.5.1.4.1.1.9.{kind}"
    file.file_meta.MediaStorageSOPClassUID = file.SOPClassUID
    record = read_as("a.dcm", device_files.saved(file), tmp_path)
    np.testing.assert_array_equal(record.signal, (wave(n_leads) * 0.0025).astype(np.float32))
    assert (record.rate, record.format) == (200.0, "dicom")


def test_dicom_is_known_without_preamble_or_extension(tmp_path: Path) -> None:
    whole = device_files.saved(device_files.dicom(wave()))
    for name, content in (("IM000001", whole), ("bare", whole[132:])):
        assert read_as(name, content, tmp_path).format == "dicom"


def test_dicom_that_is_no_ecg(tmp_path: Path) -> None:
    file = device_files.dicom(wave())
    del file.WaveformSequence
    file.SOPClassUID = file.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    assert "no waveform" in refusal("a.dcm", device_files.saved(file), tmp_path).message
    file = device_files.dicom(wave())
    file.WaveformSequence[0].WaveformSampleInterpretation = "MB"
    error = refusal("b.dcm", device_files.saved(file), tmp_path)
    assert error.kind == FailureKind.NOT_SUPPORTED


def test_dicom_that_is_shorter_than_it_says(tmp_path: Path) -> None:
    file = device_files.dicom(wave())
    file.WaveformSequence[0].NumberOfWaveformSamples = 4000
    record = read_as("a.dcm", device_files.saved(file), tmp_path)
    assert record.n_samples == 400
    assert "the header promises 4,000 samples, the file holds 400" in record.notes


def test_dicom_elements_that_promise_gigabytes(tmp_path: Path) -> None:
    """The library makes room for what an element says before it looks whether it is there."""
    content = device_files.saved(device_files.dicom(wave()))
    waveform = struct.pack("<HH", 0x5400, 0x1010) + b"OW\0\0"
    assert waveform in content
    at = content.index(waveform) + len(waveform)
    path = tmp_path / "a.dcm"
    path.write_bytes(content[:at] + struct.pack("<I", 0xFFFFFFF0) + content[at + 4 :])
    tracemalloc.start()
    assert read(path).n_samples == 400
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 << 20


def test_deflated_dicom_is_refused_before_it_is_inflated(tmp_path: Path) -> None:
    file = device_files.dicom(wave(12, 1_000_000))
    file.WaveformSequence[0].WaveformData = bytes(24_000_000)
    file.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1.99"
    content = device_files.saved(file)
    assert len(content) < 100_000
    assert refusal("a.dcm", content, tmp_path).kind == FailureKind.NOT_SUPPORTED


def test_a_dicom_header_that_promises_gigabytes(tmp_path: Path) -> None:
    file = device_files.dicom(wave())
    file.WaveformSequence[0].NumberOfWaveformSamples = 2**31
    error = refusal("a.dcm", device_files.saved(file), tmp_path)
    assert error.kind == FailureKind.TOO_LARGE


def test_groups_of_dicom_that_were_derived_are_noted(tmp_path: Path) -> None:
    file = device_files.dicom(wave(2))
    smooth = device_files.group(wave(2))
    smooth.MultiplexGroupLabel, smooth.WaveformOriginality = "SMOOTH", "DERIVED"
    file.WaveformSequence.append(smooth)
    record = read_as("a.dcm", device_files.saved(file), tmp_path)
    assert record.n_leads == 2
    assert record.notes == ("channels that were derived from others are left out",)


def test_dicom_that_is_not_calibrated(tmp_path: Path) -> None:
    file = device_files.dicom(wave())
    for channel in file.WaveformSequence[0].ChannelDefinitionSequence:
        del channel.ChannelSensitivity
    record = read_as("a.dcm", device_files.saved(file), tmp_path, ReadHints(adc_gain=400.0))
    np.testing.assert_array_equal(record.signal, (wave() / 400.0).astype(np.float32))
    assert "400 counts per mV as given" in record.notes


def test_what_is_damaged_in_a_dicom_file_is_named_with_its_place(
    test_data: Path, tmp_path: Path
) -> None:
    raw = (test_data / "dicom/Example.dcm").read_bytes()
    tag = struct.pack("<HH", 0x003A, 0x0210)
    places = [at for at in range(len(raw)) if raw.startswith(tag, at)]
    # The type and the length of the element stand between its tag and its value.
    third = places[2] + 8
    damaged = raw[:third] + b"x" + raw[third + 1 :]
    error = refusal("a.dcm", damaged, tmp_path)
    assert error.kind == FailureKind.CORRUPT
    assert "waveform group 1, channel 3, ChannelSensitivity (003A,0210) is text of" in error.message
    unknown = raw[: places[2] + 4] + b"QQ" + raw[places[2] + 6 :]
    error = refusal("b.dcm", unknown, tmp_path)
    assert "waveform group 1" in error.message
    meta = raw.index(b"\x02\0\x10\0UI") + 4
    error = refusal("c.dcm", raw[:meta] + b"Uk" + raw[meta + 2 :], tmp_path)
    assert "the DICOM file is damaged: it cannot be parsed before byte" in error.message
    assert f"of {len(raw):,}" in error.message


def test_a_waveform_object_cut_before_its_waveform_is_truncated(
    test_data: Path, tmp_path: Path
) -> None:
    raw = (test_data / "dicom/Example.dcm").read_bytes()
    error = refusal("a.dcm", raw[:600], tmp_path)
    assert error.kind == FailureKind.TRUNCATED
    assert "ends at byte 600" in error.message
