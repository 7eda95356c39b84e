"""Every real file there is: drawn, or refused for a reason that is the right one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ecgmpi.errors import RecordingError
from ecgmpi.readers import claimed_extensions, read
from tests.outputs import manifest
from tests.processes import run_ecgmpi

TABLE: dict[str, tuple[int, int] | str] = {
    "aecg/HL7_Example_aECG.xml": (12, 5000),
    "aecg/empty.xml": "no-samples",
    "aecg/hl7aecg_example.xml": (12, 1000),
    "aecg/minimum_aecg.xml": (1, 13),
    "cinc2021/E07500.hea": (12, 5000),
    "cinc2021/E07500.mat": (12, 5000),
    "cinc2021/E07501.hea": (12, 5000),
    "cinc2021/E07501.mat": (12, 5000),
    "csv/ludb_138.csv": (12, 5000),
    "csv/ptbxl_00112_hr.csv": (12, 5000),
    "derived/code15_layout.hdf5": "wrong-shape",
    "derived/cpsc2018_struct.mat": (12, 5000),
    "derived/eight_leads.mat": (8, 5000),
    "derived/empty_array.mat": "no-samples",
    "derived/fifteen_leads.mat": (15, 5000),
    "derived/flat_lead.mat": (12, 5000),
    "derived/inf_sample.mat": "infinite",
    "derived/int16_uV.mat": (12, 5000),
    "derived/long_15000.mat": (12, 15000),
    "derived/nan_lead_and_gap.mat": (12, 5000),
    "derived/not_a_mat.mat": "not-recognised",
    "derived/one_lead_vector.mat": (1, 5000),
    "derived/short_2500.mat": (12, 2500),
    "derived/transposed_5000x12.mat": (12, 5000),
    "derived/truncated_half.mat": "truncated",
    "derived/truncated_header.mat": "truncated",
    "derived/v73_data.mat": (12, 5000),
    "derived/wrong_key.mat": (12, 5000),
    "derived/zero_bytes.mat": "empty-file",
    "dicom/Example.dcm": (12, 5000),
    "dicom/waveform_ecg.dcm": (12, 10000),
    "edf/test_edfann.edf": "no-samples",
    "edf/test_utf8.edf": "no-such-lead",
    "first_china/corrected_TEST459.mat": (12, 5000),
    "first_china/reference.csv": "not-numeric",
    "malformed/bad_miuint32.mat": "corrupt",
    "malformed/big_endian.mat": "no-variable",
    "malformed/corrupted_zlib_checksum.mat": "corrupt",
    "malformed/corrupted_zlib_data.mat": "corrupt",
    "malformed/malformed1.mat": "truncated",
    "malformed/one_by_zero_char.mat": "no-variable",
    "malformed/testhdf5_7.4_GLNX86.mat": "no-variable",
    "malformed/testsparse_7.4_GLNX86.mat": "no-variable",
    "malformed/teststruct_7.4_GLNX86.mat": "no-variable",
    "mat_other/a103l-no-len.hea": (2, 82500),
    "mat_other/a103l.hea": (2, 82500),
    "mat_other/a103l.mat": (2, 82500),
    "mat_other/sample1_fs250.mat": (1, 15000),
    "muse_xml/MUSE_example.xml": (8, 5000),
    "philips_xml/129DYPRG.XML": (12, 5264),
    "philips_xml/2020-5-18_15-48-11.xml": (12, 5300),
    "scp/Example.scp": (12, 5000),
    "wfdb/00001_lr.hea": (12, 1000),
    "wfdb/100-no-len.hea": (2, 650000),
    "wfdb/100.hea": (2, 650000),
    "wfdb/100_3chan.hea": (3, 999),
    "wfdb/100skew.hea": (2, 650000),
    "wfdb/3000003_0003.hea": (2, 1028),
    "wfdb/binformats.hea": (10, 499),
    "wfdb/drive02.hea": "missing",
    "wfdb/flac_3_constant.hea": (3, 5600000),
    "wfdb/flacformats.hea": (3, 499),
    "wfdb/s0010_re.hea": (15, 38400),
}
"""File -> leads and samples that are read, or the class of the refusal."""


NO_STRIP = (
    "derived/int16_uV.mat",
    *("mat_other/a103l.hea", "mat_other/a103l-no-len.hea"),
    *("wfdb/100.hea", "wfdb/100-no-len.hea", "wfdb/100skew.hea"),
    *("wfdb/binformats.hea", "wfdb/flacformats.hea", "wfdb/flac_3_constant.hea"),
)
"""Minutes to hours, or metres of mV: read, but refused as strips of 400 dpi."""

THREE = "derived/code15_layout.hdf5"
"""The one file that holds three recordings."""

OF_ONE_RELEASE = "first_china/TRAIN/"
"""Files that are read alike, and are not listed."""


REPORTED = "reported"
"""Inputs that people reported, each of which has a test of its own."""


def folders(test_data: Path) -> list[Path]:
    """Everything but what people reported."""
    return sorted(path for path in test_data.iterdir() if path.is_dir() and path.name != REPORTED)


def expected_rows(test_data: Path) -> dict[str, str]:
    """Source -> ``drawn``, or the class of the refusal, in a job over all files."""
    rows = {name: "drawn" if isinstance(what, tuple) else what for name, what in TABLE.items()}
    rows.update(dict.fromkeys(NO_STRIP, "too-large"))
    del rows[THREE]
    rows.update({f"{THREE}#{number}": "drawn" for number in range(3)})
    for path in (test_data / OF_ONE_RELEASE).iterdir():
        rows[OF_ONE_RELEASE + path.name] = "drawn"
    # Read through the headers beside them.
    for sidecar in ("cinc2021/E07500.mat", "cinc2021/E07501.mat", "mat_other/a103l.mat"):
        del rows[sidecar]
    return rows


@pytest.mark.slow
def test_a_job_over_all_files_draws_each_or_says_why_not(test_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_ecgmpi("render", *folders(test_data), "-o", out, "--progress", "none").expect(3)
    rows = manifest(out)
    ended = {row["source"]: row["class"] or row["status"] for row in rows}
    assert ended == expected_rows(test_data)
    assert len(rows) == len(ended)
    for row in rows:
        if row["status"] == "failed":
            assert row["message"], row["source"]
            assert row["remedy"], row["source"]
        else:
            assert int(row["pictures"]) == len(row["leads"].split()), row["source"]


@pytest.mark.slow
def test_inspect_of_all_files_says_the_same(test_data: Path) -> None:
    lines = run_ecgmpi("inspect", *folders(test_data), "--json").expect(3).out.splitlines()
    ended = {
        Path(one["file"]).relative_to(test_data).as_posix(): one.get("class", "drawn")
        for one in map(json.loads, lines)
    }
    # What is too long for a strip is not for a page, and can be looked at.
    read_all = dict.fromkeys(NO_STRIP, "drawn")
    assert ended == expected_rows(test_data) | read_all


def outcome(path: Path) -> tuple[int, ...] | str:
    try:
        return read(path).signal.shape
    except RecordingError as error:
        return str(error.kind) if error.remedy else "no remedy"


@pytest.mark.parametrize("name", TABLE)
def test_a_file_is_drawn_or_refused_as_it_should_be(name: str, test_data: Path) -> None:
    assert outcome(test_data / name) == TABLE[name]


def test_no_file_is_forgotten(test_data: Path) -> None:
    claimed = claimed_extensions()
    files = {
        path.relative_to(test_data).as_posix()
        for folder in folders(test_data)
        for path in folder.rglob("*.*")
    }
    of_formats = {name for name in files if Path(name).suffix.lower() in claimed}
    assert of_formats - set(TABLE) == {n for n in of_formats if n.startswith(OF_ONE_RELEASE)}


def test_a_whole_set_of_one_release(test_data: Path) -> None:
    files = sorted((test_data / OF_ONE_RELEASE).iterdir())
    assert {outcome(path) for path in files} == {(12, 5000)}


def test_a_signal_file_is_no_recording_of_its_own(test_data: Path) -> None:
    for path in (test_data / "wfdb").iterdir():
        if path.suffix != ".hea":
            assert outcome(path) == "not-recognised", path.name
