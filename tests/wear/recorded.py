"""Sums of worn copies, and what they were when FORMAT was last raised.

``python -m tests.wear.recorded`` records them again; it refuses to where they have
changed and FORMAT has not. Where nobody can have an OUT of what was recorded, remove the file
first.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

from ecgmpi.wear.opencv import opencv_package
from ecgmpi.wear.profiles import PROFILES
from tests.drawing.recorded import PACKAGES
from tests.recorded import Recorded
from tests.wear.sums import DPI, sums


def versions() -> dict[str, str]:
    """Of what draws the page, and of what wears it."""
    worn_by = opencv_package()
    assert worn_by is not None
    return {package: version(package) for package in PACKAGES} | dict([worn_by])


RECORDED = Recorded(Path(__file__).with_suffix(".json"), versions(), lambda: sums(PROFILES, DPI))


if __name__ == "__main__":
    sys.exit(RECORDED.record())
