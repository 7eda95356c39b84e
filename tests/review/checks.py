"""What ``ecgmpi verify`` says of an OUT, and what makes it say so."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

from ecgmpi.cli import main
from tests.processes import Ended

KINDS = ("missing", "altered", "extra", "unchecked")

Named = dict[str, list[tuple[str, str, str]]]
"""Kind -> path, member and what is said of each problem."""


def here(*arguments: object) -> Ended:
    """Run a command in this process, for what it says and how it ends."""
    said, complained = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
        status = main([str(argument) for argument in arguments])
    return Ended(status, said.getvalue(), complained.getvalue())


def verify(out: Path, *options: str) -> Ended:
    return here("verify", out, "--no-progress", *options)


def verified(out: Path, *options: str, status: int = 3) -> dict[str, Any]:
    """What it says to programs."""
    ended = verify(out, "--json", *options).expect(status)
    assert ended.err == ""
    found: dict[str, Any] = json.loads(ended.out)
    return found


def problems(found: dict[str, Any]) -> Named:
    return {
        kind: [(one["path"], one["member"], one["how"]) for one in found[kind]]
        for kind in KINDS
        if found[kind]
    }


def names(found: dict[str, Any]) -> dict[str, list[str]]:
    return {
        kind: [member or path for path, member, _ in named]
        for kind, named in problems(found).items()
    }


def alter(path: Path, at: int) -> None:
    """Change one byte; `at` may count from the end."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
