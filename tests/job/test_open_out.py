"""Whose OUT is it? Nothing that a job did not make is ever removed, nothing lost is done."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.discover import Found
from ecgmpi.errors import JobError, StoppedError
from ecgmpi.job.cataloguing import Build, builder
from ecgmpi.job.lead import _gather
from ecgmpi.job.open_out import claimed
from ecgmpi.options.rendering import Rendering
from ecgmpi.outdir.job_file import FORMAT
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.results.journal_index import JournalIndex
from tests.corpora import synthetic
from tests.outputs import contents, pictures, table
from tests.processes import QUICK, ecgmpi, started
from tests.processes import run_ecgmpi as run


def job_of(
    paths: JobPaths, corpus: Path, rendering: Rendering, stopped: Callable[[], str] = str
) -> tuple[list[str], Rendering, Build]:
    """What `claimed` needs to know of a job besides its OUT."""
    inputs = [str(corpus)]
    return inputs, rendering, builder(inputs, paths.out, rendering, stopped)


@pytest.mark.slow
def test_what_no_job_made_is_neither_removed_nor_written_over(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 1)
    for name in ("images", "manifest.csv"):
        out = tmp_path / name
        foreign = out / "images" / "holiday.jpg" if name == "images" else out / name
        foreign.parent.mkdir(parents=True)
        foreign.write_text("mine")
        for extra in ((), ("--overwrite",)):
            done = run("render", corpus, "-o", out, *QUICK, *extra)
            assert done.status == 1
            assert f"holds {name}, which no job of ecgmpi began" in done.err
            assert foreign.read_text() == "mine"
            assert not (out / ".ecgmpi").exists()


def test_an_input_where_pictures_go_is_refused(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "out" / "images", 2)
    done = run("render", corpus, "-o", tmp_path / "out", *QUICK, "--overwrite")
    assert done.status == 2
    assert "lies in OUT" in done.err
    assert len(list(corpus.glob("*.mat"))) == 2


def test_a_file_where_a_folder_must_be_is_said(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 1)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "images").write_text("")
    done = run("render", corpus, "-o", tmp_path / "out", *QUICK)
    assert done.status == 2
    assert "images is a file" in done.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            f'{{"format": {FORMAT - 1}, "options": {{}}, "versions": {{}}}}',
            "another version of ecgmpi, whose files have other bytes",
        ),
        pytest.param("{", "is damaged", marks=pytest.mark.slow),
        pytest.param("", "is damaged", marks=pytest.mark.slow),
        pytest.param("[]", "is damaged", marks=pytest.mark.slow),
        (f'{{"format": {FORMAT}, "options": 7, "versions": []}}', "is damaged"),
    ],
)
def test_a_damaged_or_foreign_job_json_is_said_and_overwrite_starts_afresh(
    text: str, words: str, tmp_path: Path
) -> None:
    corpus = synthetic(tmp_path / "in", 1)
    paths = JobPaths(tmp_path / "out")
    run("render", corpus, "-o", paths.out, *QUICK).expect(0)
    whole = contents(paths.out)
    (paths.images / "SYN000001" / "of-before.png").write_bytes(b"")
    paths.job_json.write_text(text)
    refused = run("render", corpus, "-o", paths.out, *QUICK).expect(1)
    assert len(refused.complaints) == 1
    assert words in refused.err
    assert "--overwrite" in refused.err
    merging = run("merge", paths.out).expect(1)
    assert len(merging.complaints) == 1
    assert words in merging.err
    run("render", corpus, "-o", paths.out, *QUICK, "--overwrite").expect(0)
    assert contents(paths.out) == whole
    assert "nothing was drawn" in run("render", corpus, "-o", paths.out, *QUICK).expect(0).out


@pytest.mark.slow
def test_other_versions_of_what_draws_are_named_and_refused(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 1)
    paths = JobPaths(tmp_path / "out")
    run("render", corpus, "-o", paths.out, *QUICK).expect(0)
    whole = contents(paths.out)
    document = json.loads(paths.job_json.read_text())
    document["versions"]["matplotlib"] = "3.8.0"
    paths.job_json.write_text(json.dumps(document))
    refused = run("render", corpus, "-o", paths.out, *QUICK).expect(1)
    assert len(refused.complaints) == 1
    assert "other versions of what draws: matplotlib was 3.8.0, now " in refused.err
    assert "install those versions" in refused.err
    assert contents(paths.out) == whole
    run("render", corpus, "-o", paths.out, *QUICK, "--overwrite").expect(0)
    run("render", corpus, "-o", paths.out, *QUICK).expect(0)


def test_a_damaged_catalogue_is_said(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 1)
    paths = JobPaths(tmp_path / "out")
    assert run("render", corpus, "-o", paths.out, *QUICK).status == 0
    paths.catalogue.write_bytes(b"\xa5" * 5000)
    done = run("render", corpus, "-o", paths.out, *QUICK)
    assert done.status == 1
    assert "the earlier catalogue cannot be read" in done.err
    assert len(done.complaints) == 1


@pytest.mark.slow
def test_an_overwrite_that_is_killed_while_it_removes_leaves_nothing_taken_for_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = synthetic(tmp_path / "in", 4)
    paths = JobPaths(tmp_path / "out")
    assert run("render", corpus, "-o", paths.out, *QUICK).status == 0
    whole = contents(paths.out)

    def killed(path: Path) -> None:
        # The first picture is gone, and so is the process.
        next(path.rglob("*.png")).unlink()
        raise KeyboardInterrupt

    monkeypatch.setattr("shutil.rmtree", _only_for(paths.images, killed))
    rendering = Rendering(dpi=60.0)
    with (
        pytest.raises(KeyboardInterrupt),
        claimed(paths, *job_of(paths, corpus, rendering), overwrite=True),
    ):
        pass
    monkeypatch.undo()
    again = run("render", corpus, "-o", paths.out, *QUICK)
    assert again.status == 0, again.err
    assert "this run: 4 in" in again.out
    assert contents(paths.out) == whole


def _only_for(special: Path, instead: object) -> object:
    import shutil

    real = shutil.rmtree

    def rmtree(path: Path, *arguments: object, **options: object) -> None:
        if path == special:
            instead(path)  # type: ignore[operator]
        else:
            real(path, *arguments, **options)  # type: ignore[arg-type]

    return rmtree


@pytest.mark.slow
def test_an_overwrite_that_is_stopped_goes_on_and_a_complete_one_starts_afresh(
    tmp_path: Path,
) -> None:
    corpus = synthetic(tmp_path / "in", 60)
    out = tmp_path / "out"
    command = ("render", corpus, "-o", out, *QUICK, "--workers", "1")
    assert run(*command, "--leads", "II").status == 0
    names = [path.stem for path in corpus.iterdir()]

    def three_are_drawn() -> bool:
        # Counted by name, not walked: folders of the earlier job vanish meanwhile.
        return sum((out / "images" / n / f"{n}_V6.png").exists() for n in names) >= 3

    with started([*ecgmpi(*command), "--overwrite"]) as job:
        job.until(three_are_drawn)
        job.signal(signal.SIGTERM)
        job.wait(30).expect(75)
    kept = len(table(out / "manifest.csv"))
    assert 0 < kept < 60
    again = run(*command, "--overwrite")
    assert again.status == 0
    assert f"this run: {60 - kept} in" in again.out
    assert len(pictures(out)) == 720
    # Complete now: the same words mean a new start.
    afresh = run(*command, "--overwrite")
    assert "this run: 60 in" in afresh.out
    assert "--overwrite: removing images" in afresh.err


def test_a_signal_while_inputs_are_walked_stops_the_walk(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 3)
    paths = JobPaths(tmp_path / "out")

    def stopped() -> str:
        return "SIGTERM"

    claim = claimed(paths, *job_of(paths, corpus, Rendering(), stopped), stopped=stopped)
    with pytest.raises(StoppedError, match="stopped by SIGTERM"), claim:
        pass
    assert not paths.out.exists()


def test_a_bad_recording_beside_a_folder_of_its_name_costs_itself_alone(tmp_path: Path) -> None:
    corpus = tmp_path / "in"
    for k in range(40):
        synthetic(corpus / f"p{k:02d}", 1)
        (corpus / f"p{k:02d}.mat").write_bytes(b"")
    done = run("render", corpus, "-o", tmp_path / "out", *QUICK, "--workers", "4")
    assert done.status == 3, done.err
    rows = table(tmp_path / "out" / "manifest.csv")
    assert [row["status"] for row in rows].count("drawn") == 40
    assert len(pictures(tmp_path / "out")) == 480


def test_journals_that_vanish_are_noticed(tmp_path: Path) -> None:
    catalogue = Catalogue.build(tmp_path / "c", [Found("a", "a.mat", "/a")])
    with pytest.raises(JobError, match="hold 0 of 1 recordings"):
        _gather(JobPaths(tmp_path), catalogue, JournalIndex(tmp_path, 1), 1, lambda: None)
    catalogue.close()
