"""Keys: what the sample of a picture is called in a shard, and nothing else in the corpus.

Readers of WebDataset split the name of a member at the first dot of its last part into key and
field, and skip names that begin with a dot or two underscores; tar's oldest headers hold 100 bytes.
So a key is ASCII without dots, each of its parts begins with a letter or digit, and it is at most
`MOST_BYTES` long: with the longest field that makes 99.

The key of a worn copy is that of its clean picture, two dashes, the series and the number of the
copy. No clean picture has a key that ends so: a key says by itself which series it belongs to.
"""

from __future__ import annotations

import hashlib
import re

from ecgmpi.picture_formats import CLEAN

from .series import NAME, copy_name

MOST_BYTES = 88
"""Bytes of a key; ``.points.npy`` comes after it in the name of a member."""

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(?:/[A-Za-z0-9][A-Za-z0-9_-]*)*")
_PLAIN_LABEL = re.compile(r"[A-Za-z0-9_]+")
_HASHED = re.compile(r"-[0-9a-f]{16}$")
_OTHER = re.compile(r"[^A-Za-z0-9_/-]+")
_START = re.compile(r"(^|/)[^A-Za-z0-9]+")
_WORN = re.compile(f"--({NAME})[0-9]+$")


def sample_key(recording: str, label: str, series: str = CLEAN, copy: int = 0) -> str:
    """Make the key of a picture's sample.

    It is ``<recording>-<label>``, or ``<recording>`` where there is no label. Where that is not a
    plain key, or could be taken for another's, what does not fit is replaced and the
    beginning of a SHA-256 of both is appended: different pictures have different keys. Behind
    that of a worn copy stands ``--<series><copy>``.

    Parameters
    ----------
    recording
        What the recording is called in OUT.
    label
        Its lead or page; empty where all of it is one picture.
    series, copy
        Of a worn copy: its series, and its number, from 1.

    Returns
    -------
    str
        ASCII, at most `MOST_BYTES`.

    Examples
    --------
    >>> sample_key("a/JS00001", "aVR"), sample_key("a/JS00001", "")
    ('a/JS00001-aVR', 'a/JS00001')
    >>> sample_key("v1.0/x", "II"), sample_key("v1_0/x", "II")
    ('v1_0/x-II-7b56bd126111da97', 'v1_0/x-II')
    >>> sample_key("a/JS00001", "", "photo", 2)
    'a/JS00001--photo2'
    """
    if series:
        worn = f"--{copy_name(series, copy)}"
        return _own_key(recording, label, MOST_BYTES - len(worn)) + worn
    return _own_key(recording, label, MOST_BYTES)


def series_of(key: str) -> str:
    """Give the series that a key says its picture belongs to; empty for a clean one.

    Examples
    --------
    >>> series_of("a/JS00001-aVR--scan-bw1"), series_of("a/JS00001-aVR")
    ('scan-bw', '')
    """
    worn = _WORN.search(key)
    return worn[1] if worn else CLEAN


def _own_key(recording: str, label: str, most: int) -> str:
    """The key of a clean picture, at most so many bytes long."""
    key = f"{recording}-{label}" if label else recording
    plain = _PLAIN.fullmatch(recording) and (not label or _PLAIN_LABEL.fullmatch(label))
    if plain and len(key) <= most and not _HASHED.search(key) and not _WORN.search(key):
        return key
    # A NUL is in neither, so that no two pairs are hashed as one text.
    own = "-" + hashlib.sha256(f"{recording}\0{label}".encode()).hexdigest()[:16]
    readable = _OTHER.sub("_", key)[-(most - len(own)) :]
    return (_START.sub(r"\1", readable).rstrip("/") or "recording") + own
