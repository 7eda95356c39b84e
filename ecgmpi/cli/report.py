"""``ecgmpi report``: write the report of an OUT."""

from __future__ import annotations

import argparse
from pathlib import Path

from ecgmpi.errors import ExitStatus, JobError, UsageError
from ecgmpi.host.launch import detect
from ecgmpi.names import written
from ecgmpi.outdir.paths import JobPaths

from .arguments import named_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "outs",
        nargs="+",
        type=named_path("OUT"),
        metavar="OUT",
        help="a folder that ecgmpi render writes to, whether its job runs or not; several are "
        "compared side by side",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=named_path("-o"),
        metavar="FILE.html",
        help="write the page here, and its numbers beside it as .json (default: "
        "OUT/report.html; of several OUTs, report.html in the current folder)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the report and print where it is."""
    launch = detect()
    if launch and launch.rank > 0:
        return ExitStatus.COMPLETE
    to: Path | None = arguments.output
    if to is not None and to.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"-o {written(str(to))}: name a file that ends in .html")
    outs: list[Path] = arguments.outs
    page = to or (Path("report.html") if len(outs) > 1 else JobPaths(outs[0]).report_html)
    try:
        if len(outs) > 1:
            from ecgmpi.review.report.compare import write_comparison

            write_comparison(outs, page)
        else:
            from ecgmpi.review.report.write import write_report

            write_report(outs[0], page)
    except OSError as error:
        where = written(str(error.filename)) if error.filename else "the system"
        why = f"{where}: {error.strerror or error}"
        if error.filename == str(page):
            raise UsageError(f"{why}; name another file with -o") from error
        # Not a page that cannot be written, but an OUT that cannot be read.
        raise JobError(f"{why}; no report was written") from error
    print(f"{written(str(page))} and {page.with_suffix('.json').name}")
    return ExitStatus.COMPLETE
