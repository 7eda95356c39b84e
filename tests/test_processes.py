"""What tests count as said by ecgmpi, beside what MPI libraries say of the machine."""

from __future__ import annotations

import sys

import pytest

from ecgmpi.cli import UNTOLD
from tests.processes import Ended, run

OF_LIBRARIES = """\
hwloc/linux: failed to find sysfs cpu topology directory, aborting linux discovery.
[1732518000.123456] [node1:4242 :0]          sys.c:906  UCX  WARN  failed to read from /sys
libibverbs: Warning: couldn't open config directory '/etc/libibverbs.d'.
--------------------------------------------------------------------------
WARNING: There was an error initializing an OpenFabrics device.

  Local host:   node1
application called MPI_Abort(MPI_COMM_WORLD, 1) - process 0
"""


def test_warnings_of_libraries_are_no_complaints() -> None:
    said = "ecgmpi: OUT is in use\n"
    assert Ended(1, "", OF_LIBRARIES).complaints == []
    ended = Ended(1, "", OF_LIBRARIES + said + OF_LIBRARIES)
    assert ended.complaints == said.splitlines()


def test_what_only_stands_below_the_launcher_once_more_is_no_further_complaint() -> None:
    said = "ecgmpi: OUT is in use\n"
    for last in (said, UNTOLD + "\n"):
        assert Ended(1, "", said + OF_LIBRARIES + last).complaints == said.splitlines()
        assert Ended(1, "", OF_LIBRARIES + last).complaints == last.splitlines()


@pytest.mark.parametrize(
    ("code", "begins"),
    [
        ("raise RuntimeError('no')", "Traceback (most recent call last):"),
        ("import warnings; warnings.warn('old', FutureWarning)", "<string>:1: FutureWarning: old"),
        ("import os; os.abort()", "Fatal Python error: Aborted"),
        (
            "import threading; threading.Thread(target=lambda: 1 / 0).start()",
            "Exception in thread Thread-1",
        ),
    ],
)
def test_what_python_says_is_one(code: str, begins: str) -> None:
    noise = f"import sys; sys.stderr.write({OF_LIBRARIES!r}); "
    ended = run([sys.executable, "-X", "faulthandler", "-c", noise + code])
    assert ended.complaints[0].startswith(begins), ended.err
