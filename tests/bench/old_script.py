"""The method of the script that ecgmpi replaces: matplotlib draws every picture anew.

One figure of 60 x 5 inches, used again for each lead: one pair of axes, a title, ticks
each 0.2 s and 0.5 mV, both grids, a fixed axis of 12 s, savefig. Like the script it goes
through pyplot, whose `savefig` draws the figure once more when it has been saved; calling
the figure's own would have taken three quarters of the time.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from scipy.io import loadmat

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


class OldScript:
    """Draws recordings as the script did."""

    def __init__(self) -> None:
        mpl.use("Agg")
        self._figure, self._axes = plt.subplots(figsize=(60, 5), dpi=100)

    def render(self, path: Path, out: Path) -> list[Path]:
        """Draw the 12 leads of a recording of 500 Hz into `out`."""
        signal = loadmat(path)["data"]
        seconds = np.arange(signal.shape[1]) / 500.0
        folder = out / path.stem
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for lead, samples in zip(LEADS, signal, strict=False):
            plt.cla()
            plt.title(f"{path.stem}_{lead}")
            plt.plot(seconds, samples, "k", linewidth=1)
            plt.xlim(0, 12)
            low, high = samples.min(), samples.max()
            axes = self._axes
            axes.set_xticks(np.arange(0, 12, 0.2))
            axes.set_xticks(np.arange(0, 12, 0.04), minor=True)
            axes.set_yticks(np.arange(low, high + 0.5, 0.5))
            axes.set_yticks(np.arange(low, high + 0.1, 0.1), minor=True)
            axes.grid(which="major", color="red", linewidth=1)
            axes.grid(which="minor", color=(1, 0.7, 0.7), linewidth=0.5)
            target = folder / f"{path.stem}_{lead}.png"
            plt.savefig(target)
            written.append(target)
        return written
