"""Pictures that are packed are shown, too, and the command beside each draws it again."""

from __future__ import annotations

import json
import shlex
from contextlib import closing
from pathlib import Path

import pytest

from ecgmpi.options.spelling import from_text
from ecgmpi.pipeline import store_spec
from ecgmpi.store.reading import PictureReader
from tests.processes import REPORTED, run_ecgmpi
from tests.review.checks import here

from .conftest import HARD_NAME
from .html import parsed

SHARDS = ("--shard-recordings", "3")

JOBS = {
    "tar strips": ("--pack", "tar", "--speed", "50", "--identify"),
    "hdf5 strips": ("--pack", "hdf5", "--leads", "II,V1", "--start", "0.5", "--gain", "20"),
    "tar page": ("--pack", "tar", "--layout", "3x4+1", "--theme", "blue", "--duration", "2"),
    "tar page of some leads": ("--pack", "tar", "--layout", "6x2", "--leads", "V1,aVR,II"),
    "tar pages": ("--pack", "tar", "--layout", "12x1", "--pages", "all", "--duration", "1"),
    "tar svg": ("--pack", "tar", "--format", "svg", "--baseline", "median"),
}
QUICK_ONE = "tar page of some leads"

DRAWN = (HARD_NAME, "turned", "gaps")
"""Whose commands are typed."""


@pytest.mark.parametrize(
    "job",
    [QUICK_ONE, *(pytest.param(one, marks=pytest.mark.slow) for one in JOBS if one != QUICK_ONE)],
)
def test_the_command_of_a_card_draws_the_bytes_that_are_packed(
    job: str, odd_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "OUT"
    run_ecgmpi("render", odd_corpus, "-o", out, *REPORTED, *SHARDS, *JOBS[job])
    numbers = json.loads((out / "report.json").read_text())
    rendering = from_text(numbers["options"])
    cards = {card["name"]: card for card in numbers["pictures"]}
    picks = {pick["name"]: pick["picture"] for pick in numbers["recordings"]["picks"]}
    assert {card["link"] for card in cards.values()} == {""}
    (tmp_path / "drawn").mkdir()
    monkeypatch.chdir(tmp_path / "drawn")
    with closing(PictureReader(out, rendering.pack, store_spec(rendering))) as reader:
        for name in DRAWN:
            command, *words = shlex.split(cards[name]["command"])
            assert command == "ecgmpi"
            before = set(Path().iterdir())
            here(*words).expect(0)
            drawn = [path.read_bytes() for path in set(Path().iterdir()) - before]
            assert reader.read(picks[name]["path"], picks[name]["key"]) in drawn
            # One picture, but where a recording has many pages.
            assert len(drawn) == 1 or rendering.pages
    images = list(parsed((out / "report.html").read_text()).by_id("pictures").all("img"))
    assert len(images) == (0 if rendering.format == "svg" else 7)
