"""``ecgmpi label``: give a finished OUT labels from tables."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ecgmpi.amounts import count
from ecgmpi.errors import ExitStatus, UsageError
from ecgmpi.host.launch import detect
from ecgmpi.host.signals import interruptible
from ecgmpi.names import typed_path
from ecgmpi.options.labels import Labelling
from ecgmpi.outdir.paths import UNMATCHED

from .arguments import add_options, collect, named, named_path

if TYPE_CHECKING:
    from ecgmpi.job.relabel.label_out import LabelSummary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "out", type=named_path("OUT"), metavar="OUT", help="the folder that ecgmpi render wrote to"
    )
    add_options(parser, Labelling)
    parser.add_argument("--no-labels", action="store_true", help="remove all labels")
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="use this many processes (default: the cores it may use)",
    )
    parser.add_argument(
        "--scratch",
        type=named("--scratch"),
        metavar="DIR",
        help="make shards of HDF5 in this folder of the node, then move them to OUT (default: "
        "that of the job, from SLURM_TMPDIR or TMPDIR, else below OUT)",
    )
    parser.add_argument(
        "--no-progress",
        dest="progress",
        action="store_false",
        help="do not show on standard error how far it is",
    )
    parser.add_argument(
        "-q", "--quiet", action="store_true", help="print nothing but what needs attention"
    )


def run(arguments: argparse.Namespace) -> int:
    """Label OUT and print what labels it has."""
    launch = detect()
    if launch and launch.rank > 0:
        return ExitStatus.COMPLETE
    labelling: Labelling = collect(Labelling, arguments)
    if not labelling.labelled and not arguments.no_labels:
        raise UsageError(
            "name a table: --metadata TABLE --metadata-key COLUMN --metadata-columns a,b,c, or a "
            "--split; "
            "--no-labels removes the labels of OUT"
        )
    if labelling.labelled and arguments.no_labels:
        raise UsageError(
            "--no-labels removes all labels, splits too: leave it out, or --metadata and --split"
        )
    if arguments.workers is not None and arguments.workers < 1:
        raise UsageError(f"--workers {arguments.workers}: give at least 1")

    with interruptible():
        from ecgmpi.job.relabel.label_out import HowToLabel, label_out

    how = HowToLabel(
        arguments.workers, arguments.scratch, arguments.progress, quiet=arguments.quiet
    )
    summary = label_out(arguments.out, labelling, how)
    if not arguments.quiet:
        print(_told(summary, arguments))
    return ExitStatus.COMPLETE


def _told(summary: LabelSummary, arguments: argparse.Namespace) -> str:
    out = typed_path(str(arguments.out))
    what = ", ".join(summary.columns) or "none"
    lines = [f"labels of {count(summary.recordings, 'recording')} in {out}: {what}"]
    lines += [f"removed: {', '.join(summary.removed)}"] if summary.removed else []
    listed = typed_path(str(arguments.out / UNMATCHED))
    lines += [f"labels of {table.line(listed)}" for table in summary.tables]
    lines += [summary.split.line] if summary.split else []
    if summary.rewritten:
        where = f" in {count(summary.shards, 'shard')}" if summary.shards else ""
        lines.append(
            f"this run: the JSON of {count(summary.rewritten, 'recording')}{where}, in "
            f"{summary.seconds:.1f} s"
        )
    else:
        lines.append("this run: no JSON had to be written")
    return "\n".join([*lines, f"next: ecgmpi verify {out}"])
