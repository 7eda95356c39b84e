"""Pictures of every kind come back as Pillow reads them, and scaled as plain arithmetic has it."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from ecgmpi.datasets.decode import decode, decode_png
from ecgmpi.drawing import THEMES, Picture, draw, mask_png
from ecgmpi.ecg.record import Record
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.errors import UsageError
from ecgmpi.layouts import PAGES, STRIP
from ecgmpi.picture_formats import COMPRESSIONS
from ecgmpi.readers import read

Bytes = npt.NDArray[np.uint8]

scales = pytest.mark.parametrize("n", [2, 3, 4, 5, 8, 16])


def by_pillow(data: bytes, mode: str = "RGB") -> Bytes:
    with Image.open(io.BytesIO(data)) as image:
        return np.array(image if image.mode == mode else image.convert(mode))


def mean(rgb: Bytes, n: int) -> Bytes:
    """Means of n x n pixels, or of as many as there are, in float64, rounded half up."""
    height, width, _ = rgb.shape
    tall, wide = -(-height // n), -(-width // n)
    padded = np.full((tall * n, wide * n, 3), np.nan)
    padded[:height, :width] = rgb
    means = np.nanmean(padded.reshape(tall, n, wide, n, 3), axis=(1, 3))
    rounded: Bytes = np.floor(means + 0.5).astype(np.uint8)
    return rounded


def check_array(found: Bytes) -> None:
    """It is what torch takes as it is."""
    assert found.dtype == np.uint8
    assert found.flags.writeable
    assert found.flags.c_contiguous


def ten_seconds() -> Record:
    return synthesize(seed=3, index=1, duration=10.0)


def check(picture: Picture, compression: str = "fast") -> None:
    """Its PNG is decoded here, not by Pillow, and to the same pixels."""
    data = picture.png(compression)
    found = decode_png(data)
    assert found is not None
    np.testing.assert_array_equal(found.palette, picture.palette)
    np.testing.assert_array_equal(decode(data, colours="indices"), by_pillow(data, "P"))
    rgb = decode(data)
    check_array(rgb)
    np.testing.assert_array_equal(rgb, by_pillow(data))


@pytest.mark.parametrize("layout", [STRIP, *PAGES])
@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_every_layout_by_either_compression(layout: str, compression: str) -> None:
    check(draw(ten_seconds(), layout, dpi=100.0), compression)


@pytest.mark.parametrize("theme", sorted(THEMES))
@pytest.mark.parametrize(("layout", "dpi"), [(STRIP, 400.0), ("3x4+1", 200.0), ("3x4", 40.0)])
def test_every_theme_at_several_resolutions(theme: str, layout: str, dpi: float) -> None:
    check(draw(ten_seconds(), layout, dpi=dpi, style=THEMES[theme]))


@pytest.mark.parametrize("layout", [STRIP, "3x4+1", "12x1"])
def test_the_paper_of_real_recordings_is_found(layout: str, test_data: Path) -> None:
    """Otherwise they come back as well, only later."""
    for path in sorted((test_data / "first_china" / "TRAIN").glob("*.mat"))[:6]:
        picture = draw(read(path), layout)
        check(picture)
        found = decode_png(picture.png())
        assert found is not None
        assert found.paper is not None
        assert len(found.paper.rows) < picture.height / 4
        assert len(found.paper.drawn) < picture.width * picture.height / 8


@scales
@pytest.mark.parametrize(("layout", "dpi"), [(STRIP, 400.0), ("3x4+1", 200.0), ("3x4", 40.0)])
def test_a_scaled_picture_has_the_means_of_its_pixels(layout: str, dpi: float, n: int) -> None:
    data = draw(ten_seconds(), layout, dpi=dpi).png()
    found = decode(data, scale=1 / n)
    check_array(found)
    np.testing.assert_array_equal(found, mean(by_pillow(data), n))


@scales
def test_a_png_of_somebody_else_is_scaled_the_same_way(n: int) -> None:
    rgb = np.random.default_rng(n).integers(0, 256, (61, 83, 3), np.uint8)
    np.testing.assert_array_equal(decode(_saved(rgb), scale=1 / n), mean(rgb, n))


@pytest.mark.parametrize("scale", [1 / 3, 0.3333333333333333, np.float32(1 / 3), np.float64(1 / 3)])
def test_a_scale_is_a_number_of_any_type(scale: float) -> None:
    assert decode(_saved(np.zeros((9, 9, 3), np.uint8)), scale=scale).shape == (3, 3, 3)


def test_a_jpeg_comes_back_as_pillow_reads_it() -> None:
    data = draw(ten_seconds(), "3x4+1", dpi=100.0).jpg()
    found = decode(data, "jpg")
    check_array(found)
    np.testing.assert_array_equal(found, by_pillow(data))


@scales
@pytest.mark.parametrize("dpi", [100.0, 37.0])
def test_a_scaled_jpeg_is_nearly_the_mean_of_its_pixels(n: int, dpi: float) -> None:
    data = draw(ten_seconds(), "3x4+1", dpi=dpi).jpg()
    found, expected = decode(data, "jpg", scale=1 / n), mean(by_pillow(data), n)
    assert found.shape == expected.shape
    off = np.abs(found.astype(int) - expected)
    assert off.mean() < 1.5
    assert np.percentile(off, 99) < 12


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 7), (7, 300), (9, 4), (15, 16)])
@scales
def test_a_tiny_jpeg_is_scaled_to_whole_pixels_rounded_up(height: int, width: int, n: int) -> None:
    file = io.BytesIO()
    Image.new("L", (width, height), 90).save(file, "JPEG")
    found = decode(file.getvalue(), "jpg", scale=1 / n)
    assert found.shape == (-(-height // n), -(-width // n), 3)
    assert abs(int(found.min()) - 90) <= 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"format": "svg"}, "format 'svg' have no pixels to decode: give png or jpg"),
        ({"format": "pdf"}, "format 'pdf' have no pixels"),
        ({"colours": "bgr"}, "colours 'bgr': choose from rgb, indices"),
        ({"format": "jpg", "colours": "indices"}, "it has no palette; choose 'rgb'"),
        ({"colours": "indices", "scale": 0.5}, "indices have no mean; choose 'rgb', or scale 1"),
        *(
            ({"scale": scale}, r"scale .*: give 1, or 1/n with a whole n from 2 to 16")
            for scale in (0, -1, 2, 0.3, 1 / 17, 1e-300, float("nan"), float("inf"), "half", None)
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(options: dict[str, Any], said: str) -> None:
    data = draw(ten_seconds(), dpi=50.0).png()
    with pytest.raises(UsageError, match=said) as refused:
        decode(data, **options)
    assert "\n" not in str(refused.value)


def test_pillow_is_loaded_only_for_what_needs_it(tmp_path: Path) -> None:
    picture = draw(ten_seconds(), dpi=50.0)
    (tmp_path / "a.png").write_bytes(picture.png())
    (tmp_path / "a.jpg").write_bytes(picture.jpg())
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from ecgmpi.datasets.decode import decode\n"
        "for name in ('a.png', 'a.jpg'):\n"
        "    decode(Path(name).read_bytes(), name[2:], scale=0.5)\n"
        "    print('PIL' in sys.modules)\n"
        "print({'scipy', 'matplotlib', 'h5py'} & set(sys.modules))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert said.stdout.split("\n")[:3] == ["False", "True", "set()"]


def _saved(rgb: Bytes) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "PNG")
    return file.getvalue()


def _modes() -> Iterator[tuple[str, Bytes]]:
    chance = np.random.default_rng(5)
    for mode, shape in (("L", ()), ("LA", (2,)), ("RGB", (3,)), ("RGBA", (4,))):
        pixels = chance.integers(0, 256, (40, 31, *shape), np.uint8)
        if mode.endswith("A"):
            pixels[..., -1] = 255
        yield mode, pixels


@pytest.mark.parametrize(("mode", "pixels"), list(_modes()))
def test_opaque_pngs_of_any_kind_come_back_as_pillow_reads_them(mode: str, pixels: Bytes) -> None:
    data = _saved(pixels)
    np.testing.assert_array_equal(decode(data), by_pillow(data))


def test_a_transparent_png_is_refused() -> None:
    pixels = np.full((4, 4, 4), 254, np.uint8)
    with pytest.raises(ValueError, match="partly transparent"):
        decode(_saved(pixels))


def test_a_png_of_16_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="other than 8 bits a colour"):
        decode(_saved(np.zeros((4, 4), np.uint16)))


def test_indices_of_a_png_without_a_palette_are_refused() -> None:
    picture = draw(ten_seconds(), dpi=50.0)
    for data in (_saved(np.zeros((4, 4, 3), np.uint8)), mask_png(picture)):
        with pytest.raises(ValueError, match="no palette"):
            decode(data, colours="indices")
