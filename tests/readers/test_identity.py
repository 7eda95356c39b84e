"""The date of a recording is known only where it was asked for, and nothing else ever is."""

from __future__ import annotations

import datetime
import shutil
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import edfio
import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.readers import ReadHints, read
from ecgmpi.readers.dates import COMPACT, ISO, dated
from tests.outputs import pictures
from tests.processes import Ended, run_ecgmpi
from tests.readers.helpers.binary_files import ishne
from tests.readers.helpers.device_files import cardiosoft
from tests.readers.helpers.reading import wave

ASKED = ReadHints(identify=True)

REAL = {
    "dicom/Example.dcm": "2002-11-22",
    "dicom/waveform_ecg.dcm": "2013-01-25",
    "aecg/HL7_Example_aECG.xml": "2002-11-22",
    "aecg/hl7aecg_example.xml": "2025-09-23",
    "scp/Example.scp": "2002-11-22",
    "philips_xml/129DYPRG.XML": "2011-12-01",
    "philips_xml/2020-5-18_15-48-11.xml": "2020-05-18",
}
"""File -> the day that its own program, or its text, shows."""


def _dates(path: Path) -> tuple[tuple[str, str], ...]:
    """Its identity where it was asked for; where it was not, there must be none."""
    assert read(path).identity == ()
    return read(path, ASKED).identity


@pytest.mark.parametrize("file", REAL)
def test_the_day_of_a_real_recording(file: str, test_data: Path) -> None:
    assert _dates(test_data / file) == (("date", REAL[file]),)


def _muse_of(day: str, test_data: Path, folder: Path) -> Path:
    written = (test_data / "muse_xml" / "MUSE_example.xml").read_bytes()
    blank = b"<AcquisitionDate>XX-XX-XXXX<"
    assert blank in written
    path = folder / "muse.xml"
    path.write_bytes(written.replace(blank, f"<AcquisitionDate>{day}<".encode()))
    return path


@pytest.mark.parametrize(
    ("day", "told"),
    [("01-02-2003", "2003-01-02"), ("12-31-1999", "1999-12-31"), ("XX-XX-XXXX", None)],
)
def test_muse_writes_the_month_first(
    day: str, told: str | None, test_data: Path, tmp_path: Path
) -> None:
    path = _muse_of(day, test_data, tmp_path)
    assert _dates(path) == ((("date", told),) if told else ())


@pytest.mark.parametrize(
    ("day", "month", "year", "told"),
    [
        ("2", "1", "2003", "2003-01-02"),
        ("31", "12", "1999", "1999-12-31"),
        ("31", "2", "2003", None),
        ("", "", "", None),
        ("1", "1", "0", None),
    ],
)
def test_cardiosoft(day: str, month: str, year: str, told: str | None, tmp_path: Path) -> None:
    taken = f"<Hour>9</Hour><Day>{day}</Day><Month>{month}</Month><Year>{year}</Year>"
    content = cardiosoft(wave()).replace(
        b"<PatientInfo>",
        f"<ObservationDateTime>{taken}</ObservationDateTime><PatientInfo>".encode(),
    )
    (tmp_path / "a.xml").write_bytes(content)
    assert _dates(tmp_path / "a.xml") == ((("date", told),) if told else ())
    (tmp_path / "b.xml").write_bytes(cardiosoft(wave()))
    assert _dates(tmp_path / "b.xml") == ()


@pytest.mark.parametrize(
    ("day", "told"), [((2, 1, 2003), "2003-01-02"), ((0, 0, 0), None), ((-9, -9, -9), None)]
)
def test_ishne(day: tuple[int, int, int], told: str | None, tmp_path: Path) -> None:
    content = bytearray(ishne(wave()))
    content[138:144] = np.array(day, "<i2").tobytes()
    (tmp_path / "a.ecg").write_bytes(content)
    assert _dates(tmp_path / "a.ecg") == ((("date", told),) if told else ())


@pytest.mark.parametrize(
    ("behind", "told"),
    [
        (" 11:05:23.5 2/1/2003", "2003-01-02"),
        (" 11:05:23", None),
        (" 11:05:23 31/02/2003", None),
        ("", None),
    ],
)
def test_wfdb(behind: str, told: str | None, tmp_path: Path) -> None:
    (tmp_path / "a.hea").write_text(f"a 1 500 200{behind}\na.dat 16 200 16 0 0 0 0 II\n")
    (tmp_path / "a.dat").write_bytes(wave(1, 200).tobytes())
    assert _dates(tmp_path / "a.hea") == ((("date", told),) if told else ())


@pytest.mark.parametrize("year", [1985, 1999, 2003, 2024])
def test_edf(year: int, tmp_path: Path) -> None:
    day = datetime.date(year, 1, 2)
    signal = edfio.EdfSignal(np.sin(np.arange(1000) / 9), 500, label="II", physical_dimension="mV")
    edfio.Edf([signal], recording=edfio.Recording(startdate=day)).write(tmp_path / "a.edf")
    assert _dates(tmp_path / "a.edf") == (("date", day.isoformat()),)
    # Without a day, edfio writes the first of 1985 and says that it is none.
    edfio.Edf([signal]).write(tmp_path / "b.edf")
    assert _dates(tmp_path / "b.edf") == ()


