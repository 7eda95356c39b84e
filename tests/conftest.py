from __future__ import annotations

import os
import re
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

from ecgmpi.ecg.synthetic import write_corpus
from tests.corpora import mixed_corpus
from tests.outputs import contents
from tests.processes import QUICK, Ended, run
from tests.worn import WornJobs

# A busy machine must not fail a test by its speed. By default the examples are few, and the same
# in each run; `--hypothesis-profile=fresh --hypothesis-seed=N` draws others.
settings.register_profile("fixed", deadline=None, derandomize=True, max_examples=30)
settings.register_profile("fresh", deadline=None, derandomize=False, print_blob=True)
settings.load_profile("fixed")

WORKERS = 4
"""At most with `-n auto`: tests start programs that use all cores of the machine themselves."""

NO_SKIPS = "ECGMPI_NO_SKIPS"
SKIPS_ALLOWED = "ECGMPI_SKIPS_ALLOWED"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-skips",
        action="store_true",
        default=os.environ.get(NO_SKIPS, "") not in ("", "0"),
        help=f"a test that is skipped has failed (also {NO_SKIPS}=1)",
    )
    parser.addoption(
        "--skips-allowed",
        metavar="REGEX",
        default=os.environ.get(SKIPS_ALLOWED),
        help=f"a skip for any other reason is a failure (also {SKIPS_ALLOWED})",
    )


def pytest_report_header(config: pytest.Config) -> str | None:
    if config.getoption("markexpr") != "not slow":
        return None
    return (
        "left out: tests marked slow (most kills, faults, memory, scale, ranks, fuzz; "
        "browser; Open MPI; Slurm): run them with `pytest -m slow`"
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    return min(WORKERS, len(os.sched_getaffinity(0)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    # An expected failure is reported as a skip, too, and is none.
    if not hasattr(report, "wasxfail"):
        _refuse_skip(item.config, report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(collector.config, report)
    return report


def _refuse_skip(config: pytest.Config, report: pytest.TestReport | pytest.CollectReport) -> None:
    if not report.skipped:
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    allowed: str | None = config.getoption("--skips-allowed")
    not_this = allowed is not None and not re.search(allowed, reason)
    if config.getoption("--no-skips") or not_this:
        report.outcome = "failed"
        report.longrepr = f"skipped where that is a failure: {reason}"


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Folder of real recordings, which are not part of the project."""
    folder = os.environ.get("ECGMPI_TEST_DATA")
    if not folder:
        pytest.skip("ECGMPI_TEST_DATA is not set: no real recordings here")
    return Path(folder)


@pytest.fixture(scope="session")
def ecgmpi() -> Path:
    """The program, as it is installed beside the Python that runs the tests."""
    return Path(sys.executable).parent / "ecgmpi"


@pytest.fixture(scope="session")
def mixed41(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """41 recordings, which divide by nothing; 8 of them are bad, each in its own way."""
    return mixed_corpus(tmp_path_factory.mktemp("mixed41"), 41)


@pytest.fixture(scope="session")
def alone41(
    mixed41: Path, ecgmpi: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, str], Ended]:
    """What one process with one worker makes of `mixed41`, and how it ended."""
    out = tmp_path_factory.mktemp("alone41") / "OUT"
    ended = run([ecgmpi, "render", mixed41, "-o", out, *QUICK, "--workers", "1"])
    return contents(out), ended


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good recordings, enough for something to happen while they are drawn."""
    folder = tmp_path_factory.mktemp("many")
    write_corpus(folder, 150, duration=3)
    return folder


@pytest.fixture(scope="session")
def alone_many(
    many: Path, ecgmpi: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """What an undisturbed run makes of `many`."""
    out = tmp_path_factory.mktemp("alone_many") / "OUT"
    run([ecgmpi, "render", many, "-o", out, *QUICK]).expect(0)
    return contents(out)


@pytest.fixture(scope="session")
def worn_jobs(tmp_path_factory: pytest.TempPathFactory) -> WornJobs:
    """Jobs with series of worn copies, each run when a test first asks for it."""
    return WornJobs(tmp_path_factory.mktemp("worn"))
