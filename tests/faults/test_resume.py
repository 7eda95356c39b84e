"""What a job does with what an earlier run left: what is whole stays, the rest is drawn again."""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.corpora import repeated_corpus, synthetic
from tests.mpi.flavours import MissingError, mpich
from tests.outputs import assert_same, contents, failures, half_written, n_journaled, run_json
from tests.processes import Ended, ecgmpi, run, started
from tests.unprivileged import obedient

MPI = [pytest.mark.mpi, pytest.mark.slow]

# Two recordings a chunk, so that one of them can be lost alone; one in six cannot be read.
N = 520
SMALL = ("--leads", "II", "--dpi", "25", "--progress", "none")


@dataclass(frozen=True)
class Job:
    """A corpus, an OUT, and the command that draws the one into the other."""

    corpus: Path
    out: Path
    program: tuple[object, ...]

    def command(self, *options: object) -> list[object]:
        return [*self.program, "render", self.corpus, "-o", self.out, *SMALL, *options]

    def run(self, *options: object) -> Ended:
        return run(self.command(*options))

    def picture(self, number: int) -> Path:
        name = f"REC{number:06d}"
        return self.out / "images" / f"part{number // 500:03d}" / name / f"{name}_II.png"

    def times(self) -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in self.out.rglob("*.png") if path.is_file()}

    def journals(self) -> list[Path]:
        return sorted((self.out / ".ecgmpi" / "journal").iterdir())


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("resume")
    files = sorted(synthetic(folder / "files", 5).iterdir())
    (folder / "files" / "empty.mat").touch()
    return repeated_corpus(folder / "in", [*files, folder / "files" / "empty.mat"], N)


