"""MATLAB files up to 7.2 (``-v4``, ``-v6``, ``-v7``): which variable, and its values.

scipy is asked about the heads of variables that are not as MATLAB writes them (`variables`), one
at a time, since it inflates 128 KiB of a file for each. It does not read the values: it crashes on
unknown types and copies twice, and the values of a plain array of numbers lie in the file as numpy
has them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.ecg.record import Record
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.array_record import n_leads_of, orient, record_from_array
from ecgmpi.readers.hints import ReadHints
from ecgmpi.readers.lead_arrays import Leads, check_leads, leads_among, record_from_leads
from ecgmpi.readers.signatures import matlab5
from ecgmpi.readers.source import Source
from ecgmpi.readers.stated import named_so, settle
from ecgmpi.readers.statements import (
    MANY,
    MOST_BYTES,
    MOST_NAMES,
    Fact,
    Statement,
    Value,
    statement,
    word_of,
)
from ecgmpi.readers.validate import check_size, check_type, not_numeric
from ecgmpi.readers.variables import DEFAULT_KEYS, MATLAB_HELD, Variable, no_variable, plausible
from ecgmpi.readers.wfdb.record import load_beside
from ecgmpi.readers.wording import corrupt, printable

from .structs import Members, member_of, members_of
from .values import decoded, small_value
from .variables import HEAD, Found, inflate, variables4, variables5


def load(source: Source, hints: ReadHints) -> Record:
    """Read one variable of a MATLAB file before 7.3 as a recording.

    Parameters
    ----------
    source
        The open file.
    hints
        Its key is the name of the variable, or of a member of a struct, ``ECG.data``. If it
        is None, see `DEFAULT_KEYS`; a file that a WFDB header beside it names is read
        through that header.

    Raises
    ------
    RecordingError
        The file is damaged, has no such variable, or the variable is not a recording.
    """
    record = load_beside(source, hints)
    if record is not None:
        return record
    five = matlab5(source.head)
    form = "matlab-5" if five else "matlab-4"
    held = _held(source, five)
    wanted = _wanted(source, held, hints.key)
    if wanted.leads is not None:
        return _a_variable_a_lead(source, held, wanted, wanted.leads, hints, form)
    found, what = wanted.found, wanted.what
    array = _values(wanted.source, found, hints, what)
    n_leads = n_leads_of(array.shape, what)
    alone = wanted.members is None and len(held.found) == 1
    said = [] if alone else _statements(source, held, wanted)
    if n_leads == 1 and (name := named_so(wanted.name, what)) is not None:
        said.append(name)
    return record_from_array(
        array,
        hints,
        name=source.name,
        format=form,
        what=what,
        stated=settle(said, n_leads, hints, "int" in found.variable.kind),
        notes=wanted.notes,
    )


@dataclass(frozen=True, slots=True)
class _Held:
    """The variables of a file: those with valid heads, and what else there is."""

    five: bool
    found: dict[str, Found]
    damage: RecordingError | None

    @property
    def variables(self) -> list[Variable]:
        return [found.variable for found in self.found.values()]


def _held(source: Source, five: bool) -> _Held:
    found: dict[str, Found] = {}
    try:
        for one in variables5(source) if five else variables4(source):
            found.setdefault(one.variable.name, one)
    except RecordingError as damage:
        # The damage may not be in the recording.
        return _Held(five, found, damage)
    return _Held(five, found, None)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What to read: its name, a description, its place and file; or its leads.

    `members` are those of the struct that holds it or its leads; `inside` is the place of
    each lead in that struct.
    """

    name: str
    what: str
    found: Found
    source: Source
    notes: tuple[str, ...] = ()
    members: Members | None = None
    leads: Leads | None = None
    inside: dict[str, tuple[Found, Source]] = field(default_factory=dict)


def _wanted(source: Source, held: _Held, key: str | None) -> _Wanted:
    """Find the variable to read.

    That is `key`, which may name a member of a struct (``ECG.data``); or the first of
    `DEFAULT_KEYS`; or variables that are named like leads; or else the only variable that
    could be a recording.
    """
    for wanted in (key,) if key else DEFAULT_KEYS:
        struct, _, member = wanted.partition(".")
        if wanted in held.found:
            if wanted == "data":
                _check_not_joined(held)
            of_leads = _struct_of_leads(source, held.found[wanted])
            what = f"variable '{printable(wanted)}'"
            return of_leads or _Wanted(wanted, what, held.found[wanted], source)
        if member and struct in held.found and held.found[struct].variable.kind == "struct":
            members = members_of(source, held.found[struct])
            inside = member_of(source, members, member)
            inner = next(variables5(inside), None)
            if inner is None:
                raise corrupt(f"'{printable(wanted)}' is invalid")
            return _Wanted(member, f"'{printable(wanted)}'", inner, inside, members=members)
    if held.damage is not None:
        raise held.damage
    if key is None and len(held.found) > 1 and (leads := leads_among(held.variables)):
        return _Wanted("", "", held.found[leads.variables[0].name], source, leads=leads)
    likely = plausible(held.variables)
    if key is None and len(likely) == 1:
        name = likely[0].name
        what = f"variable '{printable(name)}'"
        notes = (f"{what} taken, the only array that may be a recording",)
        return _Wanted(name, what, held.found[name], source, notes)
    raise no_variable(key, held.variables)


