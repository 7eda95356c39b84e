"""What ECG machines write: the same recording out of every format, and what each says of it."""

from __future__ import annotations

import base64
import struct
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.leads import complete
from ecgmpi.readers import ReadHints, read
from ecgmpi.readers.array import conventional_leads
from ecgmpi.record import STANDARD_LEADS, Record
from tests.outputs import pictures, table
from tests.processes import QUICK, run_ecgmpi

from . import device_files
from .device_files import HUFFMAN, Counts

EXAMPLES = ("dicom/Example.dcm", "aecg/HL7_Example_aECG.xml", "scp/Example.scp")
"""One recording in three formats, by programs of other people."""

EIGHT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")


def wave(n_leads: int = 3, n_samples: int = 400) -> Counts:
    rng = np.random.default_rng(n_leads)
    return np.cumsum(rng.integers(-40, 41, (n_leads, n_samples)), axis=1).astype(np.int16)


def read_as(name: str, content: bytes, folder: Path, hints: ReadHints | None = None) -> Record:
    path = folder / name
    path.write_bytes(content)
    return read(path, hints or ReadHints())


def refusal(name: str, content: bytes, folder: Path) -> RecordingError:
    with pytest.raises(RecordingError) as caught:
        read_as(name, content, folder)
    assert caught.value.message.isprintable()
    return caught.value


# --- Oracles: what other programs made of the same beats -----------------------------------


@pytest.mark.parametrize("other", EXAMPLES[1:])
def test_one_recording_is_the_same_in_three_formats(other: str, test_data: Path) -> None:
    one, two = read(test_data / EXAMPLES[0]), read(test_data / other)
    assert set(one.leads) == set(two.leads) == set(STANDARD_LEADS)
    assert one.rate == two.rate == 500.0
    for lead in STANDARD_LEADS:
        np.testing.assert_array_equal(one[lead], two[lead])
    assert (one.format, two.format) == ("dicom", {".xml": "aecg", ".scp": "scp"}[other[-4:]])
    assert not one.notes
    assert one.unit_known


@pytest.mark.parametrize("file", ["Example.dcm", "waveform_ecg.dcm"])
def test_dicom_is_what_pydicom_makes_of_its_first_group(file: str, test_data: Path) -> None:
    import pydicom

    path = test_data / "dicom" / file
    microvolts = pydicom.dcmread(path).waveform_array(0).T
    record = read(path)
    assert record.leads == STANDARD_LEADS
    np.testing.assert_array_equal(record.signal, (microvolts / 1000).astype(np.float32))


@pytest.mark.parametrize("file", ["129DYPRG.XML", "2020-5-18_15-48-11.xml"])
def test_sierra_is_what_the_library_makes_of_it(file: str, test_data: Path) -> None:
    import sierraecg

    path = test_data / "philips_xml" / file
    record = read(path)
    assert record.rate == 500.0
    for lead in sierraecg.read_file(str(path)).leads:
        np.testing.assert_allclose(record[lead.label], lead.samples * 0.005, atol=1e-6)


def test_the_real_muse_file_is_its_rhythm(test_data: Path) -> None:
    record = read(test_data / "muse_xml" / "MUSE_example.xml")
    assert (record.leads, record.signal.shape, record.rate) == (EIGHT, (8, 5000), 500.0)
    counts = record.signal.astype(np.float64) / 0.00488
    np.testing.assert_allclose(counts, np.round(counts), atol=1e-3)
    # Its checksums hold, and so no note is made of them.
    assert not record.notes
    whole = complete(record)
    assert whole.leads == STANDARD_LEADS
    np.testing.assert_allclose(whole["III"], whole["II"] - whole["I"], atol=1e-6)


def test_limb_leads_of_devices_hold_together(test_data: Path) -> None:
    for name in ("dicom/waveform_ecg.dcm", *EXAMPLES):
        record = read(test_data / name)
        assert np.abs(record["I"] - record["II"] + record["III"]).max() < 0.011, name


