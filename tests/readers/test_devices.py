"""What ECG machines write: the same recording out of every format."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgmpi.ecg.leads import complete
from ecgmpi.ecg.limb_leads import check_limb
from ecgmpi.ecg.record import STANDARD_LEADS
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers import ReadHints, read
from ecgmpi.readers.array_record import conventional_leads
from tests.outputs import pictures, table
from tests.processes import QUICK, run_ecgmpi
from tests.readers.helpers import binary_files, device_files
from tests.readers.helpers.binary_files import HUFFMAN
from tests.readers.helpers.device_files import Counts
from tests.readers.helpers.reading import read_as, wave

EXAMPLES = ("dicom/Example.dcm", "aecg/HL7_Example_aECG.xml", "scp/Example.scp")
"""One recording in three formats, by programs of other people."""

EIGHT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")


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
    pulse = np.repeat([0.0, 1.0, 0.0], [50, 100, 50])
    for lead in sierraecg.read_file(str(path)).leads:
        recorded, left_out = np.split(lead.samples * 0.005, [record.n_samples])
        np.testing.assert_allclose(record[lead.label], recorded, atol=1e-6)
        np.testing.assert_array_equal(left_out[-200:], pulse)
        assert not left_out[:-200].any()
    (note,) = record.notes
    assert note.startswith("calibration pulse taken off: ")
    # As it would not with the pulse, which is the same in all leads.
    assert check_limb(record).verdict == "consistent"


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
    "a.ecg": lambda counts, rate: binary_files.ishne(counts, rate=round(rate)),
    "huffman.scp": lambda counts, rate: binary_files.scp(counts, rate=rate),
    "first.scp": lambda counts, rate: binary_files.scp(counts, rate=rate, differences=1),
    "plain.scp": lambda counts, rate: binary_files.scp(
        counts, rate=rate, differences=0, tables="none"
    ),
    "tables.scp": lambda counts, rate: binary_files.scp(counts, rate=rate, tables=TWO_TABLES),
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


@pytest.mark.parametrize("name", WRITERS)
def test_content_comes_before_the_extension(name: str, tmp_path: Path) -> None:
    content = WRITERS[name](wave(), 500.0)
    right = read_as(name, content, tmp_path)
    for other in ("a.mat", "a.csv", "a.xml", "a.dcm", "a"):
        assert read_as(other, content, tmp_path).format == right.format


@pytest.mark.slow
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
