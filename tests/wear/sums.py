"""What wearing a picture gives, as SHA-256, and which instructions the processor has for it.

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
from ecgmpi.pipeline import layout_for, worn_outputs_for
from ecgmpi.wear.profiles import PROFILES
from ecgmpi.wear.wear_profile import Profile
from tests.drawing.recorded import reference

LEVELS = (2.0, 5.0)
DPI = 72.0


def sums(profiles: Iterable[str], dpi: float) -> dict[str, str]:
    """Name of a worn copy -> SHA-256 of its pixels and of all its files.

    A page of every profile at every level, as chance has it; and a page that shows each effect
    of them, likely or not.
    """
    page, strip = (_picture(dpi, how) for how in ({"layout": "3x4+1"}, {"leads": ("V1",)}))
    found = {}
    for name in profiles:
        for level in LEVELS:
            found[f"{name} at {level:g}"] = _sum(page, PROFILES[name], level)
        found[f"{name}, a strip"] = _sum(strip, PROFILES[name], 2.0)
        found[f"{name}, every effect"] = _sum(page, _certain(PROFILES[name]), 2.0)
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


def _sum(picture: Picture, profile: Profile, level: float) -> str:
    rendering = Rendering(
        wear=(profile.name,), wear_level=level, seed=17, annotate="lines", mask=True
    )
    (outputs,) = worn_outputs_for(rendering)
    (worn,) = replace(outputs, profile=profile).copies_of(picture, "reference")
    # JPEG may hide a difference of one level.
    found = hashlib.sha256(worn.pixels.tobytes())
    for file in outputs.files_of(worn, {}, np.zeros((1, 1), np.float32)):
        found.update(file.kind.encode() + file.data)
    return found.hexdigest()


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
