"""Files that a walk skips because no format claims their extension, and which of them count.

A WFDB record is all files of one name: samples, header, annotations (header(5) of the WFDB
Applications Guide). What lies beside a header of its name is thus no file of unknown format.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from ecgmpi.readers import divided, sample_extensions
from ecgmpi.readers.file_names import GZIP

MOST_ENDINGS = 20
"""Endings that are counted one by one; `OTHERS` stands for all the rest."""

OTHERS = "*"
"""The key of `Skipped.counts` under which the less frequent endings are added up."""

MOST_NAMED = 5
"""Endings that `skipped_line` names."""

MOST_REMEMBERED = 100_000
"""Names of one folder that are kept in memory: some 10 MB."""

_MOST_COUNTED = 1000
_ENDING = re.compile(r"(?:\.[a-z0-9_+~-]{1,12}){1,2}")

_SAMPLES = frozenset(ending for endings in sample_extensions().values() for ending in endings)


class Skipped:
    """Counts the files that were skipped, by ending; memory does not grow with them."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def add(self, ending: str) -> None:
        """Count a file.

        Parameters
        ----------
        ending
            As in the file name, with the dot. One that is too long, or has characters that
            extensions do not have, counts as none: it may be part of a name.
        """
        if ending in self._counts:
            self._counts[ending] += 1
            return
        ending = ending.lower()
        if not _ENDING.fullmatch(ending):
            ending = ""
        if ending not in self._counts and len(self._counts) >= _MOST_COUNTED:
            ending = OTHERS
        self._counts[ending] = self._counts.get(ending, 0) + 1

    def counts(self) -> dict[str, int]:
        """Give the number of files of each ending, the most frequent first.

        Returns
        -------
        dict
            Endings in lower case with the dot, ``""`` for none; at most `MOST_ENDINGS`, and
            `OTHERS` for the files of all other endings together.
        """
        ranked = sorted(
            ((ending, n) for ending, n in self._counts.items() if ending != OTHERS),
            key=lambda item: (-item[1], not item[0], item[0]),
        )
        found = dict(ranked[:MOST_ENDINGS])
        rest = sum(n for _, n in ranked[MOST_ENDINGS:]) + self._counts.get(OTHERS, 0)
        return found | ({OTHERS: rest} if rest else {})


def ending_of(path: str) -> str:
    """The ending of a file of unknown format; what gzip has packed has two, as ``.txt.gz``."""
    stem, ending = os.path.splitext(path)  # noqa: PTH122
    if ending.lower() == GZIP:
        ending = os.path.splitext(stem)[1] + ending  # noqa: PTH122
    return ending


def skipped_line(skipped: Mapping[str, int]) -> str:
    """Say in one sentence how many files a walk skipped.

    Parameters
    ----------
    skipped
        As `Skipped.counts` has it.

    Returns
    -------
    str
        Empty where nothing was skipped.

    Examples
    --------
    >>> skipped_line({".hd5": 2, "": 1})
    'Skipped 3 files of unknown format (.hd5, no ending); name them to have them read.'
    """
    if not skipped:
        return ""
    total = sum(skipped.values())
    endings = sorted(
        skipped.keys() - {OTHERS}, key=lambda ending: (-skipped[ending], not ending, ending)
    )
    shown = [ending or "no ending" for ending in endings[:MOST_NAMED]]
    more = len(endings) - len(shown)
    if OTHERS in skipped:
        shown.append(f"and more than {more} more endings")
    elif more:
        shown.append(f"and {more} more ending{'' if more == 1 else 's'}")
    listed = ", ".join(shown).replace(", and ", " and ")
    what, them = ("1 file", "it") if total == 1 else (f"{total:,} files", "them")
    return f"Skipped {what} of unknown format ({listed}); name {them} to have {them} read."


class Folder:
    """The files of one folder whose ending no format claims, held until its headers are known.

    A folder is read in no particular order, so a header may come after its samples. Up to
    `MOST_REMEMBERED` names of each kind are kept in memory, without any access to the disk. In
    larger folders, a header is looked up on disk for the names that memory does not settle.

    Parameters
    ----------
    path
        The folder.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._headers: set[str] = set()
        self._endings: set[str] = set()
        self._all_kept = True
        self._waiting: list[str] = []

    def add_header(self, stem: str, ending: str) -> None:
        """Note that a header called `stem` + `ending` lies in the folder."""
        self._endings.add(ending)
        if len(self._headers) < MOST_REMEMBERED:
            self._headers.add(stem)
        else:
            self._all_kept = False

    def hold(self, name: str) -> bool:
        """Hold a file whose extension no format claims; return whether to call `settle`."""
        self._waiting.append(name)
        return len(self._waiting) >= MOST_REMEMBERED

    def settle(self, complete: bool) -> Iterator[tuple[str, bool]]:
        """Yield the name of each file held, and whether its format is unknown; then hold none.

        Parameters
        ----------
        complete
            Whether the whole folder has been read; otherwise headers may still come.
        """
        waiting, self._waiting = self._waiting, []
        if not complete:
            self._all_kept = False
            self._endings.update(sample_extensions())
        headers = self._headers
        for name in waiting:
            stem, ending = divided(name)
            yield name, not (stem in headers or self._belongs(stem, ending))

    def _belongs(self, stem: str, ending: str) -> bool:
        stems = [stem]
        if ending == GZIP:
            stems.append(os.path.splitext(stem)[0])  # noqa: PTH122
        # MIMIC-IV has several files of samples a header: 1_0001e.dat and 1_0001r.dat.
        if ending in _SAMPLES and stem[-1:].isalpha():
            stems.append(stem[:-1])
        if not self._headers.isdisjoint(stems):
            return True
        return not self._all_kept and any(
            os.path.lexists(os.path.join(self._path, stem + ending))  # noqa: PTH118
            for stem in stems
            for ending in self._endings
        )
