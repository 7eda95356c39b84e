"""The effects on how the sheet lies, in the order in which it was bent."""

from __future__ import annotations

from ecgmpi.wear.effect import Effect
from ecgmpi.wear.mapping.surface import Surface

from .crumple import CrumpleEffect
from .curl import CurlEffect
from .folds import FoldsEffect

SHAPE: tuple[Effect[Surface], ...] = (FoldsEffect(), CurlEffect(), CrumpleEffect())
