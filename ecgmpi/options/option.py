"""One option of a job: a dataclass field that the command line, TOML and Python all read."""

from __future__ import annotations

from dataclasses import Field, field, fields
from typing import Any

from .coerce import checked

INPUT = "input"
LABELS = "labels and splits"
PICTURE = "picture"
ON_PAGES = "pages"
OUTPUT = "output and packing"
TRUTH = "ground truth"
WEAR = "worn paper"
JOB = "job and limits"
RESUMING = "resuming and checks"
MESSAGES = "messages"
GROUPS = (INPUT, PICTURE, ON_PAGES, OUTPUT, TRUTH, WEAR, LABELS, JOB, RESUMING, MESSAGES)
"""Headings of ``--help-all``, in its order."""


def option(
    default: Any,
    help: str,
    *,
    group: str,
    common: bool = False,
    metavar: str | None = None,
    choices: tuple[str, ...] | None = None,
    unit: str = "",
    positive: bool = False,
    at_least: float | None = None,
    at_most: float | None = None,
    repeats: bool = False,
) -> Any:
    """Make a dataclass field that carries what the command line needs to know about it.

    Parameters
    ----------
    default
        The value where none is given. Where it is True, the help shows ``--no-NAME``.
    help
        What the option does, in the imperative.
    group
        One of `GROUPS`: the heading of ``--help-all`` that it stands under.
    common
        Whether ``--help`` shows it, too.
    metavar
        What the help calls the value.
    choices
        The words that are allowed.
    unit
        The unit of a number, and ``default: ...`` where `default` itself does not say it.
    positive
        Whether a number must be above 0.
    at_least, at_most
        Bounds of a number, both allowed.
    repeats
        Whether it is given once for each of its values, which may hold commas then.
    """
    return field(
        default=default,
        metadata={
            "help": help,
            "group": group,
            "common": common,
            "metavar": metavar,
            "choices": choices,
            "unit": unit,
            "positive": positive,
            "at_least": at_least,
            "at_most": at_most,
            "repeats": repeats,
        },
    )


def check_options(options: Any) -> None:
    """Bring each option of a dataclass into its own type, and refuse what is not allowed."""
    for entry in fields(options):
        value = checked(type(options), entry.name, getattr(options, entry.name), flag_of(entry))
        # The same option is the same value, whoever gives it: OUT is known by these.
        object.__setattr__(options, entry.name, value)


def flag_of(entry: Field[Any]) -> str:
    """The command-line spelling of a field: ``time_limit`` is ``--time-limit``."""
    return "--" + entry.name.replace("_", "-")
