"""`ecgmpi status` as somebody types it who wants to know how far a job is."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time
from pathlib import Path

import pytest

from ecgmpi.outdir.lease import acquire
from ecgmpi.outdir.paths import JobPaths
from tests.corpora import synthetic
from tests.processes import QUICK, ecgmpi, run_ecgmpi, started
from tests.review.checks import here


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An OUT that is complete, without failures."""
    folder = tmp_path_factory.mktemp("status")
    out = folder / "O U T"
    run_ecgmpi("render", synthetic(folder / "in", 3), "-o", out, *QUICK).expect(0)
    return out


def test_it_tells_how_the_job_ended_and_what_to_do_next(out: Path) -> None:
    said = here("status", out).expect(0)
    assert said.err == ""
    lines = said.out.splitlines()
    assert lines[0] == f"OUT {out}: complete"
    assert lines[1] == "  3 of 3 recordings done (100.0 %), 0 failed, 0 left"
    # It was run with --no-report.
    assert lines[-1] == f"next: ecgmpi report '{out}'; ecgmpi verify '{out}'"
    assert max(map(len, lines)) <= 80 + 2 * len(str(out))


def test_programs_get_the_same_as_one_document(out: Path) -> None:
    found = json.loads(here("status", out, "--json").expect(0).out)
    assert (found["out"], found["state"]) == (str(out), "complete")
    assert [found[name] for name in ("expected", "done", "failed", "left")] == [3, 3, 0, 0]
    assert (found["pictures"], found["rate"], found["holders"]) == (36, 0.0, [])
    (rank,) = found["ranks"]
    assert (rank["rank"], rank["recordings"], rank["doing"]) == (0, 3, "ended")
    assert set(rank["seconds"]) == {"reading", "checking", "drawing", "writing"}
    assert not rank["silent"]


@pytest.mark.parametrize("command", ["status", "report"])
def test_what_is_no_out_is_one_line_and_exit_2(command: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for name in ("file", "folder", "nowhere"):
        ended = here(command, tmp_path / name).expect(2)
        assert ended.out == ""
        (line,) = ended.err.splitlines()
        assert line.startswith(f"ecgmpi: {tmp_path / name} ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]
    assert list((tmp_path / "folder").iterdir()) == []


@pytest.mark.parametrize("every", ["0", "-1", "nan", "inf", "1e9"])
def test_seconds_that_make_no_sense_are_refused(every: str, out: Path) -> None:
    (line,) = here("status", out, "--watch", f"--every={every}").expect(2).err.splitlines()
    assert "give seconds from 0.1 to 86400" in line


def test_seconds_without_a_second_look_are_refused(out: Path) -> None:
    (line,) = here("status", out, "--every", "5").expect(2).err.splitlines()
    assert line == "ecgmpi: --every 5: add --watch to look again and again"


def test_options_may_come_before_out(out: Path) -> None:
    said = here("status", "--watch", "--json", out).expect(0)
    assert json.loads(said.out)["state"] == "complete"


def test_to_watch_a_job_that_is_over_ends_at_once(out: Path) -> None:
    began = time.monotonic()
    said = here("status", out, "--watch", "--every", "60", "--json").expect(0)
    assert time.monotonic() - began < 30
    assert json.loads(said.out)["state"] == "complete"


def watching(out: Path, to: Path, *options: str) -> list[object]:
    """``ecgmpi status --watch`` whose standard output goes to a file."""
    words = ecgmpi("status", "--watch", "--every", "0.1", out, *options)
    return ["sh", "-c", 'exec "$@" >"$0"', to, *words]


def test_watch_looks_again_until_the_job_ends(out: Path, tmp_path: Path) -> None:
    said = tmp_path / "said"
    with started(watching(out, said, "--json")) as watch:
        with acquire(JobPaths(out).hidden):
            watch.until(lambda: said.exists() and said.read_text().count("\n") >= 3)
        assert watch.wait(30).expect(0).err == ""
    # A document a line.
    states = [json.loads(line)["state"] for line in said.read_text().splitlines()]
    assert states[-1] == "complete"
    assert "running" in states
    assert set(states[:-1]) <= {"running", "complete"}


def test_to_stop_watching_is_no_failure(out: Path, tmp_path: Path) -> None:
    said = tmp_path / "said"
    with acquire(JobPaths(out).hidden), started(watching(out, said)) as watch:
        watch.until(lambda: said.exists() and said.stat().st_size > 0)
        watch.signal(signal.SIGINT)
        assert watch.wait(30).expect(0).err == ""
    assert said.read_text().startswith(f"OUT {out}: running (process {os.getpid()} on ")


def test_on_a_terminal_a_look_takes_the_place_of_the_one_before(out: Path) -> None:
    terminal, screen = pty.openpty()
    command = [str(word) for word in ecgmpi("status", out, "--watch")]
    subprocess.run(command, stdout=screen, check=True, timeout=60)
    os.close(screen)
    shown = os.read(terminal, 10_000).decode()
    os.close(terminal)
    assert shown.startswith(f"\x1b[H\x1b[JOUT {out}: complete")
