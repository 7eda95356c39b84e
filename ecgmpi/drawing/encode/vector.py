"""Vector files: a picture as lines and letters, at true millimetres, by matplotlib.

It draws the same `Sheet` as the raster formats, so an x or y of it, times 72 / dpi, is a
distance in points from the top left corner. Nothing is simplified, clipped or rounded to
pixels, except what the sheet itself places on whole pixels: its size, the grid and the
beginnings of texts.

A file does not depend on when, where or by which version it was drawn.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing.frame import SEPARATOR_MM, SEPARATOR_WIDTH_MM, STUB_MM, Box
from ecgmpi.drawing.raster.grid import Gridded
from ecgmpi.drawing.raster.matplotlib_setup import font_path, load_figures
from ecgmpi.drawing.raster.palette import LEVELS, SEPARATOR_SHADE, TEXT
from ecgmpi.drawing.raster.stroke_plan import Floats, Placement
from ecgmpi.drawing.scene import Sheet, TextPlace
from ecgmpi.geometry import BOLD_MM, MINOR_MM
from ecgmpi.themes import Colour

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.path import Path

POINTS_PER_INCH = 72.0
DECIMALS = 3
"""Decimals of a coordinate in points: a third of a micrometre."""
HAIR_PX = 0.01
"""A sheet is smaller than whole pixels by this much, because rasterisers round up."""
FONT = "DejaVu Sans"

_SETTINGS: dict[str, Any] = {
    "path.simplify": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "ecgmpi",
    "pdf.fonttype": 42,
    "font.sans-serif": [FONT],
}
_ONE_BY_ONE = threading.Lock()
"""matplotlib's settings are shared by the whole process."""

Points = npt.NDArray[np.float64]

_DOT = np.array([[-0.01, 0.0], [0.01, 0.0]])
"""A line between two points, px, with round caps; some viewers draw zero length too large."""


def encode_svg(sheet: Sheet, lines: Sequence[Floats], text: Mapping[str, object]) -> bytes:
    """Write an SVG 1.1.

    Parameters
    ----------
    sheet
        The laid-out picture.
    lines
        One array for each trace of the sheet: float32, shape (n_samples,), mV from the
        baseline, NaN in gaps.
    text
        Content of its description, as JSON with sorted keys.

    Returns
    -------
    bytes
        The file. Letters are text in a named font, which is not embedded.
    """
    return _encode(
        "svg",
        sheet,
        lines,
        {"Date": None, "Creator": None, "Format": None, "Type": None, "Description": _note(text)},
    )


def encode_pdf(sheet: Sheet, lines: Sequence[Floats], text: Mapping[str, object]) -> bytes:
    """Write a PDF of one page.

    Parameters
    ----------
    sheet, lines
        As for `encode_svg`: one float32 array of shape (n_samples,) for each trace.
    text
        Content of its subject, as JSON with sorted keys.

    Returns
    -------
    bytes
        The file. Letters are text, and the font is embedded.
    """
    return _encode(
        "pdf",
        sheet,
        lines,
        {"CreationDate": None, "Creator": None, "Producer": None, "Subject": _note(text)},
    )


def _note(text: Mapping[str, object]) -> str:
    return json.dumps(text, sort_keys=True, separators=(",", ":"))


def _encode(
    kind: str, sheet: Sheet, lines: Sequence[Floats], metadata: dict[str, str | None]
) -> bytes:
    load_figures()
    import matplotlib
    from matplotlib.backends import backend_pdf, backend_svg

    # The user's own settings of matplotlib must not matter.
    settings: Any = {
        name: value for name, value in matplotlib.rcParamsDefault.items() if name != "backend"
    }
    file = BytesIO()
    with _ONE_BY_ONE, matplotlib.rc_context(settings | _SETTINGS):
        figure = _figure(sheet, lines)
        canvas: Any
        if kind == "svg":
            canvas = backend_svg.FigureCanvasSVG(figure)
            canvas.print_svg(file, metadata=metadata)
        else:
            canvas = backend_pdf.FigureCanvasPdf(figure)
            canvas.print_pdf(file, metadata=metadata)
    return file.getvalue()


def _figure(sheet: Sheet, lines: Sequence[Floats]) -> Figure:
    from matplotlib.figure import Figure

    frame, style = sheet.frame, sheet.style
    dpi, px = frame.scale.dpi, frame.scale.px_per_mm
    wide, tall = frame.width - HAIR_PX, frame.height - HAIR_PX
    figure = Figure(
        figsize=(wide / dpi, tall / dpi),
        dpi=POINTS_PER_INCH,
        facecolor=_rgb(style.paper),
    )
    pen = _Pen(figure, POINTS_PER_INCH / dpi, tall)
    edge = style.bold_mm / 2 * px
    minor, bold = _grid(frame, edge)
    pen.stroke(minor, style.minor, style.minor_mm * px)
    pen.stroke(bold, style.bold, style.bold_mm * px)
    red, green, blue = style.palette[(TEXT + SEPARATOR_SHADE) * LEVELS].tolist()
    pen.stroke(_separators(sheet), (red, green, blue), SEPARATOR_WIDTH_MM * px)
    pulses = [_pulse(box, STUB_MM * px) for box in sheet.pulses]
    pen.stroke(pulses, style.trace, style.trace_mm * px, cap="projecting", join="miter")
    for text in sheet.texts:
        pen.write(text, style.text)
    for trace, samples in zip(sheet.traces, lines, strict=True):
        place = sheet.placement(trace)
        pen.stroke(_runs(samples, place), style.trace, 2 * place.radius, cap="round", join="round")
    return figure