def test_smaller_annotated_ecgs(test_data: Path) -> None:
    slow = read(test_data / "aecg" / "hl7aecg_example.xml")
    assert (slow.rate, slow.duration) == (100.0, 10.0)
    least = read(test_data / "aecg" / "minimum_aecg.xml")
    digits = np.array([-2, -2, -2, -2, -3, -4, -3, -5, -5, -4, -6, -9, -9])
    np.testing.assert_array_equal(least["II"], (digits * 0.0025).astype(np.float32))
    with pytest.raises(RecordingError, match="no rhythm series"):
        read(test_data / "aecg" / "empty.xml")


# --- Laws: what is written comes back ------------------------------------------------------


TWO_TABLES = [
    [*HUFFMAN[:-1], (11, 27, 1, 0, (1 << 10) - 1), (11, 11, 0, 2, (1 << 11) - 1)],
    [(2, 26, 1, 0, 0b00), (2, 2, 1, 7, 0b10), (2, 2, 0, 1, 0b11)],
]
"""Two tables of which each leads to the other."""


WRITERS: dict[str, Callable[[Counts, float], bytes]] = {
    "a.dcm": lambda counts, rate: device_files.saved(device_files.dicom(counts, rate=rate)),
    "big.dcm": lambda counts, rate: device_files.saved(
        device_files.dicom(counts, rate=rate, big_endian=True)
    ),
    "a.xml": lambda counts, rate: device_files.aecg(counts, rate=rate),
    "muse.xml": lambda counts, rate: device_files.muse(counts, rate=f"{rate:g}", scale="2.5"),
    "soft.xml": lambda counts, rate: device_files.cardiosoft(counts, rate=rate, scale="2.5"),
    "a.ecg": lambda counts, rate: device_files.ishne(counts, rate=round(rate)),
    "huffman.scp": lambda counts, rate: device_files.scp(counts, rate=rate),
    "first.scp": lambda counts, rate: device_files.scp(counts, rate=rate, differences=1),
    "plain.scp": lambda counts, rate: device_files.scp(
        counts, rate=rate, differences=0, tables="none"
    ),
    "tables.scp": lambda counts, rate: device_files.scp(counts, rate=rate, tables=TWO_TABLES),
}


@st.composite
def counts_of_leads(draw: st.DrawFn) -> Counts:
    """Leads of steps, noise or nothing, as far as second differences of 16 bits allow."""
    shape = draw(st.sampled_from([1, 2, 3, 8, 12])), draw(st.integers(1, 90))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    size = draw(st.sampled_from([0, 3, 12, 200, 8000]))
    return rng.integers(-size, size + 1, shape).astype(np.int16)


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=25)
@given(counts=counts_of_leads(), rate=st.sampled_from([125.0, 250.0, 500.0, 1000.0]))
def test_what_is_written_comes_back(name: str, counts: Counts, rate: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        record = read_as(name, WRITERS[name](counts, rate), Path(folder))
    np.testing.assert_array_equal(record.signal, (counts * 0.0025).astype(np.float32))
    assert record.leads == conventional_leads(len(counts))
    assert record.rate == rate
    assert record.unit_known
    assert not record.notes


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32),
    size=st.sampled_from([0, 3, 200, 1000]),
    n_samples=st.integers(2, 900),
    codec=st.sampled_from(["utf-8", "utf-16"]),
)
def test_sierra_comes_back(seed: int, size: int, n_samples: int, codec: str) -> None:
    counts = np.random.default_rng(seed).integers(-size, size + 1, (12, n_samples))
    with tempfile.TemporaryDirectory() as folder:
        record = read_as("a.xml", device_files.sierra(counts, codec=codec), Path(folder))
    np.testing.assert_array_equal(record.signal, (counts * 0.005).astype(np.float32))
    assert record.leads == STANDARD_LEADS


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4"])
@pytest.mark.parametrize("big_endian", [False, True])
def test_samples_of_every_type_in_dicom(dtype: str, big_endian: bool, tmp_path: Path) -> None:
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    counts = np.array([[low, high, 5, 6, low + 1, 0]], dtype)
    file = device_files.dicom(counts, sensitivity=0.001, big_endian=big_endian)
    record = read_as("a.dcm", device_files.saved(file), tmp_path)
    np.testing.assert_allclose(record.signal, counts * 1e-6, rtol=1e-6)


