"""A file that crashes or hangs whoever counts its recordings costs itself alone."""

from __future__ import annotations

import os
import shutil
import signal
import time
from contextlib import closing
from pathlib import Path

import h5py
import numpy as np
import pytest

from ecgmpi.corpus.containers import each_recording
from ecgmpi.corpus.discover import Found, find
from ecgmpi.errors import FailureKind
from ecgmpi.job.pool.probe import Probe
from ecgmpi.readers import NO_HINTS
from tests.outputs import contents, manifest
from tests.processes import QUICK, run, started

HARMFUL = {
    "PYTHONPATH": os.pathsep.join(
        filter(None, [str(Path(__file__).parent / "looking"), os.environ.get("PYTHONPATH")])
    )
}
"""Environment in which looking into a file does what its name says."""

N = 3


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two files of `N` recordings each, and one of one."""
    folder = tmp_path / "in"
    folder.mkdir()
    signal = np.random.default_rng(0).normal(0, 0.4, (N, 256, 12)).astype(np.float32)
    for name in ("a", "z"):
        with h5py.File(folder / f"{name}.h5", "w") as file:
            file["tracings"] = signal
    with h5py.File(folder / "one.hdf5", "w") as file:
        file["data"] = signal[0].T
    return folder


GOOD = [*(f"a#{n}" for n in range(N)), "one", *(f"z#{n}" for n in range(N))]


def _harm(folder: Path, *harms: str) -> None:
    for harm in harms:
        shutil.copy(folder / "a.h5", folder / f"{harm}.h5")


def _looked(folder: Path, longest: float) -> dict[str, Found]:
    extensions = frozenset({".h5", ".hdf5"})
    found = find([str(folder)], Path("/no"), extensions)
    with closing(Probe(NO_HINTS, longest=longest)) as probe:
        return {
            str(entry.name): entry
            for entry in each_recording(found, probe.count)
            if entry.name is not None
        }


@pytest.mark.slow
def test_a_crash_is_one_row_and_nothing_else_is_lost(
    corpus: Path, ecgmpi: Path, tmp_path: Path
) -> None:
    command = [ecgmpi, "render", corpus, *QUICK, "--layout", "3x4", "--workers", "1", "-o"]
    run([*command, tmp_path / "good"]).expect(0)
    _harm(corpus, "segfault", "exit", "once")
    run([*command, tmp_path / "OUT"], HARMFUL).expect(3)
    rows = {row["name"]: row for row in manifest(tmp_path / "OUT")}
    counted_again = [f"once#{n}" for n in range(N)]
    assert sorted(rows) == sorted([*GOOD, *counted_again, "segfault", "exit"])
    failed = {name: row["class"] for name, row in rows.items() if row["status"] == "failed"}
    assert failed == {"segfault": "crashed", "exit": "crashed"}
    assert rows["segfault"]["message"].endswith("ended its process with SIGSEGV, twice")
    assert rows["exit"]["message"].endswith("ended its process with exit status 7, twice")
    assert "leave it out" in rows["exit"]["remedy"]
    undisturbed = contents(tmp_path / "good")
    pictures = {name for name in undisturbed if name.startswith("images")}
    drawn = contents(tmp_path / "OUT")
    assert {name: drawn[name] for name in pictures} == {n: undisturbed[n] for n in pictures}
    ended = run([*command, tmp_path / "OUT"], HARMFUL).expect(3)
    assert "nothing was drawn" in ended.out


@pytest.mark.slow
@pytest.mark.parametrize("harm", ["sleep", pytest.param("stop", marks=pytest.mark.slow)])
def test_a_hang_is_ended_and_said(harm: str, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _harm(corpus, harm)
    monkeypatch.setenv("PYTHONPATH", HARMFUL["PYTHONPATH"])
    looked = _looked(corpus, 2.0)
    assert sorted(looked) == sorted([*GOOD, harm])
    problem = looked.pop(harm).problem
    assert problem is not None
    assert problem.kind is FailureKind.TIMEOUT
    assert problem.message.endswith("took more than 2 s, twice")
    assert not any(entry.problem for entry in looked.values())


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_a_signal_is_heard_while_a_file_hangs(
    number: signal.Signals, corpus: Path, ecgmpi: Path, tmp_path: Path
) -> None:
    _harm(corpus, "sleep")
    out = tmp_path / "OUT"
    with started([ecgmpi, "render", corpus, "-o", out, *QUICK], HARMFUL) as job:
        job.until(
            lambda: any("ecgmpi.job.pool.probe" in words for words in job.processes().values())
        )
        time.sleep(1)
        job.signal(number)
        ended = job.wait(10)
        job.until_over()
    ended.expect(75)
    assert [line for line in ended.complaints if number.name in line], ended.err


@pytest.mark.slow
def test_a_killed_rank_leaves_no_process_that_looks(
    corpus: Path, ecgmpi: Path, tmp_path: Path
) -> None:
    _harm(corpus, "sleep")
    with started([ecgmpi, "render", corpus, "-o", tmp_path / "OUT", *QUICK], HARMFUL) as job:
        job.until(
            lambda: any("ecgmpi.job.pool.probe" in words for words in job.processes().values())
        )
        time.sleep(2)
        job.signal(signal.SIGKILL)
        job.wait(10)
        job.until_over()
