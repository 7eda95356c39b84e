"""What a command has said of how it ended, for the line that stands below a launcher."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Told:
    """What a command has said of how it ended.

    Attributes
    ----------
    line
        In one line; empty where it has said nothing.
    rank_lost
        Whether a rank was lost.
    """

    line: str = ""
    rank_lost: bool = False
