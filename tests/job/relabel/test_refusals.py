"""What ``ecgmpi label`` refuses, in one line that says what to do, and leaves as it is."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

import pytest

from ecgmpi.errors import JobError, UsageError
from ecgmpi.outdir.job_file import JobFile
from ecgmpi.outdir.lease import acquire
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.results.finished import FinishedOut
from ecgmpi.review.status import Status
from ecgmpi.review.status_text import as_text
from tests.corpora import synthetic
from tests.job.relabel.conftest import Drawn, Labels, label
from tests.outputs import assert_same, contents, n_journaled, shards
from tests.processes import QUICK, ecgmpi, run_ecgmpi, started
from tests.review.jobs import kill_a_holder


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "name a table: --metadata TABLE"),
        (("--metadata-columns", "a"), "--metadata-columns is for a table"),
        (("--metadata", "t.csv"), "which recording is a row of?"),
        (("--no-labels", "--workers", "0"), "--workers 0: give at least 1"),
    ],
)
def test_options_that_make_no_sense(options: tuple[str, ...], words: str, drawn: Drawn) -> None:
    (line,) = run_ecgmpi("label", drawn.out("tar", None), *options).expect(2).complaints
    assert words in line
    if not options:
        assert "--no-labels removes the labels of OUT" in line


def test_labels_and_no_labels(drawn: Drawn) -> None:
    command = ("label", drawn.out("tar", None), "--no-labels", *drawn.new.options)
    assert "leave it out, or --metadata" in run_ecgmpi(*command).expect(2).err


def test_what_is_no_out(drawn: Drawn, tmp_path: Path) -> None:
    for out, words in ((tmp_path / "nowhere", "does not exist"), (drawn.corpus, "is not an OUT")):
        with pytest.raises(UsageError, match=words):
            label(out, drawn.new)
    assert not (tmp_path / "nowhere").exists()
    out = drawn.copied("tar", None, tmp_path / "OUT")
    (out / ".ecgmpi" / "job.json").unlink()
    with pytest.raises(JobError, match=r"copy the folder \.ecgmpi, too"):
        label(out, drawn.new)


@pytest.mark.slow
def test_a_job_that_runs_and_one_that_was_stopped(tmp_path: Path) -> None:
    corpus, out = synthetic(tmp_path / "in", 300), tmp_path / "OUT"
    table = tmp_path / "t.csv"
    table.write_text("id,x\n" + "".join(f"SYN{k:06d},{k}\n" for k in range(1, 301)))
    label_it = ("label", out, *Labels(table, "id", "x").options)
    command = ecgmpi("render", corpus, "-o", out, *QUICK, "--workers", "1")
    with started(command) as job:
        job.until(lambda: n_journaled(out) >= 3)
        for pid in job.processes():
            if pid != job.pid:
                job.signal(signal.SIGSTOP, pid)
        # It has no manifest yet.
        (line,) = run_ecgmpi(*label_it).expect(1).complaints
        assert "its job has not ended; wait for it" in line
        for pid in job.processes():
            job.signal(signal.SIGCONT, pid)
        job.signal(signal.SIGTERM)
        job.wait(60).expect(75)
    (line,) = run_ecgmpi(*label_it).expect(1).complaints
    assert "of 300 recordings are done; run the same ecgmpi render command again" in line
    run_ecgmpi(*command[3:]).expect(0)
    run_ecgmpi(*label_it).expect(0)


def test_another_at_work(drawn: Drawn, tmp_path: Path) -> None:
    out = drawn.copied("tar", drawn.old, tmp_path / "OUT")
    before = contents(out)
    with (
        acquire(out / ".ecgmpi"),
        pytest.raises(JobError, match=rf"is in use: process {os.getpid()} on"),
    ):
        label(out, drawn.new)
    assert_same(contents(out), before)


def test_while_it_is_labelled_and_after_that_was_killed(drawn: Drawn, tmp_path: Path) -> None:
    out = drawn.copied("tar", drawn.old, tmp_path / "OUT")
    paths = JobPaths(out)
    job = JobFile.read(paths)
    assert job is not None
    # As it is until all shards have the labels.
    job.labelled(drawn.new.labelling, undivided=True, run=2).write(paths)
    paths.manifest_h5.unlink()
    who = f"process {os.getpid()} on"
    with acquire(paths.hidden):
        with pytest.raises(JobError, match=rf"is being labelled: .*{who}.*wait until that has"):
            FinishedOut.open(out)
        (line,) = run_ecgmpi("label", out, *drawn.new.options).expect(1).complaints
        assert f"is in use: {who}" in line
        # It has no other OUT to write to.
        assert line.endswith("wait for that job, or stop it")
        said = as_text(Status.of(out))
        assert f": being labelled ({who}" in said
        assert "recordings/s" not in said
    with pytest.raises(JobError, match=r"is half labelled.*\(its labels: --metadata new\.csv,"):
        FinishedOut.open(out)
    assert ": half labelled: ecgmpi label was stopped\n" in as_text(Status.of(out))
    kill_a_holder(out)
    assert "half labelled: ecgmpi label was killed, last sign of" in as_text(Status.of(out))
    run_ecgmpi("report", out).expect(0)
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "The job is half labelled: ecgmpi label was killed" in page
    assert "run the same <code>ecgmpi label</code> command again" in page
    assert "run the same command again, with the same launcher" not in page


def test_lost_files_are_for_render_to_draw(drawn: Drawn, tmp_path: Path) -> None:
    out = drawn.copied("tar", drawn.old, tmp_path / "OUT")
    shards(out, "tar")[1].unlink()
    before = contents(out)
    words = r"2 recordings are missing or of another size \(SYN000004, SYN000006\); run the ecgmpi"
    with pytest.raises(JobError, match=words):
        label(out, drawn.new)
    assert_same(contents(out), before)


@pytest.mark.parametrize("pack", ["tar", pytest.param("hdf5", marks=pytest.mark.slow)])
def test_an_altered_shard_is_left_to_be_drawn(pack: str, drawn: Drawn, tmp_path: Path) -> None:
    out = drawn.copied(pack, drawn.old, tmp_path / "OUT")
    shard = shards(out, "tar" if pack == "tar" else "h5")[1]
    data = bytearray(shard.read_bytes())
    # Within a picture.
    data[data.index(b"IDAT") + 300] ^= 1
    shard.write_bytes(data)
    again = (
        "run the ecgmpi render command of this OUT again with the labels that it has "
        "(--metadata new.csv, --metadata-columns rhythm,age,even, --metadata-key id=record)"
    )
    with pytest.raises(JobError, match=f"shards/000001.* altered; {re.escape(again)}"):
        label(out, drawn.new)
    # The command that it was begun with would be refused.
    with pytest.raises(JobError, match=rf"has no manifest\.h5 yet.*{re.escape(again)}"):
        FinishedOut.open(out)
    assert as_text(Status.of(out)).endswith(f"next: {again} to resume")
    ended = run_ecgmpi(*drawn.command(out, pack, drawn.new)).expect(3)
    assert "this run: 3 in" in ended.out
    assert_same(contents(out), contents(drawn.out(pack, drawn.new)))


def test_what_is_left_without_labels_is_drawn_without_them(drawn: Drawn, tmp_path: Path) -> None:
    out = drawn.copied("tar", drawn.old, tmp_path / "OUT")
    shard = shards(out, "tar")[1]
    data = bytearray(shard.read_bytes())
    data[data.index(b"IDAT") + 300] ^= 1
    shard.write_bytes(data)
    for look in (lambda: label(out, None), lambda: FinishedOut.open(out)):
        with pytest.raises(JobError, match="again without labels, which ecgmpi label removed"):
            look()


def test_a_labelled_out_is_mended_with_its_labels(drawn: Drawn, tmp_path: Path) -> None:
    out = drawn.copied("tar", drawn.old, tmp_path / "OUT")
    label(out, drawn.new)
    shards(out, "tar")[1].unlink()
    said = run_ecgmpi("verify", out).expect(3).out
    assert "with the labels that it has (--metadata new.csv," in said
    assert ") and --verify: it draws what is missing or altered" in said
    run_ecgmpi(*drawn.command(out, "tar", drawn.new), "--verify").expect(3)
    assert_same(contents(out), contents(drawn.out("tar", drawn.new)))


@pytest.mark.slow
def test_an_altered_json_is_left_to_be_drawn(drawn: Drawn, tmp_path: Path) -> None:
    out = drawn.copied("files", drawn.old, tmp_path / "OUT")
    one = out / "images" / "SYN000002" / "SYN000002_V1.json"
    one.write_text(one.read_text().replace('"width":', '"wide!":'))
    with pytest.raises(JobError, match="the annotation of SYN000002-V1 is altered"):
        label(out, drawn.new)
    run_ecgmpi(*drawn.command(out, "files", drawn.new)).expect(3)
    assert_same(contents(out), contents(drawn.out("files", drawn.new)))


def test_shards_of_another_h5py(drawn: Drawn, tmp_path: Path) -> None:
    out = drawn.copied("hdf5", drawn.old, tmp_path / "OUT")
    path = out / ".ecgmpi" / "job.json"
    job = json.loads(path.read_text())
    job["versions"]["h5py"] = "2.0"
    path.write_text(json.dumps(job))
    with pytest.raises(JobError, match=r"its shards were made with h5py 2\.0, and here is"):
        label(out, drawn.new)
