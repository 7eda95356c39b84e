"""``--pack hdf5``: an HDF5 shard a chunk, and one file that joins them."""

from __future__ import annotations

from pathlib import Path

from ecgmpi.atomic import move_into_place

from .hdf5_shard import ENDING, Hdf5ShardReader, write_shard
from .packed import PackedStore, Recordings
from .series import Series
from .shard_file import ShardFile, file_checksum


class Hdf5Store(PackedStore):
    """Pictures in HDF5 files."""

    ending = ENDING
    reader = Hdf5ShardReader

    def _write(
        self, shard: Path, location: str, recordings: Recordings, series: Series
    ) -> tuple[ShardFile, ...]:
        # HDF5 goes back in what it has written, which shared filesystems do not like.
        made = self._scratch / shard.name
        try:
            try:
                write_shard(made, recordings, series.endings, self._spec.signals)
                file = ShardFile(location, made.stat().st_size, file_checksum(str(made)))
            except OSError as error:
                raise self._scratch_failed(error) from error
            move_into_place(made, shard, self._spec.durable)
        finally:
            made.unlink(missing_ok=True)
        return (file,)
