"""The contact sheet of a report: a thumbnail of each picked picture, and how to see it whole."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ecgmpi.errors import EcgmpiError
from ecgmpi.options.spelling import from_text
from ecgmpi.pipeline import store_spec
from ecgmpi.store import PACKINGS
from ecgmpi.store.base import safe_name
from ecgmpi.store.reading import PictureReader

from .commands import Commands
from .picks import Pick, Shown
from .thumbnails import thumbnail

MOST_PX = 640
"""Width of a thumbnail, px."""

MOST_BYTES = 80_000
"""Of a thumbnail: 24 of them must fit into a report of 3 MB. A larger one is left out."""


@dataclass(frozen=True, slots=True)
class Card:
    """A picture on the contact sheet.

    Attributes
    ----------
    reasons
        Why it is shown.
    name, source
        Its recording, and that one's file below INPUT.
    lead
        The lead that it shows; empty on a page, which shows all.
    shows
        What it is, in words: for whoever does not see it, too.
    link
        The picture, relative to the report; empty where it is packed.
    command
        What draws it again, where it is packed; else empty.
    image, width_px, height_px
        The thumbnail as a ``data:`` address, and its size; empty where there is none.
    """

    reasons: tuple[str, ...]
    name: str
    source: str
    lead: str
    shows: str
    link: str
    command: str
    image: str = ""
    width_px: int = 0
    height_px: int = 0


def cards(
    picks: Iterable[Pick],
    out: Path,
    report: Path,
    commands: Commands,
    paths: Mapping[int, str],
    check: Callable[[], None] = lambda: None,
) -> Iterator[Card]:
    """Make the contact sheet.

    Parameters
    ----------
    picks
        The recordings to show.
    out, report
        OUT, and the folder of the report.
    commands
        Makes commands for this OUT.
    paths
        Index of a recording in the catalogue -> its file.
    check
        Called before each picture.
    """
    try:
        rendering = from_text(commands.options)
    except EcgmpiError:
        # Drawn by another version, whose pictures are still there to be linked.
        return
    packs = PACKINGS[rendering.pack].shards
    page = rendering.page is not None
    with closing(PictureReader(out, rendering.pack, store_spec(rendering))) as reader:
        for pick in picks:
            if pick.picture is None:
                continue
            check()
            shown = pick.picture
            lead = "" if page else shown.lead
            command = link = ""
            if packs:
                name = f"{safe_name(pick.name.rpartition('/')[2])}.{rendering.format}"
                path = paths.get(pick.index)
                command = commands.show(path, lead, name) if path else ""
            else:
                link = link_to(out / shown.path, report)
            yield Card(
                pick.reasons,
                pick.name,
                pick.source,
                lead,
                _words(pick, lead, shown),
                link,
                command,
                *_thumbnail(reader, shown),
            )


def link_to(file: Path, folder: Path) -> str:
    """The address of a file on a page that lies in a folder."""
    return quote(os.fsencode(os.path.relpath(file, folder)))


def _words(pick: Pick, lead: str, shown: Shown) -> str:
    what = f"lead {lead}" if lead else "a page"
    if shown.min_mv is None or shown.max_mv is None:
        return f"{what} of {pick.name}, without samples"
    return f"{what} of {pick.name}, {shown.min_mv:.3g} to {shown.max_mv:.3g} mV"


def _thumbnail(reader: PictureReader, shown: Shown) -> tuple[str, int, int]:
    try:
        data = reader.read(shown.path, shown.key, series=shown.series)
    except (OSError, KeyError, ValueError):
        # Removed since, or damaged: ecgmpi verify says so.
        return "", 0, 0
    made = thumbnail(data, MOST_PX)
    if made is None or len(made.data) > MOST_BYTES:
        return "", 0, 0
    coded = base64.b64encode(made.data).decode("ascii")
    return f"data:{made.mime};base64,{coded}", made.width, made.height
