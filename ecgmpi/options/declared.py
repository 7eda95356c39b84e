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

from ecgmpi.ecg.leads import canonical, canonical_page
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


def option(
    default: Any,
    help: str,
    *,
    metavar: str | None = None,
    choices: tuple[str, ...] | None = None,
    unit: str = "",
    positive: bool = False,
    at_least: float | None = None,
    at_most: float | None = None,
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
        "what a picture shows: strip, one lead a picture; the others are pages of rows x columns "
        "and, after the +, rhythm strips; or one of your own, from --config",
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
    pages: str | None = option(
        None,
        "on a page: the first page of a recording, or all of it on as many as it takes, each "
        "with medians of its own (default: first)",
        choices=(FIRST, ALL),
    )
    start: float = option(
        0.0, "begin this far into the recording", unit="s", at_least=0, at_most=MOST_DURATION_S
    )
    duration: float | None = option(
        None,
        "draw this much",
        unit="s, default: to the end",
        positive=True,
        at_most=MOST_DURATION_S,
    )
    speed: float = option(
        25.0, "paper speed", unit="mm/s", positive=True, at_least=LEAST_SCALE, at_most=MOST_SCALE
    )
    gain: Gain = option(
        10.0,
        "amplitude scale; auto, on a page, takes the largest of 20, 10 and 5 that fits",
        unit="mm/mV",
        positive=True,
        at_least=LEAST_SCALE,
        at_most=MOST_SCALE,
        metavar="X|auto",
    )
    dpi: float | None = option(
        None,
        "resolution",
        unit="dots per inch, default: 400 for strips, 200 for pages",
        at_least=25,
        at_most=MOST_DPI,
    )
    paper: str | None = option(
        None,
        "on a page: the sheet, on its side; fit is as large as the traces need (default: a4)",
        choices=(*PAPERS, FIT),
    )
    theme: str | Style = option(
        "red",
        "colours of paper, grid and trace; or one of your own, from --config",
        choices=tuple(THEMES),
    )
    baseline: str | None = option(
        None,
        "what lies on the line of 0 mV: none, 0 mV itself; or the median of each lead "
        "(default: none for strips, median for pages)",
        choices=BASELINES,
    )
    annotate: str | None = option(
        None,
        "beside each picture, a JSON of where everything on it lies: boxes, or those and lines, "
        "the pixel of every sample, too (default: none)",
        choices=ANNOTATIONS,
    )
    mask: bool = option(
        False, "with --annotate: beside each picture, a PNG of which lead each pixel belongs to"
    )
    format: str = option(
        "png",
        "kind of file: pixels (png, jpg), or lines and letters at true millimetres (svg, pdf), "
        "for which --dpi only says how fine they are placed",
        choices=PICTURE_FORMATS,
    )
    quality: int | None = option(
        None, "of a jpg: more is truer, and larger", unit="1 to 95, default: 90", at_least=1
    )
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
    lead_names: tuple[str, ...] | None = option(
        None,
        "names of the leads of files that do not name them, first row or column first",
        metavar="I,II,V1,...",
        unit="default: the usual order for 1, 2, 3, 8 or 12 leads",
    )
    assume: bool = option(
        True,
        "take the default where neither a file nor an option states a rate, unit or lead order; "
        "--no-assume refuses such a file",
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
    identify: bool = option(
        False, "on a page: show the date of the recording, where its file says it"
    )
    strict: bool = option(
        False,
        "know the files that were drawn by their content (SHA-256, kept in the manifest): they "
        "are read again when the job goes on, and one that has changed is refused, though its "
        "size and time be the same",
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
            raise UsageError("--mask: its numbers are told in the annotation; add --annotate boxes")
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
        "processes that draw, a rank",
        metavar="N",
        unit="default: the cores it may use",
        at_least=1,
    )
    timeout: float = option(
        120.0, "give up on a recording that takes longer", unit="s", positive=True
    )
    memory: float | None = option(
        None,
        "memory that a worker may take beyond what it starts with, or its recording fails",
        unit="MiB, default: its share of nine tenths of what node, control group and Slurm allow",
        at_least=LEAST_MEMORY_MIB,
    )
    time_limit: Seconds | None = option(
        None,
        "stop early, exit 75, in time to have written everything this long after the start: "
        "90, 90s, 30m, 2h or 1:30:00",
        metavar="TIME",
        unit="s where no unit is given, default: when Slurm ends the job, else none",
        at_least=20,
    )
    max_failures: Allowance | None = option(
        None,
        "stop early, exit 1, when more recordings than this have failed, or more than this part "
        "of those that are done, from 50 on; one that came to its end all the same exits 3",
        metavar="N|P%",
        unit="default: any number",
    )
    retry_failed: bool = option(False, "try again what failed in an earlier run")
    verify: bool = option(
        False,
        "read the pictures of earlier runs and draw anew those whose CRC-32 has changed; those "
        "that are gone or of another size are always found",
    )
    part: Part | None = option(
        None,
        "draw part K of N into an OUT that all parts share; when all are done, ecgmpi merge OUT",
        metavar="K/N",
        unit="default: all of it",
    )
    overwrite: bool = option(False, "start afresh: remove what an earlier job left in OUT")
    dry_run: bool = option(False, "say what would be done and how large it would be; do nothing")
    progress: str = option("auto", "how progress is shown on standard error", choices=PROGRESS)
    verbose: int = option(0, "say more; twice: tracebacks of what went wrong inside")

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
