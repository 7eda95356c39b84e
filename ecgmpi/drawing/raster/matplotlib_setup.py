"""matplotlib, loaded as far as it is needed: its font engine, or its figures and backends.

The font engine, a module of its own that uses no other, is all that pixels need. The package
around it would cost each process that draws 0.1 s and 16 MB.

When ``matplotlib.font_manager`` is first imported it lists the fonts of the machine, writes
the list into a folder that all processes of a user share, and warns where it cannot. Every
rank of a job would do so at once, though none needs it: all letters come from one font file.
So the import gets its own temporary folder, which holds an empty list.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import logging
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

_FONT_ENGINE = "matplotlib.ft2font"
_FONT_MANAGER = "matplotlib.font_manager"
_VERSION = re.compile(r"^    __version__ = (['\"]?)([\w.]+)\1$", re.MULTILINE)


@lru_cache(maxsize=1)
def font_path() -> Path:
    """Path of the font that all text is written in."""
    for folder in _folders():
        path = Path(folder, "mpl-data", "fonts", "ttf", "DejaVuSans.ttf")
        if path.is_file():
            return path
    # Some distributions keep the data elsewhere.
    import matplotlib

    return Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")


def font_engine() -> Any:
    """``matplotlib.ft2font``, imported if it is not loaded yet."""
    return importlib.import_module(_FONT_ENGINE)


def load_font_engine_alone() -> None:
    """Load ``matplotlib.ft2font`` without the package around it, which can be imported later.

    For processes of ecgmpi itself: in others, ``matplotlib.ft2font`` would not be an attribute of
    the package. Does nothing if matplotlib is loaded, or is not laid out as usual.
    """
    if "matplotlib" in sys.modules or _FONT_ENGINE in sys.modules:
        return
    found = PathFinder.find_spec(_FONT_ENGINE, _folders())
    if found is None or found.loader is None:
        return
    try:
        sys.modules[_FONT_ENGINE] = module = importlib.util.module_from_spec(found)
        found.loader.exec_module(module)
    except Exception:
        # One that does need the rest is imported with it.
        sys.modules.pop(_FONT_ENGINE, None)


def _folders() -> list[str]:
    """Where the package lies; found without being imported."""
    package = importlib.util.find_spec("matplotlib")
    return list((package and package.submodule_search_locations) or ())


def load_figures() -> None:
    """Import what draws figures, without reading or writing a font cache.

    Does nothing if it is already imported.
    """
    if _FONT_MANAGER not in sys.modules:
        with _own_font_cache():
            importlib.import_module(_FONT_MANAGER)


@contextmanager
def _own_font_cache() -> Iterator[None]:
    import matplotlib

    log = logging.getLogger(_FONT_MANAGER)
    level, theirs = log.level, matplotlib.get_cachedir
    with tempfile.TemporaryDirectory() as folder:
        _write_empty_list(Path(folder))
        setattr(matplotlib, "get_cachedir", lambda: folder)  # noqa: B010
        # If it rejects the list it makes one, and warns if that takes long.
        log.setLevel(logging.ERROR)
        try:
            yield
        finally:
            log.setLevel(level)
            setattr(matplotlib, "get_cachedir", theirs)  # noqa: B010


def _write_empty_list(folder: Path) -> None:
    """Write a list that the font manager accepts as its own, in the version it expects."""
    found = importlib.util.find_spec(_FONT_MANAGER)
    assert found is not None
    assert found.origin is not None
    said = _VERSION.search(Path(found.origin).read_text(encoding="utf-8"))
    if said is None:
        return
    version: str | int = said[2] if said[1] else int(said[2])
    empty: dict[str, object] = {
        "_class": "FontManager",
        "_version": version,
        "_FontManager__default_weight": "normal",
        "default_size": None,
        "defaultFamily": {"ttf": "DejaVu Sans", "afm": "Helvetica"},
        "afmlist": [],
        "ttflist": [],
    }
    name = f"fontlist-v{version}.json"
    (folder / name).write_text(json.dumps(empty), encoding="utf-8")
