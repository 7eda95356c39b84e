"""The one import of OpenCV: one thread and no OpenCL, so that its bytes are always the same."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Any

from ecgmpi.errors import UsageError


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
