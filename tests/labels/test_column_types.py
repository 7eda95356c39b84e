"""What type a column has, and that nothing of it is lost on the way."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.errors import UsageError
from ecgmpi.labels.column_types import Kind, LabelColumn, TypeFinder, converted, spelled


def kind_of(*texts: str, gaps: bool = False, declared: Kind | None = None) -> tuple[Kind, bool]:
    finder = TypeFinder(declared, "column x")
    for text in texts:
        finder.see([text])
    together = TypeFinder(declared, "column x")
    together.see(texts)
    assert together.found(gaps) == finder.found(gaps)
    return finder.found(gaps)


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["1", "-20", "0"], Kind.INTEGER),
        (["1", str(2**63 - 1)], Kind.INTEGER),
        (["1", str(2**63)], Kind.TEXT),
        (["1", "9" * 5000], Kind.TEXT),
        (["1.5", "2", "-.5", "1e-3", "4."], Kind.FLOAT),
        (["63.0", "1"], Kind.FLOAT),
        (["1.5", str(2**53 + 1)], Kind.TEXT),
        (["1.5", "1e999"], Kind.TEXT),
        (["inf"], Kind.TEXT),
        (["True", "FALSE", "false"], Kind.BOOLEAN),
        (["True", "1"], Kind.TEXT),
        (["00123", "1"], Kind.TEXT),
        (["007.5"], Kind.TEXT),
        (["-01"], Kind.TEXT),
        (["+1"], Kind.TEXT),
        (["1_000"], Kind.TEXT),
        (["١"], Kind.TEXT),
        (["1\n2"], Kind.TEXT),
        (["1\n", "2"], Kind.INTEGER),
        (["NA", "1"], Kind.TEXT),
        (["a,b", "1"], Kind.TEXT),
        (["0x1F"], Kind.TEXT),
        (["1999-12-31"], Kind.TEXT),
    ],
)
def test_the_type_of_a_column(texts: list[str], kind: Kind) -> None:
    assert kind_of(*texts) == (kind, False)
    assert kind_of(*reversed(texts)) == (kind, False)


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["1", ""], Kind.FLOAT),
        (["1", " "], Kind.FLOAT),
        (["", str(2**53 + 1)], Kind.TEXT),
        (["1.5", ""], Kind.FLOAT),
        (["1.5", "NaN"], Kind.FLOAT),
        (["1", "nan"], Kind.FLOAT),
        (["true", ""], Kind.FLOAT),
        (["a", ""], Kind.TEXT),
        (["", ""], Kind.TEXT),
    ],
)
def test_the_type_of_a_column_with_gaps(texts: list[str], kind: Kind) -> None:
    assert kind_of(*texts) == (kind, True)
    full = [text for text in texts if text.strip() and text.lower() != "nan"]
    if full:
        # Recordings without a row are gaps, too.
        assert kind_of(*full, gaps=True) == (kind, True)


def test_what_the_file_states_counts() -> None:
    assert kind_of("1", "2", declared=Kind.TEXT) == (Kind.TEXT, False)
    assert kind_of("1", "", declared=Kind.INTEGER) == (Kind.FLOAT, True)
    assert kind_of(str(2**60), "", declared=Kind.INTEGER) == (Kind.TEXT, True)
    assert kind_of("inf", "nan", declared=Kind.FLOAT) == (Kind.FLOAT, True)


def test_among_text_nan_is_a_word() -> None:
    assert kind_of("00012", "nan") == kind_of("nan", "00012") == (Kind.TEXT, False)


WORDS = st.one_of(
    st.integers().map(str),
    st.integers(-(2**70), 2**70).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["", " ", "true", "False", "00012", "x", "nan", "1e5", "-0", "1\n2"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
)


@given(st.lists(WORDS, min_size=1, max_size=6), st.booleans())
def test_every_column_comes_back(texts: list[str], more_gaps: bool) -> None:
    kind, gaps = kind_of(*texts, gaps=more_gaps)
    values = converted(kind, texts)
    column = LabelColumn("x", kind, gaps)
    for text, value in zip(texts, values, strict=True):
        said = column.as_json(value)
        assert type(said) is type(column.as_json(values[0]))
        if not text.strip():
            assert value == column.nothing
        elif kind is Kind.TEXT:
            assert value == text
        elif kind is Kind.INTEGER:
            assert isinstance(value, int)
            assert str(value) == text.strip() or text.strip() == "-0"
        elif kind is Kind.BOOLEAN:
            assert str(value).lower() == text.strip().lower()
        elif text.strip().lower() == "nan":
            assert value is None or value != value
            assert math.isnan(float(said))
        elif text.strip().lower() in ("true", "false"):
            assert value == float(text.strip().lower() == "true")
        else:
            assert float(text) == value == float(said)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_spelled_so_that_it_comes_back(value: float) -> None:
    assert float(spelled(value)) == value


def test_a_zero_byte_is_refused() -> None:
    with pytest.raises(UsageError, match="column x holds a zero byte"):
        kind_of("a\0b")
