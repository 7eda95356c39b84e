"""SCP-ECG and ISHNE: checksums, gaps, Huffman tables, what is refused."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.scp import huffman
from tests.readers.helpers import binary_files
from tests.readers.helpers.reading import read_as, refusal, wave


def test_leads_of_scp_that_begin_later(tmp_path: Path) -> None:
    record = read_as("a.scp", binary_files.scp(wave(3, 50), starts=[1, 11, 1]), tmp_path)
    assert record.n_samples == 60
    assert np.isnan(record["II"][:10]).all()
    assert not np.isnan(record["II"][10:]).any()
    assert np.isnan(record["I"][50:]).all()


@pytest.mark.parametrize(("flags", "bimodal"), [(1, 0), (0, 1), (1, 1)])
def test_high_compression_of_scp_is_refused(flags: int, bimodal: int, tmp_path: Path) -> None:
    error = refusal("a.scp", binary_files.scp(wave(), flags=flags, bimodal=bimodal), tmp_path)
    assert error.kind == FailureKind.NOT_SUPPORTED
    assert "high compression" in error.message
    assert "export it as SCP-ECG without reference beat subtraction" in error.remedy


@pytest.mark.parametrize(
    ("tables", "found"),
    [
        ([[(1, 1, 1, 0, 0), (1, 1, 1, 5, 0)]], "share a prefix"),
        ([[(2, 2, 1, 0, 0)], []], "has no codes"),
        ([[(1, 1, 1, 0, 0), (1, 1, 0, 3, 1)]], "a missing table"),
        ([[(3, 3, 1, 0, 8)]], "longer than it says"),
    ],
)
def test_huffman_tables_that_make_no_sense(
    tables: list[list[tuple[int, int, int, int, int]]], found: str
) -> None:
    section = struct.pack("<H", len(tables))
    for lines in tables:
        section += struct.pack("<H", len(lines))
        section += b"".join(struct.pack("<BBBhI", *line) for line in lines)
    with pytest.raises(RecordingError, match=found):
        huffman.tables(section)


def test_numbers_that_are_not_in_the_huffman_table_or_not_there() -> None:
    (table,) = huffman.tables(struct.pack("<HHBBBhI", 1, 1, 2, 2, 1, 7, 0))
    numbers, used = huffman.decode(b"\x00\x00", 4, [table])
    assert (numbers.tolist(), used) == ([7, 7, 7, 7], 1)
    with pytest.raises(RecordingError, match="not in the Huffman table"):
        huffman.decode(b"\xff", 4, [table])
    assert huffman.decode(b"\x00", 5, [table])[0].tolist() == [7, 7, 7, 7]
    # 16 bits that are a number, of which 14 are there.
    numbers, used = huffman.decode(b"\xff\xc0\x00", 5, [huffman.STANDARD])
    assert (numbers.tolist(), used) == ([], 3)
    # A table that leads to itself takes bits all the same.
    (circle,) = huffman.tables(struct.pack("<HHBBBhI", 1, 1, 1, 1, 0, 1, 0))
    assert huffman.decode(b"\x00", 5, [circle])[0].size == 0


@pytest.mark.parametrize("n_leads", [1, 3, 12])
@pytest.mark.parametrize(("tables", "differences"), [("none", 0), ("none", 2), ("built in", 2)])
def test_scp_that_counts_a_sample_too_many(
    tables: str, differences: int, n_leads: int, tmp_path: Path
) -> None:
    counts = wave(n_leads, 401)
    content = binary_files.scp(counts, tables=tables, differences=differences, too_many=1)
    record = read_as("a.scp", content, tmp_path)
    expected = (counts * 0.0025).astype(np.float32)
    np.testing.assert_array_equal(record.signal[:, :401], expected)
    if tables == "none":
        assert record.notes == ("the header promises 402 samples, the file holds 401",)
        assert record.n_samples == 401


@pytest.mark.parametrize("n_leads", [1, 2, 12])
def test_scp_whose_lengths_in_bytes_count_the_sample_too(n_leads: int, tmp_path: Path) -> None:
    counts = wave(n_leads)
    content = binary_files.scp(counts, tables="none", differences=0, too_many=1, bytes_too_many=2)
    record = read_as("a.scp", content, tmp_path)
    np.testing.assert_array_equal(record.signal, (counts * 0.0025).astype(np.float32))
    assert record.notes == ("the header promises 401 samples, the file holds 400",)


@pytest.mark.slow
@pytest.mark.parametrize("too_many", [0, 1])
@pytest.mark.parametrize(
    ("tables", "n_leads", "n_samples"),
    [
        ("none", 1, 40_000),
        ("none", 2, 32_768),
        ("none", 3, 70_000),
        ("built in", 1, 60_000),
        ("built in", 3, 50_000),
    ],
)
def test_scp_whose_lengths_ran_over_16_bits(
    tables: str, n_leads: int, n_samples: int, too_many: int, tmp_path: Path
) -> None:
    counts = wave(n_leads, n_samples)
    differences = 0 if tables == "none" else 1
    content = binary_files.scp(counts, tables=tables, differences=differences, too_many=too_many)
    record = read_as("a.scp", content, tmp_path)
    expected = (counts * 0.0025).astype(np.float32)
    np.testing.assert_array_equal(record.signal[:, :n_samples], expected)
    assert record.n_samples <= n_samples + too_many
    assert "lengths of leads in section 6 overflow 16 bits: taken from its size" in record.notes


def test_scp_without_any_sample_of_a_lead_is_refused(tmp_path: Path) -> None:
    content = binary_files.scp(wave(1, 40)[:, :0], tables="none", differences=0, too_many=9)
    error = refusal("a.scp", content, tmp_path)
    assert error.kind == FailureKind.TRUNCATED
    assert "nothing of the 9 samples" in error.message


def test_scp_without_rhythm(tmp_path: Path) -> None:
    content = bytearray(binary_files.scp(wave()))
    # The pointer to section 6, and the checksum of the pointers, which is not looked at.
    content[22 + 6 * 10 + 2 : 22 + 7 * 10] = bytes(8)
    error = refusal("a.scp", bytes(content), tmp_path)
    assert error.kind == FailureKind.NO_SAMPLES
    assert "no rhythm" in error.message


def test_damage_to_scp_is_found_by_its_checksums(tmp_path: Path) -> None:
    content = bytearray(binary_files.scp(wave()))
    content[-3] ^= 1
    assert "checksum of section 6" in refusal("a.scp", bytes(content), tmp_path).message
    content = bytearray(binary_files.scp(wave()))
    place = content.index(b"Secret")
    content[place : place + 6] = b"xxxxxx"
    # A name that was blanked out is no damage.
    record = read_as("b.scp", bytes(content), tmp_path)
    assert record.notes == ("the checksum of the file does not match, those of its samples do",)
    assert refusal("c.scp", bytes(content[:-5]), tmp_path).kind == FailureKind.TRUNCATED


def test_gaps_and_length_of_ishne(tmp_path: Path) -> None:
    counts = wave(3)
    counts[1, 7] = -32768
    record = read_as("a.ecg", binary_files.ishne(counts, comment=b"twelve bytes"), tmp_path)
    assert np.argwhere(np.isnan(record.signal)).tolist() == [[1, 7]]
    short = read_as("b.ecg", binary_files.ishne(counts, promised=500), tmp_path)
    assert short.n_samples == 400
    assert "the header promises 500 samples, the file holds 400" in short.notes
    # Some recorders count the samples of all leads together.
    assert read_as("c.ecg", binary_files.ishne(counts, promised=1200), tmp_path).notes == ()


def test_an_ishne_header_that_was_changed(tmp_path: Path) -> None:
    content = binary_files.ishne(wave()).replace(b"Secret", b"xxxxxx")
    record = read_as("a.ecg", content, tmp_path)
    assert record.notes == ("the checksum of the header does not match",)
