"""Ctrl-C at any moment: no traceback from the command, no swallowed interrupt in Python."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ecgmpi.cli import main
from tests.corpora import synthetic
from tests.outputs import n_journaled, run_json
from tests.processes import QUICK, run_ecgmpi, started

LOADED = "| ecgmpi.start\n"
"""What ``-X importtime`` writes once the first module is loaded."""


@pytest.mark.parametrize("how", [("-m", "ecgmpi"), (Path(sys.executable).with_name("ecgmpi"),)])
def test_an_interrupt_while_the_command_loads_leaves_no_traceback(
    how: tuple[object, ...], tmp_path: Path
) -> None:
    corpus = synthetic(tmp_path / "in", 2)
    command = [sys.executable, "-X", "importtime", *how, "render", corpus, "-o", tmp_path / "out"]
    for delay_ms in (0, 5, 15, 30, 50, 80, 120, 180, 260, 400):
        said = tmp_path / f"stderr-{delay_ms}"
        with said.open("w") as stderr:
            process = subprocess.Popen([*map(str, command), *QUICK], stderr=stderr)
            try:
                give_up = time.monotonic() + 30
                while LOADED not in said.read_text():
                    assert time.monotonic() < give_up
                    time.sleep(0.002)
                time.sleep(delay_ms / 1000)
                process.send_signal(signal.SIGINT)
                status = process.wait(30)
            finally:
                process.kill()
                process.wait()
        lines = [line for line in said.read_text().splitlines() if "import time:" not in line]
        assert status in (-signal.SIGINT, 75, 0), (delay_ms, status, lines)
        assert not any("Traceback" in line for line in lines), (delay_ms, lines)
        assert len([line for line in lines if line.startswith("ecgmpi:")]) <= 1


LOST = """
import signal, time
from ecgmpi.start import deliver_lost_interrupts
signal.signal(signal.SIGINT, signal.default_int_handler)
deliver_lost_interrupts()

class Gone:
    def __del__(self):
        raise {error}

try:
    Gone()
    time.sleep(10)
except KeyboardInterrupt:
    print("interrupted")
"""


def test_an_interrupt_that_python_would_only_print_is_raised_again() -> None:
    code = LOST.format(error="KeyboardInterrupt")
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "interrupted\n", "")


def test_other_errors_that_python_can_only_print_are_printed() -> None:
    code = LOST.format(error="ValueError('as ever')").replace("sleep(10)", "sleep(0)")
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0
    assert "ValueError: as ever" in ended.stderr


WRAPPED = """
import sys
import ecgmpi.cli
from ecgmpi.start import main

class Interrupted:
    def __set_name__(self, owner, name):
        raise {error}

def load():
    class Loaded:
        attribute = Interrupted()

ecgmpi.cli.main = load
sys.exit(main())
"""


def test_an_interrupt_as_a_class_is_made_leaves_no_traceback() -> None:
    code = WRAPPED.format(error="KeyboardInterrupt")
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (75, "", "")


def test_an_interrupt_as_a_class_is_made_by_a_command_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupted:
        def __set_name__(self, owner: type, name: str) -> None:
            raise KeyboardInterrupt

    def run(_: object) -> int:
        type("Made", (), {"attribute": Interrupted()})
        return 0

    monkeypatch.setattr("ecgmpi.cli.doctor.run", run)
    assert main(["doctor"]) == 75
    assert capsys.readouterr().err == "ecgmpi: stopped; run the same command again to resume\n"


def test_other_errors_as_a_class_is_made_are_told() -> None:
    code = WRAPPED.format(error="ValueError('as ever')")
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert "ValueError: as ever" in ended.stderr


LOOP = """
import sys
import ecgmpi

corpus, *outs = sys.argv[1:]
for out in outs:
    ecgmpi.render(corpus, out, leads=("II",), dpi=25, workers=1)
    print("drawn", flush=True)
"""


@pytest.mark.slow
def test_an_interrupt_ends_a_loop_over_jobs_after_the_drain(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 1500)
    outs = [tmp_path / "first", tmp_path / "second"]
    with started([sys.executable, "-c", LOOP, corpus, *outs]) as loop:
        loop.until(lambda: n_journaled(outs[0]) >= 3)
        loop.signal(signal.SIGINT)
        ended = loop.wait(30)
    assert ended.status == -signal.SIGINT
    assert "KeyboardInterrupt" in ended.err
    assert ended.out == ""
    assert not outs[1].exists()
    facts = run_json(outs[0])
    assert facts["stopped_by"] == "SIGINT"
    assert 3 <= facts["recordings"] < 1500
    assert (outs[0] / "manifest.csv").is_file()
    one = ("--leads", "II", "--dpi", "25", "--progress", "none")
    again = run_ecgmpi("render", corpus, "-o", outs[0], *one).expect(0)
    assert f"this run: {1500 - facts['recordings']:,} in" in again.out
