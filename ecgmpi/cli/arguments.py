"""Command-line options from the dataclasses that declare them, and the help of a command."""

from __future__ import annotations

import argparse
import types
from collections.abc import Callable, Sequence
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, Literal, Protocol, Union, get_args, get_origin, get_type_hints

from ecgmpi.errors import UsageError
from ecgmpi.options.option import GROUPS, INPUT, LABELS, flag_of
from ecgmpi.options.toml_file import Config, load


class Parser(Protocol):
    """A parser, or a group of options of one."""

    def add_argument(self, *names: str, **how: Any) -> argparse.Action:
        """As `argparse.ArgumentParser.add_argument`."""


def add_options(parser: Parser, options: type[Any], *, only: tuple[str, ...] | None = None) -> None:
    """Give `parser` an option for each field of the dataclass `options`.

    Parameters
    ----------
    parser
        What to add to.
    options
        A dataclass whose fields were made by `ecgmpi.options.option`.
    only
        Names of the fields to take; None takes all.
    """
    hints = get_type_hints(options)
    for entry in fields(options):
        if only is None or entry.name in only:
            _add(parser, entry, hints[entry.name])


class GroupedOptions:
    """The options of a command under headings, with ``--help`` and ``--help-all``.

    ``--help`` shows what most people use, ``--help-all`` every option.

    Parameters
    ----------
    parser
        The parser of the command, made with ``add_help=False``.
    rare
        What ``--help-all`` has that people look for in ``--help``.
    """

    def __init__(self, parser: argparse.ArgumentParser, rare: str = "") -> None:
        self._rare: list[argparse.Action] = []
        parser.add_argument(
            "-h", "--help", action=_Help, hidden=self._rare, help="show the usual options and exit"
        )
        parser.add_argument(
            "--help-all",
            action=_Help,
            hidden=(),
            help=f"show all options{f', also {rare},' if rare else ''} and exit; one without a "
            "value has both --NAME and --no-NAME",
        )
        self._groups = {name: parser.add_argument_group(name) for name in GROUPS}

    def add(self, options: type[Any], without: tuple[str, ...] = ()) -> None:
        """Add an option for each field of the dataclass `options` but those in `without`."""
        hints = get_type_hints(options)
        for entry in fields(options):
            if entry.name not in without:
                action = _add(self._groups[entry.metadata["group"]], entry, hints[entry.name])
                if not entry.metadata["common"]:
                    self._rare.append(action)

    def add_config(self) -> None:
        """Add the option that names a file of options."""
        self._rare.append(
            self.group(INPUT).add_argument(
                "--config",
                type=named_path("--config"),
                metavar="JOB.TOML",
                help="read options by the same names, and layouts and themes of your own, from a "
                "file; the command line wins (default: none)",
            )
        )

    def group(self, name: str) -> Parser:
        """The group under a heading, one of `GROUPS`."""
        return self._groups[name]


class _Help(argparse.Action):
    """Prints the help without the options in `hidden`, and ends the program."""

    def __init__(
        self,
        option_strings: Sequence[str],
        dest: str,
        hidden: Sequence[argparse.Action],
        help: str | None = None,
    ) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help=help)
        self._hidden = hidden

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,  # noqa: ARG002
        values: object,  # noqa: ARG002
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        for action in self._hidden:
            action.help = argparse.SUPPRESS
        parser.print_help()
        parser.exit()


def named(called: str) -> Callable[[str], str]:
    """Converter for argparse of the name of a file or folder; errors name it as `called`.

    It refuses an empty name, as from an unset variable in a script: that would be the current
    folder.
    """

    def checked(given: str) -> str:
        if not given:
            raise UsageError(f"{called} is empty: name a file or folder, ./ for the current one")
        return given

    return checked


def named_path(called: str) -> Callable[[str], Path]:
    """As `named`, but returns a path."""
    checked = named(called)
    return lambda given: Path(checked(given))


def config_of(arguments: argparse.Namespace) -> Config:
    """The contents of the file that ``--config`` names; empty without one.

    Raises
    ------
    UsageError
        It cannot be read, or a value in it is not allowed.
    """
    return load(arguments.config) if arguments.config else Config()


def collect(options: type[Any], arguments: argparse.Namespace, config: Config | None = None) -> Any:
    """An instance of the dataclass `options` from the command line or else a file.

    Raises
    ------
    UsageError
        A value is not allowed.
    """
    typed = {
        entry.name: getattr(arguments, entry.name)
        for entry in fields(options)
        if hasattr(arguments, entry.name)
    }
    return (config or Config()).build(options, typed)


_LETTERS = {"--quiet": "-q"}
"""Options with a short spelling, too."""


def _add(parser: Parser, entry: Field[Any], kind: Any) -> argparse.Action:
    """Add the option of a field; returns the one that the help shows."""
    flag, metadata = flag_of(entry), entry.metadata
    kinds = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    kind = kinds[0]
    # An option that was not typed is absent: a file or else the dataclass sets it.
    unless = argparse.SUPPRESS
    text = _help(entry)
    if kind is bool:
        # The help shows the spelling that is not the default.
        spelled = {True: flag, False: flag.replace("--", "--no-", 1)}
        default = bool(entry.default)
        for value, help in ((default, unless), (not default, text)):
            letter = [_LETTERS[spelled[value]]] if spelled[value] in _LETTERS else []
            shown = parser.add_argument(
                *letter,
                spelled[value],
                action="store_true" if value else "store_false",
                dest=entry.name,
                default=unless,
                help=help,
            )
        return shown
    if entry.name == "verbose":
        return parser.add_argument("-v", "--verbose", action="count", default=unless, help=text)
    # The dataclass itself converts text that is not a bare number.
    worded = any(get_origin(other) is Literal for other in kinds)
    convert: Any = kind if kind in (int, float) and not worded else str
    metavar = metadata["metavar"] or {float: "X", int: "N"}.get(kind)
    if metadata["repeats"]:
        return parser.add_argument(
            flag, type=str, action="append", default=unless, metavar=metavar, help=text
        )
    if metadata["choices"] and metavar is None:
        metavar = "|".join(metadata["choices"])
    # Of labels, some are given again for each table: to take the last of the others would
    # silently leave out what the first asked for.
    how: Any = _Once if metadata["group"] == LABELS else "store"
    return parser.add_argument(
        flag, type=convert, default=unless, metavar=metavar, help=text, action=how
    )


class _Once(argparse.Action):
    """Keeps the value of an option that must not be typed again with another one."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        before = getattr(namespace, self.dest, values)
        if before != values:
            raise UsageError(
                f"{option_string} is given twice, as {before} and as {values}: give it once"
            )
        setattr(namespace, self.dest, values)


def _help(entry: Field[Any]) -> str:
    """Help text of an option, with its unit and its default."""
    text, unit = entry.metadata["help"], entry.metadata["unit"]
    default = entry.default
    extra: list[str] = [unit] if unit else []
    if isinstance(default, bool):
        extra.append(f"default: {flag_of(entry) if default else 'no'}")
    elif default is not None:
        extra.append(
            f"default: {default:g}" if isinstance(default, float) else f"default: {default}"
        )
    if extra:
        text = f"{text} ({', '.join(extra)})"
    # For argparse, a percent sign starts a format specifier.
    return str(text).replace("%", "%%")
