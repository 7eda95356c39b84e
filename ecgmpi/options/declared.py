"""Every option of a job, declared once.

The command line, its help, the fingerprint of an OUT and the Python call are all made
from these two dataclasses.

`Rendering` holds what decides the bytes in OUT; `Running` holds what only decides how
the job gets there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, TypeVar

from ecgmpi.ecg.leads import canonical
from ecgmpi.errors import UsageError
from ecgmpi.geometry import LEAST_SCALE, MOST_DPI, MOST_DURATION_S, MOST_SCALE
from ecgmpi.layouts import (
    ALL,
    AUTO,
    FIRST,
    FIT,
    NAMES,
    PAGES,
    PAPERS,
    SAME,
    STRIP,
    SUCCESSIVE,
    Gain,
    PageSpec,
    canonical_page,
    with_leads,
)
from ecgmpi.picture_formats import MOST_QUALITY, PICTURE_FORMATS
from ecgmpi.themes import COLOURS, THEMES, Style, hexadecimal

from .coerce import checked
from .quantities import Allowance, Part, Seconds

NAME = re.compile(r"\w[\w.+-]{0,39}")
NAME_RULE = "name it with letters, digits, and . + - _, at most 40"
"""What a layout or a theme of the user's own may be called."""

BASELINES = ("none", "median")
LEAST_MEMORY_MIB = 64
"""With less, reading and drawing any recording would fail."""
UNITS = ("mV", "uV", "V", "nV")
ANNOTATIONS = ("boxes", "lines")
PROGRESS = ("auto", "bar", "log", "none")


INPUT = "input"
PICTURE = "picture"
ON_PAGES = "pages"
OUTPUT = "output and packing"
TRUTH = "ground truth"
JOB = "job and limits"
RESUMING = "resuming and checks"
MESSAGES = "messages"
GROUPS = (INPUT, PICTURE, ON_PAGES, OUTPUT, TRUTH, JOB, RESUMING, MESSAGES)
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
        },
    )


def _check(options: Any) -> None:
    for entry in fields(options):
        value = checked(type(options), entry.name, getattr(options, entry.name), flag_of(entry))
        # The same option is the same value, whoever gives it: OUT is known by these.
        object.__setattr__(options, entry.name, value)


