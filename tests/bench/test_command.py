"""`python -m tests.bench`, on the case that takes a second, and what runs beside a case."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.bench.cases import CASES, PROGRAMS, Case, Outcome, in_tries, measured
from tests.bench.figures import figure
from tests.bench.machine import busy_neighbour
from tests.bench.spent import in_turn
from tests.processes import parent_of, run

ROOT = Path(__file__).resolve().parents[2]
BENCH = [sys.executable, "-m", "tests.bench"]


def test_one_run_gives_a_table_and_json(tmp_path: Path) -> None:
    written, table = tmp_path / "run.json", tmp_path / "run.md"
    # A core that is lent to another for a moment looks like a rank that waits.
    options = ("--quick", "--tries", 5, "--only", "balance", "--json", written, "--markdown", table)
    ended = run([*BENCH, *options], cwd=ROOT).expect(0)
    found = json.loads(written.read_text(encoding="utf-8"))
    assert 85 <= found["balance.busy"] <= 100
    assert found["gates"]["balance.busy"] == {"least": 85.0}
    assert found["machine"]["cores"] == len(os.sched_getaffinity(0))
    assert found["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert found["broke"] == {}
    assert ended.out == table.read_text(encoding="utf-8")
    assert "| `balance.busy` |" in ended.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--only", "balance,sheep"), "sheep: not among strip,page,"),
        (("--quick", "--readme", "--only", "balance"), "full run"),
        (("--busy", "--readme", "--only", "balance"), "full run"),
    ],
)
def test_a_command_that_makes_no_sense_measures_nothing(
    options: tuple[str, ...], said: str
) -> None:
    ended = run([*BENCH, *options], cwd=ROOT).expect(2)
    assert said in ended.err
    assert ended.out == ""


def test_a_case_below_its_gate_fails_and_still_gives_its_figures(tmp_path: Path) -> None:
    written = tmp_path / "figures.json"
    code = (
        "import sys\n"
        "from tests.bench.figures import figure, parser_of, run_case\n"
        "one = figure('a.b', 2.0, 'times', least=3.0)\n"
        "sys.exit(run_case(parser_of('', 'a'), lambda _: [one]))\n"
    )
    ended = run([sys.executable, "-c", code, "--json", written], cwd=ROOT).expect(1)
    assert "missed: a.b" in ended.err
    assert json.loads(written.read_text(encoding="utf-8"))[0]["value"] == 2.0


@pytest.mark.parametrize(("tries", "measured_thrice"), [(1, 1), (2, 2), (3, 3), (4, 3)])
def test_a_case_that_missed_its_gate_is_measured_again_after_the_others(
    tries: int, measured_thrice: int
) -> None:
    late, early = Case("late", "late"), Case("early", "early")
    found = {"late": iter([1.0, 2.0, 3.0]), "early": iter([3.0])}
    order: list[str] = []

    def measure(case: Case) -> Outcome:
        order.append(case.name)
        value = next(found[case.name])
        return Outcome(case, [figure(f"{case.name}.rate", value, "times", least=3.0)], 0.0)

    outcomes = in_tries([late, early], measure, tries)
    assert order == ["late", "early", *["late"] * (measured_thrice - 1)]
    assert [one.missed for one in outcomes] == [measured_thrice < 3, False]


def test_a_case_that_measures_nothing_broke() -> None:
    outcome = measured(Case("nothing", "no_such_module"), quick=True)
    assert outcome.figures == []
    assert outcome.broke == "exit status 1, no figures"


def test_every_benchmark_is_part_of_the_one_command() -> None:
    programs = {
        path.stem
        for path in Path(__file__).parent.glob("*.py")
        if "\ndef main() -> int:" in path.read_text(encoding="utf-8")
    }
    assert programs - {"__main__"} == {case.module for case in CASES} | set(PROGRAMS)
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)


def test_the_neighbour_keeps_the_highest_core_busy_and_ends() -> None:
    cores = os.sched_getaffinity(0)
    if len(cores) < 2:
        with pytest.raises(SystemExit, match="--busy"), busy_neighbour():
            pass
        return
    before = _children()
    with busy_neighbour():
        (neighbour,) = _children() - before
        assert os.sched_getaffinity(neighbour) == {max(cores)}
    assert _children() <= before


def test_one_core_has_no_room_for_a_neighbour() -> None:
    code = (
        "import os\n"
        "from tests.bench.machine import busy_neighbour\n"
        "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "with busy_neighbour(): pass\n"
    )
    ended = run([sys.executable, "-c", code], cwd=ROOT).expect(1)
    assert ended.err.startswith("--busy: the neighbour needs a core of its own")


def test_kinds_of_work_take_turns_and_each_pass_has_an_empty_folder(tmp_path: Path) -> None:
    seen: list[str] = []

    def work(name: str, out: Path) -> None:
        assert not any(out.iterdir())
        (out / "made").touch()
        seen.append(name)

    spent = in_turn(
        {"a": lambda out: work("a", out), "b": lambda out: work("b", out)}, tmp_path, 2, 2
    )
    assert "".join(seen) == "aabbbbaa"
    assert {name: len(passes) for name, passes in spent.items()} == {"a": 4, "b": 4}
    assert not any(tmp_path.iterdir())


def test_a_program_is_charged_for_what_it_leaves_behind(tmp_path: Path) -> None:
    (tmp_path / "burn.py").write_text("import time\nwhile time.process_time() < 0.4: pass\n")
    (tmp_path / "leave.py").write_text(
        "import subprocess, sys\nsubprocess.Popen([sys.executable, sys.argv[1]])\n"
    )
    code = (
        "import sys\n"
        "from tests.bench.spent import adopt, of_program\n"
        "adopt()\n"
        "print(of_program([sys.executable, *sys.argv[1:]]).cpu)\n"
    )
    scripts = (tmp_path / "leave.py", tmp_path / "burn.py")
    ended = run([sys.executable, "-c", code, *scripts], cwd=ROOT).expect(0)
    assert float(ended.out) >= 0.4


def _children() -> set[int]:
    pids = {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    return {pid for pid in pids if parent_of(pid) == os.getpid()}
