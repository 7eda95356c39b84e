"""What is drawn and how it looks: with the inputs, these options decide every byte in OUT.

Each option is declared once. The command line, its help, TOML files and the Python call are
made from this dataclass and from `Running`.
"""

from __future__ import annotations

from dataclasses import dataclass

from ecgmpi.ecg.lead_names import canonical
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
from ecgmpi.picture_formats import (
    COMPRESSIONS,
    FAST,
    MASKS,
    MOST_QUALITY,
    PICTURE_FORMATS,
    endings_of,
)
from ecgmpi.store import PACKINGS, Series
from ecgmpi.store.series import refuse_splits
from ecgmpi.themes import THEMES, Style

from .custom import own
from .option import INPUT, ON_PAGES, OUTPUT, PICTURE, RESUMING, TRUTH, check_options, option
from .wearing import Wearing

BASELINES = ("none", "median")
UNITS = ("mV", "uV", "V", "nV")
BOXES, LINES = ANNOTATIONS = ("boxes", "lines")

MOST_IN_A_SHARD = 4096
"""Recordings of a shard: a rank that dies costs at most the shards in flight."""


@dataclass(frozen=True, slots=True)
class Rendering(Wearing):
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
        "pixel of every sample, also as .points.npy (default: none)",
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
    masks: tuple[str, ...] | None = option(
        None,
        "write more masks beside each picture, as PNG: bits has a bit a lead, so that each of two "
        "traces survives where they cross; grid has the lines of the paper and where bold ones "
        "cross; text has the letters; needs --annotate (default: none)",
        group=TRUTH,
        metavar="bits,grid,text",
        choices=MASKS,
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
    compression: str | None = option(
        None,
        "compress each png, masks too, fast or small; small has the same pixels in two thirds "
        "of the bytes, for two (pages) to three times (strips) the CPU of the job (default: fast)",
        group=OUTPUT,
        choices=tuple(COMPRESSIONS),
    )
    pack: str = option(
        "files",
        "choose how pictures are stored: "
        + ", ".join(f"{packing.name} is {packing.about}" for packing in PACKINGS.values()),
        group=OUTPUT,
        choices=tuple(PACKINGS),
    )
    shard_recordings: int | None = option(
        None,
        "pack this many recordings into a shard",
        group=OUTPUT,
        metavar="N",
        unit="default: one in 256 of all, at most 128",
        at_least=1,
        at_most=MOST_IN_A_SHARD,
    )
    with_signals: bool = option(
        False,
        "store the samples that are drawn beside each picture, in mV, as .signal.npy; with --pack "
        "hdf5, once a recording",
        group=OUTPUT,
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
    name_with_ending: bool = option(
        False,
        "name each recording with the ending of its file, x.mat rather than x, so that x.mat and "
        "x.csv of one folder are both drawn",
        group=OUTPUT,
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
        check_options(self)
        self.check_labels()
        self.check_wear()
        if self.units is not None and self.adc_gain is not None:
            raise UsageError("--adc-gain is counts per mV and --units a unit: give one of them")
        if self.quality is not None:
            if self.format != "jpg":
                raise UsageError("--quality is for jpg: add --format jpg, or leave it out")
            if self.quality > MOST_QUALITY:
                raise UsageError(f"--quality {self.quality}: give at most {MOST_QUALITY}")
        if self.compression is not None:
            if self.format != "png":
                raise UsageError("--compression is for png: leave it out, or choose --format png")
            if self.compression == FAST:
                # An OUT that was begun without it has the same bytes.
                object.__setattr__(self, "compression", None)
        if self.mask and self.format in ("svg", "pdf"):
            raise UsageError(f"--mask: {self.format} has no pixels; choose --format png or jpg")
        if self.mask and self.annotate is None:
            raise UsageError(
                "--mask: the annotation says what its shades mean; add --annotate boxes"
            )
        if self.masks is not None:
            self._check_masks(self.masks)
        if self.shard_recordings is not None and not PACKINGS[self.pack].shards:
            raise UsageError(f"--shard-recordings: {self.pack} makes no shards; add --pack tar")
        if self.leads is not None:
            object.__setattr__(self, "leads", tuple(map(canonical, self.leads)))
            if len(set(self.leads)) < len(self.leads):
                raise UsageError(f"--leads {','.join(self.leads)}: name each lead once")
        if self.lead_names is not None:
            object.__setattr__(self, "lead_names", tuple(map(canonical, self.lead_names)))
            if len(set(self.lead_names)) < len(self.lead_names):
                raise UsageError(f"--lead-names {','.join(self.lead_names)}: name each lead once")
        if isinstance(self.layout, PageSpec):
            object.__setattr__(self, "layout", own(canonical_page(self.layout), "layout", PAGES))
        if isinstance(self.theme, Style):
            object.__setattr__(self, "theme", own(self.theme, "theme", THEMES))
        if self.split_rule is not None:
            refuse_splits(self.worn_series, self.split_rule.names)
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
    def packed_by(self) -> tuple[str, ...]:
        """Packages that affect the bytes of its shards."""
        return PACKINGS[self.pack].decisive

    @property
    def signals_once(self) -> bool:
        """Whether it keeps what is drawn of a recording once, and not with each picture."""
        return self.with_signals and PACKINGS[self.pack].recordings

    @property
    def worn_series(self) -> tuple[Series, ...]:
        """The series of worn copies that it makes of each picture."""
        return tuple(
            Series(
                one.name,
                endings_of(
                    one.profile.format,
                    told=True,
                    mask=self.mask,
                    points=self.annotate == LINES,
                    signal=self.with_signals and not self.signals_once,
                    masks=self.masks or (),
                    map=True,
                    crossings=True,
                    hidden=self.mask or self.masks is not None,
                ),
                one.copies,
            )
            for one in self.worn
        )

    @property
    def compressed_by(self) -> tuple[str, ...]:
        """Packages that affect the bytes of its PNGs."""
        formats = {self.format, *(one.profile.format for one in self.worn)}
        if "png" not in formats and not self.mask and self.masks is None:
            return ()
        return COMPRESSIONS[self.compression or FAST]

    @property
    def style(self) -> Style:
        """The look."""
        return self.theme if isinstance(self.theme, Style) else THEMES[self.theme]

    def _check_masks(self, masks: tuple[str, ...]) -> None:
        given = f"--masks {','.join(masks)}"
        if len(set(masks)) < len(masks):
            raise UsageError(f"{given}: name each mask once")
        if self.format in ("svg", "pdf"):
            raise UsageError(f"{given}: {self.format} has no pixels; choose --format png or jpg")
        if self.annotate is None:
            raise UsageError(
                f"{given}: the annotation says what their values mean; add --annotate boxes"
            )
        # Whatever order they are named in, the job is the same.
        object.__setattr__(self, "masks", tuple(mask for mask in MASKS if mask in masks))

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
