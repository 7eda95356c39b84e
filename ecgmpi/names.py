r"""File names of any bytes as text that any program can read, and back.

The system allows every byte in a name but zero and the slash. Python holds the bytes that are not
UTF-8 as lone surrogates (`os.fsdecode`), which no text file may contain. `written` is what stands
in OUT instead: in the names of pictures, the manifest, CSV, JSON and messages.

Each part of a path is written on its own. Nearly all stay as they are. A part changes if it has
bytes that are not UTF-8, control characters, or characters that break or turn around the line they
stand on: each byte of these becomes ``\xHH``. So that no two names are written alike, a part also
changes that contains the text of an escape, ``\xHH`` or ``\\``. In a part that changes,
each backslash becomes two.
"""

from __future__ import annotations

import re
import shlex

# The last ranges are line and paragraph separator, and what overrides the direction of writing.
_HARMFUL = "\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069"
_UNSAFE = re.compile(f"[{_HARMFUL}]")
_UNSAFE_IN_LINES = re.compile(f"(?!\n)[{_HARMFUL}]")
_CHANGING = re.compile(rf"[{_HARMFUL}]|\\x[0-9a-f]{{2}}|\\\\")
_CHANGED = re.compile(rf"[{_HARMFUL}\\]")
_ESCAPE = re.compile(rb"\\(?:\\|x([0-9a-f]{2}))")


def written(name: str) -> str:
    r"""Write a file name, or a path, as valid UTF-8 on one line.

    Parameters
    ----------
    name
        As `os.fsdecode` gives it.

    Returns
    -------
    str
        The text, different for different names; `original` undoes it.

    Examples
    --------
    >>> print(written("caf\udce9/a\\b"), written("ÄKG 1"), written("a\n\\b"), written(r"\xe9"))
    caf\xe9/a\b ÄKG 1 a\x0a\\b \\xe9
    """
    # Most names end here. No printable character is harmful, and no escape lacks a backslash.
    if "\\" not in name and name.isprintable():
        return name
    if not _CHANGING.search(name):
        return name
    return "/".join(
        _CHANGED.sub(_escape, part) if _CHANGING.search(part) else part for part in name.split("/")
    )


def original(text: str) -> str:
    r"""Give the name that `written` wrote as `text`.

    Returns
    -------
    str
        As `os.fsdecode` gives it; `os.fsencode` makes it bytes.

    Examples
    --------
    >>> original(r"caf\xe9"), original(r"\\xe9"), original("ÄKG 1")
    ('caf\udce9', '\\xe9', 'ÄKG 1')
    """
    if "\\" not in text:
        return text
    raw = text.encode("utf-8", "surrogateescape")
    return _ESCAPE.sub(_byte, raw).decode("utf-8", "surrogateescape")


def readable(text: str) -> str:
    r"""Escape in a message what `written` escapes in a name, except newlines.

    Backslashes stay single, so this cannot be undone.

    Examples
    --------
    >>> print(readable("caf\udce9.hea is\nmissing"))
    caf\xe9.hea is
    missing
    """
    return text if text.isprintable() else _UNSAFE_IN_LINES.sub(_escape, text)


def typed(word: str) -> str:
    r"""Quote a word, perhaps the name of a file, for a shell, so that it can be copied and typed.

    What cannot be typed is escaped as bash, ksh and zsh understand it.

    Parameters
    ----------
    word
        As `os.fsdecode` gives it.

    Examples
    --------
    >>> print(typed("a b"), typed("it's"), typed("caf\udce9"))
    'a b' 'it'"'"'s' $'caf\xe9'
    """
    if not _UNSAFE.search(word):
        return shlex.quote(word)
    quoted = re.sub(r"[\\']", r"\\\g<0>", word)
    return f"$'{_UNSAFE.sub(_escape, quoted)}'"


def typed_path(path: str) -> str:
    """Quote a path for a shell, so that no program takes it for an option.

    Examples
    --------
    >>> print(typed_path("-o"), typed_path("out"))
    ./-o out
    """
    return typed(f"./{path}" if path.startswith("-") else path)


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    if char == "\\":
        return r"\\"
    if "\udc80" <= char <= "\udcff":
        return rf"\x{ord(char) - 0xDC00:02x}"
    return "".join(rf"\x{byte:02x}" for byte in char.encode("utf-8", "surrogatepass"))


def _byte(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)]) if found[1] else b"\\"
