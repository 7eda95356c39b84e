"""Real leads, drawn and decoded: the error of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ecgmpi.drawing import annotation, draw
from ecgmpi.ecg.record import Record
from ecgmpi.readers import read
from tests.roundtrip.ink import Floats, ink_of

LEADS = 25
SPARE = 5
"""Recordings that stand in for those whose trace crosses another on a page."""
BOUNDS = {"strip": (18.0, 45.0), "page": (22.0, 55.0)}
"""What a column centroid must reach, median and worst, uV: strips at 400 dpi, pages at 300."""
Decoder = Callable[[Floats, dict[str, Any], dict[str, Any]], Floats]


@dataclass(frozen=True)
class Trip:
    """One lead there and back: root mean square error, uV."""

    record: str
    lead: str
    error: float


def corpus(folder: Path) -> list[tuple[Record, str]]:
    """25 recordings, spare ones, and a lead of each, whatever it looks like."""
    files = sorted((folder / "first_china" / "TRAIN").glob("*.mat"))[: LEADS + SPARE]
    records = [read(path) for path in files]
    return [(record, record.leads[5 * k % 12]) for k, record in enumerate(records)]


def error(found: Floats, lead: dict[str, Any], record: Record) -> float:
    """Root mean square, uV."""
    true = record[lead["lead"]][lead["start_sample"] : lead["end_sample"]]
    return float(1e3 * np.sqrt(np.mean(np.square(found - true))))


def strips(chosen: list[tuple[Record, str]], decode: Decoder, **options: Any) -> Iterator[Trip]:
    """Draw each lead as a strip and read it back."""
    for record, name in chosen[:LEADS]:
        picture = draw(record, "strip", lead=name, **options)
        said = json.loads(annotation(picture, lines=False))
        (lead,) = said["leads"]
        found = decode(ink_of(picture.png(), said), lead, said)
        yield Trip(record.name, name, error(found, lead, record))


def pages(
    chosen: list[tuple[Record, str]], decode: Decoder, every: bool = False, **options: Any
) -> Iterator[Trip]:
    """Draw each recording as a page and read the lead, or every one, if it crosses no other."""
    read_back = 0
    for record, name in chosen:
        if read_back == LEADS and not every:
            return
        picture = draw(record, "3x4+1", **options)
        said = json.loads(annotation(picture, lines=True))
        lines = [_line(lead, said) for lead in said["leads"]]
        for lead in said["leads"]:
            del lead["plotted_pixels"]
        ink = ink_of(picture.png(), said)
        for number, lead in enumerate(said["leads"]):
            others = lines[:number] + lines[number + 1 :]
            wanted = every or (lead["lead"] == name and lead["column"] >= 0)
            if wanted and not any(_touch(lines[number], other) for other in others):
                read_back += 1
                yield Trip(record.name, lead["lead"], error(decode(ink, lead, said), lead, record))


@dataclass(frozen=True)
class _Line:
    """Where a trace is between each sample and the next: y from, to, px, with its stroke."""

    first: int  # sample intervals from the left edge of the grid
    low: Floats
    high: Floats


def _line(lead: dict[str, Any], said: dict[str, Any]) -> _Line:
    y = np.array(lead["plotted_pixels"])[:, 0]
    half = said["trace_width"] / 2 + 1
    per_sample = said["px_per_s"] / said["sampling_frequency"]
    return _Line(
        first=round((lead["x0"] - said["grid"]["box"][0]) / per_sample),
        low=np.minimum(y[:-1], y[1:]) - half,
        high=np.maximum(y[:-1], y[1:]) + half,
    )


def _touch(one: _Line, other: _Line) -> bool:
    """Whether two traces come within some pixels of each other."""
    begin = max(one.first, other.first)
    end = min(one.first + len(one.low), other.first + len(other.low))
    if begin >= end:
        return False
    a, b = slice(begin - one.first, end - one.first), slice(begin - other.first, end - other.first)
    return bool(((one.low[a] < other.high[b]) & (other.low[b] < one.high[a])).any())
