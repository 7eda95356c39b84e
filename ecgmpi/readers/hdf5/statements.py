"""What an HDF5 file states of a dataset: in its attributes, in its groups and beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any

import h5py

from ecgmpi.readers.statements import DAMAGED, MOST_NAMES, Statement, Value, statement, word_of
from ecgmpi.readers.wording import printable

from .items import Place, kind_of, lies_in
from .values import Values


def statements(place: Place, matlab: bool) -> list[Statement]:
    """All statements about a dataset, those closest to it first.

    Parameters
    ----------
    place
        Of the dataset.
    matlab
        Whether MATLAB wrote the file; its own attributes are not statements.
    """
    values = Values(place.groups[0])
    own = [] if matlab else own_statements(place, values)
    return [*own, *beside(place, matlab, values)]


def own_statements(place: Place, values: Values | None = None) -> list[Statement]:
    """What the attributes of the dataset say."""
    return list(_attributes(place.item, "", values or Values(place.groups[0])))


def beside(place: Place, matlab: bool, values: Values | None = None) -> list[Statement]:
    """What the enclosing groups and the datasets in them say."""
    found: list[Statement] = []
    values = values or Values(place.groups[0])
    for depth in range(len(place.groups) - 1, -1, -1):
        group = place.groups[depth]
        if not matlab:
            of = f" of group '{_short(group)}'" if depth else " of the file"
            found += _attributes(group, of, values)
        if len(group) > 1:
            inside = f" in '{_short(group)}'" if depth else ""
            found += _datasets(place, group, kind_of(matlab), inside, values)
    return found


def _short(group: h5py.Group) -> str:
    return printable(str(group.name or "").rpartition("/")[2])


def _attributes(item: Any, of: str, values: Values) -> Iterator[Statement]:
    """What the attributes of an item say."""
    if not h5py.h5a.get_num_attrs(item.id):
        return
    for name in islice(item.attrs, MOST_NAMES):
        if word_of(name) is not None:
            where = f"attribute '{printable(name)}'{of}"
            yield from _made(name, where, partial(values.of_attribute, item, name))


def _datasets(
    place: Place, group: h5py.Group, kind: str, inside: str, values: Values
) -> Iterator[Statement]:
    """What the datasets in a group say, except the one that is read."""

    def value(name: str) -> Value | None:
        item = group[name]
        if not isinstance(item, h5py.Dataset) or item == place.item:
            return None
        return values.of_dataset(item)

    for name in islice(group, MOST_NAMES):
        if word_of(name) is not None and lies_in(group, name):
            where = f"{kind} '{printable(name)}'{inside}"
            yield from _made(name, where, partial(value, name))


def _made(name: str, where: str, read: Callable[[], Value | None]) -> Iterator[Statement]:
    """Make a statement of a value that may be damaged; none if it is None."""
    value: Value | None
    try:
        value = read()
    except MemoryError:
        raise
    except Exception:
        # The damage is not in the recording.
        value = DAMAGED
    if value is not None:
        yield statement(name, where, value)