def flag_of(entry: Field[Any]) -> str:
    """The command-line spelling of a field: ``time_limit`` is ``--time-limit``."""
    return "--" + entry.name.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Rendering:
    """What is drawn, and how it looks: with the inputs, this decides every byte in OUT."""

    layout: str | PageSpec = option(
        STRIP,
        "choose what a picture shows: strip is one lead a picture; the others are pages of "
        "rows x columns, with rhythm strips after the +; --config may define more",
        group=PICTURE,
        common=True,
        choices=NAMES,
    )
    leads: tuple[str, ...] | None = option(
        None,
        "draw these leads, in this order",
        group=PICTURE,
        common=True,
        metavar="I,II,...",
        unit="default: all of the layout",
    )
    cabrera: bool = option(
        False, "order the limb leads aVL I -aVR II aVF III on a page", group=ON_PAGES
    )
    columns: str | None = option(
        None,
        "let the columns of a page show successive seconds, or the same seconds "
        "(default: successive)",
        group=ON_PAGES,
        choices=(SUCCESSIVE, SAME),
    )
    pages: str | None = option(
        None,
        "draw the first page of a recording, or all of it on as many pages as it takes; each "
        "page has its own medians (default: first)",
        group=ON_PAGES,
        choices=(FIRST, ALL),
    )
    start: float = option(
        0.0,
        "start this far into the recording",
        group=PICTURE,
        unit="s",
        at_least=0,
        at_most=MOST_DURATION_S,
    )
    duration: float | None = option(
        None,
        "draw this much of the recording",
        group=PICTURE,
        unit="s, default: to the end",
        positive=True,
        at_most=MOST_DURATION_S,
    )
    speed: float = option(
        25.0,
        "set the paper speed",
        group=PICTURE,
        common=True,
        unit="mm/s",
        positive=True,
        at_least=LEAST_SCALE,
        at_most=MOST_SCALE,
    )
    gain: Gain = option(
        10.0,
        "set the amplitude scale; on a page, auto takes the largest of 20, 10 and 5 that fits",
        group=PICTURE,
        common=True,
        unit="mm/mV",
        positive=True,
        at_least=LEAST_SCALE,
        at_most=MOST_SCALE,
        metavar="X|auto",
    )
    dpi: float | None = option(
        None,
        "set the resolution",
        group=PICTURE,
        common=True,
        unit="dots per inch, default: 400 for strips, 200 for pages",
        at_least=25,
        at_most=MOST_DPI,
    )
    paper: str | None = option(
        None,
        "choose the sheet, in landscape; fit is as large as the traces need (default: a4)",
        group=ON_PAGES,
        choices=(*PAPERS, FIT),
    )
    theme: str | Style = option(
        "red",
        "choose the colours of paper, grid and trace; --config may define more",
        group=PICTURE,
        common=True,
        choices=tuple(THEMES),
    )
    baseline: str | None = option(
        None,
        "choose what lies on the zero line of a lead: its 0 mV (none), or its median "
        "(default: none for strips, median for pages)",
        group=PICTURE,
        choices=BASELINES,
    )
    annotate: str | None = option(
        None,
        "write a JSON beside each picture that says where everything on it lies; lines adds the "
        "pixel of every sample (default: none)",
        group=TRUTH,
        common=True,
        choices=ANNOTATIONS,
    )
    mask: bool = option(
        False,
        "write a PNG beside each picture that says which lead each pixel belongs to; needs "
        "--annotate",
        group=TRUTH,
    )
    format: str = option(
        "png",
        "choose the kind of file: pixels (png, jpg), or lines and letters at true millimetres "
        "(svg, pdf), placed as finely as --dpi says",
        group=OUTPUT,
        common=True,
        choices=PICTURE_FORMATS,
    )
    quality: int | None = option(
        None,
        "set the quality of a jpg; higher is truer and larger",
        group=OUTPUT,
        unit="1 to 95, default: 90",
        at_least=1,
    )
    pack: str = option(
        "files",
        "choose how pictures are stored: files is one file each",
        group=OUTPUT,
        choices=("files",),
    )
    rate: float | None = option(
        None,
        "set the sampling rate of files that do not state one",
        group=INPUT,
        common=True,
        unit="Hz, default: 500",
        positive=True,
    )
    units: str | None = option(
        None,
        "set the unit of files that do not state one (default: mV)",
        group=INPUT,
        common=True,
        choices=UNITS,
    )
    adc_gain: float | None = option(
        None,
        "set the converter counts per mV of files that do not state a unit; replaces --units",
        group=INPUT,
        unit="counts per mV, default: not counts",
        positive=True,
    )
    key: str | None = option(
        None,
        "name the variable, dataset or array that holds the samples, or a member of a struct "
        "such as ECG.data (default: data, val or ECG.data, else the only one that can be a "
        "recording)",
        group=INPUT,
        metavar="NAME",
    )
    lead_names: tuple[str, ...] | None = option(
        None,
        "name the leads of files that do not, first row or column first",
        group=INPUT,
        metavar="I,II,V1,...",
        unit="default: the usual order for 1, 2, 3, 8 or 12 leads",
    )
    assume: bool = option(
        True,
        "refuse a file for which neither it nor an option states rate, unit and lead order; "
        "otherwise the defaults are taken",
        group=INPUT,
    )
    max_samples: int | None = option(
        None,
        "refuse a recording of more samples, all leads together",
        group=INPUT,
        metavar="N",
        unit="default: 1 GiB when decoded",
        at_least=1,
    )
    repair_limb: bool = option(
        False,
        "compute III, aVR, aVL and aVF from I and II where they do not agree with them",
        group=PICTURE,
    )
    identify: bool = option(
        False,
        "show the date of the recording on a page, if its file states it",
        group=ON_PAGES,
    )
    strict: bool = option(
        False,
        "identify inputs by SHA-256 (stored in the manifest); on resume, refuse any whose "
        "content changed even if size and mtime did not",
        group=RESUMING,
    )

    def __post_init__(self) -> None:
        _check(self)
        if self.units is not None and self.adc_gain is not None:
            raise UsageError("--adc-gain is counts per mV and --units a unit: give one of them")
        if self.quality is not None:
            if self.format != "jpg":
                raise UsageError("--quality is for jpg: add --format jpg, or leave it out")
            if self.quality > MOST_QUALITY:
                raise UsageError(f"--quality {self.quality}: give at most {MOST_QUALITY}")
        if self.mask and self.format in ("svg", "pdf"):
            raise UsageError(f"--mask: {self.format} has no pixels; choose --format png or jpg")
        if self.mask and self.annotate is None:
            raise UsageError(
                "--mask: the annotation says what its shades mean; add --annotate boxes"
            )
        if self.leads is not None:
            object.__setattr__(self, "leads", tuple(map(canonical, self.leads)))
            if len(set(self.leads)) < len(self.leads):
                raise UsageError(f"--leads {','.join(self.leads)}: name each lead once")
        if self.lead_names is not None:
            object.__setattr__(self, "lead_names", tuple(map(canonical, self.lead_names)))
            if len(set(self.lead_names)) < len(self.lead_names):
                raise UsageError(f"--lead-names {','.join(self.lead_names)}: name each lead once")
        if isinstance(self.layout, PageSpec):
            object.__setattr__(self, "layout", _own(canonical_page(self.layout), "layout", PAGES))
        if isinstance(self.theme, Style):
            object.__setattr__(self, "theme", _own(self.theme, "theme", THEMES))
        page = self.page
        if page is None:
            self._refuse_what_only_pages_have()
            return
        if self.leads is not None:
            if self.cabrera:
                raise UsageError("--cabrera is an order of the layout's leads: leave out --leads")
            with_leads(page, self.leads)
        if self.pages == ALL and self.columns == SAME and page.rhythm:
            raise UsageError(
                f"--pages all --columns same: the rhythm strips of {page.name} would show the "
                "same seconds on page after page; choose a layout without, for example 3x4"
            )

    @property
    def page(self) -> PageSpec | None:
        """The layout of a page; None for strips."""
        if isinstance(self.layout, PageSpec):
            return self.layout
        return PAGES.get(self.layout)

    @property
    def style(self) -> Style:
        """The look."""
        return self.theme if isinstance(self.theme, Style) else THEMES[self.theme]

    def _refuse_what_only_pages_have(self) -> None:
        for flag, given in (
            ("--gain auto", self.gain == AUTO),
            ("--paper", self.paper is not None),
            ("--columns", self.columns is not None),
            ("--cabrera", self.cabrera),
            ("--pages", self.pages is not None),
        ):
            if given:
                raise UsageError(f"{flag} is for pages: choose one, for example --layout 3x4+1")


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
    progress: str = option(
        "auto", "choose how progress is shown on standard error", group=MESSAGES, choices=PROGRESS
    )
    verbose: int = option(
        0, "print more; given twice, print tracebacks of internal errors", group=MESSAGES
    )

    def __post_init__(self) -> None:
        _check(self)
        if self.part is not None and self.overwrite:
            raise UsageError(
                "--overwrite would remove what the other parts did: remove OUT by hand, "
                "then start every --part afresh"
            )


