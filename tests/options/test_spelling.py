"""The options that job.json has as text come back from it."""

from __future__ import annotations

from typing import Any

import pytest

from ecgmpi.errors import UsageError
from ecgmpi.layouts import PageSpec
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.spelling import as_text, from_text
from ecgmpi.themes import Style

CHEST = PageSpec("chest", (("V1", "V2"), ("V3",), ()), rhythm=("II", "-aVR"), seconds=7.5)
NIGHT = Style("night", paper=(0, 0, 0), trace=(255, 128, 7), trace_mm=0.25)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"layout": "3x4+1", "gain": "auto", "columns": "same", "paper": "fit", "cabrera": True},
        {"leads": "I,II,V1", "start": 0.1, "duration": 2.5, "dpi": 150, "speed": 50},
        {"format": "jpg", "quality": 80, "annotate": "boxes", "mask": True, "pack": "tar"},
        {"annotate": "boxes", "masks": ("text", "bits")},
        {"rate": 1 / 3, "adc_gain": 200, "lead_names": ("X", "Y"), "key": "ECG.data"},
        {"assume": False, "strict": True, "max_samples": 10, "repair_limb": True},
        {"layout": CHEST, "theme": NIGHT},
        {"layout": PageSpec("own", (("I",),))},
    ],
)
def test_options_come_back(given: dict[str, Any]) -> None:
    rendering = Rendering(**given)
    assert from_text(as_text(rendering)) == rendering


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"--no-such": "1"}, "--no-such"),
        ({"--assume": "perhaps"}, "perhaps"),
        ({"--format": "gif"}, "gif"),
        ({"[layout.3x4] columns": "I | II"}, "3x4"),
    ],
)
def test_what_cannot_be_restored_is_named(changed: dict[str, str], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        from_text(as_text(Rendering(layout="3x4")) | changed)


def test_an_option_that_is_missing_is_named() -> None:
    said = as_text(Rendering())
    del said["--dpi"]
    with pytest.raises(UsageError, match="--dpi"):
        from_text(said)
