"""Numbers as people read them, and file names that are not text."""

from __future__ import annotations

import io
import sys


def count(n: int, what: str) -> str:
    """``1 picture``, ``480 pictures``, ``24,000 pictures``."""
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def spell_out_any_path() -> None:
    """Make standard output escape names that are not text in its encoding, with backslashes."""
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


def size(n_bytes: float) -> str:
    """``532 B``, ``28.6 MB``: decimal units, as disks are sold."""
    for unit in ("B", "kB", "MB", "GB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} B" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} TB"
