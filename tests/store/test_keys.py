"""Keys: what any reader of shards takes as one sample, and no two pictures share."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ecgmpi.picture_formats import MASKS, endings_of
from ecgmpi.store.keys import MOST_BYTES, sample_key, series_of

# How the readers of webdataset and Hugging Face datasets divide the name of a member.
MEMBER = re.compile(r"^((?:.*/|)[^.]+)[.]([^/]*)$")

NAMES = st.one_of(
    st.text(st.sampled_from("ab1_-./ é\\"), min_size=1, max_size=12),
    # What looks like the key of a worn copy.
    st.lists(st.sampled_from(["a", "--", "-", "photo", "bw", "1", "12"]), min_size=1).map("".join),
    st.text(min_size=1, max_size=200),
)
CLEAN = ("", 0)
COPIES = st.one_of(
    st.just(CLEAN),
    st.tuples(st.sampled_from(["photo", "scan", "scan-bw", "b"]), st.integers(1, 255)),
)
LABELS = st.one_of(st.sampled_from(["", "I", "aVR", "p001", "a-b", "V1.2"]), st.text(max_size=20))


@pytest.mark.parametrize(
    ("recording", "label", "key"),
    [
        ("JS00001", "aVR", "JS00001-aVR"),
        ("a/b/JS00001", "", "a/b/JS00001"),
        ("JS00001", "p001", "JS00001-p001"),
        ("g1_x-2", "II", "g1_x-2-II"),
    ],
)
def test_a_plain_name_is_its_own_key(recording: str, label: str, key: str) -> None:
    assert sample_key(recording, label) == key


@given(NAMES, LABELS, COPIES)
@example("x" * 300, "II", ("", 0))
@example("x" * 84, "II", ("photo", 1))
@example("__MACOSX/._x", "", ("", 0))
@example("été.v1", "Y", ("scan-bw", 255))
@example("..", ".", ("", 0))
def test_every_reader_takes_a_key_whole(recording: str, label: str, copy: tuple[str, int]) -> None:
    key = sample_key(recording, label, *copy)
    assert len(key.encode("ascii")) <= MOST_BYTES
    assert not re.search(r"[\s.]", key)
    parts = MEMBER.fullmatch(f"{key}.mask.png")
    assert parts
    assert parts.groups() == (key, "mask.png")
    # Names that begin with a dot or two underscores are skipped as hidden ones.
    assert all(re.match("[A-Za-z0-9]", part) for part in key.split("/"))


def test_no_member_has_a_name_that_tar_cannot_hold() -> None:
    every = endings_of("png", True, True, True, True, MASKS, map=True, crossings=True, hidden=True)
    longest = "x" * MOST_BYTES
    assert max(len(longest + ending) for ending in every.values()) == 99


@given(NAMES, LABELS, COPIES)
@example("x--photo1", "", ("", 0))
@example("x", "-photo1", ("", 0))
@example("x--photo1", "", ("b", 1))
def test_a_key_says_which_series_its_picture_belongs_to(
    recording: str, label: str, copy: tuple[str, int]
) -> None:
    assert series_of(sample_key(recording, label, *copy)) == copy[0]


@given(st.lists(st.tuples(NAMES, LABELS, COPIES), min_size=2, max_size=20, unique=True))
@example([("a-b", "", CLEAN), ("a", "b", CLEAN)])
@example([("a-b", "I", CLEAN), ("a", "b-I", CLEAN)])
@example([("a.b", "I", CLEAN), ("a_b", "I", CLEAN)])
@example([("a.b", "I", CLEAN), (sample_key("a.b", "I"), "", CLEAN)])
@example([("x" * 100 + "a", "I", CLEAN), ("x" * 101 + "a", "I", CLEAN)])
@example([("x--photo1", "", CLEAN), ("x", "", ("photo", 1))])
@example([("x" * 84 + "a", "", ("photo", 1)), ("x" * 84 + "b", "", ("photo", 1))])
def test_no_two_pictures_have_one_key(pictures: list[tuple[str, str, tuple[str, int]]]) -> None:
    # In one job all pictures have labels, or none has.
    for some in ([p for p in pictures if p[1]], [p for p in pictures if not p[1]]):
        assert len({sample_key(name, label, *copy) for name, label, copy in some}) == len(some)
