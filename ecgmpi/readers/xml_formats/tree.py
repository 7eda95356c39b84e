"""XML of unknown origin, read safely: no entities, no external files, no bombs.

Built on `xml.parsers.expat`, which never opens an external entity by itself. A document type
that only names a DTD is ignored, since every MUSE file has one. One with declarations of its
own is refused, which rules out every way to make a small file large.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers.expat import ErrorString, ExpatError, ParserCreate, errors

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.hints import ReadHints
from ecgmpi.readers.source import Source
from ecgmpi.readers.wording import corrupt, printable, truncated

MAX_BYTES = 128 << 20
"""Largest file that is read, bytes: two hours of twelve leads at 500 Hz."""

GROWTH = 8
"""A file must be smaller than the limit of a recording by this factor: the growth of digits
and spaces when they are parsed."""

MAX_DEPTH = 64
"""Greatest depth of nested elements; aECG has about 20."""

MAX_ELEMENTS = 200_000
"""Most elements; the annotations of a long recording are some thousands."""

MAX_TAG = 1 << 20
"""Largest tag with its attributes, comment or declaration, bytes."""

_PIECE = 1 << 16

_CUT_SHORT = frozenset(
    {
        errors.codes[words]
        for words in (
            errors.XML_ERROR_NO_ELEMENTS,
            errors.XML_ERROR_UNCLOSED_TOKEN,
            errors.XML_ERROR_PARTIAL_CHAR,
            errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
        )
    }
)


def read_tree(source: Source, hints: ReadHints) -> Element:
    """Read an XML file into memory.

    Parameters
    ----------
    source
        The file.
    hints
        Its ``max_bytes`` also limits the file.

    Returns
    -------
    Element
        The root. Tags and attributes are without their namespace and its prefix.

    Raises
    ------
    RecordingError
        It is not XML, is incomplete, is larger or deeper or has more elements than a
        recording can have, or declares entities.
    """
    limit = min(MAX_BYTES, hints.max_bytes // GROWTH)
    if source.size > limit:
        raise RecordingError(
            FailureKind.TOO_LARGE,
            f"an XML file of {source.size / 2**20:,.0f} MiB; the limit is {limit / 2**20:,.0f} MiB",
            "export the recording in shorter pieces",
        )
    builder = _Builder()
    source.file.seek(0)
    fed = 0
    try:
        while piece := source.file.read(_PIECE):
            builder.parser.Parse(piece, False)
            fed += len(piece)
            # Expat buffers what it cannot parse yet: one endless tag.
            if fed - max(builder.parser.CurrentByteIndex, 0) > MAX_TAG + _PIECE:
                raise _refused(f"a single tag of more than {MAX_TAG >> 20} MiB")
        builder.parser.Parse(b"", True)
        return builder.tree.close()
    except ExpatError as error:
        if error.code in _CUT_SHORT:
            raise truncated("the XML ends before its last element is closed") from error
        raise corrupt(
            f"the XML cannot be parsed at line {error.lineno}: {ErrorString(error.code)}"
        ) from error
    except (ValueError, LookupError) as error:
        raise corrupt("the XML uses an unsupported encoding") from error


class _Builder:
    """Builds a tree of what expat finds, within limits."""

    def __init__(self) -> None:
        self.tree = TreeBuilder()
        self.parser = ParserCreate()
        self.parser.buffer_text = True
        self.parser.ordered_attributes = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self.tree.data
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._entity
        self._depth = 0
        self._count = 0

    def _start(self, tag: str, attributes: list[str]) -> None:
        self._depth += 1
        self._count += 1
        if self._depth > MAX_DEPTH:
            raise _refused(f"elements nested more than {MAX_DEPTH} deep")
        if self._count > MAX_ELEMENTS:
            raise _refused(f"more than {MAX_ELEMENTS:,} elements")
        pairs = zip(map(_local, attributes[::2]), attributes[1::2], strict=True)
        self.tree.start(_local(tag), dict(pairs))

    def _end(self, tag: str) -> None:
        self._depth -= 1
        self.tree.end(_local(tag))

    def _doctype(self, _name: str, _system: Any, _public: Any, has_internal_subset: int) -> None:
        if has_internal_subset:
            raise _refused("declarations of its own (a DOCTYPE with a [...] part)")

    def _entity(self, *_declaration: Any) -> None:
        raise _refused("declarations of entities")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refused(what: str) -> RecordingError:
    return RecordingError(
        FailureKind.NOT_SUPPORTED,
        f"the XML holds {what}, which no recording needs",
        "export the recording again from the device or its archive",
    )


def children(element: Element | None, *path: str) -> Iterator[Element]:
    """Elements at the end of `path`, one tag per step, through all branches, in order."""
    level = [] if element is None else [element]
    for tag in path:
        level = [child for parent in level for child in parent if child.tag == tag]
    return iter(level)


def child(element: Element | None, *path: str) -> Element | None:
    """The first of `children`; None if there is none."""
    return next(children(element, *path), None)


def text(element: Element | None, *path: str) -> str:
    """The text of a `child` without surrounding space; empty if there is none."""
    found = child(element, *path)
    return "" if found is None else (found.text or "").strip()


def number(written: str | None, what: str) -> float:
    """Parse a finite number on which the trace depends.

    Raises
    ------
    RecordingError
        It is missing or not a number.
    """
    try:
        value = float(written or "")
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        found = f"says '{printable(written, 30)}'" if written else "does not say"
        raise corrupt(f"the file {found} for {what}; a number is needed")
    return value


def stated(written: str | None, what: str) -> float | None:
    """Parse a finite number; None if nothing is written, so that it is assumed.

    Raises
    ------
    RecordingError
        The text is not a number.
    """
    return number(written, what) if written and written.strip() else None
