"""Text that any file may hold: names and options may have bytes that are not UTF-8."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from ecgmpi.names import readable


def plain(value: Any) -> Any:
    """Give what a template is filled with: text as `readable` writes it, all else as it is."""
    # SVG is Markup, whose text is readable; it would be escaped if it were no Markup any more.
    return readable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def plain_numbers(document: Any) -> Any:
    """Give a JSON document whose texts and keys are readable, however deep they lie."""
    if isinstance(document, dict):
        return {plain(key): plain_numbers(value) for key, value in document.items()}
    if isinstance(document, (list, tuple)):
        return [plain_numbers(value) for value in document]
    return plain(document)
