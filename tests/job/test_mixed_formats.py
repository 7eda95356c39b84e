"""A folder with a recording in each format, in one command, with one manifest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ecgmpi.readers import FORMATS
from tests.outputs import failures, manifest, pictures, run_json
from tests.processes import QUICK, run_ecgmpi
from tests.readers.helpers.mixed import BROKEN, IGNORED, QUANTUM, RECORDINGS, SIGNAL, one_of_each


def test_no_format_is_missing() -> None:
    assert {format.name for format in FORMATS} <= set(RECORDINGS.values())


@pytest.mark.parametrize("option", [(), ("--layout", "3x4")])
def test_one_of_each_in_one_command(option: tuple[str, ...], tmp_path: Path) -> None:
    corpus, out = one_of_each(tmp_path / "in"), tmp_path / "out"
    run_ecgmpi("render", corpus, "-o", out, *QUICK, *option, "--workers", "2").expect(3)
    rows = {row["source"]: row for row in manifest(out)}
    drawn = {source: row["format"] for source, row in rows.items() if row["status"] == "drawn"}
    assert drawn == RECORDINGS
    assert {row["source"]: row["class"] for row in failures(out)} == BROKEN
    assert set(rows) == set(RECORDINGS) | set(BROKEN)
    assert run_json(out)["ignored_files"] == len(IGNORED)
    assert len(pictures(out)) == len(RECORDINGS) * (1 if option else 12)
    for source in RECORDINGS:
        row = rows[source]
        # The coarsest of them is 212, in 12 bits over the range of each lead.
        assert abs(float(row["min_mv"]) - SIGNAL.min()) < QUANTUM, source
        assert abs(float(row["max_mv"]) - SIGNAL.max()) < QUANTUM, source
        assert (row["samples"], row["rate_hz"]) == ("1000", "500"), source
        assert row["limb_leads"] == "consistent", source
        assert set(row["leads"].split()) == set(rows["five.mat"]["leads"].split()), source


@pytest.mark.slow
def test_inspect_says_the_same_of_each(tmp_path: Path) -> None:
    corpus = one_of_each(tmp_path / "in")
    lines = run_ecgmpi("inspect", corpus, "--json").expect(3).out.splitlines()
    rows = {Path(one["file"]).relative_to(corpus).as_posix(): one for one in map(json.loads, lines)}
    assert {name: one["format"] for name, one in rows.items() if one["readable"]} == RECORDINGS
    assert {name: one["class"] for name, one in rows.items() if not one["readable"]} == BROKEN
