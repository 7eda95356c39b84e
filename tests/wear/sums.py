"""Sums of what wearing a picture gives, and which instructions the processor has for it.

``python -m tests.wear.sums`` prints both as JSON: a process looks at the processor once.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from importlib import import_module
from typing import Any

import cv2
import numpy as np

from ecgmpi.drawing.picture import Picture
from ecgmpi.options.rendering import Rendering
from ecgmpi.picture_formats import MASKS
from ecgmpi.pipeline import layout_for, worn_outputs_for
from ecgmpi.wear.profiles import PROFILES
from ecgmpi.wear.wear_profile import Profile
from tests.drawing.recorded import reference

LEVELS = (2.0, 5.0)
DPI = 72.0
PIXELS = "pixels"
DIGITS = 16


def sums(profiles: Iterable[str], dpi: float) -> dict[str, str]:
    """Name of a worn copy and of a part of it -> what a SHA-256 of that begins with.

    The parts are its pixels, as JPEG may hide a difference of one level, and each of its files.

    A page of every profile at every level, as chance has it; and a page that shows each effect
    of them, likely or not.
    """
    page, strip = (_picture(dpi, how) for how in ({"layout": "3x4+1"}, {"leads": ("V1",)}))
    found = {}
    for name in profiles:
        profile = PROFILES[name]
        copies = {
            **{f"{name} at {level:g}": (page, profile, level) for level in LEVELS},
            f"{name}, a strip": (strip, profile, 2.0),
            f"{name}, every effect": (page, _certain(profile), 2.0),
        }
        for copy, (picture, worn_by, level) in copies.items():
            for part, data in _parts(picture, worn_by, level).items():
                found[f"{copy}: {part}"] = hashlib.sha256(data).hexdigest()[:DIGITS]
    return found


def features() -> dict[str, Any]:
    """Which instructions OpenCV, its library IPP, and numpy have found, and may use."""
    line: str = cv2.getCPUFeaturesLine()
    offered = [word.removeprefix("*") for word in line.split()]
    compiled = import_module("numpy._core._multiarray_umath")
    dispatched = [name for name in compiled.__cpu_dispatch__ if compiled.__cpu_features__[name]]
    return {
        "opencv": [word for word in offered if not word.endswith("?")],
        "ipp": cv2.ipp.getIppVersion() if cv2.ipp.useIPP() else "",
        "numpy": dispatched,
    }


def _picture(dpi: float, options: dict[str, Any]) -> Picture:
    layout, how = layout_for(Rendering(dpi=dpi, **options))
    return next(iter(layout.pictures(reference(), how)))


def _parts(picture: Picture, profile: Profile, level: float) -> dict[str, bytes]:
    rendering = Rendering(
        wear=(profile.name,), wear_level=level, seed=17, annotate="lines", mask=True, masks=MASKS
    )
    (outputs,) = worn_outputs_for(rendering)
    (worn,) = replace(outputs, profile=profile).copies_of(picture, "reference")
    files = outputs.files_of(worn, {}, np.zeros((1, 1), np.float32))
    return {PIXELS: worn.pixels.tobytes()} | {file.kind: file.data for file in files}


def _certain(profile: Profile) -> Profile:
    uses = {name: replace(use, probability=1.0) for name, use in profile.uses.items()}
    return replace(profile, uses=uses)


def main() -> int:
    """Print them; the resolution and names of profiles may be given."""
    dpi, *chosen = sys.argv[1:] or [str(DPI)]
    print(json.dumps({"features": features(), "sums": sums(chosen or PROFILES, float(dpi))}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