@pytest.fixture(scope="module")
def finished(corpus: Path, ecgmpi: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an undisturbed run makes of it."""
    job = Job(corpus, tmp_path_factory.mktemp("finished") / "OUT", (ecgmpi,))
    job.run().expect(3)
    assert run_json(job.out)["chunk_size"] == 2
    return job.out


@pytest.fixture(scope="module")
def whole(finished: Path) -> dict[str, str]:
    return contents(finished)


@pytest.fixture
def job(corpus: Path, finished: Path, ecgmpi: Path, tmp_path: Path) -> Job:
    """A job that has been finished, in an OUT of its own."""
    return Job(corpus, shutil.copytree(finished, tmp_path / "OUT"), (ecgmpi,))


@pytest.fixture(params=["alone", pytest.param("3 ranks", marks=MPI)])
def any_job(job: Job, request: pytest.FixtureRequest) -> Job:
    """The same, to be resumed by one process or by three."""
    if request.param == "alone":
        return job
    try:
        launch = mpich().command(3)
    except MissingError as missing:
        pytest.skip(str(missing))
    return Job(job.corpus, job.out, tuple(launch))


def _again(job: Job, restored: list[int], *options: object) -> Ended:
    """The same command: those recordings are drawn again, and no other."""
    before = job.times()
    ended = job.run(*options).expect(3)
    assert f"this run: {len(restored)} in" in ended.out
    facts = run_json(job.out)
    assert (facts["restored"], facts["retried"]) == (len(restored), 0)
    after = job.times()
    assert sorted(p for p in after if before.get(p) != after[p]) == [
        job.picture(number) for number in restored
    ]
    return ended


def test_a_finished_job_draws_nothing_and_says_so(any_job: Job, whole: dict[str, str]) -> None:
    before, journals = any_job.times(), any_job.journals()
    for options in ((), ("--verify",)):
        ended = any_job.run(*options).expect(3)
        # An MPI library may write to standard output, too.
        known = r"\d+ (pict|fail)|this run"
        said = [line for line in ended.out.splitlines() if re.match(known, line)]
        assert said[0].startswith("434 pictures of 434 recordings")
        assert said[1] == "this run: nothing was drawn, all of it was done before"
        assert said[2].startswith("86 failed")
        assert len(said) == 3
        assert ended.complaints == []
    assert any_job.times() == before
    assert any_job.journals() == journals
    assert_same(contents(any_job.out), whole)


def test_pictures_that_are_gone_or_of_another_size_are_drawn_again(
    any_job: Job, whole: dict[str, str]
) -> None:
    any_job.picture(1).unlink()
    shutil.rmtree(any_job.picture(2).parent)
    os.truncate(any_job.picture(8), 20)
    os.truncate(any_job.picture(9), 0)
    any_job.picture(300).write_bytes(any_job.picture(300).read_bytes() + b"\0")
    (any_job.picture(519)).unlink()
    lost = [1, 2, 8, 9, 300, 519]
    ended = _again(any_job, lost)
    assert "6 recordings drawn before had a picture missing or changed" in ended.out
    assert_same(contents(any_job.out), whole)
    assert "nothing was drawn" in any_job.run().out


def test_a_picture_that_was_altered_is_found_by_verify_alone(
    any_job: Job, whole: dict[str, str]
) -> None:
    altered = bytearray(any_job.picture(7).read_bytes())
    altered[100] ^= 1
    any_job.picture(7).write_bytes(altered)
    assert "nothing was drawn" in any_job.run().expect(3).out
    assert any_job.picture(7).read_bytes() == altered
    _again(any_job, [7], "--verify")
    assert_same(contents(any_job.out), whole)


@pytest.mark.slow
def test_everything_is_gone_and_the_job_that_draws_it_again_is_stopped_and_killed(
    any_job: Job, whole: dict[str, str]
) -> None:
    shutil.rmtree(any_job.out / "images")
    for number, status in ((signal.SIGTERM, 75), (signal.SIGKILL, None)):
        with started(any_job.command()) as running:
            n_before = n_journaled(any_job.out)
            running.until(lambda: n_journaled(any_job.out) >= n_before + 10)  # noqa: B023
            if status is None:
                running.clear()
                continue
            running.signal(number, running.ranks()[-1])
            ended = running.wait(30).expect(status)
        assert "stopped by SIGTERM while looking for lost pictures" in ended.out
        assert run_json(any_job.out)["status"] == 75
    pictures_left = 434 - len(any_job.times())
    assert pictures_left > 0
    ended = any_job.run().expect(3)
    # What had been drawn and not yet written down was there, and as large as it must be.
    assert run_json(any_job.out)["restored"] == pictures_left
    assert_same(contents(any_job.out), whole)
    assert half_written(any_job.out) == []


@pytest.mark.slow
def test_a_folder_in_the_place_of_a_picture_costs_that_recording_and_is_left_alone(
    job: Job, whole: dict[str, str]
) -> None:
    job.picture(1).unlink()
    job.picture(1).mkdir()
    (job.picture(1) / "mine.txt").write_text("mine")
    job.run().expect(3)
    (row,) = (row for row in failures(job.out) if row["name"].endswith("REC000001"))
    assert "Is a directory" in row["message"]
    assert "--retry-failed" in row["remedy"]
    assert (job.picture(1) / "mine.txt").read_text() == "mine"
    shutil.rmtree(job.picture(1))
    job.run("--retry-failed").expect(3)
    assert_same(contents(job.out), whole)


@pytest.mark.slow
def test_what_was_missing_is_tried_again_by_the_next_run_without_being_asked(
    tmp_path: Path,
) -> None:
    """A link and the samples of a header, whose folders an image did not see at first."""
    corpus, elsewhere, out = tmp_path / "in", tmp_path / "elsewhere", tmp_path / "out"
    synthetic(corpus, 3)
    linked, samples = corpus / "SYN000002.mat", corpus / "rec.dat"
    linked.unlink()
    linked.symlink_to(elsewhere / "SYN000002.mat")
    (corpus / "rec.hea").write_text("rec 1 500 500\nrec.dat 16 1000/mV 16 0 0 0 0 II\n")
    (corpus / "bad.mat").write_text("this is no recording at all\n")
    command = [*ecgmpi("render", corpus, "-o", out), *SMALL]
    run(command).expect(3)
    rows = {row["name"]: row for row in failures(out)}
    classes = {"SYN000002": "missing", "rec": "missing", "bad": "not-recognised"}
    assert {name: row["class"] for name, row in rows.items()} == classes
    assert "--bind" in rows["rec"]["remedy"]
    assert str(tmp_path) not in str(rows)
    before = contents(out)
    # Nothing has come: they are tried, and fail as before.
    run(command).expect(3)
    assert run_json(out)["retried"] == 2
    assert_same(contents(out), before)
    synthetic(elsewhere, 2)
    samples.write_bytes(bytes(1000))
    ended = run(command).expect(3)
    assert "2 recordings had failed before" in ended.out
    facts = run_json(out)
    assert (facts["drawn_now"], facts["retried"]) == (2, 2)
    assert facts["failures"] == {"not-recognised": 1}
    again = tmp_path / "again"
    run([*ecgmpi("render", corpus, "-o", again), *SMALL]).expect(3)
    assert_same(contents(again), contents(out))
    # What has come once is an input as any other.
    samples.write_bytes(bytes(998))
    assert "rec.hea has changed" in run(command).expect(1).err


def test_foreign_files_beside_the_pictures_are_left_alone(job: Job) -> None:
    foreign = [
        job.out / "images" / "notes.txt",
        job.picture(1).with_name("mine.png"),
        job.out / "images" / "part000" / "REC999999" / "REC999999_II.png",
    ]
    for path in foreign:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    job.picture(1).unlink()
    assert "this run: 1 in" in job.run("--verify").expect(3).out
    assert [path.read_text() for path in foreign] == ["mine"] * 3


def test_what_failed_is_tried_again_only_when_asked(any_job: Job, whole: dict[str, str]) -> None:
    """A file that may not be read for a while: neither its size nor its time changes."""
    shutil.rmtree(any_job.out)
    job = Job(any_job.corpus, any_job.out, (*obedient(), *any_job.program))
    shut = (job.corpus / "part000" / "REC000001.mat").resolve()
    shut.chmod(0)
    try:
        job.run().expect(3)
        classes = {"empty-file": 86, "unreadable": 87}
        assert run_json(job.out)["failures"] == classes
    finally:
        shut.chmod(0o644)
    again = job.run().expect(3)
    assert "nothing was drawn" in again.out
    assert run_json(job.out)["failures"] == classes
    ended = job.run("--retry-failed").expect(3)
    assert "173 recordings had failed before" in ended.out
    facts = run_json(job.out)
    assert (facts["drawn_now"], facts["retried"], facts["restored"]) == (173, 173, 0)
    assert (facts["failed"], facts["failures"]) == (86, {"empty-file": 86})
    assert_same(contents(job.out), whole)


def _cut_at(part: float) -> Callable[[bytes], bytes]:
    return lambda content: content[: int(len(content) * part)]


def _garbage(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + b"\xa5" * 2000 + content[middle + 2000 :]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_cut_at(0.999), ""),
        pytest.param(_cut_at(0.4), "", marks=pytest.mark.slow),
        (_cut_at(0), ""),
        pytest.param(_garbage, "damaged bytes at byte", marks=pytest.mark.slow),
    ],
    ids=["torn end", "cut", "empty", "garbage"],
)
def test_what_a_damaged_journal_has_lost_is_drawn_again_and_no_more(
    any_job: Job, damage: Callable[[bytes], bytes], said: str, whole: dict[str, str]
) -> None:
    (journal,) = any_job.journals()
    content = journal.read_bytes()
    journal.write_bytes(damage(content))
    kept = n_journaled(any_job.out)
    before = any_job.times()
    ended = any_job.run().expect(3)
    assert said in ended.err
    assert len(ended.complaints) == bool(said)
    drawn = run_json(any_job.out)["drawn_now"]
    assert run_json(any_job.out)["restored"] == 0
    assert_same(contents(any_job.out), whole)
    after = any_job.times()
    redrawn = sum(before[path] != after[path] for path in after)
    # One in six fails; nothing is drawn that was not counted.
    assert 0.8 * drawn - 1 <= redrawn <= drawn
    if said:
        assert 0 < drawn < 100
        # Nothing is missing any more, so nothing more is said.
        assert any_job.run().expect(3).complaints == []
    else:
        assert drawn == N - 2 * kept


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "manifest.h5",
        pytest.param("manifest.csv", marks=pytest.mark.slow),
        pytest.param("failures.csv", marks=pytest.mark.slow),
    ],
)
def test_a_manifest_that_is_gone_or_altered_is_written_again(
    job: Job, name: str, whole: dict[str, str]
) -> None:
    path = job.out / name
    content = path.read_bytes()
    for damage in (path.unlink, lambda: path.write_bytes(content[:-1] + b"?")):
        damage()
        assert "nothing was drawn" in job.run().expect(3).out
        assert_same(contents(job.out), whole)


@pytest.mark.slow
def test_a_manifest_that_is_whole_is_not_written_again(job: Job) -> None:
    paths = [job.out / name for name in ("manifest.h5", "manifest.csv", "failures.csv")]
    before = [path.stat().st_mtime_ns for path in paths]
    job.run().expect(3)
    assert [path.stat().st_mtime_ns for path in paths] == before
    job.picture(1).unlink()
    job.run().expect(3)
    assert all(path.stat().st_mtime_ns > old for path, old in zip(paths, before, strict=True))
