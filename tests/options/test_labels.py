"""The options of labels: which of them need each other, and how they are given."""

from __future__ import annotations

from typing import Any

import pytest

from ecgmpi.errors import UsageError
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.spelling import as_text, from_text
from tests.options.test_rendering import typed

ONE: dict[str, Any] = {"metadata": "t.csv", "metadata_key": "id", "metadata_columns": "a,b"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"metadata": "t.csv"}, "Add --metadata-key COLUMN=record, path, stem or key"),
        ({"metadata": "t.csv", "metadata_key": "id"}, "nothing is copied unless it is named"),
        ({"metadata_key": "id"}, "--metadata-key is for a table: name it with --metadata"),
        ({"metadata_columns": "a"}, "--metadata-columns is for a table"),
        (
            ONE | {"metadata": ["a", "b", "c"], "metadata_key": ["x", "y"]},
            "given 2 times, and there are 3 t",
        ),
        (ONE | {"metadata": []}, "--metadata: name at least one"),
        (ONE | {"metadata_columns": ","}, "--metadata-columns ,: name at least one"),
    ],
)
def test_what_they_need(given: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Rendering(**given)


def test_tables_and_keys_are_given_again_for_each() -> None:
    words = ("--metadata", "a, b.csv", "--metadata", "c.csv", "--metadata-key", "x,y=path")
    made = typed(*words, "--metadata-key", "z", "--metadata-columns", "p, q")
    assert made.metadata == ("a, b.csv", "c.csv")
    assert made.metadata_key == ("x,y=path", "z")
    assert made.metadata_columns == ("p", "q")
    assert Rendering(**ONE).metadata == ("t.csv",)


def test_no_picture_depends_on_them() -> None:
    made = Rendering(dpi=60, **ONE)
    assert from_text(as_text(made)) == Rendering(dpi=60)
    # As job.json has it.
    assert from_text(as_text(made) | {"--metadata": "SHA-256 abc"}) == Rendering(dpi=60)
