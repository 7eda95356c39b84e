"""What the leases of an OUT are called: one for the whole job, or one for each part."""

from __future__ import annotations

import re
from pathlib import Path

WHOLE = "whole"
"""Name of the lease of a job that draws the whole catalogue."""

FILE_NAME = re.compile(r"(whole|part-\d+-of-\d+)\.\d{6}\.lease")


def is_lease(path: Path) -> bool:
    """Whether `path` has the name of a lease."""
    return FILE_NAME.fullmatch(path.name) is not None


def part_lease(number: int, of: int) -> str:
    """Name of the lease of part `number` (from 1) of a job divided into `of` parts."""
    return f"part-{number}-of-{of}"
