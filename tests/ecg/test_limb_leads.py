"""What the limb leads say of each other: made faults, and real recordings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ecgmpi.ecg.lead_check import check_and_repair, repair_limb
from ecgmpi.ecg.leads import DERIVED, derive, from_limbs
from ecgmpi.ecg.limb_leads import (
    BY_GAINS,
    BY_OFFSETS,
    CONSISTENT,
    INCONSISTENT,
    NOT_CHECKED,
    SWAPPED,
    TOLERANCE_MV,
    check_limb,
)
from ecgmpi.ecg.record import STANDARD_LEADS, Record
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.readers import ReadHints, read

Signal = npt.NDArray[np.float32]


def limbs(seed: int = 0, samples: int = 2000) -> Record:
    """Six limb leads of noise, 1 mV strong, that agree."""
    signal = np.random.default_rng(seed).normal(size=(2, samples)).astype(np.float32)
    return derive(Record("r", signal, 500.0, ("I", "II")))


def changed(record: Record, **rows: npt.NDArray[np.floating]) -> Record:
    """`record` with the samples of some leads replaced."""
    signal = record.signal.copy()
    for lead, samples in rows.items():
        signal[record.leads.index(lead)] = samples
    return replace(record, signal=signal)


def twelve(path: Path, rate: float, gain: float = 1000.0) -> Record:
    """Twelve leads from a file of plain text or int16, whatever reads it later."""
    if path.suffix == ".csv":
        table = np.genfromtxt(path, delimiter=",", skip_header=1)
    else:
        table = np.fromfile(path, "<i2").reshape(-1, 12) / gain
    return Record(path.stem, np.ascontiguousarray(table.T, np.float32), rate, STANDARD_LEADS)


def test_leads_that_agree() -> None:
    check = check_limb(limbs())
    assert check.verdict == CONSISTENT
    assert check.good
    assert check.residual_mv == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("lead", DERIVED)
def test_one_lead_upside_down_or_wrong(lead: str) -> None:
    good = limbs()
    mirrored = check_limb(changed(good, **{lead: -good[lead]}))
    assert (mirrored.verdict, mirrored.wrong) == (f"{lead} inverted", (lead,))
    wrong = check_limb(changed(good, **{lead: good["I"] * 0.3 + 0.2}))
    assert (wrong.verdict, wrong.wrong) == (f"{lead} wrong", (lead,))


@pytest.mark.parametrize("lead", ["I", "II"])
def test_a_fault_of_i_or_ii_is_theirs_and_mends_nothing(lead: str) -> None:
    good = limbs()
    mirrored = changed(good, **{lead: -good[lead]})
    assert check_limb(mirrored).verdict == f"{lead} inverted"
    wrong = changed(good, **{lead: limbs(seed=9)["I"]})
    assert check_limb(wrong).verdict == f"{lead} wrong"
    for record in (mirrored, wrong):
        kept, check = check_and_repair(record, repair=True)
        np.testing.assert_array_equal(kept.signal, record.signal)
        assert kept.notes[-1].startswith(f"limb leads not recomputed: {check.verdict}")


def test_i_and_ii_upside_down() -> None:
    good = limbs()
    assert check_limb(changed(good, I=-good["I"], II=-good["II"])).verdict == "I and II inverted"


def test_two_faults_and_an_offset() -> None:
    good = limbs()
    record = changed(good, aVR=-good["aVR"], aVL=good["II"] / 2)
    assert check_limb(record).verdict == "aVR inverted, aVL wrong"
    record = changed(record, III=good["III"] + np.float32(0.1))
    check = check_limb(record)
    assert check.verdict == "aVR inverted, aVL wrong, others by offsets"
    assert check.wrong == ("III", "aVR", "aVL")


def test_offsets() -> None:
    good = limbs()
    check = check_limb(changed(good, III=good["III"] + np.float32(0.4), I=good["I"] - 0.03))
    assert check.verdict == BY_OFFSETS
    assert check.residual_mv == pytest.approx(0.37, abs=1e-3)
    assert check.offset_free_mv == pytest.approx(0.0, abs=1e-6)


def test_gains() -> None:
    good = limbs()
    gains = {lead: np.float32(0.6 + 0.2 * place) for place, lead in enumerate(good.leads)}
    check = check_limb(changed(good, **{lead: good[lead] * gain for lead, gain in gains.items()}))
    assert (check.verdict, check.wrong) == (BY_GAINS, ())
    # As long as I and II go together, the others follow from them.
    four = {lead: good[lead] * gains[lead] for lead in DERIVED}
    check = check_limb(changed(good, **four))
    assert check.wrong
    _, mended = repair_limb(changed(good, **four), check)
    assert mended.verdict == CONSISTENT


def test_leads_of_two_recordings() -> None:
    good, other = limbs(), limbs(seed=5)
    check = check_limb(changed(good, **{lead: other[lead] for lead in DERIVED}))
    assert check.verdict == INCONSISTENT


@pytest.mark.parametrize(
    "leads", [("I", "II"), ("I", "III", "aVF"), ("II", "V1"), ("I", "II", "V1", "MLII")]
)
def test_too_few_leads_to_tell(leads: tuple[str, ...]) -> None:
    check = check_limb(Record("r", np.ones((len(leads), 9), np.float32), 500.0, leads))
    assert (check.verdict, check.residual_mv, check.good) == (NOT_CHECKED, None, True)


def test_three_leads_tell_who_is_upside_down_but_not_who_is_wrong() -> None:
    three = limbs().select(("I", "II", "III"))
    assert check_limb(three).verdict == CONSISTENT
    assert check_limb(changed(three, III=-three["III"])).verdict == "III inverted"
    assert check_limb(changed(three, III=three["I"])).verdict == INCONSISTENT


def test_flat_leads_prove_nothing() -> None:
    check = check_limb(replace(limbs(), signal=np.zeros((6, 2000), np.float32)))
    assert check.verdict == NOT_CHECKED


def test_minus_avr_stands_for_avr() -> None:
    good = limbs()
    record = replace(
        changed(good, aVR=-good["aVR"]), leads=("I", "II", "III", "-aVR", "aVL", "aVF")
    )
    assert check_limb(record).verdict == CONSISTENT
    turned = changed(record, **{"-aVR": -record["-aVR"]})
    assert check_limb(turned).verdict == "aVR inverted"
    mended, check = check_and_repair(turned, repair=True)
    assert check.verdict == CONSISTENT
    np.testing.assert_allclose(mended["-aVR"], record["-aVR"], atol=1e-6)


def test_gaps_are_left_out() -> None:
    good = limbs()
    signal = good.signal.copy()
    signal[3, 100:300] = np.nan
    signal[0, :20] = np.nan
    gaps = replace(good, signal=signal)
    assert check_limb(gaps).verdict == CONSISTENT
    gone = changed(gaps, aVL=gaps["aVL"] * np.float32(np.nan), aVR=-gaps["aVR"])
    assert check_limb(gone).verdict == "aVR inverted"
    gone = changed(gone, II=gone["aVL"])
    assert check_limb(gone).verdict == NOT_CHECKED


def test_a_moment_without_a_lead_is_no_fault_of_it() -> None:
    good = limbs()
    avl = good["aVL"].copy()
    avl[500:515] = 5.0
    assert check_limb(changed(good, aVL=avl)).verdict == CONSISTENT


@pytest.mark.parametrize("step", [0.001, 0.0025, 0.00488, 0.01])
def test_rounding_and_cutting_off_are_within_the_tolerance(step: float) -> None:
    good = limbs()
    for cut in (np.round, np.floor, np.trunc):
        steps = cut(good.signal / step) * step
        check = check_limb(replace(good, signal=steps.astype(np.float32)))
        assert check.verdict == CONSISTENT
        assert check.residual_mv is not None
        assert check.residual_mv <= min(2.0 * step + 1e-6, TOLERANCE_MV)


def test_a_unit_that_is_wrong_changes_no_verdict() -> None:
    counts = np.round(limbs().signal * 1000.0).astype(np.float32)
    good = replace(limbs(), signal=counts)
    assert check_limb(good).verdict == CONSISTENT
    assert check_limb(changed(good, aVL=-good["aVL"])).verdict == "aVL inverted"


signals = arrays.arrays(
    np.float32,
    st.tuples(st.just(2), st.integers(1, 60)),
    elements=st.floats(-1e6, 1e6, width=32),
)


@given(signals)
def test_whatever_i_and_ii_are_what_follows_agrees(signal: Signal) -> None:
    record = derive(Record("r", signal, 500.0, ("I", "II")))
    check = check_limb(record)
    assert check.verdict in (CONSISTENT, NOT_CHECKED)
    assert check.residual_mv is not None
    assert check.residual_mv <= 2 * np.finfo(np.float32).eps * np.abs(signal).max()


@given(signals, st.sampled_from(tuple(DERIVED)))
def test_whatever_i_and_ii_are_a_lead_turned_over_is_noticed(signal: Signal, lead: str) -> None:
    good = derive(Record("r", signal, 500.0, ("I", "II")))
    signal = good.signal[2:] - np.median(good.signal[2:], axis=1, keepdims=True)
    check = check_limb(changed(good, **{lead: -good[lead]}))
    # A lead is only a lead where there is something in it, and here it is in each sample.
    least = np.abs(good[lead]).min()
    if least > 0.02 * np.abs(good.signal).max() and least > TOLERANCE_MV:
        assert not check.good
        if check.verdict != BY_OFFSETS:
            assert f"{lead} inverted" in check.verdict or check.verdict == INCONSISTENT


@given(
    arrays.arrays(
        np.float32,
        st.tuples(st.integers(1, 8), st.integers(0, 40)),
        elements=st.floats(width=32, allow_infinity=False),
    )
)
def test_any_signal_has_a_verdict(signal: Signal) -> None:
    leads = STANDARD_LEADS[: signal.shape[0]]
    assert check_limb(Record("r", signal, 500.0, leads)).verdict


def test_repair_says_what_it_did() -> None:
    good = limbs()
    record, check = check_and_repair(
        changed(good, aVR=-good["aVR"], aVL=good["II"] / 2), repair=True
    )
    assert check.verdict == CONSISTENT
    np.testing.assert_array_equal(record.signal, good.signal)
    note = "aVR aVL recomputed from I and II; limb leads had been aVR inverted, aVL wrong (residual"
    assert record.notes[-1].startswith(note)
    assert check_and_repair(good, repair=True)[0] is good


def swap(record: Record) -> Record:
    """`record` as it would be with the electrodes of the arms exchanged."""
    rows = {"I": -record["I"], "II": record["III"], "III": record["II"]}
    return changed(record, **rows, aVR=record["aVL"], aVL=record["aVR"])


def test_exchanged_arms_are_told_in_some_hearts_and_never_where_they_are_right() -> None:
    hearts = [synthesize(0, index) for index in range(40)]
    assert {check_limb(heart).verdict for heart in hearts} == {CONSISTENT}
    found = [check_limb(swap(heart)).verdict for heart in hearts]
    assert set(found) == {CONSISTENT, SWAPPED}
    assert found.count(SWAPPED) >= 10


def test_a_heart_on_the_right_side_is_no_exchange_of_arms() -> None:
    told = [
        heart
        for heart in (swap(synthesize(0, index)) for index in range(40))
        if check_limb(heart).verdict == SWAPPED
    ]
    for heart in told:
        mirrored = changed(heart, V1=heart["V6"] * np.float32(0.6), V5=heart["V1"], V6=heart["V1"])
        assert check_limb(mirrored).verdict == CONSISTENT


def real_limbs(record: Record) -> Record:
    """`record` with the four limb leads that follow from I and II."""
    return changed(record, **{lead: from_limbs(record, lead) for lead in DERIVED})


def test_every_recording_of_first_china_is_flagged_and_mended(test_data: Path) -> None:
    files = sorted((test_data / "first_china" / "TRAIN").glob("*.mat"))
    assert len(files) >= 40
    for file in files:
        record = read(file)
        check = check_limb(record)
        assert check.verdict == "aVR inverted, aVL wrong", file.name
        assert check.residual_mv is not None
        assert check.residual_mv > 10 * TOLERANCE_MV
        mended, after = check_and_repair(record, repair=True)
        assert after.verdict == CONSISTENT, file.name
        np.testing.assert_array_equal(mended["III"], record["III"])
        np.testing.assert_allclose(mended["aVR"], -record["aVR"], atol=1e-5)


def test_the_corrected_recording_is_consistent(test_data: Path) -> None:
    record = read(test_data / "first_china" / "corrected_TEST459.mat")
    assert check_limb(record).verdict == CONSISTENT
    # What repair makes of the fault is what the correction made of it.
    broken = changed(record, aVR=-record["aVR"], aVL=record["II"] / 2)
    np.testing.assert_allclose(
        check_and_repair(broken, repair=True)[0].signal, record.signal, atol=1e-6
    )


def test_real_recordings_agree_to_their_steps(test_data: Path) -> None:
    georgia = ReadHints(key="val", units="uV")
    for record in (
        read(test_data / "cinc2021" / "E07500.mat", georgia),
        read(test_data / "cinc2021" / "E07501.mat", georgia),
        twelve(test_data / "csv" / "ptbxl_00112_hr.csv", 500.0),
        twelve(test_data / "wfdb" / "00001_lr.dat", 100.0),
        twelve(test_data / "wfdb" / "s0010_re.dat", 1000.0, gain=2000.0),
    ):
        check = check_limb(record)
        assert check.verdict == CONSISTENT
        assert check.residual_mv is not None
        assert check.residual_mv <= 0.002


def test_ludb_scales_each_lead_by_itself(test_data: Path) -> None:
    """Each lead of the file spans 1.000 mV: not offsets but gains, to a microvolt."""
    record = twelve(test_data / "csv" / "ludb_138.csv", 500.0)
    np.testing.assert_allclose(np.ptp(record.signal, axis=1), 1.0, atol=1e-6)
    check = check_limb(record)
    assert check.verdict == BY_GAINS
    assert check.residual_mv == pytest.approx(0.326, abs=0.001)
    assert check.offset_free_mv == pytest.approx(check.residual_mv, abs=0.001)
    kept, _ = check_and_repair(record, repair=True)
    np.testing.assert_array_equal(kept.signal, record.signal)


def test_real_arms_are_where_they_belong_and_are_told_when_exchanged(test_data: Path) -> None:
    files = sorted((test_data / "first_china" / "TRAIN").glob("*.mat"))
    hearts = [real_limbs(read(file)) for file in files]
    assert {check_limb(heart).verdict for heart in hearts} == {CONSISTENT}
    found = [check_limb(swap(heart)).verdict for heart in hearts]
    assert found.count(SWAPPED) >= 5


def test_eight_real_leads_are_completed(test_data: Path) -> None:
    record, check = check_and_repair(read(test_data / "derived" / "eight_leads.mat"))
    assert record.leads == STANDARD_LEADS
    assert check.verdict == NOT_CHECKED
    assert check_limb(record).verdict == CONSISTENT
    assert record.notes[-1] == "III aVR aVL aVF derived from I and II"
