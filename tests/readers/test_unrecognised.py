"""A damaged file of a format that can be read is said to be damaged, not to be converted."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecgmpi.errors import RecordingError
from ecgmpi.readers import read


def refused(path: Path, content: bytes) -> RecordingError:
    path.write_bytes(content)
    with pytest.raises(RecordingError) as caught:
        read(path)
    return caught.value


REAL = {
    "edf/test_edfann.edf": (256, 252),
    "dicom/Example.dcm": (132, 128),
    "derived/short_2500.mat": (128, 126),
}
"""Recording -> the size of its header, and a byte of it without which no format accepts it."""


@pytest.mark.parametrize("name", REAL)
def test_a_real_recording_with_a_damaged_header_says_so_and_what_is_left(
    name: str, test_data: Path, tmp_path: Path
) -> None:
    raw = (test_data / name).read_bytes()
    size, telling = REAL[name]
    path = tmp_path / Path(name).name
    error = refused(path, raw[:telling] + b"\xff" + raw[telling + 1 :])
    assert error.kind == "corrupt"
    assert "its header is damaged" in error.message
    assert f"the file has {len(raw):,} bytes" in error.message
    for left in (5, 60, 100):
        error = refused(path, raw[:left])
        assert error.kind == "truncated"
        assert f"{left} " in error.message
        assert f"{size}" in error.message
        assert "convert" not in error.remedy


@pytest.mark.parametrize(
    ("name", "left", "words"),
    [
        ("derived/v73_data.mat", 9, "ends after 9 of the 128 bytes of its header"),
        ("derived/code15_layout.hdf5", 5, "ends after 5 of the 8 bytes of its header"),
        ("reported/batch_3_12_600.npy", 4, "ends after 4 of the 6 bytes of its header"),
        ("edf/test_edfann.edf", 400, "ends after 400 of the 512 bytes of its header"),
        ("muse_xml/MUSE_example.xml", 20, "the XML ends after 20 bytes"),
    ],
)
def test_a_real_recording_cut_in_its_first_bytes_is_truncated(
    name: str, left: int, words: str, test_data: Path, tmp_path: Path
) -> None:
    error = refused(tmp_path / Path(name).name, (test_data / name).read_bytes()[:left])
    assert error.kind == "truncated"
    assert words in error.message


def test_a_table_with_a_byte_that_is_no_text_names_the_byte(
    test_data: Path, tmp_path: Path
) -> None:
    raw = bytearray((test_data / "reported/time_column_last.csv").read_bytes())
    raw[300] = 0
    error = refused(tmp_path / "a.csv", bytes(raw))
    assert error.kind == "corrupt"
    assert f"byte 300 is 00 (the file has {len(raw):,} bytes)" in error.message
    assert "convert" not in error.remedy


@pytest.mark.parametrize("name", ["a.mat", "a.dcm", "a.csv", "a.h5"])
def test_a_file_of_zeros_is_damaged(name: str, tmp_path: Path) -> None:
    error = refused(tmp_path / name, bytes(10_000))
    assert error.kind == "corrupt"
    assert "damaged" in error.message
    assert "10,000 bytes" in error.message


def test_a_file_that_has_lost_its_first_bytes_may_be_damaged_or_of_another_kind(
    test_data: Path, tmp_path: Path
) -> None:
    raw = (test_data / "edf/test_edfann.edf").read_bytes()[16:]
    error = refused(tmp_path / "a.edf", raw)
    assert error.kind == "not-recognised"
    assert error.remedy.startswith(
        f"if it was a .edf file, it is damaged ({len(raw):,} bytes are left): copy it again; "
        "if it is another kind of file, convert it to one of"
    )


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.mat", b"\x89PNG\r\n\x1a\n" + bytes(90), "a PNG picture"),
        ("a.xml", b'<?xml version="1.0"?><svg></svg>', "XML of another kind"),
        ("a.csv", b"%PDF-1.4\n\0\0", "a PDF document"),
        ("a.edf", b"\x7fELF" + bytes(500), "a program"),
    ],
)
def test_a_file_of_a_kind_that_is_not_read_is_named(
    name: str, content: bytes, words: str, tmp_path: Path
) -> None:
    error = refused(tmp_path / name, content)
    assert error.kind == "not-recognised"
    assert f"its first bytes are those of {words}" in error.message
    assert error.remedy.startswith("convert it to one of")
