"""PNGs of either compression: the same pixels, the same bytes for the same picture, how large."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import threading
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from isal import igzip_lib
from PIL import Image

from ecgmpi.drawing import LAYOUTS, draw
from ecgmpi.drawing.encode.deflate import by, deflated, fragment, small_fragment
from ecgmpi.drawing.raster.background import BACKGROUNDS, Run
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.errors import UsageError
from ecgmpi.picture_formats import COMPRESSIONS, FAST, SMALL
from tests.drawing import recorded

ELSEWHERE = "import json; from tests.drawing.recorded import draw; print(json.dumps(draw()))"
"""A program that draws the reference pictures and prints their checksums."""

either = pytest.mark.parametrize("compression", COMPRESSIONS)


@either
@given(st.lists(st.integers(1, 3000), min_size=1, max_size=6), st.integers(0, 99))
def test_deflated_fragments_come_back_one_after_the_other(
    compression: str, sizes: list[int], seed: int
) -> None:
    chance = np.random.default_rng(seed)
    parts = [chance.integers(0, 4, size, np.uint8) for size in sizes]
    # It checks the checksum, too.
    there = zlib.decompress(deflated(by(compression)(part) for part in parts))
    assert there == b"".join(part.tobytes() for part in parts)


@either
@pytest.mark.parametrize("size", [1, 2, 63, 64, 65, 70, 300_000, 9_000_000])
def test_deflated_data_of_any_length_come_back(size: int, compression: str) -> None:
    data = np.random.default_rng(size).integers(0, 4, size, np.uint8)
    assert zlib.decompress(deflated([by(compression)(data)])) == data.tobytes()


@either
@pytest.mark.parametrize("layout", ["strip", "3x4+1"])
def test_bytes_do_not_depend_on_what_was_drawn_or_asked_before(
    layout: str, compression: str
) -> None:
    shown, other = (synthesize(seed=0, index=k, duration=10.0) for k in (1, 2))
    BACKGROUNDS.clear()
    expected = draw(shown, layout).png(compression)
    draw(other, layout).png(compression)
    draw(shown, layout).png(FAST if compression == SMALL else SMALL)
    again = draw(shown, layout)
    pixels = again.indices()
    assert again.png(compression) == expected
    with Image.open(io.BytesIO(expected)) as decoded:
        np.testing.assert_array_equal(np.asarray(decoded), pixels)


@pytest.mark.parametrize("layout", ["strip", "3x4+1"])
def test_a_small_png_has_the_same_pixels(layout: str) -> None:
    picture = draw(synthesize(seed=3, index=5, duration=10.0), layout)
    seen = []
    for compression in COMPRESSIONS:
        with Image.open(io.BytesIO(picture.png(compression))) as image:
            image.load()
            seen.append((image.tobytes(), image.getpalette(), image.info))
    assert seen[0] == seen[1]
    assert picture.png(SMALL) != picture.png(FAST) == picture.png()


@pytest.mark.parametrize(("layout", "most"), [("strip", 0.7), ("3x4+1", 0.6)])
def test_small_is_that_much_smaller_and_fast_no_larger_than_igzip(layout: str, most: float) -> None:
    igzip, sizes = 0, Counter[str]()
    for index in range(4):
        picture = draw(synthesize(seed=1, index=index, duration=10.0), layout)
        igzip += len(igzip_lib.compress(picture.rows, 1, igzip_lib.COMP_ZLIB))
        for compression in COMPRESSIONS:
            file = picture.png(compression)
            at = file.index(b"IDAT")
            sizes[compression] += int.from_bytes(file[at - 4 : at], "big")
    assert sizes[SMALL] <= most * igzip
    assert sizes[FAST] <= igzip


def test_a_picture_is_saved_with_the_compression_that_is_asked_for(tmp_path: Path) -> None:
    picture = draw(synthesize(seed=3, index=5, duration=2.0), "3x4", dpi=60)
    for given_, wanted in ((None, FAST), (FAST, FAST), (SMALL, SMALL)):
        picture.save(tmp_path / "x.png", compression=given_)
        assert (tmp_path / "x.png").read_bytes() == picture.png(wanted)
    with pytest.raises(UsageError, match="compression is for png, not svg"):
        picture.save(tmp_path / "x.svg", compression=FAST)
    assert not (tmp_path / "x.svg").exists()
    with pytest.raises(UsageError, match="compression 'tiny': choose from fast, small"):
        picture.png("tiny")


@pytest.mark.slow
def test_bytes_do_not_depend_on_what_memory_held_before() -> None:
    assert _drawn_by([sys.executable], MALLOC_PERTURB_="165") == recorded.draw()


@pytest.mark.slow
@pytest.mark.parametrize("processor", ["IvyBridge", "Haswell"])
def test_bytes_are_the_same_on_other_processors(processor: str) -> None:
    """Without AVX2, and without AVX-512: here level 3 of igzip writes other bytes."""
    qemu = shutil.which("qemu-x86_64")
    if qemu is None:
        pytest.skip("needs qemu-x86_64: install Debian's package qemu-user")
    # qemu 7.2 now and then ends a program of several threads by SIGSEGV.
    drawn = _drawn_by([qemu, "-cpu", processor, sys.executable], OPENBLAS_NUM_THREADS="1")
    assert drawn == recorded.draw()


def _drawn_by(python: list[str], **environment: str) -> dict[str, list[int]]:
    drawn = subprocess.run(
        [*python, "-c", ELSEWHERE],
        cwd=Path(__file__).parents[3],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert drawn.returncode == 0, drawn.stderr
    found: dict[str, list[int]] = json.loads(drawn.stdout)
    return found


def rows_of(piece: Run | npt.NDArray[np.uint8]) -> list[npt.NDArray[np.uint8]]:
    """The rows that are compressed at once, of a piece of a picture."""
    return [band.rows for band in piece.bands] if isinstance(piece, Run) else [piece]


@pytest.mark.slow
def test_bytes_do_not_depend_on_where_the_stack_lies() -> None:
    """Each thread has a stack of its own; igzip took its address for data, see `fragment`."""
    layout = LAYOUTS["strip"]
    options = layout.options(speed=25.0, gain=10.0, dpi=400.0)
    record = synthesize(seed=0, index=8, duration=10.0)
    pictures = list(layout.pictures(record, options))[1:12:2]
    # All of them in each thread, also those that are compressed once for all pictures.
    rows = [[rows for p in picture.canvas.pieces() for rows in rows_of(p)] for picture in pictures]
    seen: list[Counter[bytes]] = [Counter() for _ in pictures]
    start, one_by_one = threading.Barrier(1000), threading.Lock()

    def draw_all() -> None:
        # All of them are alive before any begins: no two have their stack in one place.
        start.wait()
        for counter, pieces in zip(seen, rows, strict=True):
            with one_by_one:
                counter[deflated(map(fragment, pieces))] += 1

    threads = [threading.Thread(target=draw_all) for _ in range(1000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [list(counter.values()) for counter in seen] == [[1000]] * len(pictures)


def test_a_page_of_standard_size_takes_fewer_bytes_for_what_all_pages_share() -> None:
    shown = synthesize(seed=0, index=3, duration=10.0)
    picture = draw(shown, "3x4+1")
    shared = [band for p in picture.canvas.pieces() if isinstance(p, Run) for band in p.bands]
    assert all(band.lasting for band in shared)
    alone = sum(len(fragment(band.rows).blocks) for band in shared)
    assert sum(len(small_fragment(band.rows).blocks) for band in shared) < 0.6 * alone
    whole = len(deflated([fragment(picture.rows)]))
    assert len(picture.png()) < 0.95 * whole
    # Each page that is as large as its traces need has bands of its own.
    fitting = draw(shown, "3x4+1", paper="fit")
    runs = [piece for piece in fitting.canvas.pieces() if isinstance(piece, Run)]
    assert not any(band.lasting for run in runs for band in run.bands)
