"""``ecgmpi verify``: what is missing, altered or extra in an OUT is named, and nothing else."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
from pathlib import Path

import pytest

from ecgmpi.review.problems import Checked
from ecgmpi.review.progress import Progress
from tests.processes import Running, ecgmpi, parent_of, started
from tests.review.checks import alter, here, names, problems, verified, verify
from tests.review.conftest import EVERYTHING, Copied, rendered


@pytest.mark.parametrize("kind", ["files_out", "tar_out", "hdf5_out"])
def test_a_good_out_is_good(kind: str, request: pytest.FixtureRequest) -> None:
    out: Path = request.getfixturevalue(kind)
    ended = verify(out).expect(0)
    first, *rest = ended.out.splitlines()
    assert f"OUT {out}: 18 pictures" in first
    assert "pictures/s" in first
    assert "MB/s" in first
    assert rest == ["nothing is missing, altered or extra"]
    assert ended.err == ""
    found = verified(out, "--workers", "1", status=0)
    assert found["pictures"] == 18
    assert problems(found) == {}


@pytest.fixture
def bad_files(files_out: Path, copied: Copied) -> Path:
    """An OUT of files with one of each problem."""
    out = copied(files_out)
    alter(out / "images/SYN000001/SYN000001_II.png", 700)
    (out / "images/SYN000002/SYN000002_I.mask.png").unlink()
    alter(out / "images/SYN000002/SYN000002_II.bits.png", 300)
    whole = out / "images/SYN000003/SYN000003_V5.json"
    whole.write_bytes(whole.read_bytes()[:-10])
    (out / "images/SYN000004/SYN000004_V9.png").write_bytes(b"a picture of nothing")
    (out / "images/SYN000005/.SYN000005_I.png.part").write_bytes(b"")
    (out / "shards").mkdir()
    (out / "shards/000000.tar").write_bytes(b"of an earlier job")
    alter(out / "manifest.csv", -3)
    return out


EXPECTED_OF_FILES = {
    "missing": ["images/SYN000002/SYN000002_I.mask.png"],
    "altered": [
        "images/SYN000001/SYN000001_II.png",
        "images/SYN000002/SYN000002_II.bits.png",
        "images/SYN000003/SYN000003_V5.json",
        "manifest.csv",
    ],
    "extra": [
        "images/SYN000004/SYN000004_V9.png",
        "images/SYN000005/.SYN000005_I.png.part",
        "shards/000000.tar",
    ],
}


def test_each_file_that_is_not_as_it_was_is_named(bad_files: Path) -> None:
    found = verified(bad_files)
    assert names(found) == EXPECTED_OF_FILES
    (png, bits, annotation, manifest) = (how for _, _, how in problems(found)["altered"])
    assert png.startswith("CRC-32 ")
    assert bits.startswith("CRC-32 ")
    assert annotation.startswith("truncated: ")
    assert manifest.startswith("CRC-32 ")
    assert problems(found)["extra"][1][2] == "a temporary file"


def test_the_summary_says_what_to_do(bad_files: Path) -> None:
    lines = verify(bad_files).expect(3).out.splitlines()
    assert [line for line in lines if line[0] != " "][1:4] == [
        "missing: 1",
        "altered: 4",
        "extra: 3",
    ]
    assert len(lines) < 24
    assert any("ecgmpi render command again with --verify" in line for line in lines)
    assert any("remove them by hand" in line for line in lines)


def test_parts_together_find_each_problem_once(bad_files: Path) -> None:
    parts = [names(verified(bad_files, "--part", f"{k}/2")) for k in (1, 2)]
    together = {
        kind: sorted(name for part in parts for name in part.get(kind, []))
        for kind in EXPECTED_OF_FILES
    }
    assert together == EXPECTED_OF_FILES


def test_the_same_command_mends_what_verify_names(
    corpus: Path, files_out: Path, bad_files: Path
) -> None:
    for path in EXPECTED_OF_FILES["extra"]:
        (bad_files / path).unlink()
    rendered(corpus, bad_files, *EVERYTHING, "--verify")
    assert names(verified(bad_files, status=0)) == {}
    damaged = "images/SYN000001/SYN000001_II.png"
    assert (bad_files / damaged).read_bytes() == (files_out / damaged).read_bytes()


def test_many_problems_are_counted_and_few_named(files_out: Path, copied: Copied) -> None:
    out = copied(files_out)
    for path in (out / "images").rglob("*.json"):
        path.unlink()
    told = verify(out).expect(3).out
    assert "missing: 18" in told
    assert "and 13 more: --json names all" in told


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        (["/no/such/out"], 2, "does not exist"),
        (["/usr"], 2, "is not an OUT"),
        (["OUT", "--part", "3/2"], 2, "--part 3/2"),
        (["OUT", "--workers", "0"], 2, "--workers 0"),
    ],
)
def test_what_cannot_be_checked_is_one_line(
    files_out: Path, given: list[str], status: int, said: str
) -> None:
    words = [files_out if word == "OUT" else word for word in given]
    ended = here("verify", *words).expect(status)
    (line,) = ended.err.splitlines()
    assert said in line


def test_a_damaged_manifest_is_one_line(files_out: Path, copied: Copied) -> None:
    out = copied(files_out)
    for damage in (
        lambda path: alter(path, 4000),
        lambda path: os.truncate(path, 3000),
        lambda path: path.write_bytes(b"no HDF5"),
    ):
        damage(out / "manifest.h5")
        for stamp in (True, False):
            if not stamp:
                (out / ".ecgmpi/manifest.json").unlink(missing_ok=True)
            ended = verify(out)
            if stamp or ended.status:
                assert ended.status == 1, ended
                (line,) = ended.err.splitlines()
                assert "manifest.h5" in line
                assert "ecgmpi render command again" in line


def test_an_out_without_its_job_says_what_is_missing(files_out: Path, copied: Copied) -> None:
    out = copied(files_out)
    (out / ".ecgmpi/catalogue.sqlite").unlink()
    verify(out).expect(0)
    (line,) = verify(out, "--roundtrip", "1").expect(1).err.splitlines()
    assert "catalogue.sqlite, which says where its recordings are, cannot be read" in line
    assert not (out / ".ecgmpi/catalogue.sqlite").exists()
    (out / ".ecgmpi/job.json").unlink()
    (line,) = verify(out).expect(1).err.splitlines()
    assert "job.json is missing" in line


def test_a_job_that_was_stopped_is_said_to_be(files_out: Path, copied: Copied) -> None:
    out = copied(files_out)
    with contextlib.closing(sqlite3.connect(out / ".ecgmpi/catalogue.sqlite")) as catalogue:
        catalogue.execute("INSERT INTO recordings (name) VALUES ('one more')")
        catalogue.execute("UPDATE chunks SET recordings = recordings + 1")
        catalogue.commit()
    said = "its manifest has 7 of 8 recordings"
    assert said in verify(out).expect(0).out
    assert said in here("export", out, "--csv", "-o", out / "rows.csv").expect(0).err


@pytest.mark.slow
def test_a_worker_that_is_killed_hangs_nothing(files_out: Path, copied: Copied) -> None:
    out = copied(files_out)
    stuck = out / "images/SYN000001/SYN000001_I.png"
    stuck.unlink()
    # Whoever opens it waits for ever.
    os.mkfifo(stuck)
    with started(ecgmpi("verify", out, "--json", "--workers", "1")) as running:
        pipe = writer_to(stuck, running)
        first = workers(running)
        running.signal(signal.SIGKILL, *first)
        # The one that takes its place begins with the same pictures.
        running.until(lambda: bool(set(workers(running)) - set(first)))
        running.signal(signal.SIGKILL, *set(workers(running)) - set(first))
        ended = running.wait(60).expect(3)
        os.close(pipe)
    found = json.loads(ended.out)
    assert problems(found) == {
        "unchecked": [("pictures 0 to 17", "", "the process that looked at it was killed, twice")]
    }


@pytest.mark.slow
def test_an_interrupt_ends_all_of_it(files_out: Path, copied: Copied) -> None:
    out = copied(files_out)
    stuck = out / "images/SYN000001/SYN000001_I.png"
    stuck.unlink()
    os.mkfifo(stuck)
    with started(ecgmpi("verify", out, "--workers", "2")) as running:
        pipe = writer_to(stuck, running)
        running.signal(signal.SIGINT)
        ended = running.wait(30).expect(75)
        running.until_over()
        os.close(pipe)
    (line,) = ended.err.splitlines()
    assert "stopped" in line


def test_a_log_says_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter((0.0, 1.0, 6.0, 7.0))
    progress = Progress(1000, clock=lambda: next(times))
    for pictures in (100, 600, 700):
        checked = Checked(pictures)
        checked.missing("a.png")
        progress.show(checked)
    progress.close()
    said = capsys.readouterr().err
    assert said == "ecgmpi: 600 of 1,000 pictures, 1 problem, 100.0 a second, 00:04 left\n"


def test_problems_beyond_some_are_counted_alone() -> None:
    checked = Checked()
    for number in range(5000):
        checked.missing(f"{number}.png")
    checked.extra("x.png")
    checked.trim(500)
    assert checked.counts == {"missing": 5000, "extra": 1}
    assert [problem.path for problem in checked.problems] == [
        *(f"{number}.png" for number in range(500)),
        "x.png",
    ]


def workers(running: Running) -> list[int]:
    """The processes that check: a server forks them, and a fork keeps the command line."""
    servers = [pid for pid, words in running.processes().items() if "forkserver" in str(words)]
    return [pid for pid in servers if parent_of(pid) in servers]


def writer_to(pipe: Path, running: Running) -> int:
    """Open a named pipe to write to, once a process waits for what comes out of it."""
    opened: list[int] = []

    def is_read() -> bool:
        with contextlib.suppress(OSError):
            opened.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        return bool(opened)

    running.until(is_read)
    return opened[0]
