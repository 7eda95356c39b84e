"""An option is the same value, whoever gives it: the command line, Python, a file."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ecgmpi
from ecgmpi.cli import parser
from ecgmpi.cli.arguments import add_options, collect
from ecgmpi.ecg.record import Record
from ecgmpi.errors import UsageError
from ecgmpi.options.option import option
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.running import Running
from ecgmpi.options.spelling import as_text
from tests.corpora import synthetic
from tests.outputs import contents
from tests.processes import run_ecgmpi


def typed(*options: str) -> Rendering:
    """What the command line makes of options."""
    rendering: Rendering = collect(
        Rendering, parser().parse_args(["render", "in", "-o", "out", *options])
    )
    return rendering


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ({"rate": 500, "dpi": 60}, ("--rate", "500", "--dpi", "60")),
        ({"speed": "25", "gain": np.float64(5), "start": np.int16(1)}, ("--gain=5", "--start=1")),
        ({"leads": ["II"]}, ("--leads", "II")),
        ({"leads": "V1"}, ("--leads", "V1")),
        ({"leads": " I, aVR ,"}, ("--leads", "I,aVR")),
        ({"leads": (name for name in ("V1", "I"))}, ("--leads", "V1,I")),
        ({"leads": np.array(["V1", "I"])}, ("--leads", "V1,I")),
        ({"key": np.str_("val"), "duration": None}, ("--key", "val")),
    ],
)
def test_python_and_the_command_line_mean_the_same(
    given: dict[str, Any], options: tuple[str, ...]
) -> None:
    one, other = Rendering(**given), typed(*options)
    assert one == other
    assert as_text(one) == as_text(other)
    for entry in fields(Rendering):
        assert type(getattr(one, entry.name)) is type(getattr(other, entry.name)), entry.name
    assert one.leads is None or {type(name) for name in one.leads} == {str}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("speed", "fast", "--speed 'fast': give a number"),
        ("speed", None, "--speed None: give a number"),
        ("speed", True, "--speed True: give a number"),
        ("rate", [500], r"--rate \[500\]: give a number"),
        ("rate", 10**400, "give a number"),
        ("leads", "", "--leads: name at least one"),
        ("leads", ",", "--leads ,: name at least one"),
        ("leads", [], "--leads: name at least one"),
        ("leads", 1, "--leads 1: give names"),
        ("leads", [1], r"--leads \(1,\): give names"),
        ("leads", {"I", "II"}, "give names, in order"),
        ("leads", ["I", "I "], "--leads I,I: name each lead once"),
        ("key", 7, "--key 7: give text"),
        ("duration", 1e308, r"--duration 1e\+308: give at most 10000000 s$"),
        ("speed", 1e-9, "--speed 1e-09: give at least 0.01 mm/s$"),
        ("gain", 1e9, r"--gain 1e\+09: give at most 10000 mm/mV$"),
        ("gain", "huge", "--gain 'huge': give a number, or auto$"),
        ("dpi", 0, "--dpi 0: give at least 25 dots per inch$"),
        ("layout", ["strip"], "--layout .*: give text"),
    ],
)
def test_nonsense_in_what_is_drawn_names_the_option(name: str, value: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Rendering(**{name: value})


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("workers", 2.5, "--workers 2.5: give a whole number"),
        ("workers", "two", "--workers 'two': give a whole number"),
        ("timeout", float("nan"), "--timeout nan: give a finite number"),
        ("overwrite", "no", "--overwrite 'no': give True or False"),
        ("dry_run", 2, "--dry-run 2: give True or False"),
    ],
)
def test_nonsense_in_how_it_runs_names_the_option(name: str, value: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Running(**{name: value})


def test_how_it_runs_is_coerced_too() -> None:
    running = Running(workers=np.int64(4), timeout=60, overwrite=np.True_)  # type: ignore[arg-type]
    assert running == Running(workers=4, timeout=60.0, overwrite=True)
    assert [type(value) for value in (running.workers, running.timeout)] == [int, float]
    assert running.overwrite is True


def test_a_record_says_its_rate_in_one_way() -> None:
    signal = np.zeros((1, 4), np.float32)
    record = Record("a", signal, rate=500, leads=("I",), start=np.float32(1))  # type: ignore[arg-type]
    assert (repr(record.rate), repr(record.start)) == ("500.0", "1.0")


@pytest.mark.slow
def test_the_same_options_are_the_same_bytes(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 1)
    options: dict[str, Any] = {"dpi": 60, "rate": 500, "speed": 25, "leads": ["II"]}
    assert ecgmpi.render(corpus, tmp_path / "a", **options).status == 0
    words = ("--dpi", "60", "--rate", "500", "--speed", "25", "--leads", "II")
    run_ecgmpi("render", corpus, "-o", tmp_path / "b", *words).expect(0)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    # And either resumes the other's OUT.
    again = run_ecgmpi("render", corpus, "-o", tmp_path / "a", *words).expect(0)
    assert "nothing was drawn" in again.out


def options_help(*options: type[Any]) -> tuple[ArgumentParser, dict[str, str]]:
    """A parser of these options, and what its help says of each."""
    made = ArgumentParser(prog="x", add_help=False)
    for each in options:
        add_options(made, each)
    return made, {action.dest: action.help or "" for action in made._actions}


def test_help_says_the_default_of_every_option() -> None:
    _, said = options_help(Rendering, Running)
    assert len(said) == len(fields(Rendering)) + len(fields(Running))
    assert [name for name, text in said.items() if "default: " not in text] == []


def test_help_may_hold_percent_signs() -> None:
    @dataclass
    class Made:
        part: float | None = option(
            None, "keep 90% or more", group="input", unit="%, default: 100%"
        )
        always: bool = option(False, "100%, always", group="input")

    made, _ = options_help(Made)
    assert "keep 90% or more (%, default: 100%)" in made.format_help()
    assert "100%, always (default: no)" in made.format_help()
