"""Figures of the report: values over time, and parts of a whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .axes import Plot, duration_text, short, ticks
from .svg import (
    HATCH,
    LEAST_BAR,
    NARROW,
    WIDE,
    Floats,
    Frame,
    Key,
    element,
    px,
    runs,
    shortened,
    steps,
    text,
    width_of,
    with_unit,
)

_BAR_PITCH = 26.0


def over_time(
    values: Floats,
    bin_s: float,
    label: str,
    unit: str,
    about: str,
    capacity: float | None = None,
) -> str:
    """Draw a quantity over time as a stepped area.

    Parameters
    ----------
    values
        float64, shape (n_bins,), 0 and above; NaN is a gap.
    bin_s
        Width of a bin, s.
    label, unit
        Of the values.
    about
        The finding, in a sentence, for whoever does not see the figure.
    capacity
        The most there could be, drawn as a dashed line.

    Returns
    -------
    str
        Markup; the look is in ``figures.css``.

    Raises
    ------
    ValueError
        There are no bins.
    """
    if not values.size:
        raise ValueError("no values over time")
    known = values[~np.isnan(values)]
    highest = max(known.max(initial=0.0), capacity or 0.0)
    axis = ticks(highest or 1.0, 4)
    plot = Plot(width_of(axis.labels) + 12, 24.0, 0.0, 130.0)
    plot = Plot(plot.left, plot.top, WIDE - plot.left - 12, plot.height)
    frame = Frame(WIDE, plot.bottom + 38)
    scale, width = plot.height / axis.at[-1], plot.width / values.size
    levels = plot.bottom - scale * values
    gaps = [
        element(
            "rect",
            x=plot.left + width * first,
            y=plot.top,
            width=width * (end - first),
            height=plot.height,
            fill=frame.fill(HATCH),
            class_="gap",
        )
        for first, end in runs(np.isnan(values))
    ]
    body = [
        plot.paper(),
        *plot.time_axis(values.size * bin_s),
        *plot.value_axis(axis),
        *gaps,
        element("path", d=steps(plot.left, width, levels, base=plot.bottom), class_="area"),
        element("path", d=steps(plot.left, width, levels), class_="trace"),
        text(plot.left, 13, with_unit(label, unit)),
    ]
    if capacity is not None:
        y = plot.bottom - scale * capacity
        body.append(element("path", d=f"M{px(plot.left)} {px(y)}h{px(plot.width)}", class_="limit"))
        body.append(
            text(
                plot.right,
                13,
                f"dashed: {short(capacity)} in all",
                text_anchor="end",
                class_="muted",
            )
        )
    keys = [Key("not known", HATCH)] if gaps else []
    told = [f"{with_unit(label, unit)} over {duration_text(values.size * bin_s)}"]
    if known.size:
        told.append(
            f"from {short(known.min())} to {short(known.max())}, mean {short(known.mean())}"
        )
    if capacity is not None:
        told.append(f"{short(capacity)} at most")
    if gaps:
        told.append(f"not known for {np.isnan(values).mean():.0%} of the time")
    return frame.finished(about, "; ".join(told), body, keys)


def bars(parts: Sequence[tuple[str, float]], unit: str, about: str) -> str:
    """Draw parts of a whole as bars, with their numbers.

    Parameters
    ----------
    parts
        Name and value, 0 and above, of each.
    unit
        Of the values.
    about
        The finding, in a sentence, for whoever does not see the figure.
    """
    total = sum(value for _, value in parts)
    highest = max((value for _, value in parts), default=0.0)
    said = [_part(value, total, unit) for _, value in parts]
    left = min(width_of(name for name, _ in parts), 130.0) + 10
    plot = Plot(left, 4.0, NARROW - left - width_of(said) - 12, _BAR_PITCH * len(parts))
    frame = Frame(NARROW, plot.bottom + 4)
    body = [plot.paper(), plot.lines(xs=np.arange(plot.left, plot.right, 8.0).tolist(), bold=False)]
    for number, ((name, value), words) in enumerate(zip(parts, said, strict=True)):
        y = plot.top + _BAR_PITCH * number
        length = plot.width * value / highest if highest else 0.0
        length = max(length, LEAST_BAR) if value > 0 else 0.0
        body += [
            text(left - 8, y + 17, shortened(name, left - 10), text_anchor="end"),
            element("rect", x=left, y=y + 5, width=length, height=_BAR_PITCH - 10, class_="bar"),
            text(plot.left + length + 6, y + 17, words, class_="number"),
        ]
    told = "; ".join(f"{name} {words}" for (name, _), words in zip(parts, said, strict=True))
    return frame.finished(about, told, body, [])


def _part(value: float, total: float, unit: str) -> str:
    """A part, as a number and as a share of the whole."""
    size = f"{value:,.0f}" if value >= 100 else short(value)
    said = f"{size} {unit}" if unit else size
    if not total:
        return said
    share = value / total
    return f"{said}, < 1 %" if 0 < share < 0.005 else f"{said}, {100 * share:.0f} %"
