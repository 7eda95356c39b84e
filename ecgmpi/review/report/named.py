"""Groups of recordings of which the same is said: how many, and the names of the first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Generic, TypeVar

MOST_GROUPS = 64
"""Groups that are told apart; whoever belongs to none of the first so many is counted alone."""

Value = TypeVar("Value", bound=Hashable)
Said = TypeVar("Said")


@dataclass(frozen=True, slots=True)
class Named:
    """A recording: where it stands in the catalogue, its name in OUT and its file below INPUT."""

    index: int
    name: str
    source: str


@dataclass(slots=True)
class Group(Generic[Said]):
    """Recordings of which the same is said, in the words of the first; `examples` names some."""

    kind: str
    said: Said
    count: int = 0
    examples: list[Named] = field(default_factory=list)


class Groups(Generic[Value, Said]):
    """Recordings grouped by what their rows say.

    Parameters
    ----------
    kinds_of
        The groups that a value belongs to, none or several, and what is said of it in each.
    most_named
        Names to keep of each group.

    Attributes
    ----------
    members
        Recordings that belong to a group, each counted once.
    others
        Those that belong to groups beyond `MOST_GROUPS`, counted in each.
    """

    def __init__(
        self, kinds_of: Callable[[Value], Mapping[str, Said]], most_named: int = 10
    ) -> None:
        self._kinds_of = kinds_of
        self._most_named = most_named
        self._groups: dict[str, Group[Said]] = {}
        self.members = 0
        self.others = 0

    def add(self, values: Sequence[Value], named: Callable[[int], Named]) -> None:
        """Add recordings by the `values` of their rows; `named` names one by its place there."""
        for value, count in Counter(values).items():
            kinds = self._kinds_of(value)
            self.members += count if kinds else 0
            for kind, said in kinds.items():
                self._count(kind, said, count, value, values, named)

    def _count(
        self,
        kind: str,
        said: Said,
        count: int,
        value: Value,
        values: Sequence[Value],
        named: Callable[[int], Named],
    ) -> None:
        group = self._groups.get(kind)
        if group is None:
            if len(self._groups) == MOST_GROUPS:
                self.others += count
                return
            group = self._groups[kind] = Group(kind, said)
        group.count += count
        if wanted := self._most_named - len(group.examples):
            places = (place for place, other in enumerate(values) if other == value)
            group.examples += map(named, islice(places, min(wanted, count)))

    def by_count(self) -> list[Group[Said]]:
        """The groups, the largest first."""
        return sorted(self._groups.values(), key=lambda group: (-group.count, group.kind))
