"""Names that people have in their headers and lists: what was reported, and its like."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import numpy as np
import pytest

from ecgmpi.ecg.record import STANDARD_LEADS
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers import ReadHints, read
from tests.outputs import table
from tests.processes import QUICK, run_ecgmpi
from tests.readers.helpers.reported import Right
from tests.readers.helpers.writers import write_segments

TWELVE = {("I", 0): -0.115, ("I", 222): 0.781, ("III", 222): -0.677, ("V6", 222): 0.930}
FOLDERS = Right(STANDARD_LEADS, 600, 500.0, TWELVE)
LATIN1 = Right(("I", "II"), 1000, 500.0, {("I", 222): 0.781})

WAVE = np.random.default_rng(3).integers(-900, 900, (2, 400)).astype("<i2")
OWN = Right(
    ("I", "II"),
    400,
    360.0,
    {("I", 0): WAVE[0, 0] / 200, ("I", 399): WAVE[0, 399] / 200, ("II", 7): WAVE[1, 7] / 200},
    1e-6,
)


def record(
    folder: Path,
    *,
    header: str = "100.hea",
    line: str = "100 2 360 400",
    named: str = "100.dat",
    called: str = "100.dat",
    unit: str = "mV",
    names: tuple[str, str] = ("I", "II"),
    codec: str = "utf-8",
    end: str = "\n",
) -> Path:
    """A record of `WAVE`, 200 counts per unit; where its files lie and what they are called."""
    lines = [line, *(f"{named} 16 200/{unit} 16 0 0 0 0 {name}" for name in names), ""]
    path = folder / header
    path.write_bytes(end.join(lines).encode(codec))
    if called:
        (folder / called).parent.mkdir(exist_ok=True)
        (folder / called).write_bytes(WAVE.T.tobytes())
    return path


def test_a_packed_table(test_data: Path) -> None:
    # Neither rate nor unit stands in it; test_gzipped has the other formats.
    right = Right(STANDARD_LEADS, 600, 500.0, TWELVE, assumed=("rate", "unit"))
    right.check(test_data / "reported" / "table.csv.gz")


def test_folders_in_the_names_of_record_and_signal_files(test_data: Path) -> None:
    got = FOLDERS.check(test_data / "reported" / "folder_in_names.hea")
    told = "signal file folder_in_names.dat taken: the header has another name or folder for it"
    assert told in got.notes


@pytest.mark.parametrize(
    ("line", "named", "called"),
    [
        ("rec/100 2 360 400", "rec/100.dat", "100.dat"),
        ("a/b/100 2 360 400", "a/b/100.dat", "100.dat"),
        ("/data/mit/100 2 360 400", "/data/mit/100.dat", "100.dat"),
        ("../100 2 360 400", "../../100.dat", "100.dat"),
        (r"C:\ecg\100 2 360 400", r"C:\ecg\100.dat", "100.dat"),
        (r"ecg\100 2 360 400", r"..\ecg\100.dat", "100.dat"),
        ("100 2 360 400", "./100.dat", "100.dat"),
        # A folder that is there: its file is what the header means.
        ("100 2 360 400", "sub/100.dat", "sub/100.dat"),
        ("100 2 360 400", "https://example.org/100.dat", "100.dat"),
    ],
)
def test_a_signal_file_in_another_folder_is_taken_from_beside_the_header(
    line: str, named: str, called: str, tmp_path: Path
) -> None:
    OWN.check(record(tmp_path, line=line, named=named, called=called))


def test_the_folder_that_a_header_names_goes_before_what_lies_beside_it(tmp_path: Path) -> None:
    path = record(tmp_path, named="sub/100.dat", called="sub/100.dat")
    (tmp_path / "100.dat").write_bytes(bytes(WAVE.nbytes))
    assert OWN.check(path).notes == ()


@pytest.mark.parametrize(
    ("header", "named", "called"),
    [
        ("100.hea", "100", "100.dat"),
        ("100.hea", "rec/100", "100.dat"),
        ("100.hea", "100", "100.DAT"),
        ("100.hea", "100.dat", "100.DAT"),
        ("100.HEA", "100.DAT", "100.dat"),
        ("Rec_A.hea", "rec_a.dat", "Rec_A.dat"),
        ("Rec_A.hea", "Rec_A.dat", "REC_A.DAT"),
        ("Rec_A.hea", "REC_A", "rec_a.dat"),
        ("Rec_A.hea", "rec_a.dat", "Rec_A.dat.gz"),
    ],
)
def test_a_signal_file_without_its_ending_or_in_other_letters(
    header: str, named: str, called: str, tmp_path: Path
) -> None:
    path = record(tmp_path, header=header, named=named, called=called)
    if called.endswith(".gz"):
        (tmp_path / called).write_bytes(gzip.compress(WAVE.T.tobytes()))
    (told,) = OWN.check(path).notes
    assert told == f"signal file {called} taken: the header has another name or folder for it"
    OWN.check(record(tmp_path, header=header, named=called, called=""))


def test_a_folder_called_like_the_signal_file_is_not_taken_for_it(tmp_path: Path) -> None:
    (tmp_path / "100").mkdir()
    OWN.check(record(tmp_path, named="100"))


def test_segments_with_folders(tmp_path: Path) -> None:
    header = write_segments(tmp_path, "m", "s")
    expected = read(header)
    text = header.read_text()
    header.write_text(text.replace("s_0", "p10/s_0").replace("s_layout", r"p10\s_layout"))
    np.testing.assert_array_equal(read(header).signal, expected.signal)
    below = tmp_path / "p10"
    below.mkdir()
    for path in tmp_path.glob("s_0*"):
        path.rename(below / path.name)
    np.testing.assert_array_equal(read(header).signal, expected.signal)


def test_a_record_in_segments_is_no_folder_with_a_record_of_digits(tmp_path: Path) -> None:
    record(tmp_path)
    (tmp_path / "m.hea").write_text("m/1 2 360 400\n100 400\n")
    OWN.check(tmp_path / "m.hea")


def test_what_only_the_library_decodes_needs_its_files_called_as_the_header_does(
    tmp_path: Path,
) -> None:
    for format in ("310", "508"):
        (tmp_path / "a.dat").write_bytes(bytes(64))
        (tmp_path / "a.hea").write_text(f"a 1 500 10\nsub/a.dat {format} 200/mV\n")
        with pytest.raises(RecordingError, match="name them as the header does") as caught:
            read(tmp_path / "a.hea")
        assert caught.value.kind == "not-supported"


def test_a_unit_with_a_micro_sign_of_latin_1(test_data: Path) -> None:
    LATIN1.check(test_data / "reported" / "unit_latin1.hea")


@pytest.mark.parametrize("codec", ["latin-1", "cp1252", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_micro_signs_and_descriptions_in_any_western_encoding(
    codec: str, end: str, tmp_path: Path
) -> None:
    names = ("Ableitung für \u00b5V", "Dérivation II")
    got = read(record(tmp_path, unit="\u00b5V", names=names, codec=codec, end=end))
    assert got.leads == names
    assert got.unit_known
    np.testing.assert_allclose(got.signal, WAVE / 200e3, rtol=1e-6)


def test_lines_of_a_header_in_different_encodings(tmp_path: Path) -> None:
    path = record(tmp_path, unit="\u03bcV", names=("I", "II"))
    path.write_bytes(path.read_bytes().replace("\u03bcV".encode(), b"\xb5V", 1))
    got = read(path)
    np.testing.assert_allclose(got.signal, WAVE / 200e3, rtol=1e-6)


def test_what_the_library_decodes_keeps_its_micro_sign(tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_bytes(np.arange(-30, 30, dtype="i1").tobytes())
    (tmp_path / "a.hea").write_bytes(b"a 1 500 60\na.dat 8 1/\xb5V 8 0 0 0 0 I\n")
    got = read(tmp_path / "a.hea")
    assert got.unit_known
    assert got["I"][-1] == pytest.approx(np.arange(-30, 30).sum() / 1000, rel=1e-5)


@pytest.mark.parametrize("line", ["100 2", "100 2 0 400"])
def test_a_header_without_a_rate_is_assumed_to_have_250_hz(line: str, tmp_path: Path) -> None:
    got = read(record(tmp_path, line=line))
    assert (got.rate, got.assumed) == (250.0, ("rate",))
    assert got.notes == ("rate 250 Hz assumed, the default of WFDB headers",)
    given = read(tmp_path / "100.hea", ReadHints(rate=128.0))
    assert (given.rate, given.assumed, given.notes) == (128.0, (), ("rate 128 Hz as given",))
    with pytest.raises(RecordingError, match="does not state its rate"):
        read(tmp_path / "100.hea", ReadHints(assume=False))


def test_a_header_without_a_gain_is_assumed_to_be_in_mv(tmp_path: Path) -> None:
    path = record(tmp_path)
    path.write_text(path.read_text().replace("200/mV", "0/uV"))
    got = read(path)
    assert got.assumed == ("unit",)
    assert got.unused == ("unit uV of a signal without a gain",)
    assert got["I"][0] == np.float32(WAVE[0, 0] / 200)
    path.write_text(path.read_text().replace("0/uV", "0"))
    assert read(path).unused == ()


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
def test_a_list_with_a_byte_order_mark(
    mark: bytes, end: str, test_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(test_data / "reported" / "list_bom", tmp_path / "in")
    monkeypatch.chdir(tmp_path / "in")
    listing = tmp_path / "in" / "list.txt"
    if end == "\n" or not mark:
        listing.chmod(0o644)
        listing.write_bytes(mark + end.join(["a.csv", "b.csv", ""]).encode())
    run_ecgmpi("render", "@list.txt", "-o", tmp_path / "out", *QUICK).expect(0)
    assert {row["name"] for row in table(tmp_path / "out" / "manifest.csv")} == {"a", "b"}


@pytest.mark.parametrize("name", ["fol\0der/a.dat", "a\0.dat", "\0/a.dat"])
def test_a_zero_byte_in_the_name_of_a_signal_file_is_no_file(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.hea").write_text(f"a 1 500 100\n{name} 16 200 16 0 0 0 0 II\n")
    with pytest.raises(RecordingError, match="not a file name") as refused:
        read(tmp_path / "a.hea")
    assert refused.value.kind is FailureKind.CORRUPT
