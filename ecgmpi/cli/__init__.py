"""The command line, ``ecgmpi COMMAND ...``: a thin module per command. Start at `render`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import version
from pathlib import Path

from ecgmpi.errors import EcgmpiError, ExitStatus, JobError, StartError, UsageError
from ecgmpi.host.launch import detect
from ecgmpi.names import written

from . import doctor, export, inspect_files, merge, render, show, synth, text, verify

COMMANDS = {
    "render": render,
    "merge": merge,
    "show": show,
    "inspect": inspect_files,
    "verify": verify,
    "export": export,
    "synth": synth,
    "doctor": doctor,
}
"""Name of a command -> its module. A module called `inspect` would shadow the standard one."""

EPILOG = """exit status:
  0   complete
  1   could not run
  2   the command as typed makes no sense
  3   complete, with recordings that failed: each is listed in OUT/failures.csv;
      of verify: something in OUT is missing, altered or extra
  75  stopped early on a signal or limit: run the same command again to resume
"""


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="ecgmpi",
        description="Turn ECG recordings, by the million, into exact pictures.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"ecgmpi {version('ecgmpi')}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        about = (command.__doc__ or "").splitlines()[0]
        usage: str | None = getattr(command, "USAGE", None)
        sub = commands.add_parser(
            name,
            help=about,
            usage=usage,
            # A command of many options has two helps of its own.
            add_help=usage is None,
            description=about,
            epilog=EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(sub)
        sub.set_defaults(run=command.run)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status. Never raises for an error of the user."""
    text.spell_out_any_path()
    launch = detect()
    others = launch is not None and launch.rank > 0
    try:
        if others:
            # Only rank 0 reports errors.
            with (
                Path(os.devnull).open("w") as quiet,
                redirect_stderr(quiet),
                redirect_stdout(quiet),
            ):
                arguments = parser().parse_args(argv)
        else:
            arguments = parser().parse_args(argv)
        return int(arguments.run(arguments))
    except SystemExit as end:
        # From the parser. Every rank parses the same line. Open MPI's mpirun ends all ranks at
        # the first that fails, perhaps before rank 0 has reported: so only rank 0 fails.
        return 0 if others else int(end.code or 0)
    except EcgmpiError as error:
        if not others or isinstance(error, StartError):
            print(f"ecgmpi: {error}", file=sys.stderr, flush=True)
        elif isinstance(error, UsageError):
            return ExitStatus.COMPLETE
        return error.exit_status if isinstance(error, JobError) else ExitStatus.COULD_NOT_RUN
    except KeyboardInterrupt:
        if not others:
            print("ecgmpi: stopped; run the same command again to resume", file=sys.stderr)
        return ExitStatus.STOPPED_EARLY
    except BrokenPipeError:
        # The reader of the output is gone (a pipe into head, for example).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.COULD_NOT_RUN
    except OSError as error:
        if not others:
            where = written(str(error.filename)) if error.filename else "the system"
            print(f"ecgmpi: {where}: {error.strerror}", file=sys.stderr)
        return ExitStatus.COULD_NOT_RUN
