"""``ecgmpi render``: draw every recording of INPUT into OUT."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from typing import TYPE_CHECKING

from ecgmpi.amounts import count, size
from ecgmpi.errors import ExitStatus
from ecgmpi.host.cores import SINGLE_THREADED
from ecgmpi.host.launch import detect
from ecgmpi.host.signals import interruptible
from ecgmpi.names import written
from ecgmpi.options.option import OUTPUT
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.running import Running

from .arguments import GroupedOptions, collect, config_of, named, named_path
from .told import Told

if TYPE_CHECKING:
    from ecgmpi.job.estimate import Estimate

USAGE = "%(prog)s INPUT... -o OUT [options]"

INPUT_HELP = (
    "a file, a folder (searched for files of known formats), or @list.txt with one path per line "
    "(lines that begin with # are comments)"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("inputs", type=named("INPUT"), nargs="+", metavar="INPUT", help=INPUT_HELP)
    options = GroupedOptions(
        parser, rare="for shards (--pack) and for labels and splits (--metadata, --split)"
    )
    options.group(OUTPUT).add_argument(
        "-o",
        "--out",
        required=True,
        type=named_path("-o"),
        help="write everything below this folder",
    )
    options.add_config()
    options.add(Rendering)
    options.add(Running)
    # For scripts that submit jobs: an option that is wrong need not wait in a queue.
    parser.add_argument("--check-options", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Run the job and print how it ended."""
    config = config_of(arguments)
    rendering = collect(Rendering, arguments, config)
    running = collect(Running, arguments, config)
    if arguments.check_options:
        from ecgmpi.job.cataloguing import TAKEN
        from ecgmpi.labels.labelling import check_tables
        from ecgmpi.pipeline import Pipeline

        # What only shows once a picture is laid out.
        Pipeline.of(rendering)
        check_tables(rendering, TAKEN)
        return ExitStatus.COMPLETE
    if running.dry_run:
        launch = detect()
        if launch is None or launch.rank == 0:
            from ecgmpi.job.estimate import estimate

            planned = estimate(arguments.inputs, arguments.out, rendering, running)
            print(_planned(planned, written(str(arguments.out))))
        return ExitStatus.COMPLETE

    # Before numpy is loaded, which would start a thread a core: a process of one thread can be
    # forked, and none of this package's computes with several.
    if arguments.own_process:
        os.environ |= dict.fromkeys(SINGLE_THREADED, "1")
    # All that is loaded stays: looking for garbage among it takes a tenth of the time.
    gc.disable()
    # Python would raise KeyboardInterrupt anywhere in this; nothing has been written yet.
    with interruptible():
        from ecgmpi.job.run import run_job
        from ecgmpi.review.report.at_end import report_at_end

        from .ending import ended, verdict

    gc.freeze()
    gc.enable()
    summary = run_job(
        arguments.inputs,
        arguments.out,
        rendering,
        running,
        report_at_end,
        sys.argv,
        fork=arguments.own_process,
    )
    if summary.rank == 0:
        told = Told(f"ecgmpi: {verdict(summary, arguments.out)}", summary.rank_lost)
        if not running.quiet:
            told_all = ended(summary, arguments.out, arguments.inputs, overwrote=running.overwrite)
            print(told_all, flush=True)
        elif summary.status:
            print(told.line, file=sys.stderr, flush=True)
        arguments.told = told
    return summary.status


def _planned(planned: Estimate, out: str) -> str:
    from ecgmpi.corpus.skipped import skipped_line
    from ecgmpi.ecg.assumptions import assumed_lines
    from ecgmpi.results.totals import summarise

    failed = [result.recording for result in planned.sampled if result.failed]
    lines = [
        f"{count(planned.recordings, 'recording')}, {size(planned.input_bytes)}, "
        f"in {count(planned.chunks, 'chunk')}; {count(planned.ignored, 'other file')} ignored",
        f"about {count(planned.pictures, 'picture')}, {size(planned.output_bytes)}, in {out}",
        f"estimated from {count(len(planned.sampled), 'recording')}, {len(failed)} of which failed",
    ]
    lines += [f"  {row['source']}: {row['message']}; {row['remedy']}" for row in failed]
    lines += planned.labels
    sample = summarise(planned.sampled)
    lines += assumed_lines(sample.assumed, sample.recordings - sample.failed)
    if planned.skipped:
        lines.append(skipped_line(planned.skipped))
    return "\n".join([*lines, "nothing was written"])
