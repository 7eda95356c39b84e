"""Which split a value is in: by what it is, and by its hash."""

from __future__ import annotations

import hashlib
from collections import Counter
from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.errors import UsageError
from ecgmpi.labels.column_types import Kind
from ecgmpi.labels.splitting import OneSpelling, Splitter
from ecgmpi.options.labels import Labelling

TABLE = (("t.csv",), ("id",))


def splitter(split: str) -> Splitter:
    if "=" in split:
        return Splitter(Labelling(*TABLE, split=split))
    return Splitter(Labelling(split=split))


def as_the_chapter_does(value: str) -> str:
    """The split by 80/10/10, in the three lines that the chapter on labels has."""
    first = int.from_bytes(hashlib.sha256(value.strip().encode()).digest()[:8], "big")
    percent = 100 * first / 2**64
    return "train" if percent < 80 else "val" if percent < 90 else "test"


VALUES = st.text(max_size=12).filter(lambda value: value.strip().lower() != "nan")
SHARES = st.lists(st.integers(1, 97), min_size=1, max_size=5).filter(lambda some: sum(some) < 100)


@given(VALUES)
def test_anyone_can_compute_it(value: str) -> None:
    expected = as_the_chapter_does(value) if value.strip() else ""
    assert splitter("80/10/10").of(value) == expected
    assert splitter("80/10/10").of(f"\t {value} ") == splitter("80/10/10").of(value)


@given(SHARES, st.lists(VALUES, max_size=20))
def test_it_is_where_the_hash_falls_among_the_shares(shares: list[int], values: list[str]) -> None:
    shares = [*shares, 100 - sum(shares)]
    made = splitter(",".join(f"s{k}:{share}" for k, share in enumerate(shares)))
    ends = list(accumulate(Fraction(share, 100) for share in shares))
    for value in filter(str.strip, values):
        first = int(hashlib.sha256(value.strip().encode()).hexdigest()[:16], 16)
        number = sum(end <= Fraction(first, 2**64) for end in ends)
        assert made.of(value) == f"s{number}"
    # Neither order nor company matters.
    assert made.of_all(values[::-1]) == [made.of(value) for value in values][::-1]


def test_no_patient_is_on_two_sides_and_nobody_moves_when_there_are_more() -> None:
    """100,000 patients, some with several recordings; then 10 % more of them."""
    patients = [f"{10_000_000 + 7 * k}" for k in range(110_000)]
    rows = [p for k, p in enumerate(patients) for _ in range(1 + k % 3)]
    before = rows[: sum(1 + k % 3 for k in range(100_000))]
    found = splitter("80/10/10").of_all(before)
    sides: dict[str, set[str]] = {}
    for patient, split in zip(before, found, strict=True):
        sides.setdefault(patient, set()).add(split)
    assert len(sides) == 100_000
    assert {len(splits) for splits in sides.values()} == {1}
    # Of 100,000, a share of 10 % varies by 95.
    counts = Counter(split for (split,) in sides.values())
    for split, share in (("train", 80_000), ("val", 10_000), ("test", 10_000)):
        assert abs(counts[split] - share) < 500
    # Others come first, and in another order.
    after = dict(zip(rows[::-1], splitter("80/10/10").of_all(rows[::-1]), strict=True))
    assert len(after) == 110_000
    assert all(sides[patient] == {after[patient]} for patient in sides)


@given(st.integers(10, 90), st.integers(0, 10**9))
def test_shares_are_near_what_is_asked(share: int, first: int) -> None:
    patients = map(str, range(first, first + 2000))
    found = Counter(splitter(f"{share}/{100 - share}").of_all(patients))
    # Five times the standard deviation, at most, of so many draws.
    assert abs(found["train"] - 20 * share) < 5 * 0.5 * 2000**0.5


@pytest.mark.parametrize(
    ("value", "split"),
    [
        *(("9", "val"), ("9.0", "val"), (" 9 ", "val"), ("9e0", "val"), ("10.0", "test")),
        # A leading zero makes a code.
        *(("09", "train"), ("90", "train"), ("x", "train")),
        *(("", ""), (" ", ""), ("NaN", ""), ("nan", "")),
    ],
)
def test_values_compare_as_numbers_where_both_are(value: str, split: str) -> None:
    assert splitter("fold=9:val,10:test").of(value) == split


def test_text_compares_letter_by_letter() -> None:
    made = splitter("site=Berlin:ext,A-1:ext,*:int")
    assert made.of_all(["Berlin", "berlin", "A-1", "A-2", ""]) == ["ext", "int", "ext", "int", ""]


def test_ids_of_two_spellings_are_refused() -> None:
    """Else a patient could be on two sides of a split."""
    for values in (["12", "13", " 14 "], ["12.0", "13.0", ""], ["A7", "12.0", "1.5"], []):
        alike = OneSpelling("column patient of t.csv")
        alike.see(values)
        assert alike.found(gaps=False) == (Kind.TEXT, False)
    mixed = OneSpelling("column patient of t.csv")
    for values in (["12", "x"], ["13.0"], ["14"]):
        mixed.see(values)
    with pytest.raises(UsageError, match=r"patient of t\.csv has ids like 12 and like 13\.0: "):
        mixed.found(gaps=False)
