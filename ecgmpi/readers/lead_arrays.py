"""Recordings with one array per lead: find the leads and make the `Record`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.ecg.lead_names import canonical
from ecgmpi.ecg.record import STANDARD_LEADS, Record
from ecgmpi.errors import FailureKind, RecordingError

from .channel import Channel
from .channels import record_from_channels
from .hints import ReadHints
from .stated import Stated, is_lead
from .validate import MAX_LEADS, check_size, check_type
from .variables import Variable, plausible
from .wording import printable

_FRANK = ("X", "Y", "Z")
"""Lead names that other arrays may have, too: they count only beside other leads."""


@dataclass(frozen=True, slots=True)
class Leads:
    """The arrays that are the leads of a recording.

    Attributes
    ----------
    variables
        One per lead.
    left_out
        Other variables that could be samples.
    """

    variables: list[Variable]
    left_out: list[Variable] = field(default_factory=list)


def bare(name: str) -> str:
    """The last part of the name of an array, which names its lead."""
    return name.rpartition("/")[2]


def leads_among(variables: Sequence[Variable]) -> Leads | None:
    """Find the arrays of one axis that are named like leads.

    None if there are fewer than two, or if an array of more rows lies beside them: that is
    more likely to be the recording.

    Raises
    ------
    RecordingError
        They differ in length, or are more than `MAX_LEADS`.
    """
    vectors = [
        variable
        for variable in variables
        if any(word in variable.kind for word in ("double", "single", "int", "float"))
        and "complex" not in variable.kind
        and "sparse" not in variable.kind
        and 1 < math.prod(variable.shape) == max(variable.shape, default=0)
    ]
    sure = [variable for variable in vectors if is_lead(bare(variable.name))]
    if len({canonical(bare(variable.name)) for variable in sure}) < 2:
        return None
    chosen = [v for v in vectors if v in sure or canonical(bare(v.name)) in _FRANK]
    lengths = sorted({math.prod(variable.shape) for variable in chosen})
    if len(lengths) > 1:
        raise RecordingError(
            FailureKind.WRONG_SHAPE,
            f"the leads are separate arrays that differ in length: {lengths[0]:,} to "
            f"{lengths[-1]:,} samples",
            "save leads of one length and rate, or name one array with --key",
        )
    if len(chosen) > MAX_LEADS:
        raise RecordingError(
            FailureKind.WRONG_SHAPE,
            f"{len(chosen)} arrays are named like leads; the limit is {MAX_LEADS}",
            "name the array that holds leads by samples with --key",
        )
    left_out = [variable for variable in plausible(variables, 3) if variable not in chosen]
    rows = [min(variable.shape) for variable in left_out if len(variable.shape) > 1]
    return None if max(rows, default=0) > len(chosen) else Leads(chosen, left_out)


def in_standard_order(leads: Leads) -> Leads:
    """Put leads into the standard order, if the file keeps no order."""

    def place(variable: Variable) -> int:
        lead = canonical(bare(variable.name))
        return STANDARD_LEADS.index(lead) if lead in STANDARD_LEADS else len(STANDARD_LEADS)

    return Leads(sorted(leads.variables, key=place), leads.left_out)


def check_leads(leads: Leads, itemsize: int, hints: ReadHints) -> None:
    """Refuse leads that together take too much memory, before any is read."""
    shape = (len(leads.variables), math.prod(leads.variables[0].shape))
    check_size(shape, itemsize, hints, "the recording")


def record_from_leads(
    arrays: Iterable[npt.NDArray[Any]],
    leads: Leads,
    stated: Sequence[Stated],
    hints: ReadHints,
    *,
    name: str,
    format: str,
    kind: str,
    notes: Iterable[str] = (),
) -> Record:
    """Make a `Record` of one array per lead.

    Parameters
    ----------
    arrays
        One per lead: real numbers of any shape with one axis longer than 1.
    leads
        Their names, in the same order.
    stated
        What the file states of each.
    hints
        Rate and unit, where the file states none.
    name, format
        Passed on to the `Record`.
    kind
        What the file calls an array, such as ``dataset``.
    notes
        Notes of the reader itself.

    Raises
    ------
    RecordingError
        The arrays are not a recording.
    """
    channels = []
    for array, variable, own in zip(arrays, leads.variables, stated, strict=True):
        check_type(array.dtype, f"{kind} '{printable(variable.name)}'")
        unit, gain, zero = (*own.units, "")[0], (*own.gains, 1.0)[0], (*own.zeros, 0.0)[0]
        samples = np.ascontiguousarray(array).reshape(-1)
        lead = bare(variable.name)
        channels.append(Channel(lead, samples, own.rate, unit, gain=gain, baseline=zero))
    said = [*notes, f"lead names from the names of {len(channels)} {kind}s"]
    said += [note for own in stated for note in own.notes]
    said += [f"{kind} {variable} left out" for variable in leads.left_out[:MAX_LEADS]]
    unused = [text for own in stated for text in own.unused]
    return record_from_channels(
        channels,
        hints,
        name=name,
        format=format,
        notes=dict.fromkeys(said),
        unused=dict.fromkeys(unused),
    )
