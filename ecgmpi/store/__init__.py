"""Where pictures go. One module per way of packing, and one line each in the registry."""

from __future__ import annotations

from .base import Keys, Splits, Store, StoreSpec
from .registry import NOWHERE, PACKINGS, Packing, open_store
from .series import Series
from .shard_file import ShardFile

__all__ = [
    "NOWHERE",
    "PACKINGS",
    "Keys",
    "Packing",
    "Series",
    "ShardFile",
    "Splits",
    "Store",
    "StoreSpec",
    "open_store",
]
