"""The ways in which a ``DataLoader`` is tried: numbers of workers, and how they are started."""

from __future__ import annotations

WAYS: tuple[tuple[int, str | None], ...] = ((0, None), (4, "fork"), (4, "spawn"))
