"""What ``--split`` says: which values of a column make a split, or how large the splits are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import gcd, lcm

from ecgmpi.errors import UsageError

SPLIT = "split"
"""The column that holds them."""

NO_SPLIT = "none"
"""What recordings in no split are counted as; no split can be called so."""

_OTHERS = "*"
"""The word for all values that are not named."""

_IMPLIED = "train"
_BY_COUNT = {2: ("train", "test"), 3: ("train", "val", "test")}
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SHARE = re.compile(r"\d{1,3}(?:\.\d{1,9})?")
_NUMBER = re.compile(r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_FORMS = "give COLUMN=VALUE:NAME,... such as strat_fold=9:val,10:test, or shares such as 80/10/10"


@dataclass(frozen=True, slots=True)
class ByValue:
    """The splits are values of a column.

    Attributes
    ----------
    column
        Of a table.
    named
        Each value that is named, and its split.
    others
        The split of all other values.
    names
        All splits, as they are named; before them that of the others where nothing names it.
    """

    column: str
    named: tuple[tuple[str, str], ...]
    others: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ByShare:
    """The splits are shares of all recordings.

    Attributes
    ----------
    names
        The splits.
    shares
        How large each is, in whole units of which all together are everything.
    """

    names: tuple[str, ...]
    shares: tuple[int, ...]


SplitRule = ByValue | ByShare


def parsed(given: str) -> SplitRule:
    """Parse the value of ``--split``.

    Raises
    ------
    UsageError
        It is of no form that is known.

    Examples
    --------
    >>> parsed("fold=9:val,10:test").names
    ('train', 'val', 'test')
    >>> parsed("80/10/10")
    ByShare(names=('train', 'val', 'test'), shares=(8, 1, 1))
    """
    try:
        column, equals, values = given.partition("=")
        if equals:
            return _by_value(column.strip(), _pairs(values))
        if ":" in given:
            return _by_share(*zip(*_pairs(given), strict=True))
        shares = given.split("/")
        if len(shares) == 1:
            raise UsageError(_FORMS)
        if len(shares) not in _BY_COUNT:
            raise UsageError(
                "two shares are train/test, and three are train/val/test; name any others, as in "
                "train:70,val:10,test:10,later:10"
            )
        return _by_share(_BY_COUNT[len(shares)], [share.strip() for share in shares])
    except UsageError as error:
        raise UsageError(f"--split {given}: {error}") from None


def comparable(value: str) -> str | Decimal:
    """A value as it is compared: as a number if it is one, so that 9 is 9.0, else as text."""
    value = value.strip()
    # With a leading zero it is a code, as among labels.
    return Decimal(value) if _NUMBER.fullmatch(value) else value


def _pairs(given: str) -> list[tuple[str, str]]:
    """What stands before and behind the colon of each entry."""
    pairs = []
    for entry in given.split(","):
        left, colon, right = (part.strip() for part in entry.rpartition(":"))
        if not (colon and left and right):
            raise UsageError(f"{entry.strip()!r} is not of the form A:B; {_FORMS}")
        pairs.append((left, right))
    return pairs


def _by_value(column: str, pairs: Sequence[tuple[str, str]]) -> ByValue:
    if not column:
        raise UsageError(f"no column stands before the equals sign; {_FORMS}")
    names = tuple(dict.fromkeys(name for _, name in pairs))
    _check_names(names)
    splits: dict[str | Decimal, str] = {}
    for value, name in pairs:
        if comparable(value) in splits:
            raise UsageError(f"the value {value} is named twice; leave one out")
        splits[comparable(value)] = name
    others = splits.get(_OTHERS, _IMPLIED)
    if others not in names:
        names = (others, *names)
    return ByValue(column, tuple(pair for pair in pairs if pair[0] != _OTHERS), others, names)


def _by_share(names: Sequence[str], shares: Sequence[str]) -> ByShare:
    _check_names(names)
    if len(names) < 2 or len(set(names)) < len(names):
        raise UsageError("name two splits or more, each once, as in train:80,val:10,test:10")
    for share in shares:
        if not (_SHARE.fullmatch(share) and Fraction(share)):
            raise UsageError(f"{share!r} is no share; give percentages above 0, as in 80/10/10")
    exact = [Fraction(share) for share in shares]
    if sum(exact) not in (100, 1):
        raise UsageError(
            f"the shares add up to {float(sum(exact)):g}; give percentages that add up to 100, or "
            "fractions that add up to 1"
        )
    unit = lcm(*(share.denominator for share in exact))
    counts = [int(share * unit) for share in exact]
    divisor = gcd(*counts)
    return ByShare(tuple(names), tuple(count // divisor for count in counts))


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"{name!r} cannot be the name of a split, which is one of a folder, too: use at "
                "most 64 letters, digits, _ and -"
            )
        if name == NO_SPLIT:
            raise UsageError(
                f"{name} is what recordings in no split are counted as; choose another name"
            )
