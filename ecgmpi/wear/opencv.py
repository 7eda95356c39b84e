"""The one import of OpenCV: one thread and no OpenCL, so that its bytes are always the same."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ecgmpi.errors import UsageError

_SAID = re.compile(r"(opencv_version|contrib|headless) = \"?([^\"\n]+)")
"""What every wheel says of itself in ``cv2/version.py``."""

_OTHER = "opencv"
"""What OpenCV is called that comes from no wheel, but from a system or was built there."""


@lru_cache(maxsize=1)
def opencv() -> Any:
    """Give the module ``cv2``, set up for this process.

    Raises
    ------
    UsageError
        It is not installed.
    """
    try:
        cv2 = import_module("cv2")
    except ImportError as error:
        raise UsageError(
            f"worn paper needs OpenCV, which cannot be imported ({error}): "
            "pip install 'ecgmpi[worn]'"
        ) from error
    # A worker has one core, and what OpenCL computes depends on the device.
    cv2.setNumThreads(1)
    cv2.ocl.setUseOpenCL(False)
    return cv2


@lru_cache(maxsize=1)
def opencv_package() -> tuple[str, str] | None:
    """Give the distribution that ``cv2`` comes from, and its version; None without one.

    Four wheels have a module of this name, and the metadata of several may lie side by side, but
    only the one that was installed last is loaded. It is not loaded here if it is a wheel.
    """
    try:
        spec = find_spec("cv2")
    except ValueError:
        spec = None
    if spec is None:
        return None
    try:
        text = Path(spec.origin or "").with_name("version.py").read_text(encoding="utf-8")
        said = dict(_SAID.findall(text))
        contrib, headless = (said[name] == "True" for name in ("contrib", "headless"))
        name = f"opencv{'-contrib' * contrib}-python{'-headless' * headless}"
        return name, said["opencv_version"]
    except (OSError, ValueError, KeyError):
        pass
    try:
        return _OTHER, str(opencv().__version__)
    except UsageError:
        return _OTHER, "cannot be loaded"