def _check_not_joined(held: _Held) -> None:
    """Refuse what LabChart exports: all channels and blocks one behind the other in ``data``.

    Raises
    ------
    RecordingError
        ``datastart`` says where more than one begins.
    """
    begins = held.found.get("datastart")
    if begins is not None and "dataend" in held.found and math.prod(begins.variable.shape) > 1:
        raise RecordingError(
            FailureKind.NOT_SUPPORTED,
            "variable 'data' holds several channels one behind the other, as LabChart exports them",
            "save each as a variable named like its lead: I = data(datastart(1):dataend(1))",
        )


def _struct_of_leads(source: Source, found: Found) -> _Wanted | None:
    """What to read if a variable is a struct with one member per lead."""
    if found.variable.kind != "struct" or math.prod(found.variable.shape) != 1:
        return None
    members = members_of(source, found)
    inside: dict[str, tuple[Found, Source]] = {}
    for name in islice(members.places, MOST_NAMES):
        if word_of(name) is None:
            own = member_of(source, members, name)
            one = next(variables5(own), None)
            if one is not None:
                inside[name] = one, own
    variables = [replace(one.variable, name=name) for name, (one, _) in inside.items()]
    leads = leads_among(variables)
    if leads is None:
        return None
    return _Wanted("", members.what, found, source, (), members, leads, inside)


def _statements(source: Source, held: _Held, wanted: _Wanted) -> list[Statement]:
    """What the members of the same struct, and the variables of the file, state."""
    said = []
    if (members := wanted.members) is not None:
        for name, (_, size) in islice(members.places.items(), MOST_NAMES):
            if word_of(name) is not None and name != wanted.name:
                value: Value = MANY
                if size <= MOST_BYTES:
                    value = decoded(members.matrix(name), members.order)
                said.append(statement(name, f"'{printable(name)}' of {members.what}", value))
    for name, found in islice(held.found.items(), MOST_NAMES):
        if word_of(name) is not None and found is not wanted.found:
            value = small_value(source, found, held.five)
            said.append(statement(name, f"variable '{printable(name)}'", value))
    return said


def _a_variable_a_lead(
    source: Source, held: _Held, wanted: _Wanted, leads: Leads, hints: ReadHints, form: str
) -> Record:
    """Read the variables that are named like leads as one recording."""
    check_leads(leads, 8, hints)
    arrays = []
    for variable in leads.variables:
        found, own = wanted.inside.get(variable.name) or (held.found[variable.name], source)
        arrays.append(_values(own, found, hints, f"variable '{printable(variable.name)}'"))
    said = [one for one in _statements(source, held, wanted) if one.word.fact is not Fact.NAMES]
    stated = [settle(said, 1, hints, "int" in variable.kind) for variable in leads.variables]
    return record_from_leads(
        arrays, leads, stated, hints, name=source.name, format=form, kind="variable"
    )


def _values(source: Source, found: Found, hints: ReadHints, what: str) -> npt.NDArray[Any]:
    """Read the values of a variable, in the shape that MATLAB shows."""
    shape, kind, dtype = found.variable.shape, found.variable.kind, found.dtype
    if held := MATLAB_HELD.get(kind.removesuffix(" complex")):
        raise not_numeric(what, held)
    if kind.endswith("complex"):
        check_type(np.dtype(complex), what)
    orient(shape, what)
    check_size(shape, 1, hints, what)
    if dtype is None:
        raise corrupt(f"{what} stores its values in an unknown type")
    check_size(shape, dtype.itemsize, hints, what)
    needed = math.prod(shape) * dtype.itemsize
    if found.size != needed:
        raise corrupt(
            f"{what} is {'x'.join(map(str, shape))} by its dimensions, which is "
            f"{needed:,} bytes, but keeps {found.size:,} bytes of values"
        )
    content = _fetch(source, found, what)
    values = np.frombuffer(content, dtype, math.prod(shape), found.end - found.size)
    return values.reshape(shape, order="F")


def _fetch(source: Source, found: Found, what: str) -> bytes:
    """Read a variable as far as its values go."""
    # Deflate adds little to incompressible data: nothing past this can be values.
    most = 2 * found.end + HEAD if found.deflated else found.end
    content = source.at(found.begin, min(found.length, most))
    if found.deflated:
        content = inflate(content, found.end, whole=True)
    if len(content) < found.end:
        have = max(0, len(content) - found.end + found.size)
        raise corrupt(f"{what} ends after {have:,} of its {found.size:,} bytes of values")
    return content