# --- What a format says of its samples -----------------------------------------------------


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


def test_dicom_is_known_without_preamble_or_extension(tmp_path: Path) -> None:
    whole = device_files.saved(device_files.dicom(wave()))
    for name, content in (("IM000001", whole), ("bare", whole[132:])):
        assert read_as(name, content, tmp_path).format == "dicom"


def test_dicom_that_is_no_ecg(tmp_path: Path) -> None:
    file = device_files.dicom(wave())
    del file.WaveformSequence
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


@pytest.mark.parametrize(
    ("scale", "unit", "origin", "expected"),
    [
        ("2.5", "uV", ("0", "uV"), 0.0025),
        ("0.005", "mV", ("0", ""), 0.005),
        ("5", "nV", ("0", "uV"), 5e-6),
        ("1", "V", ("0", "V"), 1000.0),
    ],
)
def test_scale_of_an_annotated_ecg(
    scale: str, unit: str, origin: tuple[str, str], expected: float, tmp_path: Path
) -> None:
    counts = wave()
    content = device_files.aecg(counts, scale=scale, unit=unit, origin=origin)
    record = read_as("a.xml", content, tmp_path)
    np.testing.assert_allclose(record.signal, counts * expected, rtol=1e-6)


def test_origin_of_an_annotated_ecg_in_a_unit_of_its_own(tmp_path: Path) -> None:
    content = device_files.aecg(wave(), origin=("0.5", "mV"))
    record = read_as("a.xml", content, tmp_path)
    np.testing.assert_allclose(record.signal, wave() * 0.0025 + 0.5, atol=1e-6)


def test_an_annotated_ecg_without_rhythm_or_time(tmp_path: Path) -> None:
    beat = device_files.aecg(wave(), series="REPRESENTATIVE_BEAT")
    assert "REPRESENTATIVE_BEAT" in refusal("a.xml", beat, tmp_path).message
    timeless = device_files.aecg(wave()).replace(b"TIME_ABSOLUTE", b"OTHER")
    assert "rate is not known" in refusal("b.xml", timeless, tmp_path).message
    wrong = device_files.aecg(wave()).replace(b"<digits>", b"<digits>x")
    assert refusal("c.xml", wrong, tmp_path).kind == FailureKind.CORRUPT


def test_what_an_annotated_ecg_holds_besides_its_first_rhythm_is_told(tmp_path: Path) -> None:
    content = device_files.aecg(wave(2, 50))
    start, end = content.index(b"<component><series>"), content.index(b"</AnnotatedECG>")
    series = content[start:end]
    twice = read_as("a.xml", content[:start] + series * 2 + content[end:], tmp_path)
    assert twice.n_leads == 2
    assert twice.notes == ("the first of 2 rhythm series; the others are left out",)
    start, end = content.index(b"<component><sequenceSet>"), content.index(b"</series>")
    one = content[start:end]
    other_leads = one.replace(b"LEAD_II", b"LEAD_V2").replace(b'LEAD_I"', b'LEAD_V1"')
    later = one.replace(b"20021122091000", b"20021122091010")
    several = content[:start] + one + other_leads + later + content[end:]
    record = read_as("b.xml", several, tmp_path)
    assert record.leads == ("I", "II", "V1", "V2")
    assert record.notes == ("the first of 2 stretches of time; the others are left out",)


def test_groups_of_dicom_that_were_derived_are_told(tmp_path: Path) -> None:
    file = device_files.dicom(wave(2))
    smooth = device_files.group(wave(2))
    smooth.MultiplexGroupLabel, smooth.WaveformOriginality = "SMOOTH", "DERIVED"
    file.WaveformSequence.append(smooth)
    record = read_as("a.dcm", device_files.saved(file), tmp_path)
    assert record.n_leads == 2
    assert record.notes == ("channels that were derived from others are left out",)


