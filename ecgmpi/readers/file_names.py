"""What the name of a file says: its ending, which ``.gz`` may follow, and what goes with it."""

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


def claimed_extensions() -> frozenset[str]:
    """Return the endings that a walk of a folder accepts: lower case, with the dot.

    It also accepts them followed by ``.gz`` (see `divided`).
    """
    return CLAIMED


def sidecars() -> dict[str, str]:
    """Return endings of files that are not recordings if a header lies beside them.

    Ending of the file -> ending of its header, both lower case with the dot.
    """
    return {
        sidecar: header
        for format in FORMATS
        for sidecar in format.sidecars
        for header in format.extensions
    }


def sample_extensions() -> dict[str, tuple[str, ...]]:
    """Return the usual endings of the sample files that a header describes.

    Ending of the header -> those of files with its stem, most usual first, then the same
    with ``.gz``.
    """
    return {
        header: (*format.signals, *(ending + GZIP for ending in format.signals))
        for format in FORMATS
        if format.signals
        for header in format.extensions
    }
