"""Every option of a job, declared once.

The command line, its help, the fingerprint of an OUT and the Python call are all made
from these two dataclasses.

`Rendering` holds what decides the bytes in OUT; `Running` holds what only decides how
the job gets there.
"""

from __future__ import annotations

import math
import types
from collections.abc import Iterable, Iterator, Set
from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from .errors import UsageError
from .layouts import FIT, NAMES, PAGES, PAPERS, SAME, STRIP, SUCCESSIVE, with_leads

AUTO: Literal["auto"] = "auto"
Gain = float | Literal["auto"]
THEMES = ("red", "blue", "green", "grey", "black", "none", "dark")
BASELINES = ("none", "median")
UNITS = ("mV", "uV", "V", "nV")
PROGRESS = ("auto", "bar", "log", "none")


def option(
    default: Any,
    help: str,
    *,
    metavar: str | None = None,
    choices: tuple[str, ...] | None = None,
    unit: str = "",
    positive: bool = False,
    at_least: float | None = None,
) -> Any:
    """A dataclass field that carries what the command line needs to know about it."""
    return field(
        default=default,
        metadata={
            "help": help,
            "metavar": metavar,
            "choices": choices,
            "unit": unit,
            "positive": positive,
            "at_least": at_least,
        },
    )


def _check(options: Any) -> None:
    hints = get_type_hints(type(options))
    for entry in fields(options):
        flag = flag_of(entry)
        value = _coerced(getattr(options, entry.name), hints[entry.name], flag)
        # The same option is the same value, whoever gives it: OUT is known by these.
        object.__setattr__(options, entry.name, value)
        choices = entry.metadata.get("choices")
        if choices and value is not None and value not in choices:
            raise UsageError(f"{flag} {value}: choose from {', '.join(choices)}")
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            unit = entry.metadata["unit"]
            if not math.isfinite(value):
                raise UsageError(f"{flag} {value}: give a finite number")
            if entry.metadata["positive"] and not value > 0:
                raise UsageError(f"{flag} {value:g}: give a number above 0 {unit}".rstrip())
            least = entry.metadata["at_least"]
            if least is not None and value < least:
                raise UsageError(f"{flag} {value:g}: give at least {least:g} {unit}".rstrip())


def _coerced(value: Any, hint: Any, flag: str) -> Any:
    """`value` as the one type that a field declared as `hint` holds."""
    kinds = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    words = [word for kind in kinds if get_origin(kind) is Literal for word in get_args(kind)]
    if (value is None and type(None) in kinds) or (isinstance(value, str) and value in words):
        return value
    if kinds[0] == tuple[str, ...]:
        return _names(value, flag)
    convert, wanted = _CONVERSIONS[kinds[0]]
    try:
        return convert(value)
    except (TypeError, ValueError, OverflowError):
        raise UsageError(f"{flag} {value!r}: give {wanted}") from None


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or (not isinstance(value, str) and int(value) != value):
        raise TypeError
    return int(value)


def _flag(value: Any) -> bool:
    # Of words, "no" would be true.
    if isinstance(value, str) or bool(value) != value:
        raise TypeError
    return bool(value)


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return str(value)


_CONVERSIONS: dict[Any, tuple[Any, str]] = {
    float: (_number, "a number"),
    int: (_whole, "a whole number"),
    bool: (_flag, "True or False"),
    str: (_word, "text"),
}


def _names(value: Any, flag: str) -> tuple[str, ...]:
    """Names from text with commas, or from any series of them."""
    if isinstance(value, str):
        value = value.split(",")
    # A set has no order.
    elif not isinstance(value, Iterable) or isinstance(value, Set):
        raise UsageError(f"{flag} {value!r}: give names, in order")
    given = tuple(value)
    if not all(isinstance(name, str) for name in given):
        raise UsageError(f"{flag} {given!r}: give names, in order")
    names = tuple(str(name).strip() for name in given)
    names = tuple(name for name in names if name)
    if not names:
        raise UsageError(f"{flag} {','.join(given)}: name at least one".replace(" :", ":"))
    return names


