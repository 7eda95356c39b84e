"""The suite's own rules: where nothing may be skipped, a skip is a failure; what is left out."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.processes import Ended, run

SUITE = """
import pytest

{module_level}

@pytest.mark.skip(reason="no reason")
def test_marked():
    pass

def test_by_itself():
    pytest.skip("no leads")

@pytest.fixture
def machine():
    pytest.skip("no machine")

def test_by_fixture(machine):
    pass

@pytest.mark.xfail(strict=True)
def test_expected_to_fail():
    assert False
"""


def _suite(
    tmp_path: Path, *options: str, module_level: str = "", environment: dict[str, str] | None = None
) -> Ended:
    (tmp_path / "test_skips.py").write_text(SUITE.format(module_level=module_level))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-q", *options, tmp_path]
    root = Path(__file__).resolve().parents[1]
    quiet = {
        "ECGMPI_NO_SKIPS": "",
        "ECGMPI_SKIPS_ALLOWED": ".",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(root),
    }
    return run([*command, "-p", "no:cacheprovider"], quiet | (environment or {}))


@pytest.mark.slow
def test_skips_are_allowed_where_nothing_forbids_them(tmp_path: Path) -> None:
    assert "3 skipped, 1 xfailed" in _suite(tmp_path).expect(0).out


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        (["--no-skips"], {}),
        ([], {"ECGMPI_NO_SKIPS": "1"}),
        pytest.param(["-n", "2", "--no-skips"], {}, marks=pytest.mark.slow),
    ],
)
def test_a_skip_is_a_failure(
    tmp_path: Path, options: list[str], environment: dict[str, str]
) -> None:
    ended = _suite(tmp_path, *options, environment=environment).expect(1)
    assert ended.out.count("skipped where that is a failure") >= 3
    assert "1 xfailed" in ended.out
    assert " skipped" not in ended.out.splitlines()[-1]


@pytest.mark.slow
def test_a_skip_for_another_reason_is_a_failure(tmp_path: Path) -> None:
    ended = _suite(tmp_path, "--skips-allowed", "no (leads|machine)").expect(1)
    assert "skipped where that is a failure: Skipped: no reason" in ended.out
    assert "2 skipped, 1 xfailed, 1 error" in ended.out
    _suite(tmp_path, environment={"ECGMPI_SKIPS_ALLOWED": "^Skipped: no "}).expect(0)


@pytest.mark.slow
def test_a_whole_module_that_skips_is_a_failure(tmp_path: Path) -> None:
    skip = 'pytest.skip("no module", allow_module_level=True)'
    assert _suite(tmp_path, module_level=skip).expect(5).status == 5
    ended = _suite(tmp_path, "--no-skips", module_level=skip)
    assert ended.status != 0
    assert "skipped where that is a failure" in ended.out


@pytest.mark.parametrize("chosen", ["not slow", "slow"])
def test_what_is_left_out_is_said_at_the_start(chosen: str, tmp_path: Path) -> None:
    """As it is by default: the first."""
    ended = _suite(tmp_path, "-m", chosen, "--collect-only", "-v")
    assert ("pytest -m slow" in ended.out) == (chosen == "not slow")
