"""The command line, ``ecgmpi COMMAND ...``: a thin module per command. Start at `render`.

Nothing is imported before it is needed, so that a help, or an error of usage, comes at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NoReturn

from ecgmpi.errors import EcgmpiError, ExitStatus, JobError, StartError, UsageError
from ecgmpi.host.launch import Launch, detect
from ecgmpi.host.signals import interruptible, is_interrupt
from ecgmpi.names import written

from . import text
from .commands import COMMANDS
from .told import Told

EPILOG = """exit status:
  0   complete
  1   could not run
  2   the command as typed makes no sense
  3   complete, with recordings that failed: each is listed in OUT/failures.csv;
      of verify: something in OUT is missing, altered or extra
  75  stopped early on a signal or limit: run the same command again to resume
"""


UNTOLD = (
    "ecgmpi: the job ended early, and what is above may say why; run the same command again to "
    "resume"
)
"""What is said below a launcher of a job whose rank 0 was killed, or left in a hurry."""


class WrongWords(SystemExit):
    """The words on the command line make no sense; `line` says why."""

    def __init__(self, line: str) -> None:
        super().__init__(int(ExitStatus.USAGE))
        self.line = line


class Parser(argparse.ArgumentParser):
    """A parser that leaves it to `main` to say what is wrong."""

    def error(self, message: str) -> NoReturn:
        """Print the usage, and raise `WrongWords`."""
        self.print_usage(sys.stderr)
        raise WrongWords(f"{self.prog}: error: {message}")


class _Version(argparse.Action):
    """Prints the version and ends the program; only then is it looked up, which takes a while."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,  # noqa: ARG002
        values: object,  # noqa: ARG002
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        from importlib.metadata import version

        print(f"ecgmpi {version('ecgmpi')}")
        parser.exit()


def parser(words: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """The command line.

    Parameters
    ----------
    words
        What is to be parsed: only the command that it names has its options, and only the
        module of that command is imported. None is for every command.
    """
    top = Parser(
        prog="ecgmpi",
        description="Turn ECG recordings, by the million, into exact pictures.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument(
        "--version", action=_Version, nargs=0, help="show program's version number and exit"
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    # No option before the command takes a value.
    named = None if words is None else next((w for w in words if not w.startswith("-")), "")
    for name, command in COMMANDS.items():
        module = command.load() if named in (name, None) else None
        usage: str | None = getattr(module, "USAGE", None)
        sub = commands.add_parser(
            name,
            help=command.about,
            usage=usage,
            # A command of many options has two helps of its own.
            add_help=usage is None,
            description=command.about,
            epilog=EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if module is not None:
            module.add_arguments(sub)
            sub.set_defaults(run=module.run)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status. Never raises for an error of the user.

    Without `argv` this process is the command's own, and may be set up for it.
    """
    text.spell_out_any_path()
    launch, told = detect(), Told()
    words = sys.argv[1:] if argv is None else argv
    if launch is None or launch.rank > 0 or words[:1] != ["render"]:
        return _run(words, launch, told, own=argv is None)
    from ecgmpi.host.last_word import LastWord

    last_word = LastWord(UNTOLD)
    status = _run(words, launch, told, own=argv is None)
    # Open MPI's launcher has its say about any status but 0, MPICH's about a rank that was killed.
    repeated = told.rank_lost or (status and launch.launcher == "Open MPI")
    last_word.say(told.line if repeated else "")
    return status


def _run(words: Sequence[str], launch: Launch | None, told: Told, own: bool) -> int:
    others = launch is not None and launch.rank > 0

    def say(line: str) -> None:
        told.line = line.partition("\n")[0]
        print(line, file=sys.stderr, flush=True)

    try:
        # The modules of the command are loaded here, and no job has begun.
        with interruptible() if own else nullcontext():
            if others:
                # Only rank 0 reports errors.
                with (
                    Path(os.devnull).open("w") as quiet,
                    redirect_stderr(quiet),
                    redirect_stdout(quiet),
                ):
                    arguments = parser(words).parse_args(words)
            else:
                arguments = parser(words).parse_args(words)
        arguments.own_process = own
        status = int(arguments.run(arguments))
        # Only some commands have more to tell than their status.
        last: Told = getattr(arguments, "told", told)
        told.line, told.rank_lost = last.line, last.rank_lost
        return status
    except SystemExit as end:
        # From the parser. Every rank parses the same line. Open MPI's mpirun ends all ranks at
        # the first that fails, perhaps before rank 0 has reported: so only rank 0 fails.
        if isinstance(end, WrongWords) and not others:
            say(end.line)
        return 0 if others else int(end.code or 0)
    except EcgmpiError as error:
        if not others or isinstance(error, StartError):
            say(f"ecgmpi: {error}")
        elif isinstance(error, UsageError):
            return ExitStatus.COMPLETE
        return error.exit_status if isinstance(error, JobError) else ExitStatus.COULD_NOT_RUN
    except (KeyboardInterrupt, RuntimeError) as error:
        if not is_interrupt(error):
            raise
        if not others:
            say("ecgmpi: stopped; run the same command again to resume")
        return ExitStatus.STOPPED_EARLY
    except BrokenPipeError:
        # The reader of the output is gone (a pipe into head, for example).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.COULD_NOT_RUN
    except OSError as error:
        if not others:
            where = written(str(error.filename)) if error.filename else "the system"
            say(f"ecgmpi: {where}: {error.strerror}")
        return ExitStatus.COULD_NOT_RUN
