"""Whether the manifest still matches the journals.

Its checksums are noted with the sizes of the journals from which it was written, so that a
finished job need not write the manifest again to know that it is right.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ecgmpi.atomic import replacing
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.outdir.provenance import versions

from .journal_index import JournalIndex
from .label_columns import LabelRows

_BLOCK = 1 << 20


def write_sealed(
    paths: JobPaths,
    journals: JournalIndex,
    check: Callable[[], None],
    labels: LabelRows | None = None,
) -> None:
    """Write the manifest of `journals`, with `labels` if there are any, unless it is up to date.

    `check` is called before any new file is visible; see `write_manifest`.

    Raises
    ------
    OSError
        The disk is full or gone.
    """
    if is_sealed(paths, journals, labels):
        return
    from .manifest import write_manifest

    paths.seal.unlink(missing_ok=True)
    write_manifest(paths, journals, check, labels)
    seal(paths, journals, labels)


def seal(paths: JobPaths, journals: JournalIndex, labels: LabelRows | None = None) -> None:
    """Note that the manifest holds what is in `journals`, and `labels`.

    Raises
    ------
    OSError
        The disk is full or gone.
    """
    with replacing(paths.seal) as temporary:
        temporary.write_text(json.dumps(_facts(paths, journals, labels)) + "\n", encoding="utf-8")


def is_sealed(paths: JobPaths, journals: JournalIndex, labels: LabelRows | None = None) -> bool:
    """Whether the manifest was written from `journals` and has not changed since."""
    with suppress(OSError, ValueError):
        noted = json.loads(paths.seal.read_text(encoding="utf-8"))
        return bool(noted == _facts(paths, journals, labels))
    return False


def _facts(paths: JobPaths, journals: JournalIndex, labels: LabelRows | None) -> dict[str, Any]:
    files = [paths.manifest_h5, paths.manifest_csv, paths.failures_csv]
    files += [path for path in (paths.pictures_h5, paths.unmatched_csv) if path.exists()]
    return {
        # Another version may write other columns.
        "versions": versions(),
        "journals": journals.sizes,
        "files": {path.name: _checksum(path) for path in files},
    } | ({"labels": labels.identity} if labels else {})


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            checksum = zlib.crc32(block, checksum)
    return checksum
