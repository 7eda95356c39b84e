"""What was drawn when FORMAT was last raised, kept in a file, and whether that was forgotten since.

An OUT that another FORMAT began is refused. So whatever draws differently raises it, or a resumed
job would have pictures of both kinds.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecgmpi.outdir.job_file import FORMAT


@dataclass(frozen=True, slots=True)
class Recorded:
    """Pictures of one kind.

    Attributes
    ----------
    path
        The file that has them.
    versions
        Of the packages that have a say in them.
    draw
        Draws them: what each is called -> sums of it.
    """

    path: Path
    versions: Mapping[str, str]
    draw: Callable[[], Mapping[str, Any]]

    def now(self, pictures: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What would be recorded now: FORMAT, versions, and the pictures, if drawn already."""
        drawn = self.draw() if pictures is None else pictures
        return {"format": FORMAT, "versions": {**self.versions}, "pictures": {**drawn}}

    def before(self) -> dict[str, Any]:
        """What was, when it was recorded."""
        found: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        return found

    def check(self, now: Mapping[str, Any], program: str) -> None:
        """Fail unless the file has what is drawn `now`; `program` is what records it again."""
        anew = f"; to record them again: python -m {program}"
        before = self.before()
        why = forgotten(before, now)
        assert not why, why + anew
        assert before["format"] == now["format"], "FORMAT was raised" + anew
        assert before["pictures"].keys() == now["pictures"].keys(), "others are drawn now" + anew

    def record(self) -> int:
        """Write the file, and return an exit status.

        It refuses where pictures have changed, and neither FORMAT nor a version has.
        """
        now = self.now()
        before = self.before() if self.path.exists() else now
        why = forgotten(before, now)
        if why and before["versions"] == now["versions"]:
            print(why, file=sys.stderr)
            return 1
        self.path.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
        return 0


def forgotten(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Why `now` may not pass for the drawing of `before`; empty where it may."""
    if now["format"] != before["format"]:
        return ""
    changed = [
        name
        for name in sorted(before["pictures"].keys() & now["pictures"].keys())
        if before["pictures"][name] != now["pictures"][name]
    ]
    if not changed:
        return ""
    then, here = before["versions"], now["versions"]
    other = [
        f"{package} {then.get(package)} drew them then, {here.get(package)} now"
        for package in sorted(then.keys() | here.keys())
        if then.get(package) != here.get(package)
    ]
    where = f"{len(changed)} sums changed, such as that of {changed[0]}"
    if other:
        return f"{where}; {' and '.join(other)}: if that is all, record them again"
    return f"{where}: raise FORMAT in ecgmpi/outdir/job_file.py, then record them again"
