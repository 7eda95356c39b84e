"""The report comes with every job, can be made at any time, and never costs a job its success."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ecgmpi.outdir.lease import acquire
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.review.report.write import write_report
from tests.corpora import synthetic
from tests.outputs import assert_same, contents, run_json
from tests.processes import REPORTED, Ended, ecgmpi, run, run_ecgmpi
from tests.review.checks import here
from tests.unprivileged import obedient, open_folder


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two good recordings and one that is none."""
    folder = synthetic(tmp_path_factory.mktemp("corpus") / "in", 2)
    (folder / "bad.mat").write_text("this is no recording at all\n")
    return folder


def render(corpus: Path, out: Path, *options: str) -> Ended:
    return run_ecgmpi("render", corpus, "-o", out, *REPORTED, *options)


@pytest.fixture(scope="module")
def with_report(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("with") / "OUT"
    assert render(corpus, out).expect(3).err == ""
    return out


@pytest.fixture(scope="module")
def without_report(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("without") / "OUT"
    assert render(corpus, out, "--no-report").expect(3).err == ""
    return out


@pytest.fixture
def copy(with_report: Path, tmp_path: Path) -> Path:
    """An OUT that a test may change."""
    return Path(shutil.copytree(with_report, tmp_path / "OUT"))


def top(out: Path) -> set[str]:
    return {path.name for path in out.iterdir()}


def state(out: Path) -> str:
    return str(json.loads((out / "report.json").read_text())["status"]["state"])


def test_a_job_writes_its_report_and_nothing_else_differs(
    with_report: Path, without_report: Path
) -> None:
    assert top(with_report) - top(without_report) == {"report.html", "report.json"}
    assert top(without_report) <= top(with_report)
    assert_same(contents(with_report), contents(without_report))
    # The job that made it is over, though it still held OUT.
    assert state(with_report) == "complete"
    told = [set(run_json(out)) for out in (with_report, without_report)]
    assert told[0] == told[1]


def test_it_can_be_made_afterwards(without_report: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(without_report, tmp_path / "OUT"))
    said = here("report", out).expect(0)
    assert said.out == f"{out}/report.html and report.json\n"
    assert state(out) == "complete"
    assert_same(contents(out), contents(without_report))


def test_it_can_be_made_while_the_job_runs(copy: Path) -> None:
    (copy / "report.html").unlink()
    with acquire(JobPaths(copy).hidden):
        here("report", copy).expect(0)
    assert state(copy) == "running"
    assert "make it again for newer numbers" in (copy / "report.html").read_text()


def test_a_page_elsewhere_says_how_it_is_made_again_and_where_its_numbers_are(
    copy: Path, tmp_path: Path
) -> None:
    page = tmp_path / "my page.html"
    with acquire(JobPaths(copy).hidden):
        here("report", copy, "-o", page).expect(0)
        said = page.read_text()
        assert f"ecgmpi report {copy} -o &#39;{page}&#39;</pre>" in said
        assert "The numbers are in my page.json." in said
        assert "report.json" not in said
        here("report", copy).expect(0)
    assert f"ecgmpi report {copy}</pre>" in (copy / "report.html").read_text()


def test_it_goes_where_it_is_asked_to_and_its_pictures_are_found_from_there(
    copy: Path, tmp_path: Path
) -> None:
    (copy / "report.html").unlink()
    (copy / "report.json").unlink()
    page = tmp_path / "else where" / "mine.html"
    page.parent.mkdir()
    said = here("report", copy, "-o", page).expect(0)
    assert said.out == f"{page} and mine.json\n"
    cards = json.loads(page.with_suffix(".json").read_text())["pictures"]
    assert len(cards) == 2
    for card in cards:
        assert (page.parent / card["link"]).is_file()
    assert {"report.html", "report.json"}.isdisjoint(top(copy))


@pytest.mark.parametrize("name", ["report", "report.json", "report.pdf"])
def test_another_kind_of_file_is_refused(name: str, with_report: Path, tmp_path: Path) -> None:
    (line,) = here("report", with_report, "-o", tmp_path / name).expect(2).err.splitlines()
    assert line == f"ecgmpi: -o {tmp_path / name}: name a file that ends in .html"
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_not_there_is_one_line_and_exit_2(
    with_report: Path, tmp_path: Path
) -> None:
    ended = here("report", with_report, "-o", tmp_path / "no" / "a.html").expect(2)
    (line,) = ended.err.splitlines()
    page = tmp_path / "no" / "a.html"
    assert line == f"ecgmpi: {page}: No such file or directory; name another file with -o"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("several", [False, True])
def test_a_journal_that_cannot_be_read_is_one_line_and_exit_1(
    several: bool, with_report: Path, copy: Path
) -> None:
    journal = JobPaths(copy).journals / "00009-000000.journal"
    journal.mkdir()
    before = {name: (copy / name).read_bytes() for name in ("report.html", "report.json")}
    outs = [with_report, copy] if several else [copy]
    ended = here("report", *outs, "-o", copy.parent / "a.html").expect(1)
    (line,) = ended.err.splitlines()
    assert line == f"ecgmpi: {journal}: Is a directory; no report was written"
    assert {name: (copy / name).read_bytes() for name in before} == before
    (line,) = here("status", copy).expect(1).err.splitlines()
    assert line == f"ecgmpi: {journal}: Is a directory"


def test_an_out_that_another_job_replaces_while_it_is_read_gives_no_report(copy: Path) -> None:
    """As with ``--overwrite``: the journals have the same names, and other records."""
    (journal,) = JobPaths(copy).journals.iterdir()
    page = copy.parent / "a.html"
    with pytest.raises(OSError, match="the journal changed while it was read"):
        write_report(copy, page, lambda: os.truncate(journal, 10))
    assert not page.exists()


def test_an_out_that_may_only_be_read_is_one_line_and_exit_2(with_report: Path) -> None:
    with open_folder() as folder:
        out = Path(shutil.copytree(with_report, folder / "OUT"))
        before = (out / "report.html").read_bytes()
        out.chmod(0o555)
        ended = run_ecgmpi("report", out, before=obedient()).expect(2)
        (line,) = ended.err.splitlines()
        page = out / "report.html"
        assert line == f"ecgmpi: {page}: Permission denied; name another file with -o"
        assert (out / "report.html").read_bytes() == before
        # Elsewhere it can be made.
        (folder / "mine").mkdir()
        mine = folder / "mine" / "a.html"
        run_ecgmpi("report", out, "-o", mine, before=obedient()).expect(0)
        assert mine.is_file()
        out.chmod(0o755)


def test_what_ranks_said_may_be_gone(copy: Path) -> None:
    shutil.rmtree(JobPaths(copy).progress)
    here("report", copy).expect(0)
    found = json.loads((copy / "report.json").read_text())
    assert found["over_time"] is None
    assert found["status"]["ranks"] == []
    assert found["recordings"]["drawn"] == 2
    assert "Nothing is known of what ranks did." in (copy / "report.html").read_text()


def test_pictures_may_be_gone(copy: Path) -> None:
    """The rest is told, and verify says what is missing."""
    shutil.rmtree(copy / "images")
    here("report", copy).expect(0)
    assert json.loads((copy / "report.json").read_text())["recordings"]["drawn"] == 2
    assert "<img" not in (copy / "report.html").read_text()


def test_a_job_whose_report_cannot_be_written_ends_as_it_would_have(
    corpus: Path, copy: Path
) -> None:
    before = contents(copy)
    (copy / "report.html").unlink()
    (copy / "report.html").mkdir()
    ended = render(corpus, copy).expect(3)
    (line,) = ended.err.splitlines()
    assert line == (
        "ecgmpi: no report was written: Is a directory; all else is done, and ecgmpi report "
        f"{copy} tries again"
    )
    assert "24 pictures of 2 recordings" in ended.out
    assert run_json(copy)["status"] == 3
    (copy / "report.html").rmdir()
    assert_same(contents(copy), before)
    here("report", copy).expect(0)
    # That run found nothing left to do: what is told is how the one before went.
    (rank,) = json.loads((copy / "report.json").read_text())["status"]["ranks"]
    assert rank["recordings"] == 3


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A filesystem of its own, with room for a small job."""
    if os.geteuid() != 0:
        pytest.skip("mounting a filesystem takes root")
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_disk_that_is_full_keeps_the_report_that_was_there(
    with_report: Path, small_disk: Path
) -> None:
    out = Path(shutil.copytree(with_report, small_disk / "OUT"))
    before = top(out)
    pages = [(out / name).read_bytes() for name in ("report.html", "report.json")]
    with (small_disk / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(bytes(4096))
    ended = run(ecgmpi("report", out)).expect(2)
    (line,) = ended.err.splitlines()
    assert "No space left on device; name another file with -o" in line
    assert [(out / name).read_bytes() for name in ("report.html", "report.json")] == pages
    assert top(out) == before


@pytest.mark.slow
def test_parts_write_no_report_and_to_merge_them_writes_one(
    corpus: Path, with_report: Path, tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    for part in ("1/2", "2/2"):
        render(corpus, out, "--part", part)
        assert {"report.html", "report.json"}.isdisjoint(top(out))
    assert here("merge", out, "--no-report").expect(3).err == ""
    assert {"report.html", "report.json"}.isdisjoint(top(out))
    assert here("merge", out).expect(3).err == ""
    assert {"report.html", "report.json"} <= top(out)
    found = json.loads((out / "report.json").read_text())
    assert found["status"]["state"] == "complete"
    assert [rank["part"] for rank in found["status"]["ranks"]] == ["1/2", "2/2"]
    assert found["recordings"]["recordings"] == 3
    assert_same(contents(out), contents(with_report))
