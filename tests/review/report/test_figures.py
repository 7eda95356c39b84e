"""What the figures of a report say and show."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
import pytest

from ecgmpi.review.report.axes import decades, ticks, time_ticks
from ecgmpi.review.report.figures import (
    Lane,
    bars,
    histogram,
    histograms,
    over_time,
    stylesheet,
    timeline,
)
from ecgmpi.review.report.svg import px, steps

SVG = "{http://www.w3.org/2000/svg}"
STAGES = ("reading", "drawing", "writing")
HOSTILE = "<b>&\"'\x07\udce9"


def shares(n_bins: int = 8, level: float = 0.3) -> npt.NDArray[np.float64]:
    return np.full((len(STAGES), n_bins), level)


def drawn(figure: str) -> ElementTree.Element:
    """The SVG of a figure, which is well-formed."""
    found = ElementTree.fromstring(figure).find(f".//{SVG}svg[@role='img']")
    assert found is not None
    return found


def texts(figure: str) -> list[str]:
    return [found.text or "" for found in drawn(figure).iter(f"{SVG}text")]


def of_class(figure: str, name: str) -> list[ElementTree.Element]:
    return [found for found in drawn(figure).iter() if name in found.get("class", "").split()]


def numbers(found: ElementTree.Element, *names: str) -> list[float]:
    return [float(found.get(name, "nan")) for name in names]


def every_figure(name: str) -> list[str]:
    edges, counts = np.array([-np.inf, 0.0, 1.0, np.inf]), np.array([1, 5, 2])
    return [
        timeline([Lane(name, name, True, shares())], STAGES, 10.0, name),
        over_time(np.array([1.0, np.nan, 3.0]), 10.0, name, name, name, capacity=4.0),
        bars([(name, 3.0), ("b", 0.0)], name, name),
        histogram(edges, counts, name, name, name),
        histograms(edges, [(name, counts), ("b", counts)], name, name, name),
    ]


def test_names_of_any_characters_stay_text() -> None:
    for figure in every_figure(HOSTILE):
        drawing = drawn(figure)
        assert "<b>&\"'" in drawing.get("aria-label", "")
        assert not list(ElementTree.fromstring(figure).iter("b"))
        figure.encode("utf-8")


def test_each_figure_says_its_finding_and_the_numbers_behind_it() -> None:
    for figure in every_figure("Rank 3 was slow."):
        drawing = drawn(figure)
        assert drawing.get("aria-label") == "Rank 3 was slow."
        said = drawing.find(f"{SVG}desc")
        assert said is not None
        assert said.get("id") == drawing.get("aria-describedby")
        assert re.search(r"\d", said.text or "")


def test_no_id_is_used_twice_even_by_the_same_figure() -> None:
    together = "".join(every_figure("a") + every_figure("a"))
    ids = re.findall(r' id="([^"]+)"', together)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", together)) <= set(ids)


def test_a_flagged_lane_has_its_note_a_mark_and_a_place_above_the_figure() -> None:
    lanes = [
        Lane("rank 0", "", False, shares()),
        Lane("rank 1", "slow: 31 % of the median rate", True, shares()),
    ]
    figure = timeline(lanes, STAGES, 60.0, "about")
    assert "slow: 31 % of the median rate" in texts(figure)
    ((flag,), (row,)) = of_class(figure, "flag"), of_class(figure, "flag-row")
    top, height = numbers(row, "y", "height")
    at = float((flag.get("d") or "").split()[1].partition("l")[0])
    assert top < at < top + height
    remarks = [found.text for found in ElementTree.fromstring(figure).iterfind(".//ul/li")]
    assert "rank 1: slow: 31 % of the median rate" in remarks
    said = drawn(figure).findtext(f"{SVG}desc") or ""
    assert "rank 1: slow" in said
    assert "rank 0" not in said


def test_a_rank_that_gave_no_sign_is_hatched_from_there_on() -> None:
    silent = shares(10)
    silent[:, 6:] = np.nan
    figure = timeline([Lane("rank 0", "", False, silent)], STAGES, 60.0, "about")
    (gap,) = of_class(figure, "gap")
    (paper,) = of_class(figure, "paper")
    left, width = numbers(paper, "x", "width")
    assert numbers(gap, "x", "width") == pytest.approx([left + 0.6 * width, 0.4 * width], abs=0.11)
    assert "no sign of life" in figure
    assert "no sign of life" not in timeline(
        [Lane("rank 0", "", False, shares())], STAGES, 60.0, "about"
    )


def test_areas_of_a_lane_are_as_high_as_the_shares() -> None:
    lane = Lane("rank 0", "", False, np.array([[0.5, 0.5], [0.25, 0.0], [0.0, 0.0]]))
    figure = timeline([lane], STAGES, 60.0, "about")
    # Drawn over each other: the sum of both below the first alone.
    both, first = [found.get("d") or "" for found in of_class(figure, "stage")]
    (low,) = {float(m) for m in re.findall(r"^M[\d.]+ ([\d.]+)", first)}
    half = -float(re.findall(r"v(-?[\d.]+)", first)[0])
    rises = [float(m) for m in re.findall(r"v(-?[\d.]+)", both)]
    assert -rises[0] == pytest.approx(1.5 * half, abs=0.11)
    assert rises[1] == pytest.approx(0.5 * half, abs=0.11)
    assert low > half > 10


def test_sixty_four_ranks_stay_small_and_each_has_its_label() -> None:
    random = np.random.default_rng(7)
    lanes = [Lane(f"rank {n}", "", False, random.uniform(0.0, 0.3, (4, 96))) for n in range(64)]
    figure = timeline(lanes, ("reading", "drawing", "encoding", "writing"), 60.0, "about")
    assert len(figure) < 500_000
    assert {f"rank {n}" for n in range(64)} <= set(texts(figure))
    heights = sorted(
        float(found.get("y", ""))
        for found in of_class(figure, "muted")
        if found.text in {f"rank {n}" for n in range(64)}
    )
    assert min(np.diff(heights)) >= 14


def test_lanes_without_bins_or_of_other_stages_are_refused() -> None:
    for lanes in ([], [Lane("a", "", False, shares(0))], [Lane("a", "", False, shares()[:2])]):
        with pytest.raises(ValueError, match="stages"):
            timeline(lanes, STAGES, 1.0, "about")


def test_values_over_time_break_where_nothing_is_known() -> None:
    values = np.array([1.0, 2.0, np.nan, np.nan, 4.0])
    figure = over_time(values, 60.0, "throughput", "1/s", "about")
    (trace,) = of_class(figure, "trace")
    assert (trace.get("d") or "").count("M") == 2
    assert len(of_class(figure, "gap")) == 1
    assert "not known for 40% of the time" in (drawn(figure).findtext(f"{SVG}desc") or "")


def test_the_capacity_is_a_line_at_its_height() -> None:
    figure = over_time(np.array([5.0]), 60.0, "workers", "", "about", capacity=10.0)
    (limit,), (paper,) = of_class(figure, "limit"), of_class(figure, "paper")
    top, height = numbers(paper, "y", "height")
    at = float(re.findall(r"^M[\d.]+ ([\d.]+)", limit.get("d") or "")[0])
    assert top <= at < top + 0.5 * height
    assert not of_class(over_time(np.array([5.0]), 60.0, "w", "", "a"), "limit")


def test_bars_write_their_numbers_and_shares() -> None:
    figure = bars([("reading", 750.0), ("writing", 249.9), ("waiting", 0.1)], "s", "about")
    assert {"750 s, 75 %", "250 s, 25 %", "0.1 s, < 1 %"} <= set(texts(figure))
    widths = [float(found.get("width", "")) for found in of_class(figure, "bar")]
    assert widths[0] == pytest.approx(3 * widths[1], rel=0.01)
    assert widths[2] > 0
    assert "3, 100 %" in texts(bars([("500 Hz", 3.0)], "", "about"))


def test_open_bins_say_so() -> None:
    edges = np.array([-np.inf, 0.0, 1.0, 2.0, 3.0, 4.0, np.inf])
    figure = histogram(edges, np.array([1, 2, 3, 3, 2, 1]), "amplitude", "mV", "about")
    said = texts(figure)
    assert "< 0" in said
    assert "≥ 4" in said
    assert "amplitude, mV" in said
    assert "recordings" in said


def test_one_of_a_million_is_seen() -> None:
    edges = np.arange(4.0)
    figure = histogram(edges, np.array([1, 1_000_000, 0]), "amplitude", "mV", "about")
    (area,) = of_class(figure, "area")
    rise = -float(re.findall(r"v(-[\d.]+)", area.get("d") or "")[0])
    assert rise > 3
    assert "recordings, logarithmic" in texts(figure)


def test_distributions_of_other_sizes_are_compared_as_shares() -> None:
    edges = np.arange(4.0)
    counts = np.array([1, 2, 1])
    figure = histograms(edges, [("A", counts), ("B", 1000 * counts)], "x", "mV", "about")
    one, other = (found.get("d") for found in of_class(figure, "line"))
    assert one == other
    legend = ["".join(li.itertext()) for li in ElementTree.fromstring(figure).iter("li")]
    assert legend == ["A", "B"]


def test_figures_of_nothing_are_figures() -> None:
    drawn(over_time(np.full(3, np.nan), 1.0, "a", "", "about", capacity=0.0))
    drawn(bars([("a", 0.0)], "s", "about"))
    drawn(histogram(np.arange(3.0), np.zeros(2, np.int64), "a", "", "about"))
    drawn(histograms(np.arange(3.0), [("a", np.zeros(2, np.int64))], "a", "", "about"))


def test_axes_end_at_round_numbers() -> None:
    assert ticks(103.0, 4).labels == ("0", "50", "100", "150")
    assert ticks(3.0, 8, whole=True).labels == ("0", "1", "2", "3")
    assert decades(52_000).labels == ("1", "100", "10k", "1M")
    at, caption = time_ticks(5.0 * 3600)
    assert (at.labels[1], caption) == ("0.5", "hours since the start")
    assert time_ticks(100.0)[0].labels[:3] == ("0", "10", "20")
    assert time_ticks(40 * 86400.0)[1] == "days since the start"


def test_no_value_is_beyond_an_axis_of_decades() -> None:
    for highest in np.geomspace(1.0, 1e13, 500):
        at = decades(float(highest)).at
        assert at[-1] >= highest * (1 - 1e-8)
        assert len(at) <= 5


def test_errors_of_rounding_do_not_add_up_along_a_path() -> None:
    levels = np.tile([1.0, 2.0], 500)
    path = steps(0.0, 0.333, levels)
    end = sum(float(part) for part in re.findall(r"h([\d.]+)", path))
    assert end == pytest.approx(333.0, abs=0.1)
    assert px(0.04) == "0"


def test_the_style_has_all_colours_of_dark_and_of_print() -> None:
    blocks = re.findall(r":root \{([^}]*)\}", stylesheet())
    names = [set(re.findall(r"(--[\w-]+):", block)) for block in blocks]
    assert len(names) == 3
    assert names[0] == names[1] == names[2]
    assert set(re.findall(r"var\((--[\w-]+)\)", stylesheet())) <= names[0]
