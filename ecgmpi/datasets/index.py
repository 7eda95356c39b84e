"""What an OUT holds, and how its pictures are packed: enough to find any sample."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecgmpi.errors import JobError
from ecgmpi.layouts import STRIP
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.picture_formats import (
    ANNOTATION,
    MASK,
    PICTURE,
    PICTURE_FORMATS,
    POINTS,
    endings_of,
)
from ecgmpi.results.finished import FinishedOut, again
from ecgmpi.store import PACKINGS

_PIXELS = ("png", "jpg")
"""Formats that have pixels."""

_NOT_GIVEN = "not given"


@dataclass(frozen=True, slots=True)
class Index:
    """An OUT; made by `open`.

    Attributes
    ----------
    out
        OUT.
    called
        How messages name it.
    pack
        How its pictures are packed, a name in `ecgmpi.store.PACKINGS`.
    format
        Of its pictures, a name in `ecgmpi.picture_formats`.
    endings
        What the names of the files of a picture end in, by kind, the picture's own first.
    annotated
        Whether an annotation says where everything on a picture lies.
    signals
        Whether it holds what is drawn in mV.
    strips
        Whether each picture is one lead.
    """

    out: Path
    called: str
    pack: str
    format: str
    endings: Mapping[str, str]
    annotated: bool
    signals: bool
    strips: bool

    @classmethod
    def open(cls, out: Path) -> Index:
        """Look at an OUT whose job has ended.

        Raises
        ------
        UsageError
            It is not an OUT.
        JobError
            Its job has not ended, or what it was made with is not known.
        """
        finished = FinishedOut.open(out)
        if unfinished := finished.unfinished():
            raise JobError(unfinished)
        options = _Options(finished.called, _options(finished))
        pack = options.one_of("--pack", PACKINGS)
        format = options.one_of("--format", PICTURE_FORMATS)
        annotate = options.one_of("--annotate", (_NOT_GIVEN, "boxes", "lines"))
        annotated = annotate != _NOT_GIVEN
        told = annotated or PACKINGS[pack].shards
        signals = options.given("--with-signals")
        return cls(
            # A process that is spawned may work in another folder.
            out.absolute(),
            finished.called,
            pack,
            format,
            endings_of(
                format,
                told,
                options.given("--mask"),
                annotate == "lines",
                signals and not PACKINGS[pack].recordings,
            ),
            annotated,
            signals,
            options.said.get("--layout") == STRIP,
        )

    @property
    def pixels(self) -> bool:
        """Whether its pictures have pixels."""
        return self.format in _PIXELS

    def holds(self, kind: str) -> bool:
        """Whether each picture has a file of this kind."""
        if kind == ANNOTATION:
            return self.annotated
        return kind in self.endings if kind in (PICTURE, MASK, POINTS) else self.signals


def _options(finished: FinishedOut) -> dict[str, str]:
    """The options that its job noted, for itself and in run.json, which may be all that is left.

    Raises
    ------
    JobError
        Neither is there.
    """
    paths: JobPaths = finished.paths
    for place in (paths.job_json, paths.run_json):
        try:
            said: Any = json.loads(place.read_text(encoding="utf-8"))["options"]
            return {str(flag): str(value) for flag, value in said.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    raise JobError(
        f"OUT {finished.called}: neither .ecgmpi/{paths.job_json.name} nor {paths.run_json.name} "
        f"says how its pictures were made; copy one of them, too, when you copy an OUT, or "
        f"{again(paths)}"
    )


@dataclass(frozen=True, slots=True)
class _Options:
    """The options of a job, as a user would type them."""

    called: str
    said: Mapping[str, str]

    def one_of(self, flag: str, allowed: Iterable[str]) -> str:
        """The value of an option; raises JobError where it is none that is known."""
        value = self.said.get(flag, "missing")
        if value not in allowed:
            raise JobError(
                f"OUT {self.called}: its options are not of this version of ecgmpi ({flag} is "
                f"{value}); read it with the version that made it"
            )
        return value

    def given(self, flag: str) -> bool:
        """Whether a switch is given; raises JobError where that is not known."""
        return self.one_of(flag, ("True", "False")) == "True"
