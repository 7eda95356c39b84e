"""Write the report of an OUT: report.html for people, report.json for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ecgmpi.atomic import replacing
from ecgmpi.errors import UsageError
from ecgmpi.names import written
from ecgmpi.outdir.paths import JobPaths

from .document import as_numbers, gather
from .page import page
from .plain import plain_numbers


def write_report(
    out: Path,
    to: Path | None = None,
    check: Callable[[], None] = lambda: None,
    ended: bool = False,
    contact_sheet: bool = True,
) -> Path:
    """Write the report of an OUT, each file whole or not at all.

    Parameters
    ----------
    out
        OUT, whose job may be running, killed, stopped or complete.
    to
        The page; its numbers go beside it, as ``.json``. None for report.html in OUT.
    check
        Called now and then; if it raises, nothing is written.
    ended
        This process leads the job, and has just written its manifest.
    contact_sheet
        Show pictures, too.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    UsageError
        `out` is not an OUT, or a file of it would be replaced.
    OSError
        A journal cannot be read, or a file cannot be written.
    """
    to = to or JobPaths(out).report_html
    refuse_to_replace(to, [JobPaths(out).run_json])
    document = gather(out, to.absolute().parent, check, ended, contact_sheet)
    write_files(to, page(document, to), as_numbers(document), check)
    return to


def refuse_to_replace(to: Path, files: Iterable[Path]) -> None:
    """Refuse to write a page, and its numbers beside it, in the place of a file of an OUT.

    Raises
    ------
    UsageError
        One of `files` would be replaced.
    """
    made = {one.resolve() for one in (to, to.with_suffix(".json"))}
    for file in files:
        if file.resolve() in made:
            raise UsageError(
                f"the page {written(str(to))} would replace {written(str(file))}: name another "
                "file with -o"
            )


def write_files(
    to: Path, html: str, numbers: dict[str, Any], check: Callable[[], None] = lambda: None
) -> None:
    """Write a page, and its numbers beside it.

    `check` is called before they take the place of others; if it raises, these stay.

    Raises
    ------
    OSError
        They cannot be written; its `filename` is the page.
    """
    try:
        with (
            replacing(to, sync=False) as made,
            replacing(to.with_suffix(".json"), sync=False) as beside,
        ):
            made.write_text(html, encoding="utf-8")
            beside.write_text(json.dumps(plain_numbers(numbers), indent=1) + "\n", encoding="utf-8")
            check()
    except OSError as error:
        # The system names what it could not write or move, which has another name yet.
        error.filename, error.filename2 = str(to), None
        raise
