"""Worn copies are the same bytes, whatever instructions the processor has."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ecgmpi.picture_formats import (
    ANNOTATION,
    CROSSINGS,
    HIDDEN,
    MAP,
    MASK,
    MASKS,
    PICTURE,
    POINTS,
)
from ecgmpi.wear.opencv import opencv_package
from ecgmpi.wear.profiles import PROFILES
from ecgmpi.wear.registry import EFFECTS
from tests.recorded import forgotten
from tests.wear.recorded import RECORDED
from tests.wear.sums import DPI, LEVELS, PIXELS

OPENCV = ("AVX512-SKX", "AVX2", "FP16", "AVX", "SSE4.2", "SSE4.1")
"""What OpenCV has code for beyond what every x86-64 has, as its variable names it: another name,
such as AVX512_SKX, switches nothing off and is only warned of."""

NUMPY = ("AVX512_SPR", "AVX512_ICL", "X86_V4", "X86_V3")

IPP = {"sse42": "(y8)", "avx2": "(l9)"}
"""What its library IPP may be held to, and what it says of that."""

LIBM = "glibc.cpu.hwcaps=-AVX512F,-AVX2,-FMA,-FMA4,-AVX"

ALL_OFF = {
    "OPENCV_CPU_DISABLE": ",".join(OPENCV),
    "OPENCV_IPP": "disabled",
    "JSIMD_FORCENONE": "1",
    "NPY_DISABLE_CPU_FEATURES": " ".join(NUMPY),
    "GLIBC_TUNABLES": LIBM,
}

FILES = (PICTURE, ANNOTATION, MASK, *MASKS, POINTS, MAP, CROSSINGS, HIDDEN)
"""What each copy has."""

Found = dict[str, Any]


def _found(
    *arguments: object, before: tuple[str, ...] = (), environment: Mapping[str, str] | None = None
) -> Found:
    ended = subprocess.run(
        [*before, sys.executable, "-m", "tests.wear.sums", *map(str, arguments)],
        cwd=Path(__file__).parents[2],
        env=os.environ | dict(environment or {}),
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    found: Found = json.loads(ended.stdout)
    return found


def _differing(one: Found, other: Found) -> list[str]:
    return [name for name in other["sums"] if one["sums"][name] != other["sums"][name]]


@pytest.fixture(scope="module")
def here() -> Found:
    """What this processor makes of them with all that it has."""
    return _found()


def test_every_profile_and_every_effect_is_among_them(here: Found) -> None:
    pixels = [one for name, one in here["sums"].items() if name.endswith(f": {PIXELS}")]
    assert len(pixels) == (len(LEVELS) + 2) * len(PROFILES)
    assert len(set(pixels)) == len(pixels)
    assert len(here["sums"]) == len(pixels) * len({PIXELS, *FILES})
    shown = {name for profile in PROFILES.values() for name in profile.uses}
    assert shown == {effect.name for effect in EFFECTS}


def test_bytes_are_what_they_were_when_format_was_last_raised(here: Found) -> None:
    """An OUT that was begun with others is refused by FORMAT, as of clean pictures."""
    now = RECORDED.now(here["sums"])
    RECORDED.check(now, "tests.wear.recorded")
    assert "photo at 2: picture" in now["pictures"]
    name, before = sorted(now["pictures"].items())[0]
    other = now | {"pictures": now["pictures"] | {name: before[::-1]}}
    assert "raise FORMAT" in forgotten(other, now)
    package, _ = opencv_package() or ("", "")
    older = other | {"versions": now["versions"] | {package: "4.0"}}
    assert f"{package} 4.0 drew them then" in forgotten(older, now)


def test_bytes_are_the_same_without_any_instructions_of_newer_processors(here: Found) -> None:
    off = _found(environment=ALL_OFF)
    assert not {*OPENCV} & {*off["features"]["opencv"]}
    assert not off["features"]["ipp"]
    assert off["features"]["numpy"] == []
    if here["features"]["opencv"] == off["features"]["opencv"]:
        pytest.skip("this processor has nothing to switch off")
    assert _differing(here, off) == []


@pytest.mark.slow
def test_bytes_are_the_same_as_opencv_loses_its_instructions(here: Found) -> None:
    _loses(here, "opencv", OPENCV, "OPENCV_CPU_DISABLE", ",")


@pytest.mark.slow
def test_bytes_are_the_same_as_numpy_loses_its_instructions(here: Found) -> None:
    _loses(here, "numpy", NUMPY, "NPY_DISABLE_CPU_FEATURES", " ")


def _loses(here: Found, which: str, names: tuple[str, ...], variable: str, between: str) -> None:
    """Switch off the instructions of a library, the newest first, and one more each time."""
    before = here["features"][which]
    there = [name for name in names if name in before]
    if not there:
        pytest.skip(f"this processor has none of {', '.join(names)}")
    for n in range(1, len(there) + 1):
        off = there[:n]
        found = _found(environment={variable: between.join(off)})
        left = [name for name in before if name not in off]
        assert found["features"] == here["features"] | {which: left}
        assert _differing(here, found) == [], f"without {', '.join(off)}"


@pytest.mark.slow
def test_bytes_are_the_same_with_other_code_of_ipp(here: Found) -> None:
    others = 0
    for kind, said in IPP.items():
        found = _found(environment={"OPENCV_IPP": kind})
        assert _differing(here, found) == [], kind
        if found["features"] != here["features"]:
            assert said in found["features"]["ipp"]
            others += 1
    if not others:
        pytest.skip("IPP has no other code for this processor")


@pytest.mark.slow
def test_bytes_are_the_same_at_full_size() -> None:
    chosen = (200, "photo", "scan-bw", "damaged")
    assert _differing(_found(*chosen), _found(*chosen, environment=ALL_OFF)) == []


@pytest.mark.slow
def test_bytes_are_the_same_on_an_emulated_processor(here: Found) -> None:
    """One that has no AVX2 and no FMA: libraries find that out by themselves."""
    qemu = shutil.which("qemu-x86_64")
    if qemu is None:
        pytest.skip("needs qemu-x86_64: install Debian's package qemu-user")
    chosen = ("photo", "scan-bw", "damaged")
    emulated = (qemu, "-cpu", "IvyBridge")
    # It now and then ends a program of several threads by SIGSEGV.
    found = _found(DPI, *chosen, before=emulated, environment={"OPENBLAS_NUM_THREADS": "1"})
    assert "AVX2" not in found["features"]["opencv"]
    assert _differing(here, found) == []


@pytest.mark.slow
def test_bytes_do_not_depend_on_what_memory_held_before(here: Found) -> None:
    assert _differing(here, _found(environment={"MALLOC_PERTURB_": "165"})) == []
