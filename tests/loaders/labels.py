"""Labels of the odd corpus: of each type, with and without gaps, and what must come of them.

One table has a row for every recording. The other has none for every third, and of its rows some
lack values. So a column is either whole, and has the type of its values, or has gaps, and is of
floats where its values were integers or booleans.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

Value = Callable[[int], Any]
"""The label of the recording of a number."""

WHOLE: dict[str, Value] = {
    "fold": lambda k: k - 3,
    "sinus": lambda k: k % 2 == 0,
    "heart rate": lambda k: 60 + k / 7,
    "Befund": lambda k: f"\"Größe\" {k}, {{'NORM': 100.0}}\n心電図",
}
GAPS: dict[str, tuple[Value, Any]] = {
    "age": (lambda k: 40 + k, math.nan),
    "paced": (lambda k: k % 2 == 1, math.nan),
    "axis": (lambda k: -12.5 * k, math.nan),
    "code": (lambda k: f"{k:05d}", ""),
    # A column of pictures is called the same.
    "path": (lambda k: f"p{k}", ""),
}


def sources(corpus: Path) -> list[str]:
    """All recordings, also those that cannot be drawn, by their paths below INPUT."""
    found = (path.relative_to(corpus).as_posix() for path in corpus.rglob("*") if path.is_file())
    return sorted(path for path in found if not path.endswith(".dat"))


def label_options(corpus: Path, folder: Path) -> tuple[str, ...]:
    """Write both tables into a folder, and give the options of a job that has them."""
    tables = {folder / "whole.csv": [*WHOLE], folder / "gaps.csv": [*GAPS]}
    for table, names in tables.items():
        with table.open("w", encoding="utf-8", newline="") as handle:
            rows = csv.writer(handle)
            rows.writerow(["file", *names])
            for k, source in enumerate(sources(corpus)):
                if names == [*WHOLE]:
                    rows.writerow([source, *(value(k) for value in WHOLE.values())])
                elif k % 3:
                    rows.writerow([source, *(_given(name, k) for name in names)])
    keyed = [word for table in tables for word in ("--metadata", str(table))]
    columns = ",".join((*WHOLE, *GAPS))
    return (*keyed, "--metadata-key", "file=path", "--metadata-columns", columns)


def expected_labels(corpus: Path) -> dict[str, dict[str, Any]]:
    """Labels of each recording by its path, each of the type that it has in the manifest."""
    found = {}
    for k, source in enumerate(sources(corpus)):
        labels: dict[str, Any] = {name: value(k) for name, value in WHOLE.items()}
        for name, (_, nothing) in GAPS.items():
            value = _given(name, k) if k % 3 else ""
            is_text = isinstance(nothing, str)
            labels[name] = value if is_text else nothing if value == "" else float(value)
        found[source] = labels
    return found


def _given(name: str, k: int) -> Any:
    """What the table says; of five rows, one lacks each value."""
    value, _ = GAPS[name]
    return "" if (k + len(name)) % 5 == 0 else value(k)
