"""Every way of packing has the store that its line in the registry names; mypy checks its type."""

from __future__ import annotations

from pathlib import Path

from ecgmpi.store import NOWHERE, PACKINGS, Store, StoreSpec, open_store
from ecgmpi.store.files import FileStore
from ecgmpi.store.hdf5 import Hdf5Store
from ecgmpi.store.null import NullStore
from ecgmpi.store.tar import TarStore

# Checked by mypy: a class without a method of `Store`, or with another type, fails.
STORES: dict[str, type[Store]] = {
    "files": FileStore,
    "tar": TarStore,
    "hdf5": Hdf5Store,
    NOWHERE: NullStore,
}


def test_every_packing_opens_its_store(tmp_path: Path) -> None:
    assert STORES.keys() == PACKINGS.keys() | {NOWHERE}
    for name, store in STORES.items():
        assert type(open_store(name, tmp_path, StoreSpec("images"))) is store


def test_an_estimate_keeps_nothing(tmp_path: Path) -> None:
    store = open_store(NOWHERE, tmp_path, StoreSpec("images"))
    path = store.put(0, "a", "I", {"picture": b"1"})
    assert store.finish(0, [("a", ["a-I"])]) == ()
    assert not store.holds(path, 1)
    assert list(tmp_path.iterdir()) == []
