"""The ending of a file name, which ``.gz`` may follow."""

from __future__ import annotations

import os

from .registry import FORMATS

GZIP = ".gz"
"""The ending that gzip adds."""

CLAIMED = frozenset().union(*(format.extensions for format in FORMATS))
"""Endings that some format claims: lower case, with the dot."""

_KNOWN = CLAIMED.union(*(format.signals for format in FORMATS))


def divided(path: str) -> tuple[str, str]:
    """Divide a path into its stem and its ending.

    Returns
    -------
    tuple
        The path without its ending, and the ending in lower case with the dot. A ``.gz``
        after a known ending is dropped.

    Examples
    --------
    >>> divided("in/a.CSV"), divided("in/a.csv.gz"), divided("in/a.v2.gz")
    (('in/a', '.csv'), ('in/a', '.csv'), ('in/a.v2', '.gz'))
    """
    stem, ending = os.path.splitext(path)  # noqa: PTH122 - hot path
    ending = ending.lower()
    if ending == GZIP:
        inner, own = os.path.splitext(stem)  # noqa: PTH122
        if own.lower() in _KNOWN:
            return inner, own.lower()
    return stem, ending
