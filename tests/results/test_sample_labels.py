"""Other labels in a JSON that was written: the bytes that it would have been written with."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.results.sample_labels import with_labels

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
NAMES = st.text(max_size=8) | st.sampled_from(["annotation", "key", "label", "labelsx", "leads"])
LABELS = st.dictionaries(st.text(min_size=1, max_size=4), st.integers() | st.text(max_size=4))


def written(said: dict[str, Any], labels: dict[str, Any]) -> bytes:
    if labels:
        said = said | {"labels": labels}
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode("ascii")


@given(st.dictionaries(NAMES.filter(lambda name: name != "labels"), VALUES), LABELS, LABELS)
def test_they_are_put_in_replaced_and_taken_out(
    said: dict[str, Any], before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert with_labels(written(said, before), after) == written(said, after)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{", b'{"a"}', b'{"a":}', b"{1:2}", b'{"a":1', b"\xff"]
)
def test_what_is_no_json_is_said(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"JSON|Expecting|codec"):
        with_labels(data, {"x": 1})
