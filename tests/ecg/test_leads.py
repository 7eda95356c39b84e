"""Spelling of leads, and the limb leads that follow from I and II."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ecgmpi.ecg.lead_names
from ecgmpi.ecg.lead_names import canonical, canonical_leads
from ecgmpi.ecg.leads import DERIVED, complete, derive, with_canonical_leads
from ecgmpi.ecg.record import STANDARD_LEADS, Record
from ecgmpi.errors import FailureKind, RecordingError

EIGHT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")


def record(leads: tuple[str, ...] = EIGHT, samples: int = 50) -> Record:
    signal = np.random.default_rng(1).normal(size=(len(leads), samples)).astype(np.float32)
    return Record("r", signal, 500.0, leads, notes=("a note",))


@pytest.mark.parametrize(
    ("lead", "spellings"),
    [
        ("I", "I|i|Lead I|LEAD I|Lead I (Einthoven)|MDC_ECG_LEAD_I|ECG I|EKG i|DI|D1|2:1"),
        ("II", "ii|lead II |Lead II (Einthoven)|MDC_ECG_LEAD_II|DII|2:2|5.6.3-9-2|ECG_Lead_II"),
        ("II", "ecg.II|ECG.lead.II"),
        ("III", "iii|Lead III|MDC_ECG_LEAD_III|DIII|D3|2:61|5.6.3-9-61|leadIII"),
        ("aVR", "avr|AVR|aVR|MDC_ECG_LEAD_AVR|MDC_ECG_LEAD_aVR|Lead aVR|aV R|2:62"),
        ("aVR", "aVR, augmented voltage, right|ECG aVR|Avr|\0aVR\0\0"),
        ("aVL", "avl|MDC_ECG_LEAD_AVL|aVL, augmented voltage, left|5.6.3-9-63"),
        ("aVF", "avf|MDC_ECG_LEAD_AVF|aVF, augmented voltage, foot|2:64"),
        ("-aVR", "-aVR|-AVR|\N{EN DASH}aVR|\N{MINUS SIGN}avr|Lead -aVR|MDC_ECG_LEAD_AVRneg|2:65"),
        ("V1", "v1|V1|ECG lead V1|Lead V1 |MDC_ECG_LEAD_V1|V 1|V-1|2:3|5.6.3-9-3"),
        ("V6", "v6|MDC_ECG_LEAD_V6|2:8"),
        ("V7", "V7|2:9"),
        ("V9", "V9|2:67"),
        ("V4R", "v4r|V4R|MDC_ECG_LEAD_V4R|2:12"),
        ("X", "vx|VX|MDC_ECG_LEAD_X|Lead X|2:16"),
        ("MLII", "MLII|mlii| MLII"),
        ("I", "LA-RA|la - ra|ECG_LA-RA|ECG LA\N{EN DASH}RA"),
        ("II", "LL-RA|Lead LL-RA"),
        ("III", "LL-LA|ll-la"),
    ],
)
def test_many_spellings_are_one_lead(lead: str, spellings: str) -> None:
    assert {spelling: canonical(spelling) for spelling in spellings.split("|")} == dict.fromkeys(
        spellings.split("|"), lead
    )


@pytest.mark.parametrize(
    "name",
    [
        "Resp",
        "PLETH",
        "ECG",
        "Lead",
        "1",
        "I-II",
        "LA-LA",
        "RA-LA",
        "LA",
        "2:31",
        "2:0",
        "CM5",
        "V10",
        "ch3",
        "x",
        "aVRL",
        "IIII",
        "Lead I (Frank)",
        "Lead I-cal (Einthoven)",
        "MDC_ECG_LEAD_fI",
        "MDC_ECG_LEAD_dI",
    ],
)
def test_what_is_no_standard_lead_keeps_its_name(name: str) -> None:
    assert canonical(f"  {name} ") == name


@given(st.text() | st.from_regex(r"(ECG|Lead|MDC_ECG_LEAD_)?[ -]?(I{1,3}|aV[RLF]|[vV][0-9]R?)"))
def test_a_canonical_name_stays(name: str) -> None:
    assert canonical(canonical(name)) == canonical(name)


@given(st.lists(st.sampled_from(["I", "i", "Lead I", "I_2", "", "ch2", "aVR", "-aVR", "odd"])))
def test_leads_of_a_file_are_all_different_and_stay(names: list[str]) -> None:
    leads = canonical_leads(names)
    assert len(set(leads)) == len(names)
    assert canonical_leads(leads) == leads


def test_leads_that_come_twice_are_numbered() -> None:
    assert canonical_leads(["ii", "Lead II", "", "II"]) == ("II", "II_2", "ch3", "II_3")


def test_a_record_with_canonical_leads_is_itself() -> None:
    plain = record()
    assert with_canonical_leads(plain) is plain
    assert with_canonical_leads(record(("avr", "Lead V1"))).leads == ("aVR", "V1")


def test_what_follows_from_i_and_ii() -> None:
    signal = np.array([[1.0, 0.5], [2.0, -0.25]], np.float32)
    found = derive(Record("r", signal, 500.0, ("I", "II")))
    assert found.leads == ("I", "II", "III", "aVR", "aVL", "aVF")
    np.testing.assert_array_equal(
        found.signal[2:], [[1.0, -0.75], [-1.5, -0.125], [0.0, 0.625], [1.5, -0.5]]
    )
    assert found.notes == ("III aVR aVL aVF derived from I and II",)


def test_only_what_is_not_there_is_derived() -> None:
    there = record(("I", "II", "aVR"))
    found = derive(there)
    np.testing.assert_array_equal(found["aVR"], there["aVR"])
    assert found.leads == ("I", "II", "aVR", "III", "aVL", "aVF")
    assert derive(found) is found
    alone = record(("I", "aVF"))
    assert derive(alone) is alone


def test_a_gap_in_i_or_ii_is_a_gap_in_what_follows() -> None:
    signal = np.ones((2, 4), np.float32)
    signal[0, 1] = signal[1, 2] = np.nan
    found = derive(Record("r", signal, 500.0, ("I", "II")))
    assert np.isnan(found.signal[2:]).tolist() == [[False, True, True, False]] * 4


def test_eight_leads_become_the_standard_twelve() -> None:
    for leads in (EIGHT, tuple(reversed(EIGHT))):
        found = complete(record(leads))
        assert found.leads == STANDARD_LEADS
        assert found.notes == ("a note", "III aVR aVL aVF derived from I and II")
        np.testing.assert_array_equal(found["V3"], record(leads)["V3"])


@pytest.mark.parametrize(
    ("leads", "whole"),
    [
        ((*EIGHT, "V3R", "V4R", "V7"), (*STANDARD_LEADS, "V3R", "V4R", "V7")),
        (("V7", *EIGHT, "X"), (*STANDARD_LEADS, "V7", "X")),
        ((*EIGHT, "III"), STANDARD_LEADS),
        ((*EIGHT, "aVF", "V8", "aVL"), (*STANDARD_LEADS, "V8")),
        ((*EIGHT, "-aVR"), ("I", "II", "III", "aVL", "aVF", *STANDARD_LEADS[6:], "-aVR")),
    ],
)
def test_eight_leads_and_others_become_twelve_and_the_others(
    leads: tuple[str, ...], whole: tuple[str, ...]
) -> None:
    there = record(leads)
    found = complete(there)
    assert found.leads == whole
    for lead in leads:
        np.testing.assert_array_equal(found[lead], there[lead])
    np.testing.assert_array_equal(found["aVL"], derive(there)["aVL"])
    assert set(found.made) == set(whole) - set(leads)


@pytest.mark.parametrize(
    "leads",
    [
        ("I", "II"),
        ("I", "II", "V1"),
        (*EIGHT[:7], "V7"),
        (*EIGHT, "III", "aVR", "aVL", "aVF", "V7"),
        (*EIGHT, "III", "-aVR", "aVL", "aVF"),
    ],
)
def test_other_recordings_stay_as_they_are(leads: tuple[str, ...]) -> None:
    assert complete(record(leads)).leads == leads


def test_leads_that_are_asked_for_are_derived_and_no_others() -> None:
    found = complete(record(("I", "II")), ("aVF", "I"))
    assert found.leads == ("I", "II", "aVF")
    assert found.notes[-1] == "aVF derived from I and II"
    assert complete(record(), ("V1", "II")).leads == EIGHT
    assert complete(record(("II",)), ("aVF",)).leads == ("II",)


def test_beyond_float32_is_refused() -> None:
    huge = np.array([[3e38], [-3e38]], np.float32)
    with pytest.raises(RecordingError, match="III cannot be made") as caught:
        derive(Record("r", huge, 500.0, ("I", "II")))
    assert caught.value.kind == FailureKind.INFINITE


def test_the_examples_hold() -> None:
    assert doctest.testmod(ecgmpi.ecg.lead_names).failed == 0


def test_every_factor_is_exact() -> None:
    assert {abs(part) for parts in DERIVED.values() for part in parts} == {0.5, 1.0}
