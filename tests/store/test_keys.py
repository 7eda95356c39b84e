"""Keys: what any reader of shards takes as one sample, and no two pictures share."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ecgmpi.store.keys import MOST_BYTES, sample_key

# How the readers of webdataset and Hugging Face datasets divide the name of a member.
MEMBER = re.compile(r"^((?:.*/|)[^.]+)[.]([^/]*)$")

NAMES = st.one_of(
    st.text(st.sampled_from("ab1_-./ é\\"), min_size=1, max_size=12),
    st.text(min_size=1, max_size=200),
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


@given(NAMES, LABELS)
@example("x" * 300, "II")
@example("__MACOSX/._x", "")
@example("été.v1", "Y")
@example("..", ".")
def test_every_reader_takes_a_key_whole(recording: str, label: str) -> None:
    key = sample_key(recording, label)
    assert len(key.encode("ascii")) <= MOST_BYTES
    assert not re.search(r"[\s.]", key)
    parts = MEMBER.fullmatch(f"{key}.mask.png")
    assert parts
    assert parts.groups() == (key, "mask.png")
    # Names that begin with a dot or two underscores are skipped as hidden ones.
    assert all(re.match("[A-Za-z0-9]", part) for part in key.split("/"))


@given(st.lists(st.tuples(NAMES, LABELS), min_size=2, max_size=20, unique=True))
@example([("a-b", ""), ("a", "b")])
@example([("a-b", "I"), ("a", "b-I")])
@example([("a.b", "I"), ("a_b", "I")])
@example([("a.b", "I"), (sample_key("a.b", "I"), "")])
@example([("x" * 100 + "a", "I"), ("x" * 101 + "a", "I")])
def test_no_two_pictures_have_one_key(pictures: list[tuple[str, str]]) -> None:
    # In one job all pictures have labels, or none has.
    for some in ([p for p in pictures if p[1]], [p for p in pictures if not p[1]]):
        assert len({sample_key(*picture) for picture in some}) == len(some)
