"""Debian's Chromium without a screen: what it makes of pages, and their print."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEASURE = Path(__file__).with_name("measure.js")

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    # For the frames of the page that measures, and for the names that a screen reader says.
    "--allow-file-access-from-files",
    "--enable-blink-features=ComputedAccessibilityInfo",
)

_MEASURING = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><style>:root {{ color-scheme: light dark; }}</style></head>
<body><pre id="measured"></pre>
<script>{script}</script><script>measureAll({asked});</script></body></html>
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page is in a window of one width, light or dark.

    Attributes
    ----------
    page, width, dark
        What was opened, in a window of how many px, and whether the reader prefers it dark.
    tags
        The elements that the browser made of it, in order.
    window_px, page_px
        Width of the window, and of the page in it.
    images
        Of each image, its own width in px, 0 where it is broken, and its alternative text.
    figures
        Of each figure and table, its tag, and its role and name for whoever does not see it.
    background
        Luminance behind all, 0 to 1.
    contrasts
        Kind of text -> the least contrast with what is behind it, and where.
    clashes
        Texts of figures that are cut off, or that lie on one another.
    smallest_px
        Size of the smallest text.
    tops
        Id of a heading of the overview -> how far down it begins, px.
    fetched
        Addresses of all that the page loaded.
    """

    page: Path
    width: int
    dark: bool
    tags: list[str]
    window_px: int
    page_px: int
    images: list[tuple[int, str]]
    figures: list[tuple[str, str, str]]
    background: float
    contrasts: dict[str, tuple[float, str]]
    clashes: list[str]
    smallest_px: float
    tops: dict[str, float]
    fetched: list[str]

    def __str__(self) -> str:
        return f"{self.page.parent.name}, {self.width} px, {'dark' if self.dark else 'light'}"


def look(pages: Sequence[Path], widths: Sequence[int], dark: bool) -> list[Seen]:
    """Open each page, unchanged, in windows of each width."""
    asked = [(page, width) for page in pages for width in widths]
    addresses = json.dumps([(page.as_uri(), width) for page, width in asked])
    with tempfile.TemporaryDirectory() as folder:
        # A script must not hold what could end it.
        measuring = _MEASURING.format(
            script=MEASURE.read_text(encoding="utf-8"), asked=addresses.replace("<", "\\u003c")
        )
        page = Path(folder) / "measure.html"
        page.write_text(measuring, encoding="utf-8")
        shown = _chromium(dark, "--virtual-time-budget=60000", "--dump-dom", page.as_uri())
    told = re.search(r'<pre id="measured">(.+?)</pre>', shown, re.DOTALL)
    assert told, shown[-2000:]
    measured: list[dict[str, Any]] = json.loads(html.unescape(told[1]))
    for one in measured:
        assert "error" not in one, one["error"]
        one |= {name: [tuple(part) for part in one[name]] for name in ("images", "figures")}
    return [
        Seen(page=page, width=width, dark=dark, **one)
        for (page, width), one in zip(asked, measured, strict=True)
    ]


def print_to_pdf(page: Path, pdf: Path, dark: bool) -> None:
    """Print a page, as from the menu of a browser."""
    _chromium(dark, f"--print-to-pdf={pdf}", "--no-pdf-header-footer", page.as_uri())


def _chromium(dark: bool, *arguments: str) -> str:
    program = shutil.which("chromium")
    assert program is not None
    scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, *_FLAGS, scheme, f"--user-data-dir={profile}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
    return done.stdout
