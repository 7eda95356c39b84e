"""What an OUT holds, and how its pictures are packed: enough to find any sample."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ecgmpi.errors import JobError, UsageError
from ecgmpi.layouts import STRIP
from ecgmpi.options.spelling import NOT_GIVEN, WEAR, from_text
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.picture_formats import (
    ANNOTATION,
    CLEAN,
    MASKS,
    PICTURE_FORMATS,
    SIGNAL,
    endings_of,
)
from ecgmpi.results.finished import FinishedOut, again
from ecgmpi.store import PACKINGS, Series, StoreSpec

_PIXELS = ("png", "jpg")
"""Formats that have pixels."""


@dataclass(frozen=True, slots=True)
class Index:
    """An OUT, or one series of its pictures; made by `open`.

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
    series
        The series whose pictures are meant; empty for the clean ones. None where there are no
        worn copies, so that all are clean.
    worn
        All series of worn copies.
    """

    out: Path
    called: str
    pack: str
    format: str
    endings: Mapping[str, str]
    annotated: bool
    signals: bool
    strips: bool
    series: str | None = None
    worn: tuple[Series, ...] = ()

    @classmethod
    def open(cls, out: Path) -> Index:
        """Look at the clean pictures of an OUT whose job has ended.

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
        said = _options(finished)
        options = _Options(finished.called, said)
        pack = options.one_of("--pack", PACKINGS)
        format = options.one_of("--format", PICTURE_FORMATS)
        annotate = options.one_of("--annotate", (NOT_GIVEN, "boxes", "lines"))
        annotated = annotate != NOT_GIVEN
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
                options.some_of("--masks", MASKS),
            ),
            annotated,
            signals,
            options.said.get("--layout") == STRIP,
            worn=_worn_series(finished.called, said),
        )

    def of_series(self, asked: str | None, held: Collection[str]) -> Index:
        """Give what OUT holds of one series.

        Parameters
        ----------
        asked
            The series; None for the clean pictures, or where none is kept the only series.
        held
            The series that there are pictures of.

        Raises
        ------
        UsageError
            There are no pictures of it, or none was asked for and there are several.
        """
        names = sorted(filter(None, held))
        if asked is not None and not isinstance(asked, str):
            raise UsageError(f"series={asked!r}: name one series, as a text")
        name = asked
        if name is None:
            if CLEAN not in held and len(names) > 1:
                raise UsageError(
                    f"OUT {self.called} has no clean pictures, and several series of worn copies: "
                    f"name one with series=, of {', '.join(names)}"
                )
            name = names[0] if names and CLEAN not in held else CLEAN
        if name not in held or name not in (CLEAN, *(one.name for one in self.worn)):
            if not self.worn:
                raise UsageError(
                    f"series={name!r}: OUT {self.called} has no worn copies; leave out series, or "
                    f"render it with {WEAR}"
                )
            there = ", ".join([*names, *(["'' (the clean pictures)"] if CLEAN in held else [])])
            raise UsageError(f"series={name!r}: OUT {self.called} has none of it; it has {there}")
        if name == CLEAN:
            return replace(self, series=CLEAN) if names else self
        own = self.spec.of(name)
        signals = self.signals and (PACKINGS[self.pack].recordings or SIGNAL in own.endings)
        return replace(self, series=name, format=own.format, endings=own.endings, signals=signals)

    @property
    def spec(self) -> StoreSpec:
        """What a store knows of its job."""
        return StoreSpec("", endings=self.endings, series=self.worn)

    @property
    def pixels(self) -> bool:
        """Whether its pictures have pixels."""
        return self.format in _PIXELS

    def holds(self, kind: str) -> bool:
        """Whether each picture has a file of this kind."""
        if kind == ANNOTATION:
            return self.annotated
        return self.signals if kind == SIGNAL else kind in self.endings


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


def _worn_series(called: str, said: Mapping[str, str]) -> tuple[Series, ...]:
    """The series of worn copies of a job by its options.

    Raises
    ------
    JobError
        They are those of another version.
    """
    if said.get(WEAR, NOT_GIVEN) == NOT_GIVEN:
        return ()
    try:
        return from_text(said).worn_series
    except UsageError as error:
        raise JobError(
            f"OUT {called}: its options are not of this version of ecgmpi ({error}); read it with "
            "the version that made it"
        ) from error


@dataclass(frozen=True, slots=True)
class _Options:
    """The options of a job, as a user would type them."""

    called: str
    said: Mapping[str, str]

    def one_of(self, flag: str, allowed: Iterable[str]) -> str:
        """The value of an option; raises JobError where it is none that is known."""
        value = self.said.get(flag, "missing")
        if value not in allowed:
            raise self._of_another_version(flag, value)
        return value

    def some_of(self, flag: str, allowed: Collection[str]) -> tuple[str, ...]:
        """The names that an option has; none where the job is older than that.

        Raises
        ------
        JobError
            One of them is not known.
        """
        value = self.said.get(flag, NOT_GIVEN)
        names = () if value == NOT_GIVEN else tuple(value.split(","))
        for name in names:
            if name not in allowed:
                raise self._of_another_version(flag, value)
        return names

    def given(self, flag: str) -> bool:
        """Whether a switch is given; raises JobError where that is not known."""
        return self.one_of(flag, ("True", "False")) == "True"

    def _of_another_version(self, flag: str, value: str) -> JobError:
        return JobError(
            f"OUT {self.called}: its options are not of this version of ecgmpi ({flag} is "
            f"{value}); read it with the version that made it"
        )
