"""What looks at the sheet."""

from __future__ import annotations

from ecgmpi.wear.effect import Effect
from ecgmpi.wear.mapping.projection import Projection

from .camera import CameraEffect
from .scanner import ScannerEffect

DEVICE: tuple[Effect[Projection], ...] = (ScannerEffect(), CameraEffect())
