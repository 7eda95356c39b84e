"""The training loop of the recipes, run as a user would: it learns, and resumes after a kill."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import ecgmpi
from ecgmpi.ecg.synthetic import synthesize
from tests.processes import ecgmpi as program
from tests.processes import run, started
from tests.recipes.chapter import blocks, recipe
from tests.recipes.corpora import Signal, ptb_xl

N = 200
NORMAL, FAST = "{'NORM': 100.0, 'SR': 0.0}", "{'STACH': 0.0, 'SR': 0.0}"
ONE_CORE = {"OMP_NUM_THREADS": "1"}
"""Sums then do not depend on how many cores there are."""


def hearts() -> Iterator[Signal]:
    """Slow ones, and others twice as fast, in turn."""
    for index in range(N):
        fast = index % 2
        made = synthesize(3, index, duration=10 * (1 + fast)).signal
        yield made[:, :: 1 + fast]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the recipe of PTB-XL was followed."""
    folder = tmp_path_factory.mktemp("recipe")
    ptb_xl(folder / "ptb-xl", hearts(), [NORMAL, FAST] * (N // 2))
    run(program(*recipe("ptb-xl").render, "--progress", "none"), cwd=folder).expect(0)
    (code,) = blocks("run: training")
    (folder / "train.py").write_text(code)
    return folder


def test_it_learns_and_resumes_in_the_middle_of_an_epoch(drawn: Path, torch: Path) -> None:
    command = [torch, "train.py"]
    whole = run(command, ONE_CORE, cwd=drawn).expect(0).out.splitlines()
    epochs = [[line.split() for line in whole if line.startswith(e)] for e in ("0 ", "1 ")]
    losses = [np.mean([float(words[2]) for words in lines]) for lines in epochs]
    assert losses[1] < 0.75 * losses[0]
    keys = [[key for words in lines for key in words[3:]] for lines in epochs]
    train = ecgmpi.dataset(drawn / "out" / "ptb-xl", split="train").table["key"].tolist()
    assert len(train) == 160
    assert sorted(keys[0]) == sorted(keys[1]) == sorted(train)
    assert keys[0] != keys[1]
    # Killed in the middle of the second epoch, it goes on where it was: the same pictures in the
    # same order, and so the same losses.
    checkpoint, log = drawn / "checkpoint.pt", drawn / "log"
    checkpoint.unlink()
    with started(["sh", "-c", 'exec "$0" "$1" > log', *command], ONE_CORE, drawn) as running:
        running.until(lambda: log.exists() and log.read_text().count("\n") >= 13)
        running.signal(signal.SIGKILL)
        running.wait(20)
    before = log.read_text().splitlines()
    assert whole[: len(before)] == before
    assert 10 < len(before) < len(whole)
    rest = run(command, ONE_CORE, cwd=drawn).expect(0).out.splitlines()
    # It may have printed a batch that is not in the checkpoint.
    assert len(before) - 1 <= len(whole) - len(rest) <= len(before)
    assert whole[-len(rest) :] == rest
    # There is nothing left to do.
    assert run(command, ONE_CORE, cwd=drawn).expect(0).out == ""