class _Pen:
    """Puts lines and letters on a figure, in order; converts px to points."""

    def __init__(self, figure: Figure, points_per_px: float, height: float) -> None:
        self._figure = figure
        self._scale = points_per_px
        self._height = height
        self._layer = 0

    def stroke(
        self,
        lines: Iterable[npt.ArrayLike],
        colour: Colour,
        width: float,
        cap: Any = "butt",
        join: Any = "miter",
    ) -> None:
        """Draw polylines, each an array of x and y, shape (n, 2)."""
        from matplotlib.patches import PathPatch
        from matplotlib.transforms import IdentityTransform

        path = self._path([np.asarray(line, np.float64) for line in lines])
        if path is None:
            return
        self._layer += 1
        patch = PathPatch(
            path,
            fill=False,
            edgecolor=_rgb(colour),
            linewidth=width * self._scale,
            capstyle=cap,
            joinstyle=join,
            transform=IdentityTransform(),
            zorder=self._layer,
        )
        self._figure.add_artist(patch)

    def _path(self, lines: list[Points]) -> Path | None:
        from matplotlib.path import Path

        lines = [line for line in lines if len(line)]
        if not lines:
            return None
        codes = [np.full(len(line), Path.LINETO, np.uint8) for line in lines]
        for one in codes:
            one[0] = Path.MOVETO
        vertices = self._points(np.concatenate(lines))
        return Path(vertices, np.concatenate(codes))

    def _points(self, places: Points) -> Points:
        """Turn px from the top left corner into points from the bottom left one."""
        x, y = places.T
        upward = np.stack([x, self._height - y], axis=-1) * self._scale
        return np.round(upward, DECIMALS)

    def write(self, text: TextPlace, colour: Colour) -> None:
        """Write a line of text with the letter spacing of the raster formats: no kerning."""
        from matplotlib.font_manager import FontProperties
        from matplotlib.text import Text
        from matplotlib.transforms import IdentityTransform

        self._layer += 1
        x, y = self._points(np.array([[text.x, text.baseline]], np.float64))[0]
        artist = Text(
            x,
            y,
            text.text,
            color=_rgb(colour),
            fontproperties=FontProperties(
                family="sans-serif",
                fname=str(font_path()),
                size=round(text.size * self._scale, DECIMALS),
            ),
            verticalalignment="baseline",
            parse_math=False,
            transform=IdentityTransform(),
            zorder=self._layer,
        )
        # Older versions of matplotlib kern differently.
        if hasattr(artist, "set_fontfeatures"):
            artist.set_fontfeatures(("-kern", "-liga", "-clig"))
        self._figure.add_artist(artist)


def _rgb(colour: Colour) -> tuple[float, float, float]:
    red, green, blue = (part / 255 for part in colour)
    return red, green, blue


def _grid(frame: Gridded, edge: float) -> tuple[list[Points], list[Points]]:
    """Give the lines every 1 mm and every 5 mm, each extended by `edge` px at both ends."""
    px = frame.scale.px_per_mm
    across = _line_places(frame.left - frame.x0, frame.right - frame.x0, px)
    down = _line_places(frame.top - frame.y0, frame.bottom - frame.y0, px)
    top, bottom = frame.top - edge, frame.bottom + edge
    left, right = frame.left - edge, frame.right + edge
    thin, thick = (
        [
            *(np.array([[x, top], [x, bottom]]) for x in frame.x0 + columns),
            *(np.array([[left, y], [right, y]]) for y in frame.y0 + rows),
        ]
        for columns, rows in zip(across, down, strict=True)
    )
    return thin, thick


def _line_places(low: float, high: float, px: float) -> tuple[Points, Points]:
    """Positions of the 1 mm and 5 mm lines between two bold ones, starting at a bold one."""
    each = round(BOLD_MM / MINOR_MM)
    step = MINOR_MM * px
    lines = np.arange(round(low / step), round(high / step) + 1)
    bold = lines % each == 0
    return lines[~bold] * step, lines[bold] * step


def _separators(sheet: Sheet) -> list[Points]:
    near, far = (mm * sheet.scale.px_per_mm for mm in SEPARATOR_MM)
    return [
        np.array([[x, y + sign * near], [x, y + sign * far]])
        for x, y in sheet.separators
        for sign in (-1, 1)
    ]


def _pulse(box: Box, stub: float) -> Points:
    return np.array(
        [
            [box.left - stub, box.bottom],
            [box.left, box.bottom],
            [box.left, box.top],
            [box.right, box.top],
            [box.right, box.bottom],
            [box.right + stub, box.bottom],
        ]
    )


def _runs(samples: Floats, place: Placement) -> list[Points]:
    """Give the polyline of each run between gaps; a lone sample is a very short one."""
    there = np.flatnonzero(np.isfinite(samples))
    x = place.x0 + there * place.px_per_sample
    y = place.y0 - samples[there].astype(np.float64) * place.px_per_mv
    points = np.stack([x, y], axis=-1)
    runs = np.split(points, np.flatnonzero(np.diff(there) > 1) + 1)
    return [run + _DOT if len(run) == 1 else run for run in runs]
