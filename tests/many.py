"""How much of the longest tests is done: a little by default, all of it once, by a command."""

from __future__ import annotations

import os

MANY = int(os.environ.get("ECGMPI_MANY", "1"))
"""How many times as many copies, draws or pages as usual; 100 draws chances 100,000 times."""
