"""Where pictures go. One module per way of packing, and one line each in the registry."""

from __future__ import annotations

from .base import Store, StoreSpec
from .registry import NOWHERE, PACKINGS, Packing, open_store

__all__ = ["NOWHERE", "PACKINGS", "Packing", "Store", "StoreSpec", "open_store"]
