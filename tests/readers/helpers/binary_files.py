"""SCP-ECG and ISHNE files, by small programs of our own: counts in, bytes out."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.readers.array_record import conventional_leads
from tests.readers.helpers.device_files import SCP_NUMBERS, Counts, Leads

HUFFMAN = [
    (1, 1, 1, 0, 0b0),
    *((size + 2, size + 2, 1, size, (1 << size) - 1) for size in range(1, 9)),
    *((size + 2, size + 2, 1, -size, (1 << size) - 1 | 1 << size + 1) for size in range(1, 9)),
    (10, 18, 1, 0, (1 << 9) - 1),
    (10, 26, 1, 0, (1 << 10) - 1),
]
"""The table of the standard, as section 2 would hold it: code bits with the first one lowest."""


def scp(
    counts: Counts,
    leads: Leads = None,
    rate: float = 500.0,
    nanovolts: int = 2500,
    differences: int = 2,
    tables: Sequence[Sequence[tuple[int, int, int, int, int]]] | str = "built in",
    starts: Sequence[int] | None = None,
    flags: int = 0,
    bimodal: int = 0,
    too_many: int = 0,
    bytes_too_many: int = 0,
) -> bytes:
    """An SCP-ECG file of sections 0, 1, 3 and 6, and 2 where `tables` is not ``none``.

    Section 3 says `too_many` samples more than there are, and section 6 `bytes_too_many` for
    each lead. Lengths of more than 16 bits run over, as some writers let them.
    """
    names = leads or conventional_leads(len(counts))
    begins = starts or [1] * len(counts)
    coded = [_coded(row.astype(np.int64), differences) for row in counts]
    lines = [HUFFMAN] if tables == "built in" else tables
    if tables == "none":
        parts = [row.astype("<i2").tobytes() for row in coded]
    else:
        assert not isinstance(lines, str)
        parts = [_huffman(row, lines) for row in coded]
    header = struct.pack("<BB", len(counts), flags | 4 | len(counts) % 32 << 3)
    spans = [
        struct.pack("<IIB", first, first + row.size - 1 + too_many, SCP_NUMBERS[lead])
        for first, row, lead in zip(begins, counts, names, strict=True)
    ]
    rhythm = struct.pack("<HHBB", nanovolts, round(1e6 / rate), differences, bimodal)
    lengths = [len(part) + bytes_too_many & 0xFFFF for part in parts]
    rhythm += struct.pack(f"<{len(parts)}H", *lengths) + b"".join(parts)
    person = b"\x00\x07\x00Secret\0" + b"\xff\0\0"
    sections = {1: person, 3: header + b"".join(spans), 6: rhythm}
    if tables == "built in":
        sections[2] = struct.pack("<H", 19999)
    elif tables != "none":
        sections[2] = struct.pack("<H", len(lines)) + b"".join(
            struct.pack("<H", len(table)) + b"".join(struct.pack("<BBBhI", *line) for line in table)
            for table in lines
        )
    return _assembled(sections)


def _coded(row: npt.NDArray[np.int64], differences: int) -> npt.NDArray[np.int64]:
    """The first samples as they are, then differences."""
    changed = row.copy()
    if differences == 1:
        changed[1:] = np.diff(row)
    elif differences == 2:
        changed[2:] = np.diff(row, 2)
    return changed


def _huffman(row: npt.NDArray[np.int64], tables: Any) -> bytes:
    """Code numbers, going to the next table behind each where there is a way to it."""
    current, bits = 0, []
    for value in row.tolist():
        lines = tables[current]
        code = next((x for x in lines if x[2] == 1 and x[0] == x[1] and x[3] == value), None)
        extra = ""
        if code is None:
            free = (x for x in lines if x[2] == 1 and x[1] - x[0] > 0)
            code = next(x for x in free if abs(2 * value + 1) < 1 << x[1] - x[0])
            size = code[1] - code[0]
            extra = f"{value & (1 << size) - 1:0{size}b}"
        bits.append(_written(code) + extra)
        switch = next((x for x in lines if x[2] == 0), None)
        if switch is not None:
            bits.append(_written(switch))
            current = switch[3] - 1
    joined = "".join(bits)
    joined += "0" * (-len(joined) % 8)
    return int(joined or "0", 2).to_bytes(len(joined) // 8, "big")


def _written(code: tuple[int, int, int, int, int]) -> str:
    return f"{code[4]:0{code[0]}b}"[::-1]


def _crc(raw: bytes) -> int:
    """CRC-CCITT bit by bit, as the standard describes it."""
    crc = 0xFFFF
    for byte in raw:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def _assembled(sections: dict[int, bytes]) -> bytes:
    """Sections in order behind the pointers, with their checksums."""
    size = 16 + 12 * 10
    pointers, bodies, at = [(0, size, 7)], [], 6 + size
    for number in range(1, 12):
        content = sections.get(number)
        if content is None:
            pointers.append((number, 0, 0))
            continue
        content += bytes(len(content) % 2)
        bodies.append(_scp_section(number, content))
        pointers.append((number, len(bodies[-1]), at + 1))
        at += len(bodies[-1])
    listed = b"".join(struct.pack("<HII", *pointer) for pointer in pointers)
    body = _scp_section(0, listed, b"SCPECG") + b"".join(bodies)
    rest = struct.pack("<I", 6 + len(body)) + body
    return struct.pack("<H", _crc(rest)) + rest


def _scp_section(number: int, content: bytes, reserve: bytes = bytes(6)) -> bytes:
    rest = struct.pack("<HIBB6s", number, 16 + len(content), 20, 20, reserve) + content
    return struct.pack("<H", _crc(rest)) + rest


_HOLTER = {
    **{"X": 2, "Y": 3, "Z": 4, "I": 5, "II": 6, "III": 7, "aVR": 8, "aVL": 9, "aVF": 10},
    **{f"V{number}": number + 10 for number in range(1, 7)},
}


def ishne(
    counts: Counts,
    leads: Leads = None,
    rate: int = 200,
    nanovolts: int = 2500,
    comment: bytes = b"",
    promised: int | None = None,
) -> bytes:
    """An ISHNE Holter file."""
    names = leads or conventional_leads(len(counts))
    unused = [-9] * (12 - len(counts))
    begins = 522 + len(comment)
    header = struct.pack(
        "<iiiih40s40s20shh3h3h3h3hh12h12h12hh40sh80s80s88s",
        len(comment), counts.shape[1] if promised is None else promised, 522, begins, 1,
        b"Secret", b"Name", b"id", 0, 0, *(1, 1, 1970), *(1, 1, 2000), *(1, 1, 2000),
        *(0, 0, 0), len(counts), *(_HOLTER[lead] for lead in names), *unused,
        *([0] * len(counts)), *unused, *([nanovolts] * len(counts)), *unused,
        0, b"digital", rate, b"", b"", b"",
    )  # fmt: skip
    rest = header + comment
    assert len(header) == 512
    return b"ISHNE1.0" + struct.pack("<H", _crc(rest)) + rest + counts.T.astype("<i2").tobytes()


def edf_records(
    counts: Counts,
    onsets: Sequence[str],
    seconds: str = "1",
    kind: str = "EDF+D",
    unit: str = "uV",
    leads: Leads = None,
) -> bytes:
    """An EDF+ or BDF+ file of data records that begin at `onsets`, such as ``+0.5``.

    One count is one unit. The time stamps come behind the samples.
    """
    names = [f"ECG {lead}" for lead in leads or conventional_leads(len(counts))]
    width = 3 if kind.startswith("BDF") else 2
    stamps = [f"{onset}\x14\x14\0".encode().ljust(15 * width, b"\0") for onset in onsets]
    per_record = counts.shape[1] // len(onsets)
    fields = [
        [*names, f"{kind[:3]} Annotations"],
        [""] * (len(names) + 1),
        *([unit] * len(names) + [""], ["-32768"] * len(names) + ["-1"]),
        *(["32767"] * len(names) + ["1"], ["-32768"] * (len(names) + 1)),
        *(["32767"] * (len(names) + 1), [""] * (len(names) + 1)),
        *([str(per_record)] * len(names) + ["15"], [""] * (len(names) + 1)),
    ]
    widths = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
    head = ["X X X X".ljust(80), "Startdate X X X X".ljust(80), "01.01.2410.00.00"]
    head += [f"{256 * (len(names) + 2):<8}", kind.ljust(44), f"{len(onsets):<8}"]
    head += [seconds.ljust(8), f"{len(names) + 1:<4}"]
    text = "".join(head) + "".join(
        one.ljust(size) for row, size in zip(fields, widths, strict=True) for one in row
    )
    first = b"\xffBIOSEMI" if width == 3 else b"0       "
    parts = [first + text.encode()]
    for record, stamp in enumerate(stamps):
        part = counts[:, record * per_record : (record + 1) * per_record].astype("<i4")
        parts += [part.reshape(-1, 1).view(np.uint8)[:, :width].tobytes(), stamp]
    return b"".join(parts)
