"""The fields of a sample: their names, and which an OUT holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ecgmpi.errors import UsageError
from ecgmpi.names import typed_path
from ecgmpi.picture_formats import (
    ANNOTATION,
    CROSSINGS,
    HIDDEN,
    MAP,
    MASK,
    MASKS,
    POINTS,
    SIGNAL,
)

from .index import Index

IMAGE, INDICES, LABELS = "image", "indices", "labels"

FIELDS = (
    IMAGE,
    INDICES,
    MASK,
    *MASKS,
    HIDDEN,
    POINTS,
    SIGNAL,
    LABELS,
    MAP,
    CROSSINGS,
    ANNOTATION,
)
"""All that may be asked for."""

_UNASKED = (IMAGE, MASK, *MASKS, HIDDEN, POINTS, SIGNAL, LABELS)
"""What comes where nothing is asked for, if OUT holds it."""

_MADE_BY = {
    MASK: "--mask --annotate boxes",
    **{name: f"--masks {name} --annotate boxes" for name in MASKS},
    POINTS: "--annotate lines",
    SIGNAL: "--with-signals",
    LABELS: "--metadata",
    MAP: "--wear",
    CROSSINGS: "--wear",
    HIDDEN: "--wear --mask",
    ANNOTATION: "--annotate boxes",
}
"""The options of render by which an OUT holds a field."""


def chosen(
    asked: str | Iterable[str] | None, index: Index, labels: Collection[str], shrink: int
) -> tuple[str, ...]:
    """Give the fields of each sample.

    Parameters
    ----------
    asked
        The fields that are wanted; None for what OUT holds, without indices, map,
        crossings and annotation.
    index
        What OUT holds.
    labels
        The columns of its labels.
    shrink
        By how much pictures are scaled down.

    Raises
    ------
    UsageError
        There is no such field, OUT does not hold it, or its pictures cannot be scaled.
    """
    has_labels = bool(labels)
    if asked is None:
        return tuple(name for name in _UNASKED if not _lacking(name, index, has_labels))
    fields = tuple(dict.fromkeys([asked] if isinstance(asked, str) else asked))
    for name in fields:
        if name not in FIELDS:
            raise UsageError(f"fields: there is no field {name!r}; choose from {', '.join(FIELDS)}")
        if lacking := _lacking(name, index, has_labels):
            raise UsageError(f"fields: OUT {index.called} holds no {name}: {lacking}")
    if INDICES in fields and shrink > 1:
        raise UsageError(
            "fields: indices cannot be scaled, as a mean of colours has none; ask for image, or "
            "leave out scale"
        )
    return fields


def _lacking(name: str, index: Index, has_labels: bool) -> str:
    """Say why OUT does not hold a field; empty where it does."""
    if name in (IMAGE, INDICES):
        if not index.pixels:
            return f"its pictures are {index.format}, without pixels; render with --format png"
        if name == INDICES and index.series:
            return "worn copies have more colours than a palette; ask for image"
        if name == INDICES and index.format != "png":
            return f"its pictures are {index.format}, without a palette; render with --format png"
        return ""
    if has_labels if name == LABELS else index.holds(name):
        return ""
    if name == LABELS:
        return (
            f"ecgmpi label {typed_path(str(index.out))} --metadata TABLE ... gives it some; or "
            f"render with {_MADE_BY[name]}"
        )
    if name in (MAP, CROSSINGS, HIDDEN) and index.worn and not index.series:
        names = ", ".join(one.name for one in index.worn)
        return f"worn copies have it; name one of their series ({names}) with series="
    return f"render with {_MADE_BY[name]}"
