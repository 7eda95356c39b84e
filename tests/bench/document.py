"""A run of benchmarks as JSON: the figures by name, and what they were measured with.

``{"strip.ratio": 251.3, ..., "units": {...}, "spread": {...}, "machine": {...}, ...}``: a figure is
found by its name at the top, and more about it under the same name in the tables below it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ecgmpi.atomic import replacing
from tests.bench.figures import Figure

Document = dict[str, Any]


def document_of(figures: Iterable[Figure], setting: Mapping[str, Any]) -> Document:
    """One run.

    Parameters
    ----------
    figures
        All that was measured.
    setting
        Machine, versions and the like, under names of their own.
    """
    held = list(figures)
    return {
        **{one.name: _rounded(one.value) for one in held},
        "units": {one.name: one.unit for one in held},
        "about": {one.name: one.about for one in held},
        "spread": {
            one.name: [_rounded(one.low), _rounded(one.high)] for one in held if one.rounds > 1
        },
        "rounds": {one.name: one.rounds for one in held},
        "gates": {
            one.name: {
                name: _rounded(limit)
                for name, limit in (("least", one.least), ("most", one.most))
                if limit is not None
            }
            for one in held
            if one.least is not None or one.most is not None
        },
        "missed": [one.name for one in held if one.missed],
        **setting,
    }


def figures_of(document: Document) -> list[Figure]:
    """The figures of a run."""
    found = []
    for name, unit in document["units"].items():
        value = document[name]
        low, high = document["spread"].get(name, (value, value))
        gate = document["gates"].get(name, {})
        about, rounds = document["about"][name], document["rounds"][name]
        found.append(Figure(name, value, unit, about, low, high, rounds, **gate))
    return found


def write(document: Document, path: Path) -> None:
    """Write a run to `path`, never half of it."""
    with replacing(path) as temporary:
        text = json.dumps(document, indent=1, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8")


def read(path: Path) -> Document:
    """The run that was written to `path`."""
    document: Document = json.loads(path.read_text(encoding="utf-8"))
    return document


def _rounded(value: float) -> float:
    """To six digits that count: the others are noise."""
    return float(f"{value:.6g}")
