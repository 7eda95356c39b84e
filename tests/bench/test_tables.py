"""Figures, the JSON of a run, and the tables that are made of them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from tests.bench import document, table
from tests.bench.document import Document, document_of, figures_of
from tests.bench.figures import figure, named

SETTING = {
    "quick": False,
    "busy": False,
    "machine": {"cpu": "Some CPU", "cores": 2, "memory_gb": 8.0, "load": 0.5},
    "versions": {"python": "3.11", "numpy": "2.0"},
}

STRIP = figure("strip.ratio", [240.0, 260.0, 250.0], "times", "faster than", least=225)
PAGE = figure("page.floors", [2.75, 2.5, 2.625], "times", "slower than", most=2.5)


@pytest.fixture
def run() -> Document:
    return document_of([STRIP, PAGE], SETTING)


def test_a_figure_is_the_median_of_its_rounds_between_their_quartiles() -> None:
    one = figure("a.b", [4.0, 1.0, 2.0, 3.0, 100.0], "ms")
    assert (one.value, one.low, one.high, one.rounds) == (3.0, 2.0, 4.0, 5)
    alone = figure("a.b", 7.0, "ms")
    assert (alone.value, alone.low, alone.high, alone.rounds) == (7.0, 7.0, 7.0, 1)


@pytest.mark.parametrize(
    ("value", "least", "most", "missed"),
    [
        (9.0, None, None, False),
        (10.0, 10.0, None, False),
        (9.0, 10.0, None, True),
        (10.0, None, 10.0, False),
        (11.0, None, 10.0, True),
        (math.nan, None, 10.0, True),
        (math.inf, None, 10.0, True),
    ],
)
def test_a_gate_is_passed_by_what_reaches_it(
    value: float, least: float | None, most: float | None, missed: bool
) -> None:
    assert figure("a.b", value, "s", least=least, most=most).missed == missed


def test_plain_values_have_the_units_that_their_names_end_in() -> None:
    values = {
        "startup.help_cpu_s": 0.2,
        "startup.ranks_mb": 40.0,
        "compression.pays_below_mb_s": 9.0,
    }
    found = list(named(values, most={"startup.help_cpu_s": 0.15}))
    assert [one.unit for one in found] == ["s", "MB", "MB/s"]
    assert [one.missed for one in found] == [True, False, False]


def test_a_figure_is_found_by_its_name(run: Document, tmp_path: Path) -> None:
    document.write(run, tmp_path / "run.json")
    read = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert (read["strip.ratio"], read["page.floors"]) == (250.0, 2.625)
    assert read["spread"]["strip.ratio"] == [245.0, 255.0]
    assert read["missed"] == ["page.floors"]
    assert read["machine"]["cpu"] == "Some CPU"


def test_what_was_measured_comes_back(run: Document, tmp_path: Path) -> None:
    document.write(run, tmp_path / "run.json")
    assert figures_of(document.read(tmp_path / "run.json")) == [STRIP, PAGE]


def test_the_table_of_a_run_says_what_missed_its_gate(run: Document) -> None:
    text = table.all_figures(run)
    assert "Some CPU, 2 cores" in text
    assert "| `strip.ratio` | 250 times | 245 to 255 | 3 | at least 225 | faster than |" in text
    assert "| `page.floors` | 2.62 times | 2.56 to 2.69 | 3 | at most 2.50, missed |" in text
    widths = {line.count("|") for line in text.splitlines() if line.startswith("|")}
    assert len(widths) == 1


def test_a_run_that_lacks_a_figure_of_the_readme_says_which(run: Document) -> None:
    lacking = table.lacking(run)
    assert "strip.floors" in lacking
    assert "strip.ratio" not in lacking


def test_a_table_takes_the_place_of_the_one_before() -> None:
    old, new = (f"{table.BEGIN}\n{row}{table.END}\n" for row in ("| old |\n| row |\n", "| new |\n"))
    assert table.in_text(f"before\n\n{old}\nafter\n", new) == f"before\n\n{new}\nafter\n"


@pytest.mark.parametrize("times", [0, 2])
def test_a_text_without_one_pair_of_marks_is_left_alone(times: int) -> None:
    with pytest.raises(ValueError, match="expected one table"):
        table.in_text(f"{table.BEGIN}\n{table.END}\n" * times, "")


def test_the_readme_has_the_table_of_the_committed_run() -> None:
    text = table.README.read_text(encoding="utf-8")
    made = table.in_text(text, table.for_readme(document.read(table.COMMITTED)))
    assert text == made, "python -m tests.bench --read tests/bench/figures.json --readme mends it"


def test_the_committed_run_is_neither_quick_nor_busy_and_lacks_nothing() -> None:
    run = document.read(table.COMMITTED)
    assert not run["quick"]
    assert not run["busy"]
    assert not run["broke"]
    assert not table.lacking(run)
    for name in ("strip.ratio", "strip.floors", "page.ratio", "page.floors"):
        assert run[name] > 1
        low, high = run["spread"][name]
        assert low <= run[name] <= high
    assert {"cpu", "cores", "memory_gb"} <= set(run["machine"])
    assert {"python", "numpy", "matplotlib", "isal"} <= set(run["versions"])
