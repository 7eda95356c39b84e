"""Limb leads that agree in another order than the one that was assumed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecgmpi.ecg.lead_check import OTHER_ORDERS, check_and_repair, check_leads
from ecgmpi.ecg.limb_leads import CONSISTENT
from ecgmpi.ecg.record import STANDARD_LEADS, Assumption, Record
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.readers import ReadHints, read
from tests.processes import run_ecgmpi


def stored(order: tuple[str, ...], assumed: bool = True) -> Record:
    """A good recording whose rows are in `order`, read as if they were in the usual one."""
    record = synthesize(0, 3)
    rows = np.stack([-record["aVR"] if lead == "-aVR" else record[lead] for lead in order])
    return Record(
        "a", rows, record.rate, STANDARD_LEADS, assumed=(Assumption.LEADS,) if assumed else ()
    )


@pytest.mark.parametrize("order", OTHER_ORDERS, ids=" ".join)
def test_the_order_in_which_the_leads_agree_is_found(order: tuple[str, ...]) -> None:
    check = check_leads(stored(order))
    assert check.order == order
    assert not check.good
    assert check.verdict == f"consistent only in the order {' '.join(order)}"
    assert check.remedy == f"set --lead-names {','.join(order)}"


@pytest.mark.parametrize("factor", [1.0, 1000.0])
def test_whatever_the_unit_seems_to_be(factor: float) -> None:
    record = stored(OTHER_ORDERS[0])
    record = replace(record, signal=record.signal * np.float32(factor))
    assert check_leads(record).order == OTHER_ORDERS[0]


def test_names_that_the_file_states_are_not_doubted() -> None:
    check = check_leads(stored(OTHER_ORDERS[0], assumed=False))
    assert check.order == ()
    assert check.wrong


def test_the_usual_order_stays_what_it_is() -> None:
    assert check_leads(stored(STANDARD_LEADS)).verdict == CONSISTENT


@pytest.mark.parametrize("order", OTHER_ORDERS, ids=" ".join)
def test_a_repair_overwrites_nothing_in_another_order(order: tuple[str, ...]) -> None:
    record = stored(order)
    repaired, check = check_and_repair(record, repair=True)
    assert np.array_equal(repaired.signal, record.signal)
    assert repaired.made == ()
    assert "not recomputed" in repaired.notes[-1]
    assert check.order == order


def test_one_release_with_two_wrong_leads_is_in_the_usual_order(test_data: Path) -> None:
    files = sorted((test_data / "first_china" / "TRAIN").glob("*.mat"))
    assert {check_leads(read(path)).verdict for path in files} == {"aVR inverted, aVL wrong"}


def test_a_reported_file_names_its_order_and_is_right_with_it(test_data: Path) -> None:
    path = test_data / "reported" / "other_order.npy"
    order = OTHER_ORDERS[0]
    said = run_ecgmpi("inspect", path).expect(0).out
    assert f"consistent only in the order {' '.join(order)}" in said
    assert f"set --lead-names {','.join(order)}" in said
    assert "--repair-limb" not in said
    record = read(path, ReadHints(lead_names=order))
    assert record.leads == order
    assert check_leads(record).verdict == CONSISTENT
    assert record["aVR"][222] == pytest.approx(-0.442, abs=0.001)
    assert Assumption.LEADS not in record.assumed