def flag_of(entry: Field[Any]) -> str:
    """The command-line spelling of a field: ``time_limit`` is ``--time-limit``."""
    return "--" + entry.name.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Rendering:
    """What is drawn, and how it looks: with the inputs, this decides every byte in OUT."""

    layout: str = option(
        STRIP,
        "what a picture shows: strip, one lead a picture; the others are pages of rows x columns "
        "and, after the +, rhythm strips",
        choices=NAMES,
    )
    leads: tuple[str, ...] | None = option(
        None, "leads to draw, in this order", metavar="I,II,...", unit="default: all of the layout"
    )
    cabrera: bool = option(False, "on a page: limb leads in the order aVL I -aVR II aVF III")
    columns: str | None = option(
        None,
        "on a page: columns show successive parts of the time, or the same seconds "
        "(default: successive)",
        choices=(SUCCESSIVE, SAME),
    )
    start: float = option(0.0, "begin this far into the recording", unit="s", at_least=0)
    duration: float | None = option(
        None, "draw this much", unit="s, default: to the end", positive=True
    )
    speed: float = option(25.0, "paper speed", unit="mm/s", positive=True)
    gain: float | Literal["auto"] = option(
        10.0,
        "amplitude scale; auto, on a page, takes the largest of 20, 10 and 5 that fits",
        unit="mm/mV",
        positive=True,
        metavar="X|auto",
    )
    dpi: float | None = option(
        None,
        "resolution",
        unit="dots per inch, default: 400 for strips, 200 for pages",
        at_least=25,
    )
    paper: str | None = option(
        None,
        "on a page: the sheet, on its side; fit is as large as the traces need (default: a4)",
        choices=(*PAPERS, FIT),
    )
    theme: str = option("red", "colours of paper, grid and trace", choices=THEMES)
    baseline: str | None = option(
        None,
        "what lies on the line of 0 mV: none, 0 mV itself; or the median of each lead "
        "(default: none for strips, median for pages)",
        choices=BASELINES,
    )
    format: str = option("png", "kind of picture", choices=("png",))
    pack: str = option("files", "how pictures are kept: files, one file each", choices=("files",))
    rate: float | None = option(
        None,
        "sampling rate of files that do not say theirs",
        unit="Hz, default: 500",
        positive=True,
    )
    units: str | None = option(
        None, "unit of files that do not say theirs (default: mV)", choices=UNITS
    )
    adc_gain: float | None = option(
        None,
        "of files that do not say their unit: how many counts of the converter are 1 mV; "
        "instead of --units",
        unit="counts per mV, default: not counts",
        positive=True,
    )
    key: str | None = option(
        None,
        "variable, dataset or array that holds the samples, or a member of a struct as in ECG.data "
        "(default: data, val or ECG.data, else the only one that may be a recording)",
        metavar="NAME",
    )
    max_samples: int | None = option(
        None,
        "refuse a recording of more samples, all leads together",
        metavar="N",
        unit="default: what is 1 GiB when decoded",
        at_least=1,
    )
    repair_limb: bool = option(
        False, "make III, aVR, aVL and aVF anew from I and II where they do not agree with them"
    )

    def __post_init__(self) -> None:
        _check(self)
        if self.units is not None and self.adc_gain is not None:
            raise UsageError("--adc-gain is counts per mV and --units a unit: give one of them")
        if self.leads is not None and len(set(self.leads)) < len(self.leads):
            raise UsageError(f"--leads {','.join(self.leads)}: name each lead once")
        if self.layout == STRIP:
            self._refuse_what_only_pages_have()
        elif self.leads is not None:
            if self.cabrera:
                raise UsageError("--cabrera is an order of the layout's leads: leave out --leads")
            with_leads(PAGES[self.layout], self.leads)

    def _refuse_what_only_pages_have(self) -> None:
        for flag, given in (
            ("--gain auto", self.gain == AUTO),
            ("--paper", self.paper is not None),
            ("--columns", self.columns is not None),
            ("--cabrera", self.cabrera),
        ):
            if given:
                raise UsageError(f"{flag} is for pages: choose one, for example --layout 3x4+1")


@dataclass(frozen=True, slots=True)
class Running:
    """How the job is carried out; none of it changes a byte of what comes out."""

    workers: int | None = option(
        None,
        "processes that draw, a rank",
        metavar="N",
        unit="default: the cores it may use",
        at_least=1,
    )
    timeout: float = option(
        120.0, "give up on a recording that takes longer", unit="s", positive=True
    )
    overwrite: bool = option(False, "start afresh: remove what an earlier job left in OUT")
    dry_run: bool = option(False, "say what would be done and how large it would be; do nothing")
    progress: str = option("auto", "how progress is shown on standard error", choices=PROGRESS)
    verbose: int = option(0, "say more; twice: tracebacks of what went wrong inside")

    def __post_init__(self) -> None:
        _check(self)


def as_text(rendering: Rendering) -> dict[str, str]:
    """Each option of `rendering` as the flag and value a user would type."""
    return dict(_spelled(rendering))


def _spelled(rendering: Rendering) -> Iterator[tuple[str, str]]:
    values = asdict(rendering)
    for entry in fields(rendering):
        value = values[entry.name]
        if isinstance(value, tuple):
            value = ",".join(value)
        elif isinstance(value, float):
            value = repr(value).removesuffix(".0")
        yield flag_of(entry), "not given" if value is None else str(value)