def test_a_rate_of_muse_that_its_length_contradicts(tmp_path: Path) -> None:
    record = read_as("a.xml", device_files.muse(wave(8, 2500), rate="240"), tmp_path)
    assert (record.rate, record.n_samples) == (240.0, 2500)
    (note,) = record.notes
    assert "2,500 samples are 10.42 s at the 240 Hz that the file says, and 10 s at 250 Hz" in note
    right = read_as("b.xml", device_files.muse(wave(8, 2400), rate="24", exponent="1"), tmp_path)
    assert (right.rate, right.notes) == (240.0, ())


def test_a_muse_file_that_was_tampered_with(tmp_path: Path) -> None:
    content = device_files.muse(wave(1, 40))
    at = content.index(b"<WaveFormData>") + 20
    changed = content[:at] + (b"B" if content[at : at + 1] == b"A" else b"A") + content[at + 1 :]
    assert "the checksum of I does not fit" in read_as("a.xml", changed, tmp_path).notes[0]
    broken = content[:at] + b"*" + content[at + 1 :]
    assert refusal("b.xml", broken, tmp_path).kind == FailureKind.CORRUPT
    median = device_files.muse(wave(), kind="Median")
    assert "no rhythm (Median)" in refusal("c.xml", median, tmp_path).message


def test_full_disclosure_of_cardiosoft_is_refused(tmp_path: Path) -> None:
    content = device_files.cardiosoft(wave()).replace(b"StripData", b"FullDisclosure")
    error = refusal("a.xml", content, tmp_path)
    assert error.kind == FailureKind.NOT_SUPPORTED
    assert "exercise test" in error.message


def test_sierra_coded_in_another_way_is_refused(tmp_path: Path) -> None:
    error = refusal("a.xml", device_files.sierra(wave(12), method="Other"), tmp_path)
    assert error.kind == FailureKind.NOT_SUPPORTED


def test_leads_of_scp_that_begin_later(tmp_path: Path) -> None:
    record = read_as("a.scp", device_files.scp(wave(3, 50), starts=[1, 11, 1]), tmp_path)
    assert record.n_samples == 60
    assert np.isnan(record["II"][:10]).all()
    assert not np.isnan(record["II"][10:]).any()
    assert np.isnan(record["I"][50:]).all()


@pytest.mark.parametrize(("flags", "bimodal"), [(1, 0), (0, 1), (1, 1)])
def test_high_compression_of_scp_is_refused(flags: int, bimodal: int, tmp_path: Path) -> None:
    error = refusal("a.scp", device_files.scp(wave(), flags=flags, bimodal=bimodal), tmp_path)
    assert error.kind == FailureKind.NOT_SUPPORTED
    assert "high compression" in error.message


def test_damage_to_scp_is_found_by_its_checksums(tmp_path: Path) -> None:
    content = bytearray(device_files.scp(wave()))
    content[-3] ^= 1
    assert "checksum of section 6" in refusal("a.scp", bytes(content), tmp_path).message
    content = bytearray(device_files.scp(wave()))
    place = content.index(b"Secret")
    content[place : place + 6] = b"xxxxxx"
    # A name that was blanked out is no damage.
    record = read_as("b.scp", bytes(content), tmp_path)
    assert record.notes == ("the checksum of the file does not fit, those of its samples do",)
    assert refusal("c.scp", bytes(content[:-5]), tmp_path).kind == FailureKind.TRUNCATED


def test_gaps_and_length_of_ishne(tmp_path: Path) -> None:
    counts = wave(3)
    counts[1, 7] = -32768
    record = read_as("a.ecg", device_files.ishne(counts, comment=b"twelve bytes"), tmp_path)
    assert np.argwhere(np.isnan(record.signal)).tolist() == [[1, 7]]
    short = read_as("b.ecg", device_files.ishne(counts, promised=500), tmp_path)
    assert short.n_samples == 400
    assert "the header promises 500 samples, the file holds 400" in short.notes
    # Some recorders count the samples of all leads together.
    assert read_as("c.ecg", device_files.ishne(counts, promised=1200), tmp_path).notes == ()