_Own = TypeVar("_Own", PageSpec, Style)


def _own(made: _Own, kind: str, known: Mapping[str, _Own]) -> _Own | str:
    """Give a layout or theme of the user's own, or the name of the known one that it is."""
    if not (isinstance(made.name, str) and NAME.fullmatch(made.name)) or made.name == STRIP:
        raise UsageError(f"{kind} {made.name!r}: {NAME_RULE}")
    if made.name not in known:
        return made
    if made != known[made.name]:
        raise UsageError(
            f"{kind} {made.name}: there is one of that name already; give yours another"
        )
    return made.name


def as_text(rendering: Rendering) -> dict[str, str]:
    """Each option of `rendering` as the flag and value a user would type.

    What is in a layout or a theme of the user's own stands in lines of its own.
    """
    said: dict[str, str] = {}
    for entry in fields(rendering):
        value = getattr(rendering, entry.name)
        if isinstance(value, (PageSpec, Style)):
            kind = f"[{entry.name}.{value.name}]"
            said |= {f"{kind} {name}": text for name, text in _content(value).items()}
            value = value.name
        said[flag_of(entry)] = _spelled(value)
    return said


def _spelled(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return "not given" if value is None else str(value)


def _content(own: PageSpec | Style) -> dict[str, str]:
    if isinstance(own, PageSpec):
        return {
            "columns": " | ".join(",".join(column) for column in own.columns),
            "rhythm": ",".join(own.rhythm) or "none",
            "seconds": _spelled(own.seconds),
        }
    return {
        entry.name: hexadecimal(value) if entry.name in COLOURS else _spelled(value)
        for entry in fields(own)
        if entry.name != "name"
        for value in [getattr(own, entry.name)]
    }
