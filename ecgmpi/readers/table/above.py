"""Reads the lines above a table, the JSON header of OpenSignals among them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ecgmpi.readers.text_dialect import Dialect

from .preamble import LONGEST_LINE, Preamble, Stated, of_pair, statements, without_mark

LONGEST_JSON = 1 << 16
"""Longest JSON header that is read, characters."""

LONGEST_KEY = 80
"""Longest key or value in such a header, characters."""


def collect(lines: Sequence[tuple[int, str, bool]], dialect: Dialect) -> Preamble:
    """Read all lines above the samples except the header.

    Parameters
    ----------
    lines
        Number, text, and whether it is a comment.
    dialect
        The dialect of the samples, which a line above them often shares.
    """
    preamble = Preamble()
    for number, text, comment in lines:
        if comment:
            bare = without_mark(text)
            if not read_json(bare, number, preamble):
                preamble.add(statements(bare, number, key_value=False))
            continue
        cells = [cell for cell in dialect.cells(text[:LONGEST_LINE]) if cell]
        # LabVIEW repeats a value for each channel.
        pair = len(cells) > 1 and len(set(cells[1:])) == 1 and dialect.delimiter is not None
        joined = ",".join(cells[:2]) if pair else text
        if not preamble.add(statements(joined, number, key_value=True)):
            preamble.skipped.append(number)
    return preamble


def read_json(text: str, number: int, into: Preamble) -> bool:
    """Read a JSON header, as OpenSignals writes it; return whether it is one.

    Devices are keys of an object, each with its ``column`` and ``label``. A column that is
    not the label of a signal is a counter or a digital line.
    """
    if not text.startswith("{") or len(text) > LONGEST_JSON:
        return False
    try:
        top = json.loads(text)
    except (ValueError, RecursionError):
        return False
    where = f"line {number}"
    devices = [value for value in top.values() if isinstance(value, dict)] or [top]
    columns: list[str] = []
    aside: set[str] = set()
    for device in devices[:8]:
        for key, value in device.items():
            if isinstance(value, int | float | str) and not isinstance(value, bool):
                into.add(of_pair(str(key)[:LONGEST_KEY], str(value)[:LONGEST_KEY], where))
        labels = _texts(device, "label", "labels")
        sensors = _texts(device, "sensor", "sensors")
        named = dict(zip(labels, sensors, strict=False)) if len(labels) == len(sensors) else {}
        for column in _texts(device, "column", "columns"):
            sensor = named.get(column, "")
            if sensor.lower() in ("", "raw", "custom"):
                # Its A1 is an analogue input, not an ear electrode.
                sensor = f"input {column}" if column in labels else column
            columns.append(sensor)
            if labels and column not in labels:
                aside.add(column)
        if device.get("resolution"):
            into.add([Stated("resolution", where)])
    into.columns, into.aside = tuple(columns), frozenset(aside)
    return True


def _texts(device: dict[str, Any], *keys: str) -> list[str]:
    for key in keys:
        value = device.get(key)
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return [one[:200] for one in value[:256]]
    return []
