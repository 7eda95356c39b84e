"""The content of an HDF5 file: the item at a path, and which item is the recording.

Links that lead out of the file are never followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

import h5py

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.lead_arrays import Leads, in_standard_order, leads_among
from ecgmpi.readers.variables import DEFAULT_KEYS, Variable, no_variable, plausible
from ecgmpi.readers.variables import listing as listed
from ecgmpi.readers.wording import printable

CODE_KEY = "tracings"
"""The dataset of CODE and CODE-15%: recordings by samples by leads."""

_MOST_ITEMS = 256
"""Items that are examined if none is named."""

_DEEPEST = 4
"""Depth of nested groups that are searched."""


@dataclass(frozen=True, slots=True)
class Place:
    """An item of a file, and the groups that it lies in, the root first."""

    item: Any
    groups: tuple[h5py.Group, ...]

    def inside(self, item: Any) -> Place:
        """The place of an item in the group at this place."""
        return Place(item, (*self.groups, self.item))


def find(file: h5py.File, key: str) -> Place | None:
    """Find the item at `key`, a path from the root.

    Raises
    ------
    RecordingError
        The path passes through a link to another file.
    """
    place = Place(file, ())
    for part in key.strip("/").split("/"):
        here = place.item
        if not isinstance(here, h5py.Group) or part in ("", ".", ".."):
            return None
        link = here.get(part, getlink=True)
        if link is None:
            return None
        if isinstance(link, h5py.ExternalLink):
            raise RecordingError(
                FailureKind.NOT_SUPPORTED,
                f"'{printable(key)}' is a link to another file",
                "name that file instead",
            )
        if isinstance(link, h5py.SoftLink):
            # Its target may pass through a link of any kind, so it is followed step by step.
            base = link.path if link.path.startswith("/") else f"{here.name}/{link.path}"
            target = find(file, base) if base.strip("/") != key.strip("/") else None
            if target is None:
                return None
            place = target
        else:
            place = place.inside(here[part])
    return place


def lies_in(group: h5py.Group, name: str) -> bool:
    """Whether a name in a group is an item of its own, not a soft or external link."""
    return isinstance(group.get(name, getlink=True), h5py.HardLink)


def matlab_class(item: Any) -> str:
    """What MATLAB called the type; empty if the file does not state it."""
    value = item.attrs.get("MATLAB_class", b"")
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


Held = dict[str, tuple[Variable, Place]]
"""Name in the file -> its description and place."""


def listing(place: Place, matlab: bool, nested: bool = False) -> Held:
    """List what a group holds.

    Parameters
    ----------
    place
        Of the group.
    matlab
        Whether axes are in reverse order.
    nested
        Whether to search the groups in it after the group itself.
    """
    found: Held = {}
    waiting = [("", place, 0)]
    while waiting and len(found) < _MOST_ITEMS:
        path, here, depth = waiting.pop(0)
        for name in islice(here.item, _MOST_ITEMS):
            if name.startswith("#") or not lies_in(here.item, name):
                continue
            inside = here.inside(here.item[name])
            found[path + name] = (_variable(path + name, inside.item, matlab), inside)
            if nested and isinstance(inside.item, h5py.Group) and depth < _DEEPEST:
                waiting.append((f"{path}{name}/", inside, depth + 1))
    return found


def _variable(name: str, item: Any, matlab: bool) -> Variable:
    kind = matlab_class(item)
    if not isinstance(item, h5py.Dataset):
        return Variable(name, (1, 1), kind or "group")
    shape = item.shape or ()
    # NumPy may not have its type.
    words = kind or (item.dtype.name if shape else "")
    return Variable(name, shape[::-1] if matlab else shape, words or "nothing")


def kind_of(matlab: bool) -> str:
    """What the file calls a dataset."""
    return "variable" if matlab else "dataset"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read: in words, its place, its leads if it is a group; and notes."""

    what: str
    place: Place
    leads: Leads | None = None
    notes: tuple[str, ...] = ()


def choose(file: h5py.File, key: str | None, matlab: bool) -> Wanted:
    """Choose what to read: `key`, one of `DEFAULT_KEYS`, datasets of leads, or the only array.

    Raises
    ------
    RecordingError
        There is no such dataset, or several may be the recording.
    """
    for name in (key,) if key else (*DEFAULT_KEYS, CODE_KEY):
        # A member of a struct is a dataset in a group.
        place = find(file, name)
        if place is None and "." in name:
            place = find(file, name.replace(".", "/"))
        if place is not None:
            leads = _leads(place, matlab) if isinstance(place.item, h5py.Group) else None
            kind = "group" if leads else kind_of(matlab)
            return Wanted(f"{kind} '{printable(name)}'", place, leads)
    root = Place(file, ())
    held = listing(root, matlab, nested=not matlab)
    variables = [variable for variable, _ in held.values()]
    most_axes = 2 if matlab else 3
    chosen = _unnamed(root, held, matlab, most_axes) if key is None else None
    if chosen is None:
        raise no_variable(key, variables, most_axes)
    return chosen


def _unnamed(root: Place, held: Held, matlab: bool, most_axes: int) -> Wanted | None:
    """What to read if nothing has a usual name for a recording."""
    likely = plausible([variable for variable, _ in held.values()], most_axes)
    groups = {"": root}
    if not matlab:
        inside = {name: place for name, (_, place) in held.items()}
        groups |= {n: place for n, place in inside.items() if isinstance(place.item, h5py.Group)}
    found = {name: leads for name, place in groups.items() if (leads := _leads(place, matlab))}
    if len(found) == 1:
        ((name, leads),) = found.items()
        of_group = {f"{name}/{variable.name}".lstrip("/") for variable in leads.variables}
        others = [variable for variable in likely if variable.name not in of_group]
        near = {f"{name}/{variable.name}".lstrip("/") for variable in leads.left_out}
        rivals = [v for v in others if v.name not in near and sum(n > 1 for n in v.shape) > 1]
        if not rivals:
            leads = Leads(leads.variables, others)
            what = f"group '{printable(name)}'" if name else "the file"
            notes = (f"{what} taken, the only one whose datasets are named like leads",)
            return Wanted(what, groups[name], leads, notes if name else ())
    if found:
        named = [f"--key {printable(name)}" for name in found if name]
        raise RecordingError(
            FailureKind.NO_VARIABLE,
            f"several recordings may be meant; the file holds {listed(likely)}",
            f"name one: {', '.join(named[:8])}" if named else "name an array with --key",
        )
    if len(likely) != 1:
        return None
    what = f"{kind_of(matlab)} '{printable(likely[0].name)}'"
    note = f"{what} taken, the only array that may be a recording"
    return Wanted(what, held[likely[0].name][1], None, (note,))


def _leads(place: Place, matlab: bool) -> Leads | None:
    """The datasets in a group that are named like leads."""
    leads = leads_among([variable for variable, _ in listing(place, matlab).values()])
    return in_standard_order(leads) if leads else None
