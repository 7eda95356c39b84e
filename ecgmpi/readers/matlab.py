"""MATLAB files up to 7.2 (``-v4``, ``-v6``, ``-v7``), decoded by `scipy.io`.

scipy decodes the heads of variables and the values. It is handed one variable at a time,
known to lie within the file, for to look at a head it inflates 128 KiB of the file, and it
dies of values of an unknown type. What is needed for that is looked up in `matlab_variables`.
"""

from __future__ import annotations

import math
import warnings
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import RecordingError
from ecgmpi.record import Record

from .array import orient, record_from_array
from .base import (
    DEFAULT_KEYS,
    MATLAB_HELD,
    RATE_NAMES,
    ReadHints,
    Source,
    corrupt,
    no_variable,
    plausible,
    plausible_rate,
    printable,
)
from .checks import check_size, check_type, not_numeric
from .matlab_variables import HEAD, Found, alone, inflate, member_of, variables4, variables5
from .sniff import matlab5
from .wfdb import load_beside


def load(source: Source, hints: ReadHints) -> Record:
    """Read one variable of a MATLAB file before 7.3 as a recording.

    Parameters
    ----------
    source
        The open file.
    hints
        Its key is the variable's name, or that of a member of a struct, ``ECG.data``. Where
        it is None, see `DEFAULT_KEYS`; and a file with a WFDB header beside it that names
        it is read through that.

    Raises
    ------
    RecordingError
        The file is damaged, or has no such variable, or that is not a recording.
    """
    record = load_beside(source, hints)
    if record is not None:
        return record
    five = matlab5(source.head)
    form = "matlab-5" if five else "matlab-4"
    found, what, notes, inside = _wanted(source, five, hints.key)
    array = _values(inside, found, hints, what)
    rate, told = (None, []) if _alone_in(source, found) else _rate(source, five, hints)
    return record_from_array(
        array,
        hints,
        name=source.name,
        format=form,
        what=what,
        rate=rate,
        notes=[*notes, *told],
    )


def _alone_in(source: Source, found: Found) -> bool:
    """Whether a variable is all that its file holds."""
    return found.begin <= 136 and found.begin + found.length >= source.size


def _rate(source: Source, five: bool, hints: ReadHints) -> tuple[float | None, list[str]]:
    """Samples per second, Hz, if a variable says it; and what to tell of that."""
    try:
        for found in variables5(source) if five else variables4(source):
            name = found.variable.name
            if name in RATE_NAMES and math.prod(found.variable.shape) == 1:
                rate = plausible_rate(_values(source, found, hints, f"variable '{name}'"))
                if rate is not None:
                    return rate, [f"rate {rate:g} Hz from variable '{name}'"]
    except RecordingError:
        # What is damaged is not the recording.
        pass
    return None, []


def _wanted(source: Source, five: bool, key: str | None) -> tuple[Found, str, list[str], Source]:
    """Find the variable to read, what to call it, what to tell of it, and where it is.

    That is `key`, which may name a member of a struct (``ECG.data``); or the first of
    `DEFAULT_KEYS`; or else the only variable that could be a recording.
    """
    seen: list[Found] = []
    damage: RecordingError | None = None
    try:
        for found in variables5(source) if five else variables4(source):
            if found.variable.name == (key or DEFAULT_KEYS[0]):
                return found, f"variable '{printable(found.variable.name)}'", [], source
            seen.append(found)
    except RecordingError as error:
        damage = error
    named = {found.variable.name: found for found in seen}
    for wanted in (key,) if key else DEFAULT_KEYS:
        struct, _, member = wanted.partition(".")
        if wanted in named:
            return named[wanted], f"variable '{printable(wanted)}'", [], source
        if member and struct in named and named[struct].variable.kind == "struct":
            inside = member_of(source, named[struct], member)
            inner = next(variables5(inside), None)
            if inner is None:
                raise corrupt(f"'{printable(wanted)}' makes no sense")
            return inner, f"'{printable(wanted)}'", [], inside
    if damage is not None:
        raise damage
    likely = plausible([found.variable for found in seen])
    if key is None and len(likely) == 1:
        only = named[likely[0].name]
        what = f"variable '{printable(only.variable.name)}'"
        return only, what, [f"{what} taken, the only array that may be a recording"], source
    raise no_variable(key, [found.variable for found in seen])


def _values(source: Source, found: Found, hints: ReadHints, what: str) -> npt.NDArray[Any]:
    """Read the values of a variable, in the shape that MATLAB shows."""
    from scipy.io import loadmat

    shape, kind = found.variable.shape, found.variable.kind
    if held := MATLAB_HELD.get(kind.removesuffix(" complex")):
        raise not_numeric(what, held)
    if kind.endswith("complex"):
        check_type(np.dtype(complex), what)
    orient(shape, what)
    check_size(shape, 1, hints, what)
    if not found.itemsize:
        raise corrupt(f"{what} keeps its values as a type that does not exist")
    check_size(shape, found.itemsize, hints, what)
    needed = math.prod(shape) * found.itemsize
    if found.size != needed:
        raise corrupt(
            f"{what} is {'x'.join(map(str, shape))} by its dimensions, which is "
            f"{needed:,} bytes, but keeps {found.size:,} bytes of values"
        )
    content = alone(source, _fetch(source, found, what))
    try:
        # It warns of a variable with the name of one of its own entries.
        with warnings.catch_warnings(action="ignore"):
            return cast(npt.NDArray[Any], loadmat(content)[found.variable.name])
    except MemoryError:
        raise
    except Exception as error:
        raise corrupt(f"{what} makes no sense") from error


def _fetch(source: Source, found: Found, what: str) -> bytes:
    """Read a variable as far as its values go."""
    # Deflate adds little to what it cannot shrink: nothing past this can be values.
    most = 2 * found.end + HEAD if found.deflated else found.end
    content = source.at(found.begin, min(found.length, most))
    if found.deflated:
        content = inflate(content, found.end, whole=True)
    if len(content) < found.end:
        have = max(0, len(content) - found.end + found.size)
        raise corrupt(f"{what} ends after {have:,} of its {found.size:,} bytes of values")
    return content
