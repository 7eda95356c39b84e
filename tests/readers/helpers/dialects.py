"""Tables of text in many dialects, each with what is right to read from it.

``python -m tests.readers.helpers.dialects -n 100000 --seed 1`` writes and reads so many at random
and prints those that are read wrongly without a word. The test of 60 draws from the same generator.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt

from ecgmpi.ecg.lead_names import canonical
from ecgmpi.ecg.record import Record
from ecgmpi.errors import RecordingError
from ecgmpi.readers import read
from ecgmpi.readers.array_record import conventional_leads

RATES = (
    *(100.0, 125.0, 128.0, 130.0, 200.0, 250.0, 256.0, 257.0, 300.0, 333.0, 360.0, 400.0, 499.5),
    *(500.0, 512.0, 512.5, 1000.0, 1024.0, 1000 / 3, 977.0),
)
TO_MV = {"mV": 1.0, "uV": 1e-3, "\N{MICRO SIGN}V": 1e-3, "V": 1e3}


@dataclass(slots=True)
class Table:
    """A table and what is right.

    Attributes
    ----------
    content, suffix
        The file.
    signal
        mV where the unit is stated, else as in the file; shape (n_leads, n_samples), NaN
        where samples are missing.
    rate
        Hz; None where the file does not state it.
    leads
        Canonical; None where the file does not name them.
    unit
        Whether the file states it.
    wrong
        Whether the file contradicts itself, so that it may not be read as if it did not.
    traits
        What it is made of, for messages.
    """

    content: bytes = b""
    suffix: str = ".csv"
    signal: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    rate: float | None = None
    leads: tuple[str, ...] | None = None
    unit: bool = False
    wrong: bool = False
    traits: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class _Column:
    """Cells of a column, its header and its unit; what stands above it may be left out."""

    name: str
    cells: list[str]
    unit: str = ""
    lead: bool = False


def generate(random: Random) -> Table:
    """Draw a table."""
    table = Table()
    traits = table.traits
    count = random.choice((1, 2, 2, 3, 8, 12, 12))
    size = random.choice((15, 30, 60, 60, 150, 400))
    delimiter = random.choice((",", ",", ",", ";", "\t", "|", " ", "  ", " \t"))
    if count == 1 and random.random() < 0.3:
        delimiter = "\n"
    decimal = "," if delimiter != "," and delimiter != "|" and random.random() < 0.35 else "."
    traits |= {"leads": count, "samples": size, "delimiter": delimiter, "decimal": decimal}
    leads = _leads(random, count, size, table)
    # What a single column has beside it would need a delimiter.
    beside = [] if delimiter == "\n" else _beside(random, size, table, delimiter)
    columns = _placed(random, leads, beside)
    lines = _above(random, columns, table, delimiter)
    rows = _rows(random, columns, table, delimiter, decimal)
    body = [*lines, *rows]
    if random.random() < 0.1:
        body.insert(random.randrange(len(lines), len(body)), "")
    end = random.choice(("\n", "\n", "\r\n", "\r"))
    text = end.join(body) + (end if random.random() < 0.8 else "")
    codec = random.choice(("utf-8", "utf-8", "utf-8-sig", "latin-1", "utf-16"))
    traits |= {"end": end, "codec": codec}
    table.content = text.encode(codec)
    table.suffix = random.choice((".csv", ".csv", ".tsv", ".txt"))
    return table


def _leads(random: Random, count: int, size: int, table: Table) -> list[_Column]:
    """Draw the leads: a random walk in steps of 1 uV, so that nothing is even."""
    unit = random.choice(("mV", "mV", "uV", "\N{MICRO SIGN}V", "V", "counts"))
    walk = np.empty((count, size))
    for row in range(count):
        level = random.randrange(-300, 300)
        for place in range(size):
            level += random.randrange(-90, 91)
            walk[row, place] = level
    names = {1: ("ECG",), 2: ("MLII", "V5")}.get(count, conventional_leads(count))
    if random.random() < 0.2:
        names = conventional_leads(count)
    table.leads = tuple(map(canonical, names))
    table.signal = walk / 1000
    if unit == "counts":
        table.signal = walk.astype(float)
    scale = {"mV": (1e3, 3), "V": (1e6, 6)}.get(unit, (1.0, 0))
    columns = []
    zeros = random.random() < 0.5
    for name, samples in zip(names, walk, strict=True):
        cells = [_number(value / scale[0], scale[1], zeros) for value in samples]
        columns.append(_Column(name, cells, unit, lead=True))
    if random.random() < 0.15:
        place = random.randrange(size)
        columns[0].cells[place] = random.choice(("", "NaN", "nan", "NA"))
        table.signal[0, place] = np.nan
    table.traits |= {"unit": unit, "names": names}
    return columns


def _number(value: float, digits: int, zeros: bool) -> str:
    if not digits:
        return str(int(value))
    text = f"{value:.{digits}f}"
    return (
        text if zeros else str(float(text)) if abs(float(text)) >= 1e-4 or not float(text) else text
    )


def _beside(random: Random, size: int, table: Table, delimiter: str) -> list[_Column]:
    """Draw what stands beside the leads: time, numbers of samples, labels, text."""
    columns = []
    kind = random.choice(
        ("none", "none", "s", "s", "ms", "us", "ns", "clock", "iso", "unix", "unix_ms")
    )
    table.traits["time"] = kind
    if kind != "none":
        columns.append(_time(random, kind, size, table, delimiter))
    index = random.choice(("none", "none", "", "Unnamed: 0", "sample", "sample #", "index", "nSeq"))
    if " " in index and " " in delimiter:
        index = "sample"
    table.traits["index"] = index
    if index != "none":
        first = random.choice((0, 1, 517))
        wrap = 16 if index == "nSeq" else 1 << 40
        columns.insert(0, _Column(index, [str((first + k) % wrap) for k in range(size)]))
    if random.random() < 0.1:
        columns.append(_Column("label", [random.choice("0001") for _ in range(size)]))
    if random.random() < 0.1 and delimiter.strip(" "):
        columns.append(_Column("note", [random.choice(("ok", "noise", "N")) for _ in range(size)]))
    return columns


def _places(random: Random, size: int, table: Table) -> list[int]:
    """Place of each sample on the even beat; what is missing is NaN in the signal."""
    places = []
    at = 0
    for number in range(size):
        if number and random.random() < 2 / size:
            at += random.choice((1, 2, 7, 50))
        places.append(at)
        at += 1
    full = np.full((len(table.signal), at), np.nan)
    full[:, places] = table.signal
    table.signal = full
    table.traits["gaps"] = at - size
    return places


_SCALES = {"ms": 1e3, "unix_ms": 1e3, "us": 1e6, "ns": 1e9}
_DIGITS = {"s": (3, 4, 6, 9), "ms": (0, 0, 1, 3, 6), "unix_ms": (3,), "us": (0,), "ns": (0,)}


def _time(random: Random, kind: str, size: int, table: Table, delimiter: str) -> _Column:
    """Draw a column of time: its unit, its digits, its name, whether its name says the unit."""
    rate = random.choice(RATES)
    table.rate = rate
    scale = _SCALES.get(kind, 1.0)
    unit = {1e3: "ms", 1e6: "us", 1e9: "ns"}.get(scale, "s")
    shown = random.choice(_DIGITS.get(kind, (3, 6)))
    # Digits that do not show a step cannot show that one is missing.
    fine = rate < 0.4 * scale * 10**shown
    gaps = fine and random.random() < 0.2
    places = _places(random, size, table) if gaps else list(range(size))
    start = random.choice((0.0, 0.0, 12.5, -3.0)) if kind in ("s", "ms") else 0.0
    if kind.startswith("unix") or (kind == "us" and random.random() < 0.5):
        start = 1_700_000_000.0
    times = [start + place / rate for place in places]
    if random.random() < 0.08 and size > 20:
        _spoil(random, times, table, rate)
    cells = [f"{time * scale:.{shown}f}" for time in times]
    if kind in ("clock", "iso"):
        cells = _stamps(random, kind, times, shown, delimiter)
    table.traits["digits"] = shown
    name = random.choice(("time", "Time", "timestamp", "Elapsed time", "t", "timer"))
    if " " in delimiter:
        name = name.replace(" ", "_")
    if random.random() < 0.6 and kind not in ("clock", "iso"):
        name = random.choice((f"{name}_{unit}", f"{name}({unit})", f"{name}[{unit}]"))
    return _Column(name, cells, unit)


def _spoil(random: Random, times: list[float], table: Table, rate: float) -> None:
    """Make time jump back, so that the file may not be read as if it did not."""
    place = random.randrange(5, len(times) - 5)
    by = random.choice((0.31, 0.5)) + 30 / rate
    for later in range(place, len(times)):
        times[later] -= by
    table.wrong = True
    table.traits["spoiled"] = place


def _stamps(
    random: Random, kind: str, times: Sequence[float], digits: int, delimiter: str
) -> list[str]:
    zone = random.choice((UTC, timezone(timedelta(hours=2))))
    start = datetime(2024, 1, 31, 23, 59, 59 - random.randrange(3), tzinfo=zone)
    blank = "T" if " " in delimiter else random.choice("T ")
    suffix = random.choice(("", "Z", "+02:00")) if kind == "iso" else ""
    mark = random.choice(".,") if delimiter == ";" else "."
    cells = []
    for time in times:
        # Rounded first, so that no microsecond is lost to the binary form.
        whole = round(time * 10**digits)
        moment = start + timedelta(microseconds=whole * 10 ** (6 - digits))
        clock = f"{moment:%H:%M:%S}{mark}{moment.microsecond // 10 ** (6 - digits):0{digits}d}"
        cells.append(clock if kind == "clock" else f"{moment:%Y-%m-%d}{blank}{clock}{suffix}")
    return cells


def _placed(random: Random, leads: list[_Column], beside: list[_Column]) -> list[_Column]:
    """Put time and the rest before, behind or among the leads."""
    where = random.choice(("before", "before", "behind", "among"))
    if where == "before":
        return [*beside, *leads]
    if where == "behind":
        return [*leads, *beside]
    columns = list(leads)
    for column in beside:
        columns.insert(random.randrange(len(columns) + 1), column)
    return columns


def _above(random: Random, columns: list[_Column], table: Table, delimiter: str) -> list[str]:
    """Draw the lines above the samples: statements, names, units."""
    how = random.choice(("names", "names", "names", "units", "below", "none", "numbers", "comment"))
    if how in ("none", "numbers"):
        # Nothing would say what these are.
        columns[:] = [column for column in columns if column.name not in ("label", "note")]
    whole = all("." not in cell for column in columns for cell in column.cells[1:])
    if how == "numbers" and whole and len(columns) < 4:
        # Nobody knows whether these are samples.
        how = "none"
    table.traits["header"] = how
    lines = []
    if random.random() < 0.25 and delimiter in (";", ",", "\t"):
        lines.append(random.choice((f"sep={delimiter}", f'"sep={delimiter}"')))
    lines += _statements(random, table, how in ("units", "below"))
    names = [column.name for column in columns]
    quote = random.choice(("", "", '"', "'"))
    mark = "," if delimiter == "\n" else delimiter
    if how == "units":
        forms = ("{} ({})", "{} [{}]", "{}_{}") if " " not in delimiter else ("{}({})", "{}[{}]")
        form = random.choice(forms)
        unit = columns[[c.lead for c in columns].index(True)].unit
        if unit == "V":
            form = forms[0]
        names = [form.format(c.name, c.unit) if c.lead else c.name for c in columns]
    if how == "numbers":
        names = [str(number) for number in range(len(columns))]
    if how in ("none", "numbers"):
        table.leads = None
        names = [str(number) for number in range(len(columns))]
    if how == "none":
        return lines
    if not all(names) and " " in delimiter:
        names = [name or "index" for name in names]
    quoted = [f"{quote}{name}{quote}" for name in names]
    lines.append(("# " if how == "comment" else "") + mark.join(quoted))
    if how == "below":
        units = [c.unit if c.lead or c.unit else "-" for c in columns]
        lines.append(mark.join(f"{quote}{unit}{quote}" for unit in units))
    _state_unit(columns, table, how)
    return lines


def _state_unit(columns: list[_Column], table: Table, how: str) -> None:
    unit = next(column.unit for column in columns if column.lead)
    if how in ("units", "below") and unit in TO_MV:
        table.unit = True


def _statements(random: Random, table: Table, has_unit: bool) -> list[str]:
    """Draw comments and lines of a key and a value."""
    mark = random.choice(("# {}: {}", "# {} = {}", "{},{}", "{}: {}"))
    lines = []
    if random.random() < 0.3:
        lines += [mark.format("Patient", "A. Nobody"), mark.format("Born", "1900-01-01")]
    if random.random() < 0.3:
        rate = table.rate or random.choice(RATES)
        if random.random() < 0.1 and table.rate:
            rate *= 2
            table.wrong = True
        key = random.choice(("Sample Rate", "Sampling rate", "fs", "Sampling Frequency (Hz)"))
        value = f"{rate:.10g}" + random.choice(("", " Hz", " hertz") if "(" not in key else ("",))
        lines.append(mark.format(key, value))
        if table.rate is None:
            table.rate = rate
    unit = table.traits["unit"]
    if not has_unit and unit in TO_MV and random.random() < 0.3:
        lines.append(mark.format("Unit", unit))
        table.unit = True
    table.traits["statements"] = lines
    return lines


def _rows(
    random: Random, columns: list[_Column], table: Table, delimiter: str, decimal: str
) -> list[str]:
    """Join the cells to lines."""
    quote = '"' if random.random() < 0.1 and delimiter != "\n" else ""
    last = delimiter if random.random() < 0.15 and delimiter in (",", ";", "\t") else ""
    width = 9 if " " in delimiter else 0
    alone = len(columns) == 1
    empty = "NaN" if " " in delimiter or alone else ""
    table.traits |= {"quoted": bool(quote), "last": bool(last)}
    unit = str(table.traits["unit"])
    if unit in TO_MV and not table.unit:
        # A number without a unit is taken for mV.
        table.signal = table.signal / TO_MV[unit]
    rows = []
    for cells in zip(*(column.cells for column in columns), strict=True):
        shown = []
        for column, cell in zip(columns, cells, strict=True):
            if decimal == "," and ":" not in cell:
                cell = cell.replace(".", ",")  # noqa: PLW2901 - as it is written
            cell = cell or empty  # noqa: PLW2901
            own = quote if column.lead else ""
            shown.append(f"{own}{cell}{own}".rjust(width))
        rows.append(("" if delimiter == "\n" else delimiter).join(shown) + last)
    return rows


def fault(table: Table, record: Record) -> str | None:
    """Say what is wrong with a record and not told; None where nothing is."""
    assumed = set(record.assumed)
    told = "; ".join((*record.notes, *record.unused))
    if table.wrong:
        # Whole numbers that do not say their unit may count samples at any rate.
        said = record.unused or "it counts samples" in told
        if said and "spoiled" not in table.traits:
            return None
        return "read although it contradicts itself"
    if record.signal.shape != table.signal.shape:
        return f"shape {record.signal.shape}, not {table.signal.shape}"
    leads = table.leads or conventional_leads(len(table.signal))
    if record.leads != leads:
        return f"leads {record.leads}, not {leads}"
    if table.leads is None and "leads" not in assumed:
        return "lead names that the file does not have"
    if not np.allclose(record.signal, table.signal, rtol=1e-5, atol=1e-6, equal_nan=True):
        return "another signal"
    if table.unit == ("unit" in assumed):
        return f"unit assumed: {'unit' in assumed}"
    if table.rate is None:
        return None if "rate" in assumed else f"rate {record.rate} that the file does not have"
    if "rate" in assumed:
        # Whole milliseconds at 1000 Hz count samples as well.
        said = record.unused or "it counts samples" in told
        return None if said else "rate assumed without a word"
    if abs(record.rate / table.rate - 1) > 1e-4 and "digits of the times allow" not in told:
        return f"rate {record.rate}, not {table.rate}"
    return None


def try_one(table: Table, folder: Path) -> tuple[str, str | None]:
    """Write and read a table: what came of it, and what is wrong with that."""
    path = folder / f"table{table.suffix}"
    path.write_bytes(table.content)
    try:
        record = read(path)
    except RecordingError as error:
        return f"refused: {error.kind}", None
    return "read", fault(table, record)


def main() -> int:
    """Try many; fail where one is read wrongly."""
    name = "python -m tests.readers.helpers.dialects"
    parser = argparse.ArgumentParser(prog=name, description=__doc__)
    parser.add_argument("-n", type=int, default=100_000, help="how many (default: 100000)")
    parser.add_argument("--seed", type=int, default=1, help="of all that is random (default: 1)")
    parser.add_argument("--one", type=int, help="make this one alone and print it")
    parser.add_argument("--show", type=int, default=20, help="findings to print (default: 20)")
    given = parser.parse_args()
    warnings.simplefilter("error")
    memory = Path("/dev/shm")
    counts: Counter[str] = Counter()
    found = 0
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        for number in range(given.n) if given.one is None else (given.one,):
            table = generate(Random(f"{given.seed}/{number}"))
            if given.one is not None:
                print(*table.content.decode(str(table.traits["codec"])).splitlines(), sep="\n")
            kind, problem = try_one(table, Path(folder))
            counts[kind] += 1
            if problem:
                found += 1
                if found <= given.show:
                    print(f"\ntable {number} of seed {given.seed}: {problem}\n  {table.traits}")
    print()
    for kind, count in counts.most_common():
        print(f"{count:>9,} {kind}")
    print(f"{given.n if given.one is None else 1:,} tables, {found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
