"""Parts as tasks of other engines: the lines of the chapter, with the variables that these set."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.corpora import synthetic
from tests.outputs import assert_same, contents, n_journaled, run_json
from tests.processes import ecgmpi as program
from tests.processes import run, started
from tests.recipes.chapter import blocks

PARTS = 3
ENGINES: dict[str, Callable[[int], dict[str, str]]] = {
    "kubernetes": lambda index: {"JOB_COMPLETION_INDEX": str(index), "PARTS": str(PARTS)},
    "aws-batch": lambda index: {
        "AWS_BATCH_JOB_ARRAY_INDEX": str(index),
        "AWS_BATCH_JOB_ARRAY_SIZE": str(PARTS),
    },
}
"""What an engine sets for the task of an index, from 0."""

PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def script(engine: str) -> list[str]:
    """What a task runs."""
    (which,), (rest,) = blocks(f"run: {engine}"), blocks("run: part")
    return ["sh", "-c", which + rest]


def environment(engine: str, index: int, folder: Path) -> dict[str, str]:
    """What the task of an index finds."""
    return {"PATH": PATH, "IN": "in", "OUT": "out", **ENGINES[engine](index)}


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_tasks_draw_what_one_job_would(engine: str, tmp_path: Path) -> None:
    synthetic(tmp_path / "in", 5)
    # One that cannot be drawn is no failure of its task.
    (tmp_path / "in" / "SYN000002.mat").write_text("this is no recording\n")
    for index in (2, 0, 1):
        run(script(engine), environment(engine, index, tmp_path), cwd=tmp_path).expect(0)
    run(program("merge", "out"), cwd=tmp_path).expect(3)
    run(program("render", "in", "-o", "whole", "--pack", "tar"), cwd=tmp_path).expect(3)
    assert_same(contents(tmp_path / "out"), contents(tmp_path / "whole"))
    parts = [part["part"] for part in run_json(tmp_path / "out")["parts"]]
    assert parts == [f"{k}/{PARTS}" for k in range(1, PARTS + 1)]


@pytest.mark.slow
def test_a_task_that_is_stopped_ends_with_75_and_goes_on(tmp_path: Path) -> None:
    synthetic(tmp_path / "in", 120, duration=5)
    command, task = script("kubernetes"), environment("kubernetes", 0, tmp_path)
    with started(command, task, tmp_path) as running:
        running.until(lambda: n_journaled(tmp_path / "out") > 2)
        running.signal(signal.SIGTERM)
        ended = running.wait(20)
        running.until_over()
    assert ended.status == 75, ended
    done = n_journaled(tmp_path / "out")
    run(command, task, cwd=tmp_path).expect(0)
    assert n_journaled(tmp_path / "out") > done


@pytest.mark.slow
def test_what_could_not_run_is_told_to_the_engine(tmp_path: Path) -> None:
    command, task = script("aws-batch"), environment("aws-batch", 0, tmp_path)
    run(command, task, cwd=tmp_path).expect(2)


@pytest.mark.slow
def test_tasks_of_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synthetic(tmp_path / "demo" / "in", 4)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", PATH)
    (code,) = blocks("run: task")
    names: dict[str, Callable[[int, int], None]] = {}
    exec(code, names)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(names["draw"], (1, 2), (2, 2))) == [None, None]
    run(program("merge", "demo/out"), cwd=tmp_path).expect(0)
    with pytest.raises(RuntimeError, match="part 3 of 2 ended with 2"):
        names["draw"](3, 2)
