"""Reports in a real browser: wide and narrow, light and dark, printed, without scripts."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.corpora import broken
from tests.mpi.flavours import MissingError, mpich
from tests.outputs import n_journaled
from tests.processes import REPORTED, ecgmpi, run_ecgmpi, started
from tests.review.checks import here

from .browser import Seen, look, print_to_pdf
from .conftest import BAD_NAME, HARD_NAME, write
from .html import parsed
from .recordings import changed, heart

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTHS = (1300, 800, 390)
GLANCED = ("glance-1", "glance-2", "glance-assumed", "glance-ranks")
SECTIONS = ("Needs attention", "Assumed", "Ranks", "Recordings", "Pictures", "What was run")
STATES = ("strips", "packed pages", "running", "killed")

FAULTY = """<!DOCTYPE html>
<html lang="en"><head><title>faulty</title>
<style>html { background: #eee; } p { color: #bbb; width: 2000px; }</style></head>
<body><p>pale and <a href="#x">wide</a></p><img src="http://127.0.0.1:9/gone.png">
<svg role="img" width="100" height="50" viewBox="0 0 100 50">
<text x="10" y="20">over</text><text x="12" y="20">another</text><text x="90" y="40">outside</text>
</svg></body></html>
"""


@pytest.fixture(scope="module", autouse=True)
def _programs() -> None:
    missing = [name for name in ("chromium", "tidy", "pdftotext") if not shutil.which(name)]
    if missing:
        pytest.skip(f"no {', '.join(missing)}: apt-get install chromium tidy poppler-utils")


def corpus(folder: Path) -> Path:
    """67 recordings: 12 are bad, others are odd in each of some ways, half state no rate."""
    broken(folder / "bad")
    (folder / f"{BAD_NAME}.mat").write_text("this is no recording at all\n")
    for number in range(40):
        stated = {"fs": 500.0} if number % 2 else {}
        write(
            folder / f"a rather long name of a recording {number:03d}.mat", heart(number), **stated
        )
    for number, lead in enumerate(("aVR", "aVR", "aVL", "aVF", "I", "II", "III")):
        write(folder / f"turned{number}.mat", changed(heart(50 + number), lead, -1.0), fs=500.0)
    for number in range(3):
        gaps = heart(60 + number).signal.copy()
        gaps[7, 100:300] = np.nan
        write(folder / f"gaps{number}.mat", replace(heart(), signal=gaps), fs=500.0)
        flat = heart(63 + number).signal.copy()
        flat[9] = 0
        write(folder / f"flat{number}.mat", replace(heart(), signal=flat), fs=500.0)
    write(folder / "large.mat", changed(heart(70), "V2", 3.0), fs=500.0)
    write(folder / f"{HARD_NAME}.mat", heart(71, seconds=3.0, rate=1000.0), fs=1000.0)
    return folder


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, many: Path) -> dict[str, Path]:
    """A report of each kind."""
    try:
        mpi = mpich()
    except MissingError as missing:
        pytest.skip(str(missing))
    # A path in which a line cannot be broken at a hyphen.
    folder = tmp_path_factory.mktemp("browser") / "a_rather_long_name_of_a_folder"
    recordings = corpus(folder / "in")
    outs = {state: folder / state / "OUT" for state in STATES}
    mpi.run(2, "render", recordings, "-o", outs["strips"], *REPORTED).expect(3)
    options = ("--layout", "3x4+1", "--pack", "tar", "--workers", "2")
    run_ecgmpi("render", recordings, "-o", outs["packed pages"], *REPORTED, *options).expect(3)
    found = {state: out / "report.html" for state, out in outs.items()}
    # A bad one comes first.
    inputs = (recordings / f"{BAD_NAME}.mat", many)
    slow = ("--workers", "1", "--progress", "none")
    job = ecgmpi("render", *inputs, "-o", outs["running"], *slow)
    with started(job) as running:
        running.until(lambda: n_journaled(outs["running"]) > 1)
        here("report", outs["running"]).expect(0)
        assert not running.ended
        for pid in running.processes():
            running.signal(signal.SIGKILL, pid)
        running.until_over()
    found["killed"].parent.mkdir(parents=True)
    here("report", outs["running"], "-o", found["killed"]).expect(0)
    return found


@pytest.fixture(scope="module")
def seen(pages: dict[str, Path]) -> list[Seen]:
    """Each page, in each width, light and dark."""
    return [one for dark in (False, True) for one in look([*pages.values()], WIDTHS, dark)]


def test_the_measure_finds_faults(tmp_path: Path) -> None:
    page = tmp_path / "faulty.html"
    page.write_text(FAULTY)
    (faulty,) = look([page], [800], dark=True)
    assert faulty.page_px > faulty.window_px == 800
    assert faulty.images == [(0, "")]
    assert ("svg", "image", "") in faulty.figures
    assert faulty.background > 0.8
    assert faulty.contrasts["text"][0] < 2
    assert faulty.clashes == ["over | another", "outside: outside"]
    assert faulty.fetched == ["http://127.0.0.1:9/gone.png"]


def test_the_pages_are_of_the_jobs_that_they_should_be_of(pages: dict[str, Path]) -> None:
    told: dict[str, dict[str, Any]] = {
        state: json.loads(page.with_suffix(".json").read_text()) for state, page in pages.items()
    }
    states = {state: numbers["status"]["state"] for state, numbers in told.items()}
    assert [*states.values()] == ["complete", "complete", "running", "killed"]
    strips = told["strips"]
    assert len(strips["status"]["ranks"]) == 2
    assert len(strips["pictures"]) >= 20
    titles = {one["title"] for one in strips["attention"]}
    assert {"aVR inverted", "gaps (NaN)", "not-recognised"} <= titles
    assert {one["fact"] for one in strips["recordings"]["assumed"]} >= {"rate 500 Hz", "unit mV"}
    assert all(one["command"] for one in told["packed pages"]["pictures"])


def test_a_job_that_did_not_end_names_no_file_that_it_has_not(pages: dict[str, Path]) -> None:
    for state in ("running", "killed"):
        written = pages[state].read_text(encoding="utf-8")
        assert "not-recognised" in written, state
        assert "failures.csv" not in written, state


@pytest.mark.parametrize("state", STATES)
def test_tidy_has_nothing_to_say(pages: dict[str, Path], state: str) -> None:
    done = subprocess.run(
        ["tidy", "-e", "-q", "-utf8", pages[state]], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_browser_has_nothing_to_mend(seen: list[Seen]) -> None:
    for one in seen:
        written = parsed(one.page.read_text(encoding="utf-8"))
        assert one.tags == [element.tag for element in written.all()], one


def test_no_page_is_wider_than_its_window(seen: list[Seen]) -> None:
    for one in seen:
        assert one.window_px == one.width
        assert one.page_px <= one.window_px, one


def test_every_picture_is_shown_and_every_figure_has_a_name(seen: list[Seen]) -> None:
    for one in seen:
        assert one.images, one
        assert all(width > 0 and alt.strip() for width, alt in one.images), one
        named = [(tag, role, name) for tag, role, name in one.figures if tag != "table"]
        assert {(tag, role) for tag, role, _ in named} == {("svg", "image"), ("figure", "figure")}
        assert all(name.strip() for _, _, name in named), one


def test_each_is_light_or_dark_as_asked_and_can_be_read(seen: list[Seen]) -> None:
    for one in seen:
        assert one.background < 0.05 if one.dark else one.background > 0.9, one
        assert {"text", "link", "muted"} <= set(one.contrasts), one
        for kind, (contrast, where) in one.contrasts.items():
            assert contrast >= 4.5, (str(one), kind, where)
        assert one.smallest_px >= 10.9, one
        assert one.clashes == [], one
    assert all(
        "flagged" in one.contrasts for one in seen if one.page.parent.parent.name == "strips"
    )


def test_nothing_is_loaded_from_elsewhere(seen: list[Seen]) -> None:
    for one in seen:
        assert [address for address in one.fetched if not address.startswith("data:")] == [], one


def test_what_failed_and_what_was_assumed_is_seen_without_scrolling_far(seen: list[Seen]) -> None:
    for one in seen:
        assert set(one.tops) == set(GLANCED), one
        if one.width == 1300:
            assert max(one.tops.values()) < 1000, one


def test_printed_it_has_all_sections_and_few_sheets(pages: dict[str, Path], tmp_path: Path) -> None:
    pdf = tmp_path / "report.pdf"
    print_to_pdf(pages["strips"], pdf, dark=True)
    done = subprocess.run(
        ["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True
    )
    for section in SECTIONS:
        assert re.search(rf"^\s*{section}\s*$", done.stdout, re.MULTILINE), section
    assert 2 <= done.stdout.count("\f") <= 25
