"""Conditions: what Python itself would say of each row, and nothing else is let in."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.datasets.where import NUMBER, TEXT, TRUTH, kind_of, parse
from ecgmpi.errors import UsageError

KINDS = {"name": TEXT, "lead": TEXT, "rate_hz": NUMBER, "samples": NUMBER, "is_male": TRUTH}

TEXTS = st.sampled_from(["", "I", "II", "aVR", "Ärzte", "心", "it's", 'a "b"', "\\x"])
NUMBERS = st.one_of(
    st.integers(-5, 5), st.sampled_from([0.5, -2.25, 1e300]), st.sampled_from([2**63, 10**307])
)
ROW = st.fixed_dictionaries(
    {
        "name": TEXTS,
        "lead": TEXTS,
        "rate_hz": st.sampled_from([0.5, -2.25, 3.0, math.nan, math.inf]),
        "samples": st.integers(0, 6),
        "is_male": st.booleans(),
    }
)


def comparisons() -> st.SearchStrategy[str]:
    order = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    texts = st.one_of(st.sampled_from(["name", "lead"]), TEXTS.map(repr))
    numbers = st.one_of(
        st.sampled_from(["rate_hz", "samples", "is_male", "True"]), NUMBERS.map(repr)
    )

    def compared(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        def chain(first: str, rest: list[tuple[str, str]]) -> str:
            return " ".join([first, *(f"{sign} {value}" for sign, value in rest)])

        return st.builds(chain, values, st.lists(st.tuples(order, values), min_size=1, max_size=3))

    def within(left: st.SearchStrategy[str], one: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
        return st.builds(
            lambda value, sign, some: f"{value} {sign} {some!r}",
            left,
            st.sampled_from(["in", "not in"]),
            st.one_of(st.lists(one, max_size=3), st.lists(one, max_size=3).map(tuple)),
        )

    return st.one_of(
        compared(texts),
        compared(numbers),
        within(texts, TEXTS),
        within(numbers, NUMBERS),
        st.just("is_male"),
    )


CONDITIONS = st.recursive(
    comparisons(),
    lambda some: st.one_of(
        st.builds("({} and {})".format, some, some),
        st.builds("{} or {}".format, some, some),
        st.builds("not {}".format, some),
        st.builds("({})".format, some),
    ),
    max_leaves=5,
)


def masked(text: str, rows: list[dict[str, Any]]) -> list[bool]:
    columns = {
        "name": np.array([row["name"].encode() for row in rows], "S40"),
        "lead": np.array([row["lead"].encode() for row in rows], "S"),
        "rate_hz": np.array([row["rate_hz"] for row in rows], "f4"),
        "samples": np.array([row["samples"] for row in rows], "u4"),
        "is_male": np.array([row["is_male"] for row in rows], "?"),
    }
    assert {name: kind_of(values.dtype) for name, values in columns.items()} == KINDS
    found: list[bool] = parse(text, KINDS).mask(columns, len(rows)).tolist()
    return found


@given(CONDITIONS, st.lists(ROW, min_size=1, max_size=6))
def test_as_python_would_say_of_each_row(text: str, rows: list[dict[str, Any]]) -> None:
    expected = [bool(eval(text, {"__builtins__": {}}, row)) for row in rows]
    assert masked(text, rows) == expected


def test_a_number_is_compared_as_it_is_held() -> None:
    """Of float32, 0.1 is another number than that which is written; so it is in Python."""
    columns = {"min_mv": np.array([0.1, 0.5], "f4")}
    assert parse("min_mv == 0.1", {"min_mv": NUMBER}).mask(columns, 2).tolist() == [False, False]
    assert parse("min_mv == 0.5", {"min_mv": NUMBER}).mask(columns, 2).tolist() == [False, True]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("lead = 'I'", "does not read as a condition"),
        ("lead == 'I' and", "does not read as a condition"),
        ("", "at character 1, () is not allowed; allowed are names of columns"),
        ("leed == 'I'", "at character 1, leed is no column; did you mean lead?"),
        ("zzz == 'I'", "there are name, lead, rate_hz, samples, is_male"),
        ("'Ä' == lead and rate == 5", "at character 17, rate is no column; did you mean rate_hz?"),
        ("lead == 'I' and\nrate == 5", "at character 17, rate is no column"),
        ("lead == 5", "at character 9, 5 is a number, and lead is text"),
        ("rate_hz in ('a', 5)", "at character 13, 'a' is text, and rate_hz is a number"),
        ("rate_hz", "at character 1, rate_hz is a number, no condition"),
        ("not lead", "at character 5, lead is text, no condition"),
        ("lead in rate_hz", "at character 9, rate_hz stands after in"),
        ("lead in ('I', name)", "at character 15, name is no plain value"),
        ("lead is 'I'", "write == or !="),
        ("lead == None", "at character 9, None is not allowed"),
        ("lead == b'I'", "at character 9, b'I' is not allowed"),
        ("lead == 'a\\0'", "characters that no text of a manifest has"),
        ("rate_hz == 5j", "at character 12, 5j is not allowed"),
        ("rate_hz + 1 == 5", "at character 1, rate_hz + 1 is not allowed"),
        ("-rate_hz == 5", "at character 1, -rate_hz is not allowed"),
        ("lead.upper() == 'I'", "at character 1, lead.upper() is not allowed"),
        ("__import__('os').system('true')", "is not allowed"),
        ("[lead for lead in 'abc']", "is not allowed"),
        ("(lambda: True)()", "is not allowed"),
        ("f'{lead}' == 'I'", "is not allowed"),
        ("lead[0] == 'I'", "at character 1, lead[0] is not allowed"),
        ("lead == 'I' if is_male else is_male", "is not allowed"),
        ("(x := 5) == 5", "is not allowed"),
        ("lead == 'I') or (is_male", "its parentheses do not match"),
        ("lead == 'I', is_male", "is not allowed"),
        ("\0", "does not read"),
        ("not " * 100_000 + "is_male", "where="),
        ("(" * 100_000, "where="),
    ],
)
def test_all_else_is_refused_in_one_line_that_says_where(text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text, KINDS)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["1dAVb", "heart rate", "class"])
def test_a_column_that_no_condition_can_name_is_compared_in_the_table(name: str) -> None:
    kinds = {**KINDS, name: NUMBER}
    with pytest.raises(
        UsageError, match=rf"{name} is no plain word: compare data.table\['{name}'\]"
    ):
        parse(f"rate_hz == 500 and {name} == 1", kinds)
    with pytest.raises(UsageError, match=r"as a condition \([^()]*\)$"):
        parse("rate_hz == 500 and", kinds)
