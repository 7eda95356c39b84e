"""What ``--split`` may say, and what it needs beside it."""

from __future__ import annotations

from typing import Any

import pytest

from ecgmpi.errors import UsageError
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.spelling import as_text, from_text
from ecgmpi.options.splits import ByShare, ByValue, parsed
from tests.options.test_rendering import typed

TABLE: dict[str, Any] = {"metadata": "t.csv", "metadata_key": "id"}


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        (
            "strat_fold=9:val,10:test",
            ByValue(
                "strat_fold", (("9", "val"), ("10", "test")), "train", ("train", "val", "test")
            ),
        ),
        # Where others are named, all splits are in the order of the option.
        (
            "site=A b:ext , *:int",
            ByValue("site", (("A b", "ext"),), "int", ("ext", "int")),
        ),
        (
            "x=1:val,2:train",
            ByValue("x", (("1", "val"), ("2", "train")), "train", ("val", "train")),
        ),
        ("t=8:30:a", ByValue("t", (("8:30", "a"),), "train", ("train", "a"))),
        ("a=b=c:d", ByValue("a", (("b=c", "d"),), "train", ("train", "d"))),
        ("80/10/10", ByShare(("train", "val", "test"), (8, 1, 1))),
        (" 75 / 25", ByShare(("train", "test"), (3, 1))),
        ("0.8/0.1/0.1", ByShare(("train", "val", "test"), (8, 1, 1))),
        ("a:33.3,b:33.3,c:33.4", ByShare(("a", "b", "c"), (333, 333, 334))),
    ],
)
def test_what_it_says(given: str, rule: ByValue | ByShare) -> None:
    assert parsed(given) == rule


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("random", "--split random: give COLUMN=VALUE:NAME,... such as strat_fold=9:val,10:test"),
        ("", "--split : give COLUMN"),
        ("fold=9,10:test", "'9' is not of the form A:B; give COLUMN=VALUE:NAME"),
        ("fold=9:val,", "'' is not of the form A:B"),
        ("fold=", "'' is not of the form A:B"),
        ("=9:val", "no column stands before the equals sign"),
        ("fold=9:val,9.0:test", "the value 9.0 is named twice"),
        ("fold=9:my split", "'my split' cannot be the name of a split, which is one of a folder"),
        ("fold=9:../x", "cannot be the name of a split"),
        ("fold=9:none", "none is what recordings in no split are counted as"),
        ("80/10", "the shares add up to 90; give percentages that add up to 100"),
        ("70/10/10/10", "two shares are train/test, and three are train/val/test; name any others"),
        ("100/0", "'0' is no share; give percentages above 0"),
        ("120/-20", "'-20' is no share"),
        ("a:1e2,b:1", "'1e2' is no share"),
        ("all:100", "name two splits or more, each once"),
        ("a:50,a:50", "name two splits or more, each once"),
    ],
)
def test_what_it_cannot_say(given: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        Rendering(split=given, **TABLE)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"split": "fold=9:val"}, "--split fold=9:val: name the table that has this column"),
        ({"split": "80/20", "split_by": "id"}, "--split-by id: name the table that has"),
        (TABLE | {"split_by": "id"}, "--split-by id is for shares of a split: give --split 80/10"),
        (
            TABLE | {"split": "fold=9:val", "split_by": "id"},
            "--split-by id is for shares of a split: give shares, not --split fold=9:val",
        ),
        # Nothing is taken from this table.
        (TABLE | {"split": "80/20"}, "nothing is copied unless it is named"),
    ],
)
def test_what_it_needs(given: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Rendering(**given)


def test_a_table_may_be_there_for_the_split_alone() -> None:
    made = typed(*("--metadata", "t.csv", "--metadata-key", "id", "--split", "fold=9:val,10:test"))
    assert made == Rendering(split="fold=9:val,10:test", **TABLE)
    assert (made.labelled, made.split_column) == (True, "fold")
    by_patient = Rendering(split="80/20", split_by="patient_id", **TABLE)
    assert by_patient.split_column == "patient_id"
    alone = Rendering(split="80/20")
    assert (alone.labelled, alone.tables, alone.split_column) == (True, (), None)


def test_no_picture_depends_on_it_and_a_job_is_known_by_it() -> None:
    made = Rendering(dpi=60, split="80/20", split_by="patient_id", **TABLE)
    assert as_text(made)["--split"] == "80/20"
    assert as_text(made)["--split-by"] == "patient_id"
    assert from_text(as_text(made)) == Rendering(dpi=60)


@pytest.mark.parametrize(
    ("flag", "values"),
    [
        ("--split", ("80/20", "strat_fold=9:val")),
        ("--split-by", ("patient", "site")),
        ("--metadata-columns", ("age", "sex")),
    ],
)
def test_given_twice_it_is_refused_rather_than_half_obeyed(
    flag: str, values: tuple[str, str]
) -> None:
    one, other = values
    with pytest.raises(UsageError, match=f"{flag} is given twice, as {one} and as {other}"):
        typed(flag, one, flag, other)


def test_the_same_twice_is_once() -> None:
    assert typed("--split", "80/20", "--split", "80/20").split == "80/20"
