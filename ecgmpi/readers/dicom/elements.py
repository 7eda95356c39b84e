"""Elements of a DICOM file by their keywords; what cannot be decoded is named with its place.

`pydicom` decodes an element when it is asked for, so damage is found far from where the file
was parsed. No message quotes a value: damage may move other text to its place.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ecgmpi.errors import RecordingError


class InvalidElementError(Exception):
    """An element cannot be decoded or is not what it must be; the message says where."""


@contextmanager
def within(place: str) -> Iterator[None]:
    """Put `place` before the message of each `InvalidElementError`, and name other failures."""
    try:
        yield
    except (RecordingError, MemoryError, EOFError, OSError):
        raise
    except InvalidElementError as error:
        raise InvalidElementError(f"{place}, {error}") from error
    except Exception as error:
        raise InvalidElementError(f"{place} cannot be decoded ({type(error).__name__})") from error


def value(item: Any, keyword: str) -> Any:
    """The value of an element; None if the item has no such element.

    Raises
    ------
    InvalidElementError
        It cannot be decoded, such as one of an unknown type.
    """
    try:
        return item.get(keyword)
    except (RecordingError, MemoryError, EOFError, OSError):
        raise
    except Exception as error:
        found = f"{_named(keyword)} cannot be decoded ({type(error).__name__})"
        raise InvalidElementError(found) from error


def items(item: Any, keyword: str) -> list[Any]:
    """The items of a sequence; none if there is no such sequence.

    Raises
    ------
    InvalidElementError
        The element is no sequence.
    """
    found = value(item, keyword) or []
    if isinstance(found, (str, bytes)) or not all(hasattr(one, "get") for one in found):
        raise InvalidElementError(f"{_named(keyword)} is not a sequence of items")
    return list(found)


def number(item: Any, keyword: str, absent: float) -> float:
    """The value of a numeric element; `absent` if it is missing or empty.

    Raises
    ------
    InvalidElementError
        It is not one finite number.
    """
    found = value(item, keyword)
    if found is None or found == "":
        return absent
    try:
        read = float(found)
    except (TypeError, ValueError, OverflowError) as error:
        held = f"text of {len(found)} characters" if isinstance(found, str) else "several values"
        raise InvalidElementError(f"{_named(keyword)} is {held}, not a number") from error
    if not math.isfinite(read):
        raise InvalidElementError(f"{_named(keyword)} is {read}, not a finite number")
    return read


def count(item: Any, keyword: str) -> int:
    """The value of an element that counts; 0 if it is missing or empty.

    Raises
    ------
    InvalidElementError
        It is not one finite number.
    """
    return int(number(item, keyword, 0.0))


def _named(keyword: str) -> str:
    """An element by keyword and tag."""
    from pydicom.datadict import tag_for_keyword

    tag = tag_for_keyword(keyword) or 0
    return f"{keyword} ({tag >> 16:04X},{tag & 0xFFFF:04X})"
