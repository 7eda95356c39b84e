"""Samples written as base64 in XML."""

from __future__ import annotations

import binascii
import re

from ecgmpi.readers.wording import corrupt, printable

_SPACE = re.compile(r"\s+")


def decoded(written: str, what: str) -> bytes:
    """Decode base64 with any white space; other characters are refused, not skipped.

    Raises
    ------
    RecordingError
        A character or the length is not valid base64.
    """
    try:
        return binascii.a2b_base64(_SPACE.sub("", written).encode("ascii"), strict_mode=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise corrupt(f"the samples of {printable(what, 40)} are not base64") from error
