"""What is drawn and how it looks: with the inputs, these options decide every byte in OUT.

Each option is declared once: here, or in the dataclasses of labels, worn copies, truth, input and
output files that this one extends. The command line, its help, TOML files and the Python call are
made from it and from `Running`.
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
from ecgmpi.store.series import refuse_splits
from ecgmpi.themes import THEMES, Style

from .custom import own
from .option import ON_PAGES, PICTURE, RESUMING, check_options, option
from .output import Output

BASELINES = ("none", "median")


@dataclass(frozen=True, slots=True)
class Rendering(Output):
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
        self.check_files()
        self.check_output()
        self.check_truth(self.format)
        if self.leads is not None:
            object.__setattr__(self, "leads", tuple(map(canonical, self.leads)))
            if len(set(self.leads)) < len(self.leads):
                raise UsageError(f"--leads {','.join(self.leads)}: name each lead once")
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
