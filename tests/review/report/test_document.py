"""The numbers of a report of a real job are those of its manifest."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import h5py
import pytest

from tests.outputs import failures, manifest, table
from tests.processes import run_ecgmpi
from tests.review.checks import here

from .conftest import BAD_NAME, HARD_NAME, Copied


@pytest.fixture(scope="module")
def numbers(odd_out: Path) -> dict[str, Any]:
    return read(odd_out)


def read(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "report.json").read_text(encoding="utf-8"))
    return found


def test_counts_are_those_of_the_manifest(numbers: dict[str, Any], odd_out: Path) -> None:
    rows = manifest(odd_out)
    counted = numbers["recordings"]
    drawn = [row for row in rows if row["status"] == "drawn"]
    assert (counted["recordings"], counted["drawn"]) == (len(rows), len(drawn)) == (8, 7)
    assert counted["pictures"] == sum(int(row["pictures"]) for row in rows)
    assert counted["bytes"] == sum(int(row["bytes"]) for row in drawn)
    status = numbers["status"]
    assert (status["expected"], status["done"], status["failed"], status["left"]) == (8, 8, 1, 0)
    assert (status["state"], numbers["headline"]) == ("complete", "complete")
    with h5py.File(odd_out / "manifest.h5") as file:
        assert counted["pictures"] == len(file["pictures/path"])
        assert counted["bytes"] == file["pictures/bytes"][:].sum()


def test_what_failed_is_what_failures_csv_says(numbers: dict[str, Any], odd_out: Path) -> None:
    (row,) = failures(odd_out)
    (failure,) = numbers["recordings"]["failures"]
    told = (failure["kind"], failure["message"], failure["remedy"], failure["count"])
    assert told == (row["class"], row["message"], row["remedy"], 1)
    assert [one["name"] for one in failure["examples"]] == [row["name"]] == [BAD_NAME]


def test_facts_about_recordings_are_those_of_the_manifest(
    numbers: dict[str, Any], odd_out: Path
) -> None:
    drawn = [row for row in manifest(odd_out) if row["status"] == "drawn"]
    verdicts = Counter(row["limb_leads"] for row in drawn)
    told = {one["verdict"]: one["count"] for one in numbers["recordings"]["limb_leads"]}
    assert told == verdicts
    assert told["aVR inverted"] == 1
    assumed = {one["fact"]: one["count"] for one in numbers["recordings"]["assumed"]}
    assert assumed == numbers["status"]["assumed"]
    assert assumed["rate 500 Hz"] == sum("rate" in row["assumed"].split() for row in drawn) == 2
    formats = {one["value"]: one["count"] for one in numbers["recordings"]["formats"]["values"]}
    assert formats == Counter(row["format"] for row in drawn)


def test_what_needs_attention_comes_in_the_order_of_how_bad_it_is(
    numbers: dict[str, Any],
) -> None:
    told = [(one["about"], one["title"], one["count"]) for one in numbers["attention"]]
    assert told[:2] == [("failed", "not-recognised", 1), ("limb leads", "aVR inverted", 1)]
    assert ("samples", "gaps (NaN)", 1) in told
    named = {one["title"]: [name["name"] for name in one["names"]] for one in numbers["attention"]}
    assert named["aVR inverted"] == ["turned"]
    assert named["gaps (NaN)"] == ["gaps"]


def test_its_commands_find_what_they_are_about(numbers: dict[str, Any], odd_out: Path) -> None:
    (turned,) = (one for one in numbers["attention"] if one["title"] == "aVR inverted")
    inspect, grep = (shlex.split(line) for line in turned["commands"])
    assert "aVR inverted" in here(*inspect[1:]).out
    assert grep[:2] == ["grep", "-F"]
    found = [row["name"] for row in table(Path(grep[3])) if grep[2] in ",".join(row.values())]
    assert found == ["turned"]


def test_a_command_that_lists_rows_finds_as_many_as_are_counted(numbers: dict[str, Any]) -> None:
    listing = [
        (matter["count"], line)
        for matter in numbers["attention"]
        for line in matter["commands"]
        if line.startswith("grep ")
    ]
    # Of limb leads and of samples, some words of which are in others' rows, too.
    assert len(listing) > 1
    for count, line in listing:
        found = subprocess.run(["sh", "-c", line], stdout=subprocess.PIPE, text=True, check=True)
        assert len(found.stdout.splitlines()) == count, line


def test_all_that_is_odd_is_on_the_contact_sheet(numbers: dict[str, Any]) -> None:
    reasons = {one["name"]: " ".join(one["reasons"]) for one in numbers["pictures"]}
    assert set(reasons) == {
        *(f"deep/good{number}" for number in range(3)),
        *("gaps", "large", "turned", HARD_NAME),
    }
    assert "aVR inverted" in reasons["turned"]
    assert "gaps" in reasons["gaps"]
    assert "highest sample" in reasons["large"] or "lowest sample" in reasons["large"]
    leads = {one["name"]: one["lead"] for one in numbers["pictures"]}
    assert (leads["turned"], leads["large"]) == ("aVR", "V2")


def test_time_of_the_workers_is_told_by_stage(numbers: dict[str, Any]) -> None:
    (rank,) = numbers["status"]["ranks"]
    told = numbers["over_time"]
    assert set(told["seconds"]) == {"reading", "checking", "drawing", "writing"}
    assert told["seconds"] == rank["seconds"]
    assert all(seconds > 0 for seconds in told["seconds"].values())
    assert told["workers"] == 2
    there = sum(told["seconds"].values()) + told["waited_s"]
    (run,) = numbers["runs"]
    assert there == pytest.approx(2 * run["seconds"], abs=0.3)
    done = sum(rate * told["bin_s"] for rate in told["recordings_per_s"])
    assert done == pytest.approx(8, rel=0.05)


def test_what_was_run_is_told(numbers: dict[str, Any], odd_out: Path, odd_corpus: Path) -> None:
    command = numbers["command"]
    assert command[1:5] == ["render", str(odd_corpus), "-o", str(odd_out)]
    assert numbers["options"]["--dpi"] == "60"
    assert {"ecgmpi", "numpy", "matplotlib"} <= set(numbers["versions"])


def without_times(found: dict[str, Any]) -> dict[str, Any]:
    found.pop("made")
    for rank in found["status"]["ranks"]:
        rank.pop("last_sign_s")
    return found


def test_made_again_it_says_the_same(odd_out: Path, copied: Copied) -> None:
    out = copied(odd_out)
    run_ecgmpi("report", out).expect(0)
    first, page = read(out), (out / "report.html").read_text(encoding="utf-8")
    run_ecgmpi("report", out).expect(0)
    assert without_times(read(out)) == without_times(first)
    again = (out / "report.html").read_text(encoding="utf-8")
    assert "<footer>" in page
    assert again.partition("<footer>")[0] == page.partition("<footer>")[0]


def test_a_later_one_says_of_recordings_what_the_job_said(
    numbers: dict[str, Any], odd_out: Path, copied: Copied
) -> None:
    out = copied(odd_out)
    said = here("report", out).expect(0)
    assert said.out == f"{out}/report.html and report.json\n"
    later = read(out)
    for name in ("recordings", "options", "versions", "skipped", "command"):
        assert later[name] == numbers[name]
