"""Several OUTs side by side: each number is that of its OUT, and what differs stands out."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from ecgmpi.errors import UsageError
from ecgmpi.outdir.lease import acquire
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.review.report.compare import MOST_OUTS, write_comparison
from ecgmpi.review.report.document import gather
from ecgmpi.review.report.findings import Assumed
from ecgmpi.review.report.side import Side, side_of
from ecgmpi.review.report.side_by_side import NOT_KNOWN, sections, worse_by
from ecgmpi.review.report.tally import MOST_FACTS
from tests.outputs import manifest
from tests.review.jobs import kill_a_holder, unfinished

from .html import Element, parsed

SIGNS = "▲▼≠"


@dataclass(frozen=True)
class Made:
    """A comparison: where it is, its page, and its numbers."""

    path: Path
    page: Element
    numbers: dict[str, Any]

    def row(self, name: str, section: str = "numbers") -> list[str]:
        """The cells of a row of a table."""
        (found,) = (row for row in self.rows(section) if row[0] == name)
        return found[1:]

    def rows(self, section: str) -> list[list[str]]:
        return [
            [" ".join(cell.text.split()) for cell in row.children]
            for row in self.page.by_id(section).all("tr")
        ]

    @property
    def marked(self) -> set[str]:
        """The quantities in which an OUT stands out."""
        return {one["quantity"] for one in self.numbers["differences"]["marked"]}


def compared(to: Path, *outs: Path) -> Made:
    path = write_comparison(outs, to)
    numbers = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return Made(path, parsed(path.read_text(encoding="utf-8")), numbers)


@pytest.fixture(scope="module")
def mixed(
    files_out: Path, odd_out: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Made]:
    """A job that is complete, another one, one that runs, and one that was killed."""
    folder = tmp_path_factory.mktemp("mixed")
    running, killed = (
        unfinished(Path(shutil.copytree(files_out, folder / name))) for name in ("runs", "killed")
    )
    (running / "report.html").unlink()
    kill_a_holder(killed)
    (folder / "page").mkdir()
    with acquire(JobPaths(running).hidden):
        yield compared(folder / "page" / "all.html", files_out, odd_out, running, killed)


def test_it_has_an_out_a_column(mixed: Made, files_out: Path, odd_out: Path) -> None:
    names = [f"{files_out.parent.name}/OUT", f"{odd_out.parent.name}/OUT", "runs", "killed"]
    assert mixed.row("quantity") == names
    assert [one["label"] for one in mixed.numbers["outs"]] == names
    assert mixed.row("state") == ["complete", "complete", "running", "≠ killed"]
    rows = [manifest(out) for out in (files_out, odd_out)]
    drawn = [[row for row in one if row["status"] == "drawn"] for one in rows]
    assert mixed.row("recordings")[:2] == ["7", "▲ 8"]
    assert mixed.row("done")[:2] == ["7 (100 %)", "8 (100 %)"]
    assert mixed.row("failed")[:2] == ["1 (14.3 %)", "1 (12.5 %)"]
    assert mixed.row("not-recognised")[:2] == ["1 (14.3 %)", "1 (12.5 %)"]
    assert mixed.row("pictures")[:2] == [
        str(sum(int(row["pictures"]) for row in one)) for one in rows
    ]
    sizes = [sum(int(row["bytes"]) for row in one) / len(one) for one in drawn]
    told = [float(re.sub(r"[^\d.]", "", cell)) for cell in mixed.row("bytes a recording")[:2]]
    assert told == pytest.approx([size / 1000 for size in sizes], rel=0.01)


def test_what_is_odd_in_one_out_alone_stands_out(mixed: Made) -> None:
    assert mixed.row("aVR inverted")[:2] == ["0", "▲ 1 (14.3 %)"]
    assert mixed.row("gaps (NaN)")[:2] == ["0", "▲ 1 (14.3 %)"]
    assert mixed.row("unit mV")[:2] == ["6 (100 %)", "7 (100 %)"]
    assert {"aVR inverted", "gaps (NaN)"} <= mixed.marked
    assert {"done", "unit mV", "pictures", "bytes"}.isdisjoint(mixed.marked)
    (header,) = mixed.page.all("header")
    (odd,) = (item.text for item in header.all("li") if "aVR inverted" in item.text)
    assert "Limb leads: any fault 1 (14.3 %), aVR inverted 1 (14.3 %)" in odd


def test_what_a_killed_job_has_left_stands_out_and_what_a_running_one_has_does_not(
    mixed: Made,
) -> None:
    *others, running, killed = mixed.row("left")
    assert others == ["0", "0"]
    assert re.fullmatch(r"[1-6] \(.+ %\)", running)
    assert re.fullmatch(r"▲ [1-6] \(.+ %\)", killed)


def test_a_mark_is_read_without_colours_and_without_eyes(mixed: Made) -> None:
    cells = [
        cell
        for cell in mixed.page.by_id("numbers").all("td")
        if "marked" in cell.attributes.get("class", "").split()
    ]
    assert cells
    for cell in cells:
        (sign,) = cell.all("span")
        assert sign.text in SIGNS
        assert re.search("(more|less|other) than most others", sign.attributes["aria-label"])
    text = mixed.page.by_id("numbers").text
    assert len(re.findall(f"[{SIGNS}]", text)) == len(cells) + len(SIGNS)


def test_options_that_differ_and_no_others_are_listed(
    files_out: Path, tar_out: Path, tmp_path: Path
) -> None:
    made = compared(tmp_path / "page.html", files_out, tar_out)
    rows = made.rows("made-with")
    assert {row[0]: row[1:] for row in rows[1:]} == {
        "--pack": ["files", "tar"],
        "--shard-recordings": [made.numbers["outs"][0]["options"]["--shard-recordings"], "1"],
    }
    assert made.numbers["differences"]["options"]["--pack"] == ["files", "tar"]
    assert made.numbers["differences"]["versions"] == {}


def test_of_an_out_and_its_copy_nothing_stands_out(files_out: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(files_out, tmp_path / "copy"))
    made = compared(tmp_path / "page.html", files_out, copy)
    assert made.marked == set()
    assert not re.search(f"[{SIGNS}] ?\\d", made.page.by_id("numbers").text)
    assert made.rows("made-with") == []
    (header,) = made.page.all("header")
    assert "2 complete" in header.text
    assert "None is worse than the others" in header.text


def test_distributions_are_drawn_over_each_other_under_the_names_of_outs(mixed: Made) -> None:
    figures = [
        one
        for one in mixed.page.by_id("distributions").all("div")
        if one.attributes.get("class") == "figure"
    ]
    assert len(figures) == 4
    for figure in figures:
        keys = [item.text for item in figure.all("li")]
        assert keys == mixed.row("quantity")
        lines = [path for path in figure.all("path") if "line-" in path.attributes.get("class", "")]
        assert len(lines) >= 4
        (drawing,) = (svg for svg in figure.all("svg") if svg.attributes.get("role") == "img")
        for name in keys:
            assert f"{name} from " in drawing.attributes["aria-label"]


def test_it_leads_to_each_report_or_says_how_to_make_it(mixed: Made) -> None:
    section = mixed.page.by_id("reports")
    items = list(section.all("li"))
    assert len(items) == 4
    links = [[link.attributes["href"] for link in item.all("a")] for item in items]
    assert [len(one) for one in links] == [1, 1, 0, 1]
    for (link,) in (one for one in links if one):
        assert not re.match("[a-z]+:|/", link)
        target = mixed.path.parent / unquote(link)
        assert "ecgmpi report" in target.read_text(encoding="utf-8")
    (command,) = items[2].all("pre")
    assert command.text == f"ecgmpi report {mixed.path.parent.parent / 'runs'}"


def test_it_needs_nothing_else_and_is_sound(mixed: Made) -> None:
    tags = {element.tag for element in mixed.page.all()}
    assert tags.isdisjoint({"script", "link", "iframe", "img", "base", "form", "u"})
    ids = [one.attributes["id"] for one in mixed.page.all() if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    for element in mixed.page.all():
        for name, value in element.attributes.items():
            assert not name.startswith("on")
            assert name.startswith("xmlns") or "://" not in value
        for name in ("aria-labelledby", "aria-describedby"):
            assert set(element.attributes.get(name, "").split()) <= set(ids)
        if element.attributes.get("href", "").startswith("#"):
            assert element.attributes["href"][1:] in ids
    for style in mixed.page.all("style"):
        assert not re.search(r"url\(|@import|://", style.text)
    for table in mixed.page.all("table"):
        widths = {
            sum(int(cell.attributes.get("colspan", "1")) for cell in row.children)
            for row in table.all("tr")
        }
        assert widths == {5}


def test_numbers_are_those_of_each_report(mixed: Made, odd_out: Path) -> None:
    own = json.loads((odd_out / "report.json").read_text(encoding="utf-8"))
    told = mixed.numbers["outs"][1]
    for name in ("recordings", "options", "versions", "skipped", "command"):
        assert told[name] == own[name]
    assert [one["status"]["state"] for one in mixed.numbers["outs"]] == [
        "complete",
        "complete",
        "running",
        "killed",
    ]


def test_an_out_of_which_nothing_is_known_yet_has_a_column_of_dashes(
    files_out: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new"
    JobPaths(new).hidden.mkdir(parents=True)
    made = compared(tmp_path / "page.html", new, files_out)
    for name in ("recordings", "done", "left", "failed", "pictures", "recordings a second"):
        assert made.row(name)[0] == NOT_KNOWN
    assert made.row("recordings")[1] == "7"
    assert "new (none drawn)" in made.page.by_id("distributions").text
    other = tmp_path / "other"
    JobPaths(other).hidden.mkdir(parents=True)
    made = compared(tmp_path / "page.html", new, other)
    assert "No recording is drawn yet" in made.page.by_id("distributions").text


def test_too_many_or_the_same_twice_are_refused(files_out: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    many = [tmp_path / f"out{number}" for number in range(MOST_OUTS + 1)]
    with pytest.raises(UsageError, match="9 OUTs: compare 8 at a time, or fewer"):
        write_comparison(many, page)
    (tmp_path / "link").symlink_to(files_out)
    for same in (files_out, tmp_path / "link", files_out / "images" / ".."):
        with pytest.raises(UsageError, match="the same OUT, given twice"):
            write_comparison([files_out, same], page)
    with pytest.raises(UsageError, match="nowhere does not exist"):
        write_comparison([files_out, tmp_path / "nowhere"], page)
    assert [path.name for path in tmp_path.iterdir()] == ["link"]


@pytest.mark.parametrize("name", ["report.html", "report.htm", "run.html"])
def test_no_file_of_an_out_gives_way_to_it(
    name: str, files_out: Path, tar_out: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(tar_out)
    before = {path: path.read_bytes() for path in tar_out.glob("r*.*")}
    with pytest.raises(UsageError, match=r"would replace .*: name another file with -o"):
        write_comparison([files_out, tar_out], tmp_path / "link" / name)
    assert {path: path.read_bytes() for path in tar_out.glob("r*.*")} == before


def test_what_is_left_out_is_in_the_numbers_beside_the_page(
    files_out: Path, tar_out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecgmpi.review.report.side_by_side.MOST_KINDS", 0)
    made = compared(tmp_path / "mine.html", files_out, tar_out)
    assert "in mine.json" in made.page.by_id("numbers").text


@pytest.fixture
def side(files_out: Path, tmp_path: Path) -> Side:
    return side_of(gather(files_out, tmp_path, contact_sheet=False), "one")


def test_a_fact_that_an_out_may_have_left_untold_is_not_said_to_be_absent(side: Side) -> None:
    assert side.tally
    many = tuple(Assumed(f"rate {k} Hz", "--rate", 1, ()) for k in range(MOST_FACTS))
    other = replace(side, tally=replace(side.tally, assumed=many, assumed_otherwise=3))
    (assumed,) = (one for one in sections([side, other], str) if one.title == "Assumed")
    cells = {row.name: [cell.text for cell in row.cells] for row in assumed.rows}
    assert cells["unit mV"] == ["6 (100 %)", NOT_KNOWN]
    assert cells["rate 3 Hz"] == ["0", "1 (16.7 %)"]


def test_a_job_that_is_slow_or_waits_stands_out(side: Side) -> None:
    assert side.rate
    spent = {"reading": 0.1, "checking": 0.1, "drawing": 0.1, "writing": 0.1, "waiting": 0.6}
    usual = replace(side, spent=spent | {"drawing": 0.6, "waiting": 0.1})
    slow = replace(side, rate=side.rate / 2, spent=spent, troubled=1)
    found = sections([usual, slow, usual], str)
    (said,) = worse_by(1, found)
    assert "recordings a second" in said
    assert "the same a worker" in said
    assert "ranks slow or silent 1" in said
    assert said.endswith(", and 1 more")
    assert worse_by(0, found) == []


def test_time_in_which_parts_ran_side_by_side_counts_once(files_out: Path, tmp_path: Path) -> None:
    document = gather(files_out, tmp_path, contact_sheet=False)
    runs = [
        {"began": f"2026-01-01T00:{minute:02d}:00+00:00", "seconds": seconds}
        for minute, seconds in ((0, 120.0), (1, 180.0), (2, 30.0), (10, 60.0))
    ]
    assert side_of(replace(document, runs=runs), "").wall_s == 240 + 60
    assert side_of(replace(document, runs=[]), "").wall_s is None
