"""Pieces of SVG as text, and the frame that every figure of the report stands in."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape as _escape

import numpy as np
import numpy.typing as npt

from ecgmpi.names import readable

Floats = npt.NDArray[np.float64]

WIDE = 960.0
NARROW = 400.0
"""Widths of figures in their own units; a narrow one fits a phone."""

LEAST_BAR = 1.5
"""Height or length of the smallest bar that is not nothing, px."""

TEXT_PX = 12.0
"""Height of the em of all text in a figure, in its own units."""
LEAST_TEXT_PX = 11.0
"""A figure scrolls in its box rather than shrink its text below this, CSS px."""
CHARACTER_PX = 7.2
BOLD_PX = 8.2
"""Width of a character of `TEXT_PX`, plain and bold, on average in a wide font."""
MOST_TEXT_PX = 14.0
"""A figure in a wide box grows until its text is as large, CSS px."""

HATCH = "hatch"
"""The pattern of what is not known."""

_TURNS = (None, 45, -45, 0, 90, 20, -20, 70)
"""Angle of the lines in the pattern of each series, degrees; None: a plain area."""
_NUMBERS = itertools.count(1)


def escaped(text: str) -> str:
    """Text as XML and HTML may hold it, in content and in attributes.

    Examples
    --------
    >>> escaped('<b>&"')
    '&lt;b&gt;&amp;&quot;'
    """
    return _escape(readable(text))


def px(value: float) -> str:
    """A coordinate to 0.1 px.

    Examples
    --------
    >>> px(3.04), px(-0.01), px(2.25)
    ('3', '0', '2.2')
    """
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def element(tag: str, *children: str, **attributes: str | float) -> str:
    """An element of children that are markup already.

    Parameters
    ----------
    tag
        Its name.
    *children
        Markup.
    **attributes
        Numbers are coordinates. In names, an underscore stands for a hyphen, and one at the end
        for nothing: ``class_``.
    """
    said = "".join(
        f' {name.rstrip("_").replace("_", "-")}="'
        f'{escaped(value) if isinstance(value, str) else px(value)}"'
        for name, value in attributes.items()
    )
    body = "".join(children)
    return f"<{tag}{said}>{body}</{tag}>" if body else f"<{tag}{said}/>"


def text(x: float, y: float, said: str, **attributes: str | float) -> str:
    """A line of text whose baseline begins, or as `text_anchor` says, at x, y."""
    return element("text", escaped(said), x=x, y=y, **attributes)


def shortened(said: str, width: float, bold: bool = False) -> str:
    """Text that fits a width in px: what is too long ends with an ellipsis.

    Examples
    --------
    >>> shortened("rank 12, node-of-a-long-name", 110)
    'rank 12, node-…'
    """
    # What fits exactly must not be cut off by a rounding error.
    most = max(int(width / (BOLD_PX if bold else CHARACTER_PX) + 1e-6), 2)
    return said if len(said) <= most else said[: most - 1].rstrip() + "…"


def width_of(texts: Iterable[str], bold: bool = False) -> float:
    """Width of the longest text, px, on the safe side."""
    return (BOLD_PX if bold else CHARACTER_PX) * max((len(said) for said in texts), default=0)


def with_unit(label: str, unit: str) -> str:
    """A label and its unit, if it has one."""
    return f"{label}, {unit}" if unit else label


def steps(x: float, width: float, levels: Floats, base: float | None = None) -> str:
    """The path of a stepped line over bins of equal width.

    Parameters
    ----------
    x, width
        Where the first bin begins, and the width of one, px.
    levels
        float64, shape (n_bins,): height of the line above, y in px; NaN is a gap.
    base
        The y to which the area below is closed; None for an open line.

    Returns
    -------
    str
        The ``d`` of a path, empty where all is a gap.
    """
    parts = []
    for first, end in runs(~np.isnan(levels)):
        # Differences of rounded positions, so that no error adds up along the path.
        across = np.rint(10 * (x + width * np.arange(first, end + 1))).astype(int)
        down = np.rint(10 * levels[first:end]).astype(int)
        changes = [0, *(np.flatnonzero(np.diff(down)) + 1).tolist(), end - first]
        start = down[0] if base is None else round(10 * base)
        parts.append(f"M{px(across[0] / 10)} {px(start / 10)}")
        before = start
        for left, right in itertools.pairwise(changes):
            if down[left] != before:
                parts.append(f"v{px((down[left] - before) / 10)}")
            parts.append(f"h{px((across[right] - across[left]) / 10)}")
            before = down[left]
        if base is not None:
            parts.append(f"V{px(start / 10)}z")
    return "".join(parts)


def runs(present: npt.ArrayLike) -> list[tuple[int, int]]:
    """First and end of each run of true values.

    Examples
    --------
    >>> runs(np.array([True, True, False, True]))
    [(0, 2), (3, 4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], present, [False]]))).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of the legend: its name, and the pattern or the class of its line."""

    name: str
    pattern: str = ""
    line: str = ""


class Frame:
    """One figure: what its parts refer to, and what stands around them.

    Parameters
    ----------
    width, height
        Its size in its own units, px at full size.
    n_series
        How many series have a pattern.
    """

    def __init__(self, width: float, height: float, n_series: int = 0) -> None:
        self.width = width
        self.height = height
        self._name = f"figure-{next(_NUMBERS)}"
        self._n_series = n_series

    def fill(self, pattern: str) -> str:
        """The paint of a pattern: `HATCH`, or the number of a series."""
        return f"url(#{self._name}-{pattern})"

    def finished(
        self,
        title: str,
        about: str,
        body: Sequence[str],
        keys: Sequence[Key],
        remarks: Sequence[str] = (),
    ) -> str:
        """The whole figure, with its legend, in a box that scrolls.

        Parameters
        ----------
        title
            What it shows: the finding, in a sentence.
        about
            The numbers behind it, for whoever does not see it.
        body
            The markup inside.
        keys
            The entries of its legend.
        remarks
            What a narrow window would have to scroll for: shown there above the figure.
        """
        name = self._name
        drawing = element(
            "svg",
            element("title", escaped(title)),
            element("desc", escaped(about), id=f"{name}-about"),
            self._patterns(),
            *body,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {px(self.width)} {px(self.height)}",
            width=self.width,
            height=self.height,
            role="img",
            aria_label=title,
            aria_describedby=f"{name}-about",
            style=(
                f"min-width:{px(self.width * LEAST_TEXT_PX / TEXT_PX)}px;"
                f"max-width:{px(self.width * MOST_TEXT_PX / TEXT_PX)}px"
            ),
        )
        legend = element("ul", *map(self._entry, keys), class_="legend") if keys else ""
        box = element("div", drawing, class_="scroll")
        said = [element("li", escaped(remark)) for remark in remarks]
        list_ = element("ul", *said, class_="remarks") if said else ""
        return element("div", legend, list_, box, class_="figure")

    def _entry(self, key: Key) -> str:
        if key.line:
            mark = element("line", x1=0.0, y1=6.0, x2=22.0, y2=6.0, class_=key.line)
        else:
            paint = {"fill": self.fill(key.pattern)} if key.pattern else {}
            mark = element("rect", x=0.5, y=0.5, width=21.0, height=11.0, class_="swatch", **paint)
        swatch = element(
            "svg", mark, viewBox="0 0 22 12", width=22.0, height=12.0, aria_hidden="true"
        )
        return element("li", swatch, escaped(key.name))

    def _patterns(self) -> str:
        hatch = element("path", d="M0 4H8M4 0V8", class_="hatch-line")
        made = [self._pattern(HATCH, 8.0, 45, "hatch-ground", hatch)]
        for number in range(self._n_series):
            turn = _TURNS[number % len(_TURNS)]
            lines = "" if turn is None else element("path", d="M0 0V5", class_="series-line")
            made.append(self._pattern(str(number), 5.0, turn or 0, f"series-{number}", lines))
        return element("defs", *made)

    def _pattern(self, name: str, size: float, turn: int, ground: str, lines: str) -> str:
        return element(
            "pattern",
            element("rect", width=size, height=size, class_=ground),
            lines,
            id=f"{self._name}-{name}",
            width=size,
            height=size,
            patternUnits="userSpaceOnUse",
            patternTransform=f"rotate({turn})",
        )
