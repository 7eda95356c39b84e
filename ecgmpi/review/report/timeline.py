"""The timeline of the ranks: what each one's workers did, from the start to the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .axes import Plot, duration_text
from .svg import (
    HATCH,
    WIDE,
    Floats,
    Frame,
    Key,
    element,
    escaped,
    px,
    runs,
    shortened,
    steps,
    text,
    width_of,
)

MOST_LABEL = 210.0
MOST_NOTE = 270.0
"""Widths of what stands left and right of the lanes, px."""

MOST_REMARKS = 6
"""Notes of flagged lanes that stand above the figure in a narrow window."""

_PITCHES = ((3, 44.0), (8, 32.0), (16, 24.0), (32, 18.0))
_LEAST_PITCH = 15.0
_MARK_PX = 18.0
_TOP = 6.0
_BELOW = 38.0

WAITING = "waiting"
NO_SIGN = "no sign of life"


@dataclass(frozen=True, slots=True)
class Lane:
    """What one rank did.

    Attributes
    ----------
    label
        Its name.
    note
        What is to be said of it; short, as it stands beside the lane.
    flagged
        It stands out: silent, or slow.
    shares
        float64, shape (n_stages, n_bins): share of the workers' time in each stage, 0 to 1;
        the rest they waited. NaN where the rank did not exist or gave no sign.
    """

    label: str
    note: str
    flagged: bool
    shares: Floats


def timeline(lanes: Sequence[Lane], stages: Sequence[str], bin_s: float, about: str) -> str:
    """Draw what all ranks did over time, a lane a rank.

    Parameters
    ----------
    lanes
        From the top to the bottom; all with the same number of bins.
    stages
        Names of the stages, as many as rows of `Lane.shares`.
    bin_s
        Width of a bin, s.
    about
        The finding, in a sentence, for whoever does not see the figure.

    Returns
    -------
    str
        Markup; the look is in ``figures.css``.

    Raises
    ------
    ValueError
        There are no lanes or no bins, or shapes differ.
    """
    shapes = {lane.shares.shape for lane in lanes}
    if len(shapes) != 1 or (shape := shapes.pop())[0] != len(stages) or not shape[1]:
        raise ValueError(f"lanes of shapes {sorted(shapes)} for {len(stages)} stages")
    n_bins = shape[1]
    pitch = next((pitch for most, pitch in _PITCHES if len(lanes) <= most), _LEAST_PITCH)
    flagged = any(lane.flagged for lane in lanes)
    left = min(_widest((lane.label, lane.flagged) for lane in lanes), MOST_LABEL) + 12
    left += _MARK_PX if flagged else 0.0
    right = min(_widest((lane.note, lane.flagged) for lane in lanes), MOST_NOTE) + 14
    plot = Plot(left, _TOP, WIDE - left - right, pitch * len(lanes))
    frame = Frame(WIDE, plot.bottom + _BELOW, len(stages))
    body = [plot.paper(), *plot.time_axis(n_bins * bin_s)]
    for number, lane in enumerate(lanes):
        body.append(_lane(frame, plot, lane, stages, plot.top + pitch * number, pitch))
    keys = [Key(name, str(number)) for number, name in enumerate(stages)]
    keys.append(Key(WAITING))
    if any(np.isnan(lane.shares).any() for lane in lanes):
        keys.append(Key(NO_SIGN, HATCH))
    remarks = [f"{lane.label}: {lane.note}" for lane in lanes if lane.flagged and lane.note]
    if len(remarks) > MOST_REMARKS:
        remarks[MOST_REMARKS:] = [f"and {len(remarks) - MOST_REMARKS} more"]
    told = _told(lanes, stages, n_bins * bin_s)
    return frame.finished(about, told, body, keys, remarks)


def _lane(
    frame: Frame, plot: Plot, lane: Lane, stages: Sequence[str], top: float, pitch: float
) -> str:
    """One lane, with its label, its note and what a pointer shows."""
    thick = pitch - max(3.0, 0.22 * pitch)
    floor = top + pitch - (pitch - thick) / 2
    middle = top + pitch / 2 + 4
    width = plot.width / lane.shares.shape[1]
    known = ~np.isnan(lane.shares).any(axis=0)
    total = np.clip(np.cumsum(lane.shares, axis=0), 0.0, 1.0)
    parts = [element("title", escaped(_summary(lane, stages)))]
    if lane.flagged:
        parts.append(element("rect", x=0.0, y=top, width=WIDE, height=pitch, class_="flag-row"))
        parts.append(_mark(top + pitch / 2))
    # The largest sum first: each next one covers all but its own part of it.
    for number in range(len(stages) - 1, -1, -1):
        if np.any(lane.shares[number, known] > 0):
            levels = np.where(known, floor - thick * total[number], np.nan)
            path = steps(plot.left, width, levels, base=floor)
            parts.append(element("path", d=path, fill=frame.fill(str(number)), class_="stage"))
    for first, end in runs(~known):
        parts.append(
            element(
                "rect",
                x=plot.left + width * first,
                y=floor - thick,
                width=width * (end - first),
                height=thick,
                fill=frame.fill(HATCH),
                class_="gap",
            )
        )
    floor_line = f"M{px(plot.left)} {px(floor)}h{px(plot.width)}"
    parts.append(element("path", d=floor_line, class_="floor"))
    class_ = "flagged" if lane.flagged else "muted"
    label = shortened(lane.label, MOST_LABEL, lane.flagged)
    parts.append(text(plot.left - 8, middle, label, text_anchor="end", class_=class_))
    if lane.note:
        note = shortened(lane.note, MOST_NOTE, lane.flagged)
        parts.append(text(plot.right + 8, middle, note, class_=class_))
    return element("g", *parts)


def _widest(texts: Iterable[tuple[str, bool]]) -> float:
    """Width of the longest of texts that may be bold, px."""
    return max(width_of([said], bold) for said, bold in texts)


def _mark(middle: float) -> str:
    """A triangle with an exclamation mark, so that a flag is more than a colour."""
    return element(
        "g",
        element("path", d=f"M2 {px(middle + 5)}l6 -11l6 11z", class_="flag"),
        element("path", d=f"M8 {px(middle - 2.5)}v4m0 1.2v1.3", class_="flag-sign"),
    )


def _summary(lane: Lane, stages: Sequence[str]) -> str:
    """What a lane shows, in words."""
    known = ~np.isnan(lane.shares).any(axis=0)
    said = f"{lane.label}: {lane.note}" if lane.note else lane.label
    if not known.any():
        return f"{said}; {NO_SIGN}"
    shares = lane.shares[:, known].mean(axis=1)
    parts = [f"{name} {share:.0%}" for name, share in zip(stages, shares, strict=True)]
    parts.append(f"{WAITING} {max(1 - float(shares.sum()), 0.0):.0%}")
    if not known.all():
        parts.append(f"{NO_SIGN} for {1 - known.mean():.0%} of the time")
    return f"{said}; {', '.join(parts)}"


def _told(lanes: Sequence[Lane], stages: Sequence[str], duration: float) -> str:
    """The figure in words: how much it shows, and each flagged lane."""
    flagged = [_summary(lane, stages) for lane in lanes if lane.flagged]
    ranks = f"{len(lanes)} lanes over {duration_text(duration)}"
    return ". ".join([ranks, *flagged]) if flagged else f"{ranks}; none stands out"
