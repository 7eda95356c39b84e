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
from ecgmpi.review.roundtrip.bounds import rms_error
from ecgmpi.review.roundtrip.crossing import line_of, touches_another
from ecgmpi.review.roundtrip.ink import Floats, ink_of

LEADS = 25
SPARE = 5
"""Recordings that stand in for those whose trace crosses another on a page."""
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
    return rms_error(found, true)


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
        lines = [
            line_of(np.array(lead["plotted_pixels"])[:, 0], lead, said) for lead in said["leads"]
        ]
        for lead in said["leads"]:
            del lead["plotted_pixels"]
        ink = ink_of(picture.png(), said)
        for number, lead in enumerate(said["leads"]):
            wanted = every or (lead["lead"] == name and lead["column"] >= 0)
            if wanted and not touches_another(lines, number):
                read_back += 1
                yield Trip(record.name, lead["lead"], error(decode(ink, lead, said), lead, record))
