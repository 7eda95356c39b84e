"""SVG and PDF: where everything is, measured on what a rasteriser makes of them and in the XML."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2
import pytest
from scipy.ndimage import maximum_filter

from ecgmpi.drawing import Picture, draw
from ecgmpi.drawing.frame import Box
from ecgmpi.drawing.raster.stroke_plan import Placement
from ecgmpi.ecg.record import STANDARD_LEADS, Record
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.errors import FailureKind, RecordingError, UsageError
from tests.drawing.signals import beats, real, record

Floats = npt.NDArray[np.float64]
Image = npt.NDArray[np.uint8]

SVG = "{http://www.w3.org/2000/svg}"
DPI = 200.0
LAYOUTS = ("strip", "3x4+1", "12x1")
ONE_PAGE = ("3x4+1", *(pytest.param(name, marks=pytest.mark.slow) for name in ("strip", "12x1")))


def rasterised(pdf: bytes, dpi: float = DPI) -> Image:
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) == 1
        pixels = document[0].render(scale=dpi / 72, rev_byteorder=True).to_numpy()
        return np.array(pixels[..., :3])


def words(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return str(document[0].get_textpage().get_text_range())


@pytest.fixture(params=["synthetic", "TRAIN101"])
def recording(request: pytest.FixtureRequest) -> Record:
    if request.param == "synthetic":
        return synthesize(seed=3, index=1, duration=10.0)
    return real(request.getfixturevalue("test_data"), request.param)


def ink(image: Image) -> Floats:
    """How much of each pixel is trace, pulse or letter: what takes the red out of red paper."""
    return np.asarray(np.clip((225.0 - image[..., 0]) / 225.0, 0, 1))


def cut(image: npt.NDArray[Any], box: Box, more: int = 0) -> npt.NDArray[Any]:
    top, left = max(0, int(box.top) - more), max(0, int(box.left) - more)
    return image[top : int(np.ceil(box.bottom)) + more, left : int(np.ceil(box.right)) + more]


def offsets(
    one: Floats, other: Floats, line: npt.NDArray[Any], place: Placement
) -> tuple[Floats, Floats]:
    """How far apart the middles of a trace are, px, and its slope, in each third column."""
    x = place.x0 + np.arange(len(line)) * place.px_per_sample
    y = place.y0 - line.astype(float) * place.px_per_mv
    off, slopes = [], []
    for column in range(math.ceil(x[0]), math.floor(x[-1]), 3):
        # Only what belongs to the line: letters and other traces may be above and below.
        near = np.interp(np.linspace(column - 0.7, column + 1.7, 25), x, y)
        top, bottom = math.floor(near.min() - 2), math.ceil(near.max() + 2)
        rows = np.arange(top, bottom) + 0.5
        middles = []
        for image in (one, other):
            spot = image[top:bottom, column]
            assert spot.sum() > 0.5
            middles.append((spot * rows).sum() / spot.sum())
        off.append(abs(middles[0] - middles[1]))
        slopes.append(np.ptp(np.interp([column, column + 1], x, y)))
    return np.array(off), np.array(slopes)


def line_places(image: Image, begin: float, end: float, box: Box, axis: int, px: float) -> Floats:
    """Where each grid line of 1 mm from `begin` to `end` is found across `axis`, px."""
    # Without what lies on the grid, nor the lines along the axis.
    bare = maximum_filter(cut(ink(image), box), 5) == 0
    dark = 765.0 - cut(image, box).sum(-1, dtype=float)
    profile = (dark * bare).sum(1 - axis) / np.maximum(bare.sum(1 - axis), 1)
    profile -= profile[bare.sum(1 - axis) > 0].min()
    start = int(box.left if axis else box.top)
    found = []
    for where in np.arange(begin, end + px / 2, px):
        first = round(where - start - 2)
        window = profile[first : first + 4]
        places = np.arange(first, first + 4) + start + 0.5
        found.append((window * places).sum() / window.sum())
    return np.array(found)


def edges(image: Floats, box: Box) -> tuple[int, int, int, int]:
    """First and last row and column of ink near a box."""
    near = cut(image, box, more=2) > 0.35
    rows, columns = np.flatnonzero(near.any(1)), np.flatnonzero(near.any(0))
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


@pytest.mark.parametrize("layout", ONE_PAGE)
def test_a_rasterised_pdf_is_the_png_to_a_pixel(layout: str, recording: Record) -> None:
    picture = draw(recording, layout, dpi=DPI)
    ours, theirs = picture.rgb(), rasterised(picture.pdf())
    assert ours.shape == theirs.shape
    frame, px = picture.sheet.frame, picture.scale.px_per_mm

    box = Box(frame.left, frame.top, frame.right, frame.bottom)
    for axis, begin, end in ((1, frame.left, frame.right), (0, frame.top, frame.bottom)):
        one, other = (
            line_places(image, begin + px, end - px, box, axis, px) for image in (ours, theirs)
        )
        assert len(one) >= 10
        assert np.abs(one - other).max() < 0.5
        assert np.abs(other - np.linspace(begin + px, end - px, len(other))).max() < 0.5

    black, white = ink(ours), ink(theirs)
    apart = []
    for trace, line in zip(picture.sheet.traces, picture.lines, strict=True):
        off, steep = offsets(black, white, line, picture.sheet.placement(trace))
        assert np.median(off) < 0.1
        assert np.percentile(off / (1 + steep), 99) < 0.25
        apart.append(off)
    assert np.percentile(np.concatenate(apart), 99) < 1

    for text in picture.sheet.texts:
        top, bottom, left, right = np.subtract(edges(black, text.box), edges(white, text.box))
        # Each letter begins with a whole pixel in the PNG.
        assert max(abs(top), abs(bottom), abs(left)) <= 1, text
        assert abs(right) <= 2, text
    for pulse in picture.sheet.pulses:
        assert edges(white, pulse) == pytest.approx(edges(black, pulse), abs=1)
        middle = white[round((pulse.top + pulse.bottom) / 2)]
        for x in (pulse.left, pulse.right):
            spot = middle[round(x) - 3 : round(x) + 3]
            assert (spot * (np.arange(6) + 0.5)).sum() / spot.sum() - 3 == pytest.approx(
                x - round(x), abs=0.2
            )
    # And nothing else is there or missing: where they differ it is by the edges of lines.
    assert np.abs(ours.astype(int) - theirs).mean() < 5


@pytest.mark.parametrize("layout", LAYOUTS)
def test_letters_are_text(layout: str) -> None:
    picture = draw(synthesize(seed=0, index=0, duration=10.0), layout)
    said = [text.text for text in picture.sheet.texts]
    drawn = [text.text for text in ET.fromstring(picture.svg()).iter(f"{SVG}text")]
    assert drawn == said
    found = " ".join(words(picture.pdf()).split())
    for text in said:
        assert " ".join(text.split()) in found


def paths(svg: bytes) -> Iterator[tuple[dict[str, str], list[Floats]]]:
    """Style and polylines of each path, points from the top left corner."""
    for path in ET.fromstring(svg).iter(f"{SVG}path"):
        style = dict(re.findall(r"([\w-]+): ([^;]+)", path.get("style", "")))
        drawn = path.get("d", "").replace("z", "")
        yield (
            style,
            [
                np.array(re.findall(r"-?[\d.]+", run), float).reshape(-1, 2)
                for run in drawn.split("M")[1:]
            ],
        )


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("scale", [{}, {"speed": 50.0, "gain": 20.0, "dpi": 300.0}], ids=str)
def test_the_numbers_of_an_svg_are_those_of_the_sheet(layout: str, scale: dict[str, Any]) -> None:
    samples = synthesize(seed=1, index=2, duration=10.0)
    picture = draw(samples, layout, **scale)
    sheet, style, svg = picture.sheet, picture.sheet.style, picture.svg()
    root = ET.fromstring(svg)
    points = 72 / picture.scale.dpi
    assert root.get("width", "").endswith("pt")
    for name, pixels in (("width", picture.width), ("height", picture.height)):
        assert float(root.get(name, "")[:-2]) == pytest.approx(pixels * points, abs=0.01)

    found = list(paths(svg))
    colours = {"minor": style.minor, "bold": style.bold}
    pitch = sheet.scale.px_per_mm * points
    for kind, apart in (("minor", 1), ("bold", 5)):
        wanted = f"#{bytes(colours[kind]).hex()}"
        (lines,) = [drawn for look, drawn in found if look.get("stroke") == wanted]
        for axis, zero in ((0, sheet.frame.x0), (1, sheet.frame.y0)):
            at = [line[0, axis] for line in lines if line[0, axis] == line[1, axis]]
            steps = (np.array(at) - zero * points) / pitch / apart
            assert np.abs(steps - np.rint(steps)).max() < 0.001
            assert len(at) > (15 if apart == 1 else 3)
            whole = np.rint(steps * apart)
            assert ((whole % 5 == 0) == (kind == "bold")).all()

    width = f"{style.trace_mm * pitch:.4f}"
    traces = [
        drawn
        for look, drawn in found
        if look.get("stroke-linecap") == "round" and f"{float(look['stroke-width']):.4f}" == width
    ]
    assert len(traces) == len(sheet.traces)
    for (run,), trace, line in zip(traces, sheet.traces, picture.lines, strict=True):
        place = sheet.placement(trace)
        x = trace.x0 + np.arange(len(line)) * place.px_per_sample
        y = trace.y0 - line.astype(float) * place.px_per_mv
        assert np.abs(run / points - np.stack([x, y], -1)).max() < 0.02

    for text, written in zip(sheet.texts, root.iter(f"{SVG}text"), strict=True):
        at = [float(written.get(name, "")) / points for name in ("x", "y")]
        assert at == pytest.approx([text.x, text.baseline], abs=0.01)
        size = re.search(
            r"font-size: ([\d.]+)px; font-family: 'DejaVu Sans'", written.attrib["style"]
        )
        assert size
        assert float(size[1]) / points == pytest.approx(text.size, abs=0.01)


@pytest.mark.parametrize("layout", ["strip", "12x1"])
def test_a_gap_is_a_gap_and_a_lone_sample_a_dot(layout: str) -> None:
    samples = np.full(5000, np.nan, np.float32)
    samples[1000:1500] = 0.3
    samples[2500] = 0.4
    shown = (
        record(samples)
        if layout == "strip"
        else Record("R", np.tile(samples, (12, 1)), 500.0, STANDARD_LEADS)
    )
    picture = draw(shown, layout, dpi=DPI, baseline="none")
    dots, runs = 0, 0
    for look, drawn in paths(picture.svg()):
        if look.get("stroke-linecap") == "round":
            dots += sum(len(run) == 2 and bool(np.ptp(run[:, 0]) < 0.05) for run in drawn)
            runs += sum(len(run) == 500 for run in drawn)
    assert dots == runs == len(picture.sheet.traces)
    trace, scale = picture.sheet.traces[0], picture.scale
    black, white = ink(picture.rgb()), ink(rasterised(picture.pdf()))
    y = round(trace.y0 - 0.4 * scale.px_per_mv - 0.5)
    x = round(trace.x0 + 5.0 * scale.px_per_s - 0.5)
    for image in (black, white):
        assert image[y - 1 : y + 2, x - 1 : x + 2].max() > 0.4
        assert image[y - 4 : y + 5, x - 8 : x - 3].max() < 0.1
    near = np.s_[y - 4 : y + 5, x - 4 : x + 5]
    assert white[near].sum() == pytest.approx(black[near].sum(), rel=0.35)


def test_the_files_say_what_the_png_says() -> None:
    picture = draw(record(beats(2.0), name='R & "1" <é>'), format="svg")
    said = picture.metadata | {"dpi": 400.0}
    root = ET.fromstring(picture.svg())
    (note,) = root.iter("{http://purl.org/dc/elements/1.1/}description")
    assert json.loads(note.text or "") == said
    with pypdfium2.PdfDocument(picture.pdf()) as document:
        facts = document.get_metadata_dict()
    assert json.loads(facts.pop("Subject")) == said
    assert not any(facts.values())


def test_a_vector_needs_no_pixels() -> None:
    picture = draw(record(beats()), format="pdf")
    picture.pdf()
    picture.svg()
    assert "rows" not in vars(picture)


SCRIPT = """
import hashlib, sys
sys.path.insert(0, {tests!r})
from ecgmpi.drawing import draw
from ecgmpi.ecg.synthetic import synthesize
shown = synthesize(seed=0, index=3, duration=10.0)
{before}
for layout in ("strip", "3x4+1"):
    for kind in ("svg", "pdf", "jpg"):
        print(hashlib.sha256(draw(shown, layout).encode(kind)).hexdigest())
