"""What can be chosen about a page."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecgmpi.drawing.baseline import BASELINES, MEDIAN
from ecgmpi.drawing.raster.palette import RED, Style
from ecgmpi.drawing.size_limits import RASTER, SizeLimits
from ecgmpi.errors import UsageError
from ecgmpi.geometry import MOST_DURATION_S, Scale
from ecgmpi.layouts import AUTO, FIT, PAPERS, SAME, SUCCESSIVE, Gain

AUTO_GAINS = (20.0, 10.0, 5.0)
"""Choices of ``--gain auto``, mm/mV: the first that fits, else the last."""


@dataclass(frozen=True, slots=True)
class PageOptions:
    """How a page is drawn.

    Attributes
    ----------
    speed
        Paper speed, mm/s.
    gain
        Amplitude, mm/mV, or ``auto``: the largest of 20, 10 and 5 at which no trace meets
        another and the sheet need not grow.
    dpi
        Pixels per inch.
    style
        Colours, widths, sizes.
    paper
        ``a4``, ``letter``, or ``fit`` for a sheet exactly as large as the traces need.
    baseline
        What lies on a row's bold line: the ``median`` of a lead, or 0 mV (``none``).
    columns
        Whether columns show ``successive`` parts of the time, or the ``same``.
    cabrera
        Limb leads in the order aVL I -aVR II aVF III.
    leads
        Leads for the places of the layout, in order; None for those of the layout.
    seconds
        Length of a row, s; None for that of the layout, 10 s.
    partial
        Whether the recording is a part of one of unknown length.
    limits
        How large a page may be.
    """

    speed: float = 25.0
    gain: Gain = 10.0
    dpi: float = 200.0
    style: Style = RED
    paper: str = "a4"
    baseline: str = MEDIAN
    columns: str = SUCCESSIVE
    cabrera: bool = False
    leads: tuple[str, ...] | None = None
    seconds: float | None = None
    partial: bool = False
    limits: SizeLimits = RASTER
    scales: tuple[Scale, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name, allowed in (
            ("paper", (*PAPERS, FIT)),
            ("baseline", BASELINES),
            ("columns", (SUCCESSIVE, SAME)),
        ):
            if getattr(self, name) not in allowed:
                raise UsageError(
                    f"{name} {getattr(self, name)!r}: choose from {', '.join(allowed)}"
                )
        if self.seconds is not None and not 0 < self.seconds <= MOST_DURATION_S:
            raise UsageError(
                f"seconds {self.seconds!r}: give a number above 0, up to {MOST_DURATION_S:g}"
            )
        gains = AUTO_GAINS if isinstance(self.gain, str) else (self.gain,)
        if isinstance(self.gain, str) and self.gain != AUTO:
            raise UsageError(f"gain {self.gain!r}: give a number of mm/mV, or {AUTO}")
        scales = tuple(Scale(self.speed, gain, self.dpi) for gain in gains)
        object.__setattr__(self, "scales", scales)
