"""draw every recording of INPUT into OUT; under mpirun or srun, on every rank."""

from __future__ import annotations

import argparse

from ecgmpi.corpus.skipped import skipped_line
from ecgmpi.ecg.assumptions import assumed_lines
from ecgmpi.errors import ExitStatus
from ecgmpi.host.launch import detect
from ecgmpi.job.estimate import Estimate, estimate
from ecgmpi.job.run import run_job
from ecgmpi.job.summary import Summary
from ecgmpi.names import written
from ecgmpi.options.option import OUTPUT
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.running import Running
from ecgmpi.pipeline import Pipeline
from ecgmpi.results.totals import summarise

from .arguments import GroupedOptions, collect, config_of, named, named_path
from .text import count, size

USAGE = "%(prog)s INPUT... -o OUT [options]"

INPUT_HELP = (
    "a file, a folder (searched for files of known formats), or @list.txt with one path per line "
    "(lines that begin with # are comments)"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("inputs", type=named("INPUT"), nargs="+", metavar="INPUT", help=INPUT_HELP)
    options = GroupedOptions(parser)
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
        # What only shows once a picture is laid out.
        Pipeline.of(rendering)
        return ExitStatus.COMPLETE
    if running.dry_run:
        launch = detect()
        if launch is None or launch.rank == 0:
            planned = estimate(arguments.inputs, arguments.out, rendering, running)
            print(_planned(planned, written(str(arguments.out))))
        return ExitStatus.COMPLETE
    summary = run_job(arguments.inputs, arguments.out, rendering, running)
    if summary.rank == 0:
        print(ended(summary, written(str(arguments.out))))
    return summary.status


def ended(summary: Summary, out: str, drew: bool = True) -> str:
    """How a job ended, in lines for people; `drew` is False for a merge, which draws nothing."""
    drawn = summary.recordings - summary.failed
    whole = (
        f"{count(summary.pictures, 'picture')} of {count(drawn, 'recording')}, "
        f"{size(summary.bytes)}, in {out}"
    )
    if drew and not summary.drawn_now and not summary.stopped_by:
        whole += "; all of it was done before: nothing was drawn"
    lines = [whole]
    if summary.drawn_now:
        rate = summary.drawn_now / summary.seconds
        steady = f", {summary.rate:.1f} without start-up" if summary.rate > rate else ""
        lines.append(
            f"this run: {summary.drawn_now} in {summary.seconds:.1f} s "
            f"({rate:.1f} a second{steady})"
        )
    if summary.restored:
        lines.append(
            f"{count(summary.restored, 'recording')} drawn before had a picture missing or changed"
        )
    if summary.retried:
        lines.append(f"{count(summary.retried, 'recording')} had failed before")
    if summary.part and not summary.stopped_by:
        lines.append(f"part {summary.part} is done; when all are: ecgmpi merge {out}")
    lines += assumed_lines(summary.assumed or {}, drawn)
    if summary.skipped:
        lines.append(skipped_line(summary.skipped))
    if summary.failed:
        seen = "merge lists them" if summary.part else f"see {out}/failures.csv"
        kinds = ", ".join(f"{kind} {n}" for kind, n in sorted((summary.failures or {}).items()))
        lines.append(f"{summary.failed} failed ({kinds}): {seen}")
    if summary.stopped_by:
        left = summary.expected - summary.recordings
        done = (
            f"with {count(left, 'recording')} left" if left else "while looking for lost pictures"
        )
        lines.append(
            f"stopped by {summary.stopped_by} {done}: run the same command again to resume"
        )
    return "\n".join(lines)


def _planned(planned: Estimate, out: str) -> str:
    failed = [result.recording for result in planned.sampled if result.failed]
    lines = [
        f"{count(planned.recordings, 'recording')}, {size(planned.input_bytes)}, "
        f"in {count(planned.chunks, 'chunk')}; {count(planned.ignored, 'other file')} ignored",
        f"about {count(planned.pictures, 'picture')}, {size(planned.output_bytes)}, in {out}",
        f"estimated from {count(len(planned.sampled), 'recording')}, {len(failed)} of which failed",
    ]
    lines += [f"  {row['source']}: {row['message']}; {row['remedy']}" for row in failed]
    sample = summarise(planned.sampled)
    lines += assumed_lines(sample.assumed, sample.recordings - sample.failed)
    if planned.skipped:
        lines.append(skipped_line(planned.skipped))
    return "\n".join([*lines, "nothing was written"])
