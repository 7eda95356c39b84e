"""PNGs that something else has written, and damaged ones."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ecgmpi.datasets.decode import decode, decode_mask, decode_png
from ecgmpi.drawing import draw, mask_png
from ecgmpi.ecg.synthetic import synthesize

Bytes = npt.NDArray[np.uint8]

NONE, SUB, UP, AVERAGE, PAETH = range(5)
SIGNATURE = b"\x89PNG\r\n\x1a\n"
PICTURE = draw(synthesize(seed=0, index=2, duration=1.0), "3x4", dpi=30.0)
PNG, JPEG, MASK = PICTURE.png(), PICTURE.jpg(), mask_png(PICTURE)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    indices: Bytes,
    palette: Bytes | None,
    filters: list[int],
    pieces: int = 1,
    extra: bytes = b"",
) -> bytes:
    """A PNG of 8 bits a pixel, each row with its filter, compressed rows in so many chunks."""
    height, width = indices.shape
    rows = b"".join(
        bytes([filter_]) + filtered(filter_, indices[k], indices[k - 1] if k else 0 * indices[0])
        for k, filter_ in enumerate(filters)
    )
    stream = zlib.compress(rows)
    cuts = [len(stream) * k // pieces for k in range(pieces + 1)]
    return b"".join(
        (
            SIGNATURE,
            chunk(b"IHDR", header(width, height, 0 if palette is None else 3)),
            b"" if palette is None else chunk(b"PLTE", palette.tobytes()),
            extra,
            *(chunk(b"IDAT", stream[a:b]) for a, b in pairwise(cuts)),
            chunk(b"IEND", b""),
        )
    )


def header(width: int, height: int, kind: int = 3) -> bytes:
    return struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)


def filtered(filter_: int, row: Bytes, above: Bytes) -> bytes:
    """As the specification has it."""
    here, up = row.astype(int), above.astype(int)
    left, corner = (np.concatenate([[0], values[:-1]]) for values in (here, up))
    guess = left + up - corner
    far = np.abs(guess - np.stack([left, up, corner]))
    paeth = np.where(
        (far[0] <= far[1]) & (far[0] <= far[2]), left, np.where(far[1] <= far[2], up, corner)
    )
    taken = (0 * here, left, up, (left + up) // 2, paeth)[filter_]
    rest: Bytes = ((here - taken) % 256).astype(np.uint8)
    return rest.tobytes()


def by_pillow(data: bytes) -> Bytes:
    with Image.open(io.BytesIO(data)) as image:
        return np.array(image.convert("RGB"))


sizes = st.tuples(st.integers(1, 40), st.integers(1, 40))


@st.composite
def images(draw: st.DrawFn) -> tuple[Bytes, Bytes | None]:
    """Indices and their palette, or shades of grey."""
    chance = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    colours = draw(st.integers(1, 256))
    indices = chance.integers(0, colours, draw(sizes), np.uint8)
    palette = chance.integers(0, 256, (colours, 3), np.uint8)
    return indices, palette if draw(st.booleans()) else None


@given(images(), st.integers(1, 4), st.booleans())
def test_rows_of_our_own_kind_are_decoded_here(
    image: tuple[Bytes, Bytes | None], pieces: int, up: bool
) -> None:
    indices, palette = image
    data = png(indices, palette, [UP if up else NONE] * len(indices), pieces)
    found = decode_png(data)
    assert found is not None
    np.testing.assert_array_equal(found.indices, indices)
    np.testing.assert_array_equal(decode(data), by_pillow(data))


@given(images(), st.integers(1, 3), st.data())
def test_any_other_filters_are_left_to_pillow(
    image: tuple[Bytes, Bytes | None], pieces: int, data: st.DataObject
) -> None:
    indices, palette = image
    size = len(indices)
    filters = data.draw(st.lists(st.sampled_from(range(5)), min_size=size, max_size=size))
    file = png(indices, palette, filters, pieces)
    assert (decode_png(file) is not None) == (set(filters) <= {NONE, UP})
    np.testing.assert_array_equal(decode(file), by_pillow(file))
    if palette is None:
        np.testing.assert_array_equal(decode_mask(file), indices)


@pytest.mark.parametrize("colours", [2, 4, 16, 17, 200])
@pytest.mark.parametrize("optimize", [False, True])
def test_what_pillow_writes_comes_back(colours: int, optimize: bool) -> None:
    """With 16 colours and fewer, it packs several pixels into a byte."""
    chance = np.random.default_rng(colours)
    image = Image.fromarray(chance.integers(0, colours, (33, 45), np.uint8))
    image.putpalette(chance.integers(0, 256, (colours, 3), np.uint8).tobytes())
    file = io.BytesIO()
    image.save(file, "PNG", optimize=optimize)
    data = file.getvalue()
    np.testing.assert_array_equal(decode(data), by_pillow(data))
    np.testing.assert_array_equal(decode(data, colours="indices"), np.asarray(image))


def test_a_transparent_palette_is_refused_and_an_opaque_one_is_not() -> None:
    indices = np.arange(12, dtype=np.uint8).reshape(3, 4)
    palette = np.random.default_rng(0).integers(0, 256, (12, 3), np.uint8)
    for alpha, fine in ((b"\xff" * 12, True), (b"\xff" * 3 + b"\x80", False)):
        data = png(indices, palette, [UP] * 3, extra=chunk(b"tRNS", alpha))
        assert decode_png(data) is None
        if fine:
            np.testing.assert_array_equal(decode(data), palette[indices])
        else:
            with pytest.raises(ValueError, match="partly transparent"):
                decode(data)


# Damage.


def refused(data: bytes, format: str = "png") -> None:
    """It decodes neither whole nor scaled, and one line says why."""
    for scale in (1, 0.25):
        with pytest.raises(ValueError, match=r"\w"):
            decode_mask(data, scale)
        with pytest.raises(ValueError, match=r"\w") as error:
            decode(data, format, scale=scale)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("whole", [PNG, MASK])
@given(st.floats(0, 1, exclude_max=True))
def test_no_part_of_a_png_passes_for_it(whole: bytes, share: float) -> None:
    refused(whole[: int(share * len(whole))])


@pytest.mark.parametrize("whole", [PNG, MASK])
@given(st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_no_byte_of_a_png_changes_unseen(whole: bytes, share: float, change: int) -> None:
    data = bytearray(whole)
    data[int(share * len(data))] ^= change
    refused(bytes(data))


@given(st.floats(0, 0.98))
def test_no_part_of_a_jpeg_passes_for_it(share: float) -> None:
    refused(JPEG[: int(share * len(JPEG))], "jpg")


@given(
    st.floats(0, 1, exclude_max=True), st.integers(1, 255), st.sampled_from([1, 0.5, 0.1, 1 / 3])
)
def test_a_jpeg_with_another_byte_decodes_or_is_refused(
    share: float, change: int, scale: float
) -> None:
    """A JPEG has no checksum."""
    data = bytearray(JPEG)
    data[int(share * len(data))] ^= change
    with suppress(ValueError):
        assert decode(bytes(data), "jpg", scale=scale).ndim == 3


@given(st.binary(max_size=300), st.sampled_from([b"", SIGNATURE, b"\xff\xd8\xff"]))
def test_anything_else_is_refused(rest: bytes, begin: bytes) -> None:
    refused(begin + rest)
    with pytest.raises(ValueError, match=r"\w"):
        decode(begin + rest, "jpg")


INDICES = np.zeros((4, 5), np.uint8)
PALETTE = np.zeros((2, 3), np.uint8)
SOUND = png(INDICES, PALETTE, [UP] * 4)


def with_header(head: bytes) -> bytes:
    return SIGNATURE + chunk(b"IHDR", head) + SOUND[8 + 25 :]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (JPEG, "it is no PNG"),
        (SOUND[:-1], f"truncated at byte {len(SOUND) - 1}"),
        (SOUND[:-12], "truncated"),
        (SOUND[:40] + b"?" + SOUND[41:], "wrong checksum of the chunk at byte 33"),
        (with_header(header(5, 5)), "24 bytes of pixels, of 30"),
        (with_header(header(5, 3)), "more bytes of pixels, of 18"),
        (with_header(header(0, 4)), "0 x 4 pixels"),
        (with_header(header(1 << 30, 1 << 30)), "at most 200,000,000"),
        (with_header(header(14000, 14000)), "bytes cannot hold 14000 x 14000 pixels"),
        (with_header(header(5, 4)[:-1]), "a header of 12 bytes"),
        (SIGNATURE + SOUND[8 + 25 :], "does not begin with one header"),
        (SOUND[:33] + SOUND[8:], "does not begin with one header"),
        (png(INDICES, PALETTE[:0], [UP] * 4), "a palette of 0 bytes"),
        (png(INDICES, PALETTE, [UP] * 4, extra=chunk(b"BAD!", b"")), "unknown chunk"),
        (png(INDICES + 2, PALETTE, [UP] * 4), "it uses colour 2 of a palette of 2"),
        (SOUND[:33] + chunk(b"IEND", b""), "a palette of 0 bytes|no pixels"),
        (SOUND[:33] + chunk(b"IDAT", b"x" * 99) + chunk(b"IEND", b""), "a palette of 0 bytes"),
        (
            SOUND[: 33 + 18] + chunk(b"IDAT", b"x" * 99) + chunk(b"IEND", b""),
            "does not inflate",
        ),
    ],
)
def test_what_is_wrong_is_said(data: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        decode(data)


@pytest.mark.parametrize(
    "make",
    [
        lambda: with_header(struct.pack(">IIBBBBB", 60000, 60000, 16, 2, 0, 0, 0)),
        lambda: JPEG.replace(
            struct.pack(">HH", PICTURE.height, PICTURE.width), struct.pack(">HH", 65000, 65000), 1
        ),
    ],
)
def test_a_size_that_no_picture_has_costs_no_memory(make: Callable[[], bytes]) -> None:
    data = make()
    with pytest.raises(ValueError, match="at most 200,000,000"):
        decode(data, "png" if data.startswith(SIGNATURE) else "jpg")