def test_an_ishne_header_that_was_changed(tmp_path: Path) -> None:
    content = device_files.ishne(wave()).replace(b"Secret", b"xxxxxx")
    record = read_as("a.ecg", content, tmp_path)
    assert record.notes == ("the checksum of the header does not fit",)


@pytest.mark.parametrize("name", WRITERS)
def test_nobody_is_named(name: str, tmp_path: Path) -> None:
    record = read_as(name, WRITERS[name](wave(12), 500.0), tmp_path)
    assert "Secret" not in repr(record)


@pytest.mark.parametrize("name", WRITERS)
def test_a_budget_is_kept_by_every_reader(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(WRITERS[name](wave(12, 1000), 500.0))
    assert read(path, ReadHints(max_samples=200_000)).n_samples == 1000
    with pytest.raises(RecordingError) as caught:
        read(path, ReadHints(max_samples=1_000))
    assert caught.value.kind == FailureKind.TOO_LARGE


def test_a_lead_of_sierra_that_grows_is_refused(tmp_path: Path) -> None:
    """LZW makes six hundred bytes of one."""
    codes = device_files.lzw(bytes(1_000_000))
    assert len(codes) < 4_000
    chunk = base64.b64encode(struct.pack("<iHh", len(codes), 1, 0) + codes)
    content = device_files.sierra(wave(12))
    head, _, tail = content.partition(b'durationperchannel="800">')
    end = tail[tail.index(b"</parsed") :]
    grown = head + b'durationperchannel="800">' + chunk + end
    assert "more samples than its header promises" in refusal("a.xml", grown, tmp_path).message
    endless = head + b'durationperchannel="9e9">' + chunk + end
    assert refusal("b.xml", endless, tmp_path).kind == FailureKind.TOO_LARGE


def test_dicom_that_is_not_calibrated(tmp_path: Path) -> None:
    file = device_files.dicom(wave())
    for channel in file.WaveformSequence[0].ChannelDefinitionSequence:
        del channel.ChannelSensitivity
    record = read_as("a.dcm", device_files.saved(file), tmp_path, ReadHints(adc_gain=400.0))
    np.testing.assert_array_equal(record.signal, (wave() / 400.0).astype(np.float32))
    assert "400 counts per mV as told" in record.notes


@pytest.mark.parametrize("name", WRITERS)
def test_content_comes_before_the_extension(name: str, tmp_path: Path) -> None:
    content = WRITERS[name](wave(), 500.0)
    right = read_as(name, content, tmp_path)
    for other in ("a.mat", "a.csv", "a.xml", "a.dcm", "a"):
        assert read_as(other, content, tmp_path).format == right.format


# --- In a job ------------------------------------------------------------------------------


def test_a_folder_of_what_machines_write_in_one_job(tmp_path: Path) -> None:
    corpus = tmp_path / "in"
    corpus.mkdir()
    for name, writer in WRITERS.items():
        (corpus / f"{name.replace('.', '-')}{Path(name).suffix}").write_bytes(
            writer(wave(12, 500), 500.0)
        )
    (corpus / "philips.XML").write_bytes(device_files.sierra(wave(12, 500)))
    (corpus / "letter.xml").write_text("<letter>Dear</letter>")
    out = tmp_path / "out"
    run_ecgmpi("render", corpus, "-o", out, *QUICK).expect(3)
    rows = table(out / "manifest.csv")
    drawn = {row["format"] for row in rows if row["status"] == "drawn"}
    assert drawn == {"dicom", "aecg", "muse", "cardiosoft", "ishne", "scp", "sierra"}
    assert len(rows) == len(WRITERS) + 2
    (failure,) = table(out / "failures.csv")
    assert failure["class"] == "not-recognised"
    assert len(pictures(out)) == 12 * (len(rows) - 1)
