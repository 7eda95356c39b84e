"""Root may read and write everything; to see what others see, stop being root."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534
UNRULY = "-dac_override,-dac_read_search"


@contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that anybody may look into, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextmanager
def nobody() -> Iterator[None]:
    """Inside the block, this process may do what an ordinary user may."""
    me = os.geteuid()
    if me == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(me)


def obedient() -> list[str]:
    """What to put before a command so that file permissions hold for it, even for root.

    Another user could not always run this interpreter, which may lie in root's home.
    """
    return ["setpriv", "--bounding-set", UNRULY, "--"] if os.geteuid() == 0 else []
