"""A labelling that is killed, stopped, or without room: the same command goes on."""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import ecgmpi as package
from ecgmpi.errors import JobError
from tests.corpora import synthetic
from tests.job.relabel.conftest import PACKS, SECRET, Drawn, label
from tests.outputs import assert_same, contents, half_written, n_journaled
from tests.processes import QUICK, ecgmpi, run, run_ecgmpi, started

MANY = 300
SLOW = pytest.mark.slow


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pack", "every"),
    [("tar", 17), *(pytest.param(pack, 1, marks=SLOW) for pack in PACKS)],
)
def test_killed_at_each_step(pack: str, every: int, drawn: Drawn, tmp_path: Path) -> None:
    new = drawn.new
    outs = (drawn.out(pack, drawn.old), drawn.out(pack, new))
    program = (sys.executable, "-m", "tests.job.relabel.each_step")
    ended = run([*program, *outs, new.table, new.key, new.columns, tmp_path, every]).expect(0)
    kills = re.match(r"(\d+) kills, (\d+) of them", ended.out)
    assert kills is not None
    assert int(kills[1]) * every > 30


def half(out: Path, drawn: Drawn) -> None:
    """Label an OUT until its first chunk is journaled."""
    command = ecgmpi("label", out, *drawn.new.options, "--workers", "1")
    before = n_journaled(out)
    with started(command) as labelling:
        labelling.until(lambda: n_journaled(out) > before)
        labelling.signal(signal.SIGKILL)
        labelling.wait(10)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with INPUT, a table, and OUT with and without its labels."""
    folder = tmp_path_factory.mktemp("many")
    synthetic(folder / "in", MANY)
    rows = "".join(f"SYN{k:06d},{k},said-{k}\n" for k in range(1, MANY, 2))
    (folder / "t.csv").write_text(f"id,x,said\n{rows}")
    for name, options in (("plain", ()), ("labelled", of(folder))):
        command = ("render", folder / "in", "-o", folder / name, *QUICK, "--leads", "II")
        run_ecgmpi(*command, "--annotate", "boxes", *options).expect(0)
    return folder


def of(folder: Path) -> tuple[object, ...]:
    """The labels of the table in a folder."""
    keyed = ("--metadata-key", "id", "--metadata-columns", "x,said")
    return ("--metadata", folder / "t.csv", *keyed)


@SLOW
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1])
@pytest.mark.parametrize("workers", [1, 2])
def test_stopped_by_a_signal(number: int, workers: int, many: Path, tmp_path: Path) -> None:
    out = shutil.copytree(many / "plain", tmp_path / "OUT")
    command = ecgmpi("label", out, *of(many), "--workers", workers)
    with started(command) as labelling:
        labelling.until(lambda: n_journaled(out) > MANY + 3)
        # As a terminal or a scheduler does it.
        for pid in labelling.processes():
            with contextlib.suppress(ProcessLookupError):
                labelling.signal(number, pid)
        ended = labelling.wait(10).expect(75)
        labelling.until_over()
    assert [line for line in ended.err.splitlines() if line.startswith("ecgmpi: stopped")] == [
        f"ecgmpi: stopped by {signal.Signals(number).name}; run the same command again to resume"
    ]
    assert "Traceback" not in ended.err
    done = n_journaled(out) - MANY
    assert done < MANY
    said = run_ecgmpi("label", out, *of(many)).expect(0).out
    assert f"this run: the JSON of {MANY - done:,} recordings" in said
    assert_same(contents(out), contents(many / "labelled"))
    assert half_written(out) == []


@SLOW
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_killed_again_and_again(seed: int, many: Path, tmp_path: Path) -> None:
    out = shutil.copytree(many / "plain", tmp_path / "OUT")
    chance = random.Random(seed)
    for _ in range(8):
        with started(ecgmpi("label", out, *of(many), "--workers", chance.choice((1, 2)))) as job:
            time.sleep(0.5 + 0.8 * chance.random())
            pids = list(job.processes())
            for pid in pids if chance.random() < 0.5 else [job.pid]:
                with contextlib.suppress(ProcessLookupError):
                    job.signal(signal.SIGKILL, pid)
            job.wait(10)
            # Those of its own end by themselves.
            job.until_over()
    run_ecgmpi("label", out, *of(many)).expect(0)
    assert_same(contents(out), contents(many / "labelled"))
    assert half_written(out) == []


@SLOW
def test_a_killed_process_of_several_ends_it_with_a_line(many: Path, tmp_path: Path) -> None:
    out = shutil.copytree(many / "plain", tmp_path / "OUT")
    with started(ecgmpi("label", out, *of(many), "--workers", "2")) as job:
        job.until(lambda: n_journaled(out) > MANY + 3)
        for pid, words in job.processes().items():
            if pid != job.pid and "resource_tracker" not in " ".join(words):
                with contextlib.suppress(ProcessLookupError):
                    job.signal(signal.SIGKILL, pid)
        ended = job.wait(10).expect(1)
    assert "Traceback" not in ended.err
    assert "ecgmpi: a process that labels was killed: is memory short?" in ended.err
    run_ecgmpi("label", out, *of(many)).expect(0)
    assert_same(contents(out), contents(many / "labelled"))


@SLOW
def test_half_labelled_is_refused_and_other_labels_begin_again(
    drawn: Drawn, tmp_path: Path
) -> None:
    out = drawn.copied("tar", drawn.old, tmp_path / "OUT")
    half(out, drawn)
    with pytest.raises(JobError, match="is half labelled, as ecgmpi label was stopped there"):
        package.dataset(out)
    command = drawn.command(out, "tar", drawn.new)
    (line,) = run_ecgmpi(*command).expect(1).complaints
    assert "half labelled" in line
    assert "--metadata-columns rhythm,age,even, --metadata-key id=record" in line
    label(out, None)
    assert SECRET not in str(contents(out))
    assert_same(contents(out), contents(drawn.out("tar", None)))


@SLOW
def test_half_labelled_is_refused_by_every_command(drawn: Drawn, tmp_path: Path) -> None:
    out = drawn.copied("hdf5", drawn.old, tmp_path / "OUT")
    half(out, drawn)
    old = drawn.command(out, "hdf5", drawn.old)
    for words in (
        old,
        (*old, "--part", "1/2"),
        ("merge", out),
        ("verify", out),
        ("export", out, "--csv"),
    ):
        (line,) = run_ecgmpi(*words).expect(1).complaints
        assert "is half labelled, as ecgmpi label was stopped there" in line
    assert "run the same ecgmpi label command again" in run_ecgmpi("status", out).out
    run_ecgmpi("report", out).expect(0)
    page = (out / "report.html").read_text()
    assert "run the same <code>ecgmpi label</code> command again" in page
    assert "To continue where it stopped" not in page
    run_ecgmpi(*old, "--overwrite").expect(3)
    assert_same(contents(out), contents(drawn.out("hdf5", drawn.old)))


@SLOW
@pytest.mark.parametrize("pack", PACKS)
def test_a_full_disk(pack: str, drawn: Drawn, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("mounting a filesystem takes root")
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "none", small], check=True)
    try:
        out = drawn.copied(pack, drawn.old, small / "OUT")
        failed = 0
        for room in range(0, 400 << 10, 8 << 10):
            free = shutil.disk_usage(small).free
            (small / "filler").write_bytes(bytes(max(0, free - room)))
            ended = run_ecgmpi("label", out, *drawn.new.options, "-q")
            (small / "filler").unlink()
            if ended.status == 0:
                break
            line = ended.expect(1).complaints[-1]
            assert "No space left on device" in line or "disk is full" in line
            assert "Traceback" not in ended.err
            failed += 1
        assert failed > 2
        run_ecgmpi("label", out, *drawn.new.options).expect(0)
        assert_same(contents(out), contents(drawn.out(pack, drawn.new)))
        assert half_written(out) == []
    finally:
        subprocess.run(["umount", small], check=True)
