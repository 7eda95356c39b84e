"""What stands out among several values, and how several OUTs are told apart."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ecgmpi.review.report.differences import (
    UNKNOWN,
    Apart,
    Mark,
    at_all,
    by_a_quarter,
    by_points,
    differing,
    marks,
)
from ecgmpi.review.report.labels import labels

NONE, MORE, LESS = Mark.NONE, Mark.MORE, Mark.LESS


@pytest.mark.parametrize(
    ("values", "apart", "expected"),
    [
        # Two have nobody but each other.
        ((0.1, 0.2), by_a_quarter, [LESS, MORE]),
        ((0.10, 0.12), by_a_quarter, [NONE, NONE]),
        # One in a hundred is more than none.
        ((0.0, 0.01), by_a_quarter, [LESS, MORE]),
        ((0.0, 0.0), by_a_quarter, [NONE, NONE]),
        # Among three, one alone stands out.
        ((5.0, 5.0, 1.0), by_a_quarter, [NONE, NONE, LESS]),
        ((5.0, 5.0, 9.0, 5.1), by_a_quarter, [NONE, NONE, MORE, NONE]),
        # Two against two: each differs from most of the others.
        ((1.0, 1.0, 3.0, 3.0), by_a_quarter, [LESS, LESS, MORE, MORE]),
        # What is not known is not compared.
        ((None, 1.0, 3.0), by_a_quarter, [NONE, LESS, MORE]),
        ((None, 1.0), by_a_quarter, [NONE, NONE]),
        ((None, None), by_a_quarter, [NONE, NONE]),
        ((0.50, 0.59, 0.61), by_points, [NONE, NONE, NONE]),
        ((0.50, 0.55, 0.70), by_points, [NONE, NONE, MORE]),
        ((7, 7, 8), at_all, [NONE, NONE, MORE]),
    ],
)
def test_what_differs_from_most_of_the_others_is_marked(
    values: tuple[float | None, ...], apart: Apart, expected: list[Mark]
) -> None:
    assert marks(values, apart) == expected
    # The order of OUTs changes nothing.
    assert marks(values[::-1], apart) == expected[::-1]


def test_where_more_is_worse_less_is_not_marked() -> None:
    assert marks((0.1, 0.2), by_a_quarter, (MORE,)) == [NONE, MORE]


def test_names_that_differ_are_listed_with_the_value_of_each() -> None:
    assert differing([{"--a": "1", "--b": "2"}, {"--a": "1", "--b": "3"}]) == {"--b": ["2", "3"]}
    assert differing([{"--a": "1"}, {"--a": "1"}]) == {}


def test_what_is_not_known_of_one_is_no_difference() -> None:
    assert differing([{"--a": "1"}, {}]) == {}
    assert differing([{"--a": "1"}, {}, {"--a": "2"}]) == {"--a": ["1", UNKNOWN, "2"]}


@pytest.mark.parametrize(
    ("outs", "expected"),
    [
        (["/data/a/out", "/data/b/out"], ["a/out", "b/out"]),
        (["/data/strips", "/data/pages"], ["strips", "pages"]),
        (
            ["/a/x/out", "/b/x/out", "/b/y/out", "/b/other"],
            ["a/x/out", "b/x/out", "y/out", "other"],
        ),
        # One is the end of the other.
        (["/x/out", "/y/x/out"], ["/x/out", "y/x/out"]),
        (["/", "/out"], ["/", "out"]),
        (["/data/./a/../b/out", "/data/c/out/"], ["b/out", "c/out"]),
        ([os.fsdecode(b"/a/caf\xe9"), "/a/caf\\xe9"], ["caf\\xe9", "caf\\\\xe9"]),
    ],
)
def test_an_out_is_called_by_the_shortest_end_of_its_path_that_no_other_has(
    outs: list[str], expected: list[str]
) -> None:
    assert labels([Path(out) for out in outs]) == expected


def test_relative_paths_are_told_apart_by_their_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert labels([Path("out"), Path("..") / "out"]) == [
        f"{tmp_path.name}/out",
        f"{tmp_path.parent.name}/out",
    ]
