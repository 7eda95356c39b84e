"""Command-line options from the dataclasses that declare them."""

from __future__ import annotations

import argparse
import types
from dataclasses import Field, fields
from typing import Any, Literal, Protocol, Union, get_args, get_origin, get_type_hints

from ecgmpi.options import flag_of


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


def collect(options: type[Any], arguments: argparse.Namespace) -> Any:
    """An instance of the dataclass `options` from what was typed.

    Raises
    ------
    UsageError
        A value is not allowed.
    """
    values = {
        entry.name: getattr(arguments, entry.name)
        for entry in fields(options)
        if hasattr(arguments, entry.name)
    }
    return options(**values)


def _add(parser: Parser, entry: Field[Any], kind: Any) -> None:
    flag, metadata = flag_of(entry), entry.metadata
    text = metadata["help"]
    default = entry.default
    kinds = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    kind = kinds[0]
    if kind is bool:
        parser.add_argument(flag, action="store_true", help=text)
        return
    if entry.name == "verbose":
        parser.add_argument("-v", "--verbose", action="count", default=0, help=text)
        return
    extra: list[str] = [metadata["unit"]] if metadata["unit"] else []
    if default is not None:
        extra.append(
            f"default: {default:g}" if isinstance(default, float) else f"default: {default}"
        )
    if extra:
        text = f"{text} ({', '.join(extra)})"
    # Whatever is not a bare number the dataclass itself makes of the text.
    worded = any(get_origin(other) is Literal for other in kinds)
    convert: Any = kind if kind in (int, float) and not worded else str
    metavar = metadata["metavar"] or {float: "X", int: "N"}.get(kind)
    if metadata["choices"]:
        metavar = "|".join(metadata["choices"])
    parser.add_argument(flag, type=convert, default=default, metavar=metavar, help=text)
