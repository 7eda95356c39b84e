"""The commands that a report tells to type, ready for a shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ecgmpi.layouts import ALL
from ecgmpi.names import original, typed, typed_path
from ecgmpi.options.labels import FLAGS
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.spelling import as_text

NOT_OF_SHOW = (
    "--pack",
    "--shard-recordings",
    "--with-signals",
    "--name-with-ending",
    *sorted(FLAGS),
)
"""Options of a job that a command for one recording does not take."""

_AGAIN = "ecgmpi render INPUT... -o OUT"


@dataclass(frozen=True, slots=True)
class Commands:
    """Makes commands for one OUT.

    Attributes
    ----------
    out
        OUT, as `os.fsdecode` gives it.
    options
        The options of its job, as `ecgmpi.options.spelling.as_text` spells them.
    command
        What was typed to run it, without the launcher, each word as `ecgmpi.names.written` gives
        it; empty where that is not known.
    folder
        Where it was typed, as `ecgmpi.names.written` gives it; empty where that is not known.
    relabelled
        What was typed since to give OUT other labels, spelled as `command`; empty where that
        was not done. With the labels of `command`, OUT is refused then.
    """

    out: str
    options: Mapping[str, str]
    command: Sequence[str] = ()
    folder: str = ""
    relabelled: Sequence[str] = ()

    @property
    def ran(self) -> str:
        """What was typed to run the job."""
        return self._typed(self.command)

    @property
    def labelled(self) -> str:
        """What was typed to give OUT other labels; empty where that was not done."""
        return self._typed(self.relabelled) if self.relabelled else ""

    @property
    def quoted_out(self) -> str:
        """OUT, for a shell."""
        return typed_path(self.out)

    def inspect(self, path: str) -> str:
        """Look at a file as the reader sees it."""
        return _line(["ecgmpi", "inspect", path])

    def show(self, path: str, lead: str, picture: str) -> str:
        """Draw one recording as the job did, into a file called `picture`.

        A `lead` is named for a strip only. Where a recording has many pages, all are drawn, into
        files named after it.
        """
        words = ["ecgmpi", "show", path]
        usual = as_text(Rendering())
        options = dict(self.options)
        if lead:
            options["--leads"] = lead
        for flag, value in options.items():
            # What stands in brackets is a layout or theme of the user's own.
            if flag in NOT_OF_SHOW or not flag.startswith("--") or value == usual.get(flag):
                continue
            if value in ("True", "False"):
                words.append(flag if value == "True" else flag.replace("--", "--no-", 1))
            elif value.startswith("-"):
                # By itself, it would be taken for an option: a lead that is turned over.
                words.append(f"{flag}={value}")
            else:
                words += [flag, value]
        if options.get("--pages") != ALL:
            words += ["-o", f"./{picture}" if picture.startswith("-") else picture]
        return _line(words)

    def again(self, *more: str) -> str:
        """Run the same job again, with `more` options."""
        if not self.command or self.relabelled:
            return " ".join([_AGAIN, *more])
        words = ["ecgmpi", *map(original, self.command[1:])]
        if more:
            # Of a job that is complete, it would remove all that was drawn.
            words = [word for word in words if not _is_overwrite(word)]
        return _line([*words, *(option for option in more if option not in words)])

    @staticmethod
    def _typed(command: Sequence[str]) -> str:
        return _line(["ecgmpi", *map(original, command[1:])])

    def grep(self, words: str, file: str) -> str:
        """Find all rows of a CSV file of OUT that have some words."""
        return f"{_line(['grep', '-F', words])} {typed_path(f'{self.out}/{file}')}"

    def report(self, to: str | None) -> str:
        """Make the report again: the page `to`, or that of OUT."""
        line = f"ecgmpi report {self.quoted_out}"
        return line if to is None else f"{line} -o {typed_path(to)}"


def _is_overwrite(word: str) -> bool:
    # An option may be typed shorter, as long as no other begins so.
    return word.startswith("--ov") and "--overwrite".startswith(word)


def _line(words: Sequence[str]) -> str:
    return " ".join(map(typed, words))
