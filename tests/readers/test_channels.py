"""From channels with names, units and rates to a recording in mV."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.ecg.record import Record
from ecgmpi.errors import RecordingError, UsageError
from ecgmpi.options.rendering import Rendering
from ecgmpi.readers import FORMATS, ReadHints, read
from ecgmpi.readers.channel import Channel
from ecgmpi.readers.channel_types import is_ecg
from ecgmpi.readers.channels import record_from_channels
from tests.readers.helpers import device_files
from tests.readers.helpers.writers import write_edf, write_wfdb


def made(*channels: Channel, **hints: Any) -> Record:
    return record_from_channels(channels, ReadHints(**hints), name="a", format="f")


def channel(name: str, rate: float | None = 500.0, unit: str = "mV", n: int = 10) -> Channel:
    return Channel(name, np.arange(n, dtype=np.int16), rate, unit)


@pytest.mark.parametrize(
    ("name", "unit", "ecg"),
    [
        *((name, "mV", True) for name in ("II", "aVR", "V1", "V", "MLII", "MCL1", "ECG", "sig 0")),
        *((name, "uV", True) for name in ("EKG", "ECG1-ECG2", "ECG II", "Holter 1", "X", "ch13")),
        *((name, "", True) for name in ("I", "col 0", "")),
        *((name, "uV", False) for name in ("Fp1", "EEG F4-A1", "C3-M2", "EMG chin", "EOG left")),
        *((name, "mV", False) for name in ("RESP", "PLETH", "ABP", "MCG_1", "foot GSR", "marker")),
        ("ABP", "mmHg", False), ("II", "NU", False), ("HR", "bpm", False), ("SpO2", "%", False),
    ],
)  # fmt: skip
def test_which_channels_are_ecg(name: str, unit: str, ecg: bool) -> None:
    assert is_ecg(name, unit) is ecg


def test_leads_in_any_order_and_spelling_and_twice() -> None:
    record = made(channel("avf"), channel("MDC_ECG_LEAD_V1"), channel("II"), channel("ii"))
    assert record.leads == ("aVF", "V1", "II", "II_2")
    assert record.notes == ("a second lead is called II: it is II_2 here",)


@given(
    unit=st.sampled_from([("mV", 1.0), ("uV", 1e-3), ("\N{MICRO SIGN}V", 1e-3), ("Volts", 1e3)]),
    gain=st.floats(0.01, 1e4),
    scale=st.floats(0.01, 1e4),
    baseline=st.integers(-3000, 3000),
)
def test_a_value_is_its_distance_from_the_baseline(
    unit: tuple[str, float], gain: float, scale: float, baseline: int
) -> None:
    stored = np.array([-32000, 0, 31999, baseline], np.int16)
    record = made(Channel("I", stored, 500.0, unit[0], gain, scale, baseline))
    expected = (stored.astype(np.float64) - baseline) * scale / gain * unit[1]
    np.testing.assert_allclose(record["I"], expected, rtol=1e-6)
    assert record.unit_known


def test_channels_of_different_lengths_end_in_gaps() -> None:
    record = made(channel("I", n=10), channel("II", n=7))
    assert np.isnan(record["II"]).sum() == 3
    assert record.notes == ("II ends after 7 of 10 samples",)


def test_of_two_rates_the_more_frequent_is_kept_and_of_equals_the_higher() -> None:
    assert made(channel("I", 250), channel("II", 500), channel("V1", 250)).leads == ("I", "V1")
    record = made(channel("I", 250), channel("II", 500))
    assert (record.leads, record.rate) == (("II",), 500.0)
    assert record.notes == ("I left out (250 Hz, where the others have 500)",)


@pytest.mark.parametrize(
    ("channels", "kind", "words"),
    [
        ([channel("RESP"), channel("Fp1", unit="uV")], "no-such-lead", "holds RESP, Fp1"),
        ([], "no-samples", "no signal at all"),
        ([channel("II", n=0)], "no-samples", "no samples"),
        ([channel("II", rate=float("nan"))], "corrupt", "nan samples per second"),
        ([channel("II", rate=-5.0)], "corrupt", "-5 samples per second"),
        ([channel(f"sig {n}") for n in range(65)], "wrong-shape", "65 channels"),
        ([Channel("II", np.full(9, np.nan), 1.0, "mV")], "all-nan", "all 9"),
        ([Channel("II", np.array([1.0, np.inf]), 1.0, "mV")], "infinite", "sample 1 is inf"),
        ([Channel("II", np.array(["a"]), 1.0, "mV")], "not-numeric", "channel II holds text"),
    ],
)
def test_channels_that_make_no_recording(channels: list[Channel], kind: str, words: str) -> None:
    with pytest.raises(RecordingError, match=words) as caught:
        made(*channels)
    assert caught.value.kind == kind


def test_the_user_says_what_the_file_does_not_and_nothing_else() -> None:
    silent, said = channel("I", None, ""), channel("II", 250.0, "uV")
    record = made(silent, rate=125.0, adc_gain=4.0)
    assert (record.rate, record.signal[0, 8], record.unit_known) == (125.0, 2.0, True)
    assert record.notes == ("rate 125 Hz as given", "4 counts per mV as given")
    record = made(said, rate=125.0, units="V")
    assert (record.rate, record.signal[0, 8]) == (250.0, np.float32(0.008))
    assert record.notes == (
        "--rate 125 not used: the file says 250 Hz",
        "--units V not used: the file says uV",
    )
    assert made(said, rate=250.0, units="uV").notes == ()
    record = made(silent)
    assert record.notes == ("rate 500 Hz assumed", "units mV assumed")
    assert not record.unit_known


@pytest.mark.parametrize(
    "options", [{"units": "uV", "adc_gain": 5.0}, {"adc_gain": 0.0}, {"max_samples": 0}]
)
def test_options_that_make_no_sense_together(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Rendering(**options)
    with pytest.raises(UsageError):
        ReadHints(**options)


@pytest.mark.parametrize(
    ("library", "extra"), [("edfio", "edf"), ("wfdb", "wfdb"), ("pydicom", "dicom")]
)
def test_a_library_that_is_missing_is_named_with_its_extra(
    library: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signal = np.random.default_rng(0).normal(0, 1, (2, 500))
    if extra == "edf":
        path = write_edf(tmp_path / "a.edf", signal)
    elif extra == "dicom":
        path = tmp_path / "a.dcm"
        path.write_bytes(device_files.saved(device_files.dicom(signal.astype(np.int16))))
    else:
        path = write_wfdb(tmp_path / "a", signal, "24")
    assert read(path).n_samples == 500
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(RecordingError, match=f"needs the library {library}") as caught:
        read(path)
    assert caught.value.remedy == f"pip install 'ecgmpi[{extra}]'"


def test_no_optional_library_is_needed_to_know_the_formats() -> None:
    for format in FORMATS:
        format.preload()
