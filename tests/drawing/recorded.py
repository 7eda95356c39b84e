"""Reference pictures, and what they were when FORMAT was last raised.

``python -m tests.drawing.recorded`` records them again; it refuses to where they have
changed and FORMAT has not.
"""

from __future__ import annotations

import sys
import zlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from ecgmpi.ecg.record import STANDARD_LEADS, Record
from ecgmpi.options.rendering import Rendering
from ecgmpi.outdir.job_file import DECISIVE
from ecgmpi.picture_formats import COMPRESSIONS
from ecgmpi.pipeline import layout_for
from tests.recorded import Recorded

PACKAGES = (*DECISIVE, *sorted({package for by in COMPRESSIONS.values() for package in by}))

RENDERINGS: dict[str, dict[str, Any]] = {
    "strip": {},
    "strip, small": {"leads": "V1", "compression": "small"},
    "strip, blue, large": {"theme": "blue", "dpi": 150.0, "speed": 50.0, "gain": 20.0},
    "strip, dark, on its median": {"theme": "dark", "dpi": 100.0, "baseline": "median"},
    "page": {"layout": "3x4+1"},
    "page, small": {"layout": "3x4+1", "compression": "small"},
    "page that fits": {"layout": "12x1", "paper": "fit", "theme": "green", "dpi": 120.0},
    "page of two columns": {
        "layout": "6x2+1",
        "paper": "letter",
        "gain": "auto",
        "cabrera": True,
        "columns": "same",
        "theme": "grey",
        "dpi": 120.0,
    },
}


def reference() -> Record:
    """Ten seconds of spikes, slopes, steps and a gap, made by whole numbers alone.

    No function of numpy has a say in it that rounds by version or processor.
    """
    k = np.arange(5000)
    leads = []
    for number in range(len(STANDARD_LEADS)):
        waves = np.abs((k * (3 + number)) % 800 - 400) - 200
        spikes = np.where(k % (370 + number) == 0, 900 - 150 * number, 0)
        noise = (k * k * 7919 + number * 104729) % 41 - 20
        leads.append(waves + spikes + noise)
    signal = (np.array(leads) / 512).astype(np.float32)
    signal[3, 1000:1100] = np.nan
    signal[5] = 0.25
    return Record("reference", signal, rate=500.0, leads=STANDARD_LEADS)


def draw() -> dict[str, list[int]]:
    """What is drawn -> CRC-32 of its file, and of its pixels as RGB."""
    record = reference()
    found = {}
    for name, options in RENDERINGS.items():
        rendering = Rendering(**options)
        layout, how = layout_for(rendering)
        for picture in layout.pictures(record, how):
            file = picture.encode("png", compression=rendering.compression)
            sums = [zlib.crc32(file), zlib.crc32(picture.rgb().tobytes())]
            found[f"{name}: {picture.lead}"] = sums
    return found


RECORDED = Recorded(
    Path(__file__).with_suffix(".json"), {package: version(package) for package in PACKAGES}, draw
)


if __name__ == "__main__":
    sys.exit(RECORDED.record())
