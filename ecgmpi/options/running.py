"""How a job is carried out: options that change no byte in OUT."""

from __future__ import annotations

from dataclasses import dataclass

from ecgmpi.errors import UsageError

from .option import JOB, MESSAGES, RESUMING, check_options, option
from .quantities import Allowance, Part, Seconds

LEAST_MEMORY_MIB = 64
"""With less, reading and drawing any recording would fail."""
PROGRESS = ("auto", "bar", "log", "none")


@dataclass(frozen=True, slots=True)
class Running:
    """How the job is carried out; none of it changes a byte of what comes out."""

    workers: int | None = option(
        None,
        "start this many worker processes on each rank",
        group=JOB,
        common=True,
        metavar="N",
        unit="default: the cores it may use",
        at_least=1,
    )
    timeout: float = option(
        120.0, "give up on a recording that takes longer", group=JOB, unit="s", positive=True
    )
    memory: float | None = option(
        None,
        "limit the memory that a worker may add to what it starts with; a recording that needs "
        "more fails",
        group=JOB,
        unit="MiB, default: its share of nine tenths of what node, control group and Slurm allow",
        at_least=LEAST_MEMORY_MIB,
    )
    time_limit: Seconds | None = option(
        None,
        "stop early with exit status 75, so that everything is written this long after the "
        "start: 90, 90s, 30m, 2h or 1:30:00",
        group=JOB,
        metavar="TIME",
        unit="s where no unit is given, default: when Slurm ends the job, else none",
        at_least=20,
    )
    max_failures: Allowance | None = option(
        None,
        "stop early with exit status 1 when more recordings fail than this number, or than this "
        "percentage after the first 50; a job that runs to completion exits 3 all the same",
        group=JOB,
        metavar="N|P%",
        unit="default: any number",
    )
    retry_failed: bool = option(
        False,
        "try recordings again that failed in an earlier run",
        group=RESUMING,
        common=True,
    )
    verify: bool = option(
        False,
        "read the pictures of earlier runs and redraw those whose CRC-32 changed; missing ones "
        "and those of another size are always redrawn",
        group=RESUMING,
    )
    scratch: str | None = option(
        None,
        "make shards in this folder of the node, then move them to OUT",
        group=JOB,
        metavar="DIR",
        unit="default: that of the job, from SLURM_TMPDIR or TMPDIR, else below OUT",
    )
    part: Part | None = option(
        None,
        "draw part K of N into an OUT that all parts share; when all are done, run "
        "ecgmpi merge OUT",
        group=JOB,
        metavar="K/N",
        unit="default: all of it",
    )
    overwrite: bool = option(
        False,
        "start over: remove what an earlier job left in OUT",
        group=RESUMING,
        common=True,
    )
    dry_run: bool = option(
        False,
        "report what would be drawn and how large it would be; write nothing",
        group=JOB,
        common=True,
    )
    report: bool = option(True, "do not write report.html and report.json at the end", group=JOB)
    progress: str = option(
        "auto", "choose how progress is shown on standard error", group=MESSAGES, choices=PROGRESS
    )
    quiet: bool = option(
        False,
        "print nothing but what needs attention: warnings, errors, and in one line on standard "
        "error what failed or stopped the job",
        group=MESSAGES,
    )
    verbose: int = option(
        0, "print more; given twice, print tracebacks of internal errors", group=MESSAGES
    )

    def __post_init__(self) -> None:
        check_options(self)
        if self.quiet and self.verbose:
            raise UsageError("--quiet and --verbose: choose one of them")
        if self.part is not None and self.overwrite:
            raise UsageError(
                "--overwrite would remove what the other parts did: remove OUT by hand, "
                "then start every --part afresh"
            )
