"""``--pack tar``: a WebDataset shard a chunk, each picture a sample, and indexes beside it."""

from __future__ import annotations

from pathlib import Path

from ecgmpi.atomic import replacing

from .base import ShardReader
from .packed import PackedStore, Recordings
from .series import Series
from .shard_file import ShardFile
from .tar_shard import (
    DALI_INDEX,
    INDEX,
    TAR,
    TarShardReader,
    TarWriter,
    dali_index,
    index,
    index_of_headers,
)


class TarStore(PackedStore):
    """Pictures in tar files."""

    ending = TAR
    reader = TarShardReader
    beside = (INDEX, DALI_INDEX)

    def _write(
        self, shard: Path, location: str, recordings: Recordings, series: Series
    ) -> tuple[ShardFile, ...]:
        # Straight into OUT: to make it in the scratch folder would be to write it twice.
        with (
            replacing(shard, sync=self._spec.durable) as temporary,
            temporary.open("wb", buffering=_BUFFER) as handle,
        ):
            tar = TarWriter(handle, series.endings)
            for _, _, samples in recordings:
                for sample in samples:
                    tar.add(sample)
            tar.end()
        files = [ShardFile(location, tar.size, tar.crc32)]
        for ending, data in ((INDEX, index(tar.members)), (DALI_INDEX, dali_index(tar.members))):
            with replacing(shard.with_suffix(ending), sync=self._spec.durable) as temporary:
                temporary.write_bytes(data)
            files.append(ShardFile.of(location.removesuffix(TAR) + ending, data))
        return tuple(files)

    def _reader_of_all(self, shard: Path, series: Series) -> ShardReader:
        # The index may be that of another tar: where the two were being replaced, one may be new.
        return TarShardReader(shard, series.endings, index_of_headers(shard))


_BUFFER = 1 << 20
"""Bytes to write at a time: what shared filesystems like."""
