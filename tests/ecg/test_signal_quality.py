from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from ecgmpi.ecg.record import Assumption, Record
from ecgmpi.ecg.signal_quality import lead_facts, signal_warnings
from ecgmpi.ecg.synthetic import synthesize


def found(signal: npt.NDArray[np.float32], unit_known: bool = True) -> list[str]:
    record = synthesize(0, 1)
    record = Record(
        "a",
        signal,
        record.rate,
        record.leads[: len(signal)],
        assumed=() if unit_known else (Assumption.UNIT,),
    )
    return signal_warnings(record, lead_facts(record))


def heart() -> npt.NDArray[np.float32]:
    return synthesize(0, 1).signal.copy()


@pytest.mark.parametrize("number", range(6))
def test_a_plain_recording_has_none(number: int) -> None:
    assert found(synthesize(0, number).signal.copy()) == []


def test_leads_that_are_cut_off() -> None:
    signal = heart()
    signal[7] = np.clip(signal[7] * 3, -0.5, 0.5)
    assert found(signal) == ["saturated (cut off at its largest or smallest value): V2"]


def test_a_step_that_comes_again_is_not_saturation() -> None:
    signal = np.round(heart(), 1)
    assert not any("saturated" in words for words in found(signal) if "V" not in words)


def test_zeros_at_an_end() -> None:
    signal = heart()
    signal[:, :400] = 0
    signal[:, -1000:] = 0
    assert found(signal) == ["padding: zeros in all leads, 400 at the start and 1,000 at the end"]


@pytest.mark.parametrize(("sample", "padded"), [(250, True), (3, False)])
def test_a_signalling_nan_is_a_gap_as_any_other(sample: int, padded: bool) -> None:
    """Damaged files of floats hold them, and numpy may warn of one."""
    signal = heart()
    signal[:, :300] = 0
    signal[0].view(np.uint32)[sample] = 0x7FA00000
    padding = ["padding: zeros in all leads, 250 at the start"] if padded else []
    assert found(signal) == ["gaps (NaN) in I", *padding]


def test_the_same_lead_twice() -> None:
    signal = heart()
    signal[8] = signal[6]
    assert found(signal) == ["the same samples in V1 and V3"]


@pytest.mark.parametrize(
    ("factor", "unit_known", "words"),
    [
        (1000, False, "look like uV or raw counts (set --units uV or --adc-gain N)"),
        (1000, True, "look like uV or raw counts (though its unit is known)"),
        (0.001, False, "look like V (set --units V)"),
    ],
)
def test_amplitudes_that_no_heart_has(factor: float, unit_known: bool, words: str) -> None:
    assert words in found(heart() * np.float32(factor), unit_known)[0]
