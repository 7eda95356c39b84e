"""The checksum of SCP-ECG and ISHNE files."""

from __future__ import annotations

import binascii

_START = 0xFFFF


def ccitt(raw: bytes) -> int:
    """CRC-CCITT of 16 bits, x^16 + x^12 + x^5 + 1, begun at 0xFFFF, highest bit first.

    Examples
    --------
    >>> hex(ccitt(b"123456789"))
    '0x29b1'
    """
    return binascii.crc_hqx(raw, _START)