def test_a_damaged_section_of_the_patient_costs_the_date_alone(
    test_data: Path, tmp_path: Path
) -> None:
    content = bytearray((test_data / "scp" / "Example.scp").read_bytes())
    at = content.index(b"Clark")
    content[at : at + 5] = b"XXXXX"
    (tmp_path / "a.scp").write_bytes(content)
    assert _dates(tmp_path / "a.scp") == ()


@given(st.dates(datetime.date(1880, 1, 1)), st.sampled_from(["", "0910", "091000.000-0700"]))
def test_every_day_comes_back_as_it_was_written(day: datetime.date, time: str) -> None:
    expected = (("date", day.isoformat()),)
    assert dated(ASKED, day.strftime("%Y%m%d") + time, COMPACT) == expected
    assert dated(ASKED, f"{day.isoformat()}T{time}") == expected


@given(st.text(), st.sampled_from([COMPACT, ISO, "%m-%d-%Y", "%d/%m/%Y"]))
def test_whatever_is_written_is_a_day_or_nothing(written: str, pattern: str) -> None:
    for _, day in dated(ASKED, written, pattern):
        assert datetime.date.fromisoformat(day).isoformat() == day


TELLING = (
    *("Clark", "SBJ-123", "19530508", "03028041970546", "Anonymous", "19710123", "1971-01-23"),
    *("FAKE12345", "TESTONE", "06-10-1900", "1900-06-10", "MEDICAL CENTER"),
    *("20021122", "2002-11-22", "20130125", "2013-01-25", "01-02-2003", "2003-01-02"),
    *("1112010721168bdc", "2011-12-01"),
)
"""Names, numbers, births and days of the recordings of `told`, as files and ISO write them."""


def _told(test_data: Path, folder: Path, *options: str) -> tuple[Path, Ended]:
    """A job over recordings that say whose they are, under names that do not."""
    corpus = folder / "in"
    corpus.mkdir()
    for number, file in enumerate(("dicom/Example.dcm", "dicom/waveform_ecg.dcm")):
        shutil.copy(test_data / file, corpus / f"r{number}.dcm")
    shutil.copy(test_data / "scp" / "Example.scp", corpus / "s.scp")
    shutil.copy(test_data / "aecg" / "HL7_Example_aECG.xml", corpus / "a.xml")
    shutil.copy(test_data / "philips_xml" / "129DYPRG.XML", corpus / "p.xml")
    _muse_of("01-02-2003", test_data, corpus)
    out = folder / "OUT"
    quick = ("--layout", "3x4", "--dpi", "60", "--annotate", "boxes", "--workers", "1", "-v")
    ended = run_ecgmpi("render", corpus, "-o", out, *quick, *options).expect(0)
    assert len(pictures(out)) == 6
    return out, ended


def _said(out: Path, ended: Ended) -> Iterator[tuple[str, str]]:
    """Everything that a job left and said: whole files, and what is packed in them."""
    yield "the log", ended.out + ended.err
    for path in out.rglob("*"):
        if not path.is_file():
            continue
        content = path.read_bytes()
        yield path.name, content.decode("latin-1")
        for at in _places(content, b"\x78\x01"):
            with suppress(zlib.error):
                yield (
                    f"{path.name}@{at}",
                    zlib.decompressobj().decompress(content[at:]).decode("latin-1"),
                )
        if path.suffix == ".h5":
            with h5py.File(path) as file:
                yield path.name, " ".join(_texts(file))


def _places(content: bytes, what: bytes) -> Iterator[int]:
    at = content.find(what)
    while at >= 0:
        yield at
        at = content.find(what, at + 1)


def _texts(group: h5py.Group) -> Iterator[str]:
    for item in group.values():
        if isinstance(item, h5py.Group):
            yield from _texts(item)
        else:
            yield str(item[()].tolist())
            yield str(dict(item.attrs))


def test_nothing_that_a_job_leaves_says_whose_recordings_they_were(
    test_data: Path, tmp_path: Path
) -> None:
    said = list(_said(*_told(test_data, tmp_path)))
    found = {(where, word) for where, text in said for word in TELLING if word in text}
    assert not found
    # What the job does say is found where it is looked for, packed or not.
    for suffix in (".csv", ".h5", ".json"):
        assert any("r0" in text for where, text in said if suffix in where), suffix
    assert any("aVF" in text for where, text in said if "@" in where and ".png" not in where)


@pytest.mark.slow
def test_the_date_stands_on_the_page_where_it_was_asked_for(
    test_data: Path, tmp_path: Path
) -> None:
    for folder in ("with", "without"):
        (tmp_path / folder).mkdir()
    asked, _ = _told(test_data, tmp_path / "with", "--identify")
    unasked, _ = _told(test_data, tmp_path / "without")
    for name in ("r0", "r1", "s", "a", "p", "muse"):
        path = f"images/{name}.png"
        assert (asked / path).read_bytes() != (unasked / path).read_bytes(), name
    texts = {path.stem: path.read_text() for path in (asked / "images").glob("*.json")}
    assert "2002-11-22" in texts["r0"]
    assert "2003-01-02" in texts["muse"]
    assert not [word for word in ("Clark", "SBJ-123", "TESTONE") if word in str(texts)]
