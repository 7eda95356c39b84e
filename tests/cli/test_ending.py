"""What a job says at its end: a screen at most, and the next command to type last."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from ecgmpi.cli import main
from ecgmpi.cli.ending import ended, verdict
from ecgmpi.errors import FailureKind
from ecgmpi.job.summary import Summary
from tests.corpora import synthetic
from tests.processes import QUICK, REPORTED, run_ecgmpi
from tests.unprivileged import obedient

OUT = Path("out")

DONE = Summary(
    0, expected=40, recordings=40, pictures=480, bytes=10**7, drawn_now=40, seconds=4.0, rate=12.0
)

WORST = replace(
    DONE,
    status=75,
    expected=2_000_000,
    recordings=1_234_567,
    failed=345_678,
    pictures=24_000_000,
    bytes=10**12,
    failures={kind: 10_000 + n for n, kind in enumerate(FailureKind)},
    assumed={f"rate {rate}.125 Hz": rate for rate in range(100, 160)}
    | {"unit mV": 10**6, "leads in the usual order": 10**6},
    skipped={f".ending{n}": n + 1 for n in range(20)} | {"*": 5},
    drawn_now=1_000_000,
    restored=1000,
    retried=1000,
    stopped_by="--time-limit",
    report="out/report.html",
)


def test_it_fits_on_a_screen_whatever_happened() -> None:
    lines = ended(WORST, OUT).splitlines()
    assert len(lines) <= 17
    assert max(map(len, lines)) <= 100
    assert lines[-1] == "next: run the same command again to resume"
    assert "345,678 failed (internal 10022, memory 10021, timeout 10020, crashed 10019, and" in (
        "\n".join(lines)
    )


def test_a_long_path_stands_on_a_line_of_its_own() -> None:
    out = Path("/scratch", *["a-long-folder-name"] * 6)
    failed = replace(DONE, failed=3, failures={"corrupt": 3}, status=3)
    lines = ended(failed, out).splitlines()
    assert lines[1] == f"  {out}"
    assert f"  see {out}/failures.csv" in lines
    assert max(len(line) for line in lines if str(out) not in line) <= 100


@pytest.mark.parametrize(
    ("how", "last"),
    [
        ({}, "ecgmpi verify out"),
        ({"report": "out/report.html"}, "ecgmpi verify out"),
        ({"part": "3/8"}, "when all parts are done, ecgmpi merge out"),
        (
            {"failed": 2, "failures": {"corrupt": 2}},
            "mend what failed, then run the same command with --retry-failed",
        ),
        ({"stopped_by": "SIGTERM", "expected": 50}, "run the same command again to resume"),
    ],
)
def test_the_last_line_is_what_to_do_next(how: dict[str, object], last: str) -> None:
    summary = replace(DONE, **how)  # type: ignore[arg-type]
    lines = ended(summary, OUT).splitlines()
    assert lines[-1] == f"next: {last}"
    assert ("report: out/report.html" in lines) == bool(summary.report)


def test_after_a_merge_the_next_command_is_not_that_of_a_job() -> None:
    failed = replace(DONE, failed=2, failures={"corrupt": 2}, drawn_now=0)
    assert ended(DONE, OUT, drew=False).endswith("\nnext: ecgmpi verify out")
    assert ended(failed, OUT, drew=False).endswith(
        "\nnext: mend what failed, run the parts with --retry-failed, then ecgmpi merge out"
    )


def test_the_verdict_is_one_line() -> None:
    failed = replace(DONE, failed=2, failures={"corrupt": 2})
    stopped = replace(failed, stopped_by="SIGTERM", expected=50)
    assert verdict(DONE, OUT) == "complete: 40 recordings drawn"
    assert verdict(failed, OUT) == "2 of 40 recordings failed: see out/failures.csv"
    assert verdict(replace(failed, part="1/2"), OUT).endswith("failed: merge lists them")
    assert verdict(stopped, OUT) == (
        "stopped by SIGTERM with 10 recordings left; run the same command again to resume"
    )


def test_commands_can_be_pasted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus, out = synthetic(tmp_path / "my in's", 1), tmp_path / "my $out"
    (corpus / "bad one.mat").write_text("nothing")
    lines = run_ecgmpi("render", corpus, "-o", out, *REPORTED).expect(3).out.splitlines()
    (look,) = (line for line in lines if line.startswith("look at one: "))
    words = shlex.split(look.removeprefix("look at one: "))
    assert words == ["ecgmpi", "inspect", str(corpus / "bad one.mat")]
    assert main(words[1:]) == 3
    assert "bad one.mat" in "".join(capsys.readouterr())
    (corpus / "bad one.mat").unlink()
    lines = run_ecgmpi("render", corpus, "-o", out, *REPORTED, "--overwrite").out.splitlines()
    words = shlex.split(lines[-1].removeprefix("next: "))
    assert words[:2] == ["ecgmpi", "verify"]
    assert main(words[1:]) == 0


def test_a_folder_that_may_not_be_entered_costs_its_recordings_and_no_more(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 2)
    closed = corpus / "closed"
    closed.mkdir()
    (corpus / "SYN000002.mat").rename(closed / "SYN000002.mat")
    # Its names may be listed.
    closed.chmod(0o644)
    out = tmp_path / "out"
    done = run_ecgmpi("render", corpus, "-o", out, *QUICK, before=obedient()).expect(3)
    assert "1 failed (unreadable 1)" in done.out
    assert done.out.splitlines()[-1].startswith("next: ")


def test_a_job_that_was_told_to_overwrite_is_not_told_to_do_so_again() -> None:
    failed = replace(DONE, status=3, failed=1, failures={"corrupt": 1})
    assert ended(failed, Path("out"), overwrote=True).endswith(
        "with --retry-failed and without --overwrite"
    )


def test_a_name_that_looks_like_an_option_is_a_path() -> None:
    assert ended(DONE, Path("-out")).endswith("next: ecgmpi verify ./-out")


def test_quiet_prints_nothing_where_all_is_well(tmp_path: Path) -> None:
    corpus, out = synthetic(tmp_path / "in", 2), tmp_path / "out"
    quick = ("--dpi", "60", "-q", "--progress", "log")
    done = run_ecgmpi("render", corpus, "-o", out, *quick).expect(0)
    assert (done.out, done.err) == ("", "")
    (corpus / "bad.mat").write_text("nothing")
    bad = tmp_path / "bad"
    failed = run_ecgmpi("render", corpus, "-o", bad, *quick).expect(3)
    assert failed.out == ""
    assert failed.err == f"ecgmpi: 1 of 3 recordings failed: see {bad}/failures.csv\n"


def test_quiet_and_verbose_exclude_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = synthetic(tmp_path / "in", 1)
    assert main(["render", str(corpus), "-o", str(tmp_path / "out"), "-q", "-v"]) == 2
    assert capsys.readouterr().err == "ecgmpi: --quiet and --verbose: choose one of them\n"
