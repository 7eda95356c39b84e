"""The main job as a user runs it: what comes out, what is said, with which status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zlib
from pathlib import Path

import h5py
import pytest

import ecgmpi
from ecgmpi.errors import UsageError
from tests import processes
from tests.corpora import BAD, broken, synthetic
from tests.outputs import contents, pictures, table
from tests.processes import QUICK
from tests.processes import run_ecgmpi as run
from tests.unprivileged import obedient, open_folder


def test_every_recording_becomes_a_strip_a_lead_and_a_row(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in" / "deep", 5).parent
    done = run("render", corpus, "-o", tmp_path / "out", *QUICK)
    assert done.status == 0, done.err
    assert done.complaints == []
    assert "60 pictures of 5 recordings" in done.out
    out = tmp_path / "out"
    found = pictures(out)
    assert len(found) == 60
    assert found[0] == "images/deep/SYN000001/SYN000001_I.png"
    rows = table(out / "manifest.csv")
    assert [row["name"] for row in rows] == [f"deep/SYN{k:06d}" for k in range(1, 6)]
    assert {row["status"] for row in rows} == {"drawn"}
    with h5py.File(out / "manifest.h5") as manifest:
        paths = list(manifest["pictures/path"].asstr()[:])
        assert sorted(paths) == found
        for path, size, checksum in zip(
            paths, manifest["pictures/bytes"], manifest["pictures/crc32"], strict=True
        ):
            data = (out / path).read_bytes()
            assert (len(data), zlib.crc32(data)) == (size, checksum)
        assert list(manifest["pictures/recording"][::12]) == [0, 1, 2, 3, 4]
    assert (out / "failures.csv").read_text() == "name,source,class,message,remedy\n"
    assert json.loads((out / "run.json").read_text())["status"] == 0


def test_each_bad_input_is_a_row_with_its_reason_and_costs_no_other(tmp_path: Path) -> None:
    synthetic(tmp_path / "in", 2)
    broken(tmp_path / "in")
    out = tmp_path / "out"
    done = run("render", tmp_path / "in", "-o", out, *QUICK)
    assert done.status == 3
    assert "Traceback" not in done.err
    failures = {row["name"]: row for row in table(out / "failures.csv")}
    assert {name: row["class"] for name, row in failures.items()} == BAD
    for row in failures.values():
        assert row["message"]
        assert row["remedy"]
        assert str(tmp_path) not in row["message"] + row["remedy"]
    assert "--units" in failures["counts"]["remedy"]
    assert "--key ecg" in failures["no_such_variable"]["remedy"]
    rows = table(out / "manifest.csv")
    assert len(rows) == 2 + len(BAD)
    assert len(pictures(out)) == 24
    # Nothing is left behind of what failed.
    assert {path.name for path in (out / "images").iterdir()} == {"SYN000001", "SYN000002"}


@pytest.mark.parametrize("workers", ["4", pytest.param("1", marks=pytest.mark.slow)])
def test_the_number_of_workers_does_not_show(tmp_path: Path, workers: str) -> None:
    synthetic(tmp_path / "in", 7)
    broken(tmp_path / "in")
    run("render", tmp_path / "in", "-o", tmp_path / "one", "--workers", "2", *QUICK)
    run("render", tmp_path / "in", "-o", tmp_path / "two", "--workers", workers, *QUICK)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_the_same_command_again_draws_nothing(tmp_path: Path) -> None:
    synthetic(tmp_path / "in", 3)
    command = ("render", tmp_path / "in", "-o", tmp_path / "out", *QUICK)
    assert run(*command).status == 0
    before = contents(tmp_path / "out")
    times = [path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.png")]
    again = run(*command)
    assert again.status == 0
    assert "nothing was drawn" in again.out
    assert [path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.png")] == times
    assert contents(tmp_path / "out") == before


def test_other_options_or_inputs_are_refused_naming_them(tmp_path: Path) -> None:
    synthetic(tmp_path / "in", 2)
    out = tmp_path / "out"
    assert run("render", tmp_path / "in", "-o", out, *QUICK).status == 0
    before = contents(out)
    other = run("render", tmp_path / "in", "-o", out, *QUICK, "--speed", "50")
    assert other.status == 1
    assert "--speed was 25, now 50" in other.err
    synthetic(tmp_path / "in", 3)
    more = run("render", tmp_path / "in", "-o", out, *QUICK)
    assert more.status == 1
    assert "SYN000003.mat is new" in more.err
    assert contents(out) == before
    afresh = run("render", tmp_path / "in", "-o", out, *QUICK, "--speed", "50", "--overwrite")
    assert afresh.status == 0
    assert len(pictures(out)) == 36


def test_what_makes_no_sense_is_one_line_and_exit_2(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 1)
    out = tmp_path / "out"
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    for arguments, words in (
        ((tmp_path / "nowhere", "-o", out), "No such file"),
        ((tmp_path / "empty", "-o", out), "no recording found"),
        ((corpus, "-o", corpus), "INPUT and OUT are both"),
        ((corpus, "-o", tmp_path / "file"), "is a file"),
        ((corpus, "-o", out, "--speed", "0"), "--speed 0: give a number above 0 mm/s"),
        ((corpus, "-o", out, "--gain", "nan"), "--gain nan: give a finite number"),
        ((corpus, "-o", out, "--units", "furlong"), "choose from mV"),
        ((corpus, "-o", out, "--layout", "5x5"), "choose from strip"),
        ((corpus, "-o", out, "--workers", "0"), "--workers 0: give at least 1"),
        ((corpus, "-o", out, "--key", ""), "--key must name a variable"),
        ((corpus, "-o", out, "--leads", ","), "--leads ,: name at least one"),
        ((corpus, "-o", corpus, "--dry-run"), "INPUT and OUT are both"),
        ((corpus, "-o", tmp_path / "file", "--dry-run"), "is a file"),
        ((corpus, "-o", out, "--key", "", "--dry-run"), "--key must name a variable"),
        ((corpus, corpus / "SYN000001.mat", corpus, "-o", out), "would both be drawn as"),
    ):
        done = run("render", *arguments)
        assert done.status == 2, (arguments, done)
        assert words in done.err or "given twice" in done.err
        assert len(done.complaints) == 1
        assert not out.exists()


def test_options_of_the_recording_reach_the_pictures(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 1, duration=4.0)
    out = tmp_path / "out"
    done = run(
        "render", corpus, "-o", out, *QUICK, "--leads", "V2,II", "--start", "1", "--duration", "2"
    )
    assert done.status == 0, done.err
    assert [Path(path).stem for path in pictures(out)] == ["SYN000001_II", "SYN000001_V2"]
    (row,) = table(out / "manifest.csv")
    assert (row["leads"], row["samples"], row["start_s"]) == ("V2 II", "1000", "1")


def test_a_dry_run_tells_and_leaves_nothing(tmp_path: Path) -> None:
    synthetic(tmp_path / "in", 30)
    broken(tmp_path / "in" / "bad")
    done = run("render", tmp_path / "in", "-o", tmp_path / "out", *QUICK, "--dry-run")
    assert done.status == 0, done.err
    assert "41 recordings" in done.out
    assert "about" in done.out
    assert not (tmp_path / "out").exists()


def test_nonsense_is_said_before_anything_starts(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 1)
    with pytest.raises(UsageError, match="--key must name a variable"):
        ecgmpi.render(corpus, tmp_path / "out", key="")
    assert not (tmp_path / "out").exists()
    for command in ("show", "inspect"):
        done = run(command, corpus / "SYN000001.mat", "--key", "").expect(2)
        assert len(done.complaints) == 1


@pytest.mark.slow
def test_a_timeout_of_weeks_is_none(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 2)
    for timeout in ("3000000", "1e9", "1e300"):
        done = run("render", corpus, "-o", tmp_path / timeout, *QUICK, "--timeout", timeout)
        assert done.status == 0, done.err
        assert done.complaints == []


def test_an_out_whose_name_is_not_text(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 1)
    out = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    utf8 = {"PYTHONIOENCODING": "utf-8:strict"}
    for said in ("12 pictures", "nothing was drawn"):
        done = processes.run(processes.ecgmpi("render", corpus, "-o", out, *QUICK), utf8)
        assert done.status == 0, done.err
        assert done.complaints == []
        assert said in done.out
        assert "caf\\xe9" in done.out


def test_a_place_that_cannot_be_written_to_is_one_line(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 1)
    place = Path("/proc/no-such-place")
    done = run("render", corpus, "-o", place, *QUICK)
    assert done.status == 1
    assert len(done.complaints) == 1
    assert "cannot write" in done.err


def test_what_may_not_be_read_or_written_is_said() -> None:
    with open_folder() as top:
        corpus = synthetic(top / "in", 2)
        (corpus / "shut").mkdir(mode=0)
        (corpus / "SYN000002.mat").chmod(0)
        out = top / "shut" / "out"
        (top / "shut").mkdir(mode=0)
        refused = run("render", corpus, "-o", out, *QUICK, before=obedient())
        assert refused.status == 1
        assert "cannot write out: Permission denied" in refused.err
        assert len(refused.complaints) == 1
        out = top / "out"
        done = run("render", corpus, "-o", out, *QUICK, before=obedient())
        assert done.status == 3, done.err
        failures = {row["name"]: row["message"] for row in table(out / "failures.csv")}
        assert set(failures) == {"SYN000002", "shut/"}
        assert "Permission denied" in failures["SYN000002"]
        assert "Permission denied" in failures["shut/"]
        assert len(pictures(out)) == 12


@pytest.mark.slow
def test_an_out_that_fills_up_stops_the_job_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 40)
    small = tmp_path / "small"
    small.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small filesystem takes root")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "none", small], check=True)
    try:
        done = run("render", corpus, "-o", small / "out", *QUICK)
        assert done.status == 1
        assert len(done.complaints) == 1
        assert "No space left" in done.err
        subprocess.run(["mount", "-o", "remount,size=40m", small], check=True)
        again = run("render", corpus, "-o", small / "out", *QUICK)
        assert again.status == 0, again.err
        run("render", corpus, "-o", tmp_path / "whole", *QUICK)
        assert contents(small / "out") == contents(tmp_path / "whole")
    finally:
        subprocess.run(["umount", small], check=True)


def test_the_python_call_is_the_command(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 3)
    script = tmp_path / "script.py"
    # No guard of __main__: workers must not run the caller's script again.
    script.write_text(
        f"import ecgmpi\nprint(ecgmpi.render({str(corpus)!r}, {str(tmp_path / 'a')!r}, dpi=60.0))"
    )
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("recordings=3") == 1
    assert run("render", corpus, "-o", tmp_path / "b", *QUICK).status == 0
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    with pytest.raises(UsageError, match="no option colour"):
        ecgmpi.render(corpus, tmp_path / "c", colour="red")


def test_a_package_in_the_way_does_not_reach_the_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = synthetic(tmp_path / "in", 1)
    (tmp_path / "numpy.py").write_text("raise SystemExit('not the numpy you meant')")
    monkeypatch.chdir(tmp_path)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "ecgmpi", "render", corpus, "-o", "out", *QUICK],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
