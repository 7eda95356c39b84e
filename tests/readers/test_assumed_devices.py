"""What a device's file leaves open is assumed by name, and what it says in vain is reported."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecgmpi.readers import ReadHints
from tests.readers.helpers import binary_files, device_files
from tests.readers.helpers.reading import read_as, refusal, wave

COUNTS = wave(12, 400)


def without(content: bytes, pattern: str, by: str = "") -> bytes:
    """`content` with each match of `pattern` replaced, of which there must be one."""
    changed, count = re.subn(pattern.encode(), by.encode(), content)
    assert count
    return changed


def dicom(change: Callable[[Any], None]) -> bytes:
    file = device_files.dicom(COUNTS)
    for channel in file.WaveformSequence[0].ChannelDefinitionSequence:
        change(channel)
    return device_files.saved(file)


def no_units(channel: Any) -> None:
    del channel.ChannelSensitivityUnitsSequence


def no_sensitivity(channel: Any) -> None:
    del channel.ChannelSensitivity


def units_by_meaning(channel: Any) -> None:
    (item,) = channel.ChannelSensitivityUnitsSequence
    item.CodeValue, item.CodeMeaning = "99", "microvolt"


AECG = device_files.aecg(COUNTS)
MUSE = device_files.muse(COUNTS, scale="2.5")
SOFT = device_files.cardiosoft(COUNTS, scale="2.5")
SIERRA = device_files.sierra(COUNTS, scale="2.5")

FILES: dict[str, tuple[str, bytes, tuple[str, ...], str]] = {
    "aecg": ("a.xml", AECG, (), ""),
    "aecg, a scale without a unit": (
        "a.xml",
        without(AECG, '<scale value="2.5" unit="uV"/>', '<scale value="2.5"/>'),
        ("unit",),
        "unit uV of origins whose scale has none",
    ),
    "aecg, no scale and no origin": (
        "a.xml",
        without(AECG, "<(scale|origin)[^>]*>"),
        ("unit",),
        "",
    ),
    "aecg, a time step without a unit": (
        "a.xml",
        without(AECG, ' unit="s"'),
        ("rate",),
        "time step of 0.002, without a unit",
    ),
    "dicom": ("a.dcm", dicom(lambda _: None), (), ""),
    "dicom, units by their meaning": ("a.dcm", dicom(units_by_meaning), (), ""),
    "dicom, no units": ("a.dcm", dicom(no_units), ("unit",), ""),
    "dicom, no sensitivity": (
        "a.dcm",
        dicom(no_sensitivity),
        ("unit",),
        "unit uV of channels without a sensitivity",
    ),
    "edf": ("a.edf", binary_files.edf_records(COUNTS, ["+0"]), (), ""),
    "edf, no unit": ("a.edf", binary_files.edf_records(COUNTS, ["+0"], unit=""), ("unit",), ""),
    "muse": ("a.xml", MUSE, (), ""),
    "muse, no rate": ("a.xml", without(MUSE, "<SampleBase>.*</SampleBase>"), ("rate",), ""),
    "muse, no unit": (
        "a.xml",
        without(MUSE, "<LeadAmplitudeUnits>.*</LeadAmplitudeUnits>"),
        ("unit",),
        "",
    ),
    "muse, no units per bit": (
        "a.xml",
        without(MUSE, "<LeadAmplitudeUnitsPerBit>.*</LeadAmplitudeUnitsPerBit>"),
        ("unit",),
        "unit MICROVOLTS of leads without units per bit",
    ),
    "cardiosoft": ("a.xml", SOFT, (), ""),
    "cardiosoft, a rate without a unit": (
        "a.xml",
        without(SOFT, '<SampleRate units="Hz">', "<SampleRate>"),
        (),
        "",
    ),
    "cardiosoft, no rate": (
        "a.xml",
        without(SOFT, '<SampleRate units="Hz">.*</SampleRate>'),
        ("rate",),
        "",
    ),
    "cardiosoft, a rate in another unit": (
        "a.xml",
        without(SOFT, '<SampleRate units="Hz">', '<SampleRate units="ms">'),
        ("rate",),
        "sampling rate of 500 ms",
    ),
    "cardiosoft, no unit": ("a.xml", without(SOFT, ' units="uVperLsb"'), ("unit",), ""),
    "cardiosoft, no resolution": (
        "a.xml",
        without(SOFT, ">2.5<", "><"),
        ("unit",),
        "unit uV, without a resolution",
    ),
    "sierra": ("a.xml", SIERRA, (), ""),
    "sierra, no rate": ("a.xml", without(SIERRA, "<samplingrate>.*</samplingrate>"), ("rate",), ""),
    "sierra, no resolution": (
        "a.xml",
        without(SIERRA, "<signalresolution>.*</signalresolution>"),
        ("unit",),
        "",
    ),
    "scp": ("a.scp", binary_files.scp(COUNTS), (), ""),
    "ishne": ("a.ecg", binary_files.ishne(COUNTS, rate=500), (), ""),
}
"""What is in it -> name, content, what is assumed, and the statement that is not used."""


@pytest.mark.parametrize("case", FILES)
def test_what_is_assumed_of_a_device(case: str, tmp_path: Path) -> None:
    name, content, assumed, unused = FILES[case]
    record = read_as(name, content, tmp_path)
    assert record.assumed == assumed
    assert record.unused == ((unused,) if unused else ())
    assert record.n_leads == 12
    if "unit" in assumed:
        assert "units mV assumed" in record.notes
        counts = read_as(name, content, tmp_path, ReadHints(adc_gain=400.0))
        np.testing.assert_array_equal(counts.signal, (COUNTS / 400.0).astype(np.float32))
        assert counts.assumed == ()
    if "rate" in assumed:
        assert "rate 500 Hz assumed" in record.notes
        given = read_as(name, content, tmp_path, ReadHints(rate=400.0))
        assert (given.rate, given.assumed) == (400.0, ())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (without(MUSE, "<SampleBase>500<", "<SampleBase>fast<"), "says 'fast'"),
        (without(MUSE, "<SampleBase>500<", "<SampleBase>0<"), "0e0 samples per second"),
        (without(SOFT, '"Hz">500<', '"Hz">0<'), "0 samples per second"),
        (without(SOFT, '"Hz">500<', '"Hz">-5<'), "-5 samples per second"),
        (without(SIERRA, ">500</sampling", ">x</sampling"), "says 'x'"),
        (without(SIERRA, ">2.5</signalres", ">0</signalres"), "resolution is 0"),
    ],
)
def test_a_rate_that_makes_no_sense_is_not_passed_over(
    content: bytes, words: str, tmp_path: Path
) -> None:
    assert words in refusal("a.xml", content, tmp_path).message


def test_a_muse_offset_is_told(tmp_path: Path) -> None:
    moved = without(MUSE, "<LeadID>V4<", "<LeadTimeOffset>1250</LeadTimeOffset><LeadID>V4<")
    record = read_as("a.xml", moved, tmp_path)
    assert record.notes == ("V4 is not shifted by its LeadTimeOffset",)
    zero = without(MUSE, "<LeadID>", "<LeadTimeOffset>0</LeadTimeOffset><LeadID>")
    assert read_as("b.xml", zero, tmp_path).notes == ()
