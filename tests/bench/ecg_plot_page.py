"""The same page by ecg_plot (``pip install "ecg_plot[export]"``, and Cairo), as its own PNG."""

from __future__ import annotations

from pathlib import Path

from ecg_plot import plot
from scipy.io import loadmat

from ecgmpi.ecg.record import STANDARD_LEADS
from tests.bench.plain_page import WIDE_MM


def render(path: Path, out: Path) -> Path:
    """Draw one recording into `out`: 12 leads in 3 x 4 and lead II, 25 mm/s, 200 dpi."""
    chart = plot(
        loadmat(path)["data"],
        sample_rate=500,
        lead_names=STANDARD_LEADS,
        title=path.stem,
        layout="12lead",
        rhythm_lead="II",
        time_mode="sequential",
    )
    target = out / f"{path.stem}.png"
    chart.save(target, dpi=200, width_mm=WIDE_MM)
    return target
