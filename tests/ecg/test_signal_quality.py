from __future__ import annotations

from dataclasses import replace
from itertools import groupby

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ecgmpi.ecg.record import Assumption, Record
from ecgmpi.ecg.signal_quality import (
    OTHER_KIND,
    kind_of,
    lead_facts,
    signal_warnings,
    warnings_by_kind,
)
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


def everything_odd() -> list[str]:
    """Warnings of recordings that have between them all that can look odd."""
    one, large, small = heart(), heart() * np.float32(1000), heart() * np.float32(0.001)
    one[2] = 0
    one[3, 1005:1009] = np.nan
    one[5] = one[4]
    one[7] = np.clip(one[7] * 3, -0.5, 0.5)
    one[:, :400] = 0
    small[1] = np.nan
    statements = ("rate of 512 Hz; gain 3 in line 3", "unit mmHg")
    record = replace(synthesize(0, 1), signal=one, rate=5.0, unused=statements)
    odd = signal_warnings(record, lead_facts(record))
    return [*odd, *found(large), *found(small)]


def test_each_warning_has_a_kind_that_no_other_has() -> None:
    kinds = [kind_of(warning) for warning in everything_odd()]
    assert OTHER_KIND not in kinds
    assert kinds.count("statement not used") == 2
    assert len(set(kinds)) == len(kinds) - 1 == 10


def test_warnings_that_were_joined_come_apart_by_kind() -> None:
    odd = everything_odd()
    apart = warnings_by_kind("; ".join(odd))
    assert list(apart.values()) == [odd[0], *odd[2:]]
    assert list(apart) == list(dict.fromkeys(map(kind_of, odd)))
    assert warnings_by_kind("") == {}


def test_a_warning_that_was_cut_off_keeps_its_kind() -> None:
    assert warnings_by_kind("flat: V1; gaps (NaN) in V2, V...") == {
        "flat lead": "flat: V1",
        "gaps (NaN)": "gaps (NaN) in V2, V...",
    }


@given(
    arrays.arrays(np.float32, (1, 60), elements=st.sampled_from([-1.0, 0.0, 0.5, 2.0])),
    st.integers(1, 5),
)
def test_stays_at_a_limit_are_found_wherever_they_begin(
    signal: npt.NDArray[np.float32], times: int
) -> None:
    # At 100 Hz five samples in a row are a stay, and three of them are told.
    signal = np.repeat(signal, times, axis=1)
    record = Record("a", signal, 100.0, ("I",))
    stays = [
        sum(len(list(same)) >= 5 for value, same in groupby(signal[0].tolist()) if value == extreme)
        for extreme in (signal.min(), signal.max())
    ]
    told = any("saturated" in words for words in signal_warnings(record, lead_facts(record)))
    assert told == (max(stays) >= 3 and bool(signal.min() < signal.max()))
