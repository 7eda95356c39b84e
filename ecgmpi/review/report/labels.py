"""Short names for several OUTs, to tell them apart in tables and figures."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ecgmpi.names import written


def labels(outs: Sequence[Path]) -> list[str]:
    """Name each OUT by the shortest end of its path that no other path has.

    Parameters
    ----------
    outs
        Different paths, however they are typed.

    Examples
    --------
    >>> labels([Path("/data/a/out"), Path("/data/b/out"), Path("/data/b/pages")])
    ['a/out', 'b/out', 'pages']
    """
    # Links are kept: the user knows an OUT by the name that was typed.
    parts = [Path(os.path.abspath(out)).parts for out in outs]  # noqa: PTH100
    return [
        written(_shortest(own, [other for other in parts if other is not own])) for own in parts
    ]


def _shortest(own: tuple[str, ...], others: list[tuple[str, ...]]) -> str:
    for length in range(1, len(own)):
        if all(other[-length:] != own[-length:] for other in others):
            return "/".join(own[-length:])
    return str(Path(*own))