"""


def digests(tmp_path: Path, before: str = "", **environment: str) -> list[str]:
    script = SCRIPT.format(tests=str(Path(__file__).parents[2]), before=before)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env=os.environ | {"MPLCONFIGDIR": str(tmp_path)} | environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.slow
def test_the_same_bytes_whoever_draws_and_whatever_his_settings(tmp_path: Path) -> None:
    shown = synthesize(seed=0, index=3, duration=10.0)
    here = [
        hashlib.sha256(draw(shown, layout).encode(kind)).hexdigest()
        for layout in ("strip", "3x4+1")
        for kind in ("svg", "pdf", "jpg")
    ]
    assert digests(tmp_path / "none", PYTHONHASHSEED="1") == here
    # Neither a font list that others would read, nor one that they would wait for.
    assert list(tmp_path.rglob("*font*")) == []
    (tmp_path / "matplotlibrc").write_text(
        "path.simplify: True\nfont.size: 20\nlines.linewidth: 9\nsvg.fonttype: path\n"
        "pdf.compression: 0\nfont.family: monospace\nfigure.edgecolor: red\npath.snap: False\n"
    )
    pyplot = "import matplotlib; matplotlib.use('agg'); import matplotlib.pyplot"
    assert digests(tmp_path, before=pyplot, PYTHONHASHSEED="2", SOURCE_DATE_EPOCH="7") == here


def test_settings_of_matplotlib_are_left_as_they_were() -> None:
    import matplotlib

    with matplotlib.rc_context({"path.simplify": True, "svg.fonttype": "path", "font.size": 3.0}):
        before = dict(matplotlib.rcParams)
        draw(record(beats(1.0))).svg()
        assert dict(matplotlib.rcParams) == before


def test_a_vector_has_limits_of_its_own() -> None:
    long = record(np.zeros(170 * 500))
    with pytest.raises(RecordingError, match=r"over 100 megapixels") as refused:
        draw(long, dpi=1000.0)
    assert refused.value.kind is FailureKind.TOO_LARGE
    picture = draw(long, dpi=1000.0, format="svg")
    assert picture.svg().startswith(b"<?xml")
    with pytest.raises(RecordingError, match=r"the picture would be .* over 100 megapixels"):
        picture.png()
    with pytest.raises(RecordingError, match=r"5519 x 27 mm, over 5080 mm a side"):
        draw(record(np.zeros(220 * 500)), format="pdf")
    with pytest.raises(RecordingError, match=r"a line of 2,000,001 samples, over 2,000,000"):
        draw(record(np.zeros(2_000_001), rate=100_000.0), format="svg")
    with pytest.raises(RecordingError, match=r"over the limit of the format, 65500 a side"):
        draw(long, format="jpg")


def test_a_picture_is_saved_as_its_name_says(tmp_path: Path) -> None:
    picture: Picture = draw(record(beats(1.0)))
    for name, beginning in (
        ("a.png", b"\x89PNG"),
        ("a.JPG", b"\xff\xd8\xff"),
        ("a.jpeg", b"\xff\xd8\xff"),
        ("a.svg", b"<?xml"),
        ("a.pdf", b"%PDF"),
    ):
        picture.save(tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(beginning)
    for name in ("a", "a.tiff"):
        with pytest.raises(UsageError, match=r"choose from \.png, \.svg, \.pdf, \.jpg, \.jpeg"):
            picture.save(tmp_path / name)
    with pytest.raises(UsageError, match=r"no format 'gif'; there is png, svg, pdf, jpg"):
        draw(record(beats(1.0)), format="gif")
