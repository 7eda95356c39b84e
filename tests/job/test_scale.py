"""A hundred thousand recordings: what is done is seen to be done in seconds, in little memory.

A page a recording; `tests.bench.scale` does it with strips, too.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.bench.scale import Pretended, Seconds, pretend

pytestmark = pytest.mark.slow

N = 100_000
SECONDS, MEGABYTES = 10.0, 500
TRIES = 4
"""At most: other work may run beside it, and one that takes no longer than it may is enough."""


@pytest.fixture(scope="module")
def job() -> Iterator[Pretended]:
    # Not where pytest keeps what tests of the last runs left: these are 200,000 files.
    with tempfile.TemporaryDirectory() as folder:
        yield pretend(Path(folder), N)


def test_a_finished_job_run_again(job: Pretended) -> None:
    job.again()

    def once() -> Seconds:
        seconds, memory, said = job.again()
        assert "this run: nothing was drawn, all of it was done before\n" in said
        assert memory <= MEGABYTES * 1024
        return seconds

    assert_quick(once)


def test_one_of_which_nine_tenths_are_done_goes_on_at_once(job: Pretended) -> None:
    assert_quick(job.first_picture)


def assert_quick(once: Callable[[], Seconds]) -> None:
    """Assert that somebody who does it `once` waits no longer than is promised."""
    tries: list[Seconds] = []
    while not tries or tries[-1].wall > SECONDS:
        assert len(tries) < TRIES, f"took {', '.join(map(str, tries))}"
        tries.append(once())


def test_what_sleeps_is_not_quick() -> None:
    with pytest.raises(AssertionError, match=r"took 11\.0 s \(0\.1 s CPU\), 11\.0 s"):
        assert_quick(lambda: Seconds(wall=11.0, cpu=0.1))
    slow_once = iter([Seconds(11.0, 9.0), Seconds(9.0, 9.0)])
    assert_quick(lambda: next(slow_once))
