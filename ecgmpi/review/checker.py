"""What does a task: it compares files, or samples of a shard, with their rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from ecgmpi.picture_formats import CLEAN, PICTURE
from ecgmpi.results.columns import files_of_row
from ecgmpi.results.finished import FinishedOut
from ecgmpi.store import PACKINGS, ShardFile
from ecgmpi.store.reading import PictureReader
from ecgmpi.store.shard_file import file_checksum

from .content import Wanted, difference
from .decoding import Decoder
from .extra import check_extra
from .problems import Checked
from .tar_walk import check_indexes, check_tar
from .tasks import DecodeTask, ExtraTask, RowsTask, Setting, ShardTask, Task

_GONE = (FileNotFoundError, NotADirectoryError)
_UNREADABLE = (OSError, RuntimeError, ValueError)
"""What the system, HDF5 and the readers of shards raise."""


class Checker:
    """Does tasks, one after another.

    Parameters
    ----------
    setting
        What it knows of the OUT.

    Raises
    ------
    JobError
        The manifest is damaged.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._closing = ExitStack()
        out = FinishedOut.open(setting.out)
        self._pictures = self._closing.enter_context(out.table("pictures"))
        self._shards = self._closing.enter_context(out.table("shards"))
        self._reader = PictureReader(setting.out, setting.pack, setting.spec)
        self._closing.callback(self._reader.close)
        self._decoder: Decoder | None = None

    def close(self) -> None:
        """Close the manifest, and every shard."""
        self._closing.close()

    def check(self, task: Task) -> Checked:
        """Do a task.

        Raises
        ------
        JobError
            The manifest is damaged.
        """
        checked = Checked()
        match task:
            case RowsTask():
                checked.pictures = task.last - task.first
                for wanted in self._wanted(task.first, task.last):
                    checked.files += 1
                    spec = self._setting.spec
                    location = spec.beside(wanted.path, wanted.kind, wanted.series)
                    self._compare(wanted, location, "", checked)
            case ShardTask():
                self._check_shard(task, checked)
                # No other task comes back to it, and HDF5 keeps much of what it has read.
                self._reader.close()
            case ExtraTask():
                check_extra(self._setting, self._pictures, self._shards, checked)
            case DecodeTask():
                if self._decoder is None:
                    self._decoder = Decoder(self._setting, self._pictures, self._reader)
                self._decoder.decode(task, checked)
        return checked

    def _wanted(self, first: int, last: int, shard: str = "") -> Iterator[Wanted]:
        """Every file that some rows speak of, or those of them that are in a shard, in order."""
        rows = self._pictures.lists(first, last)
        of = {series.name: series for series in self._setting.spec.every_series}
        for row in range(last - first):
            path, key = rows["path"][row], rows["key"][row]
            if shard and path != shard:
                continue
            series = of[rows["series"][row]]
            size_px = rows["width_px"][row], rows["height_px"][row]
            files = {kind: facts for kind, *facts in files_of_row(rows, row)}
            # In the order of a shard, and whatever else the row speaks of.
            for kind in dict.fromkeys([*series.endings, *files]):
                if kind not in files:
                    continue
                size, checksum = files[kind]
                ending = series.endings.get(kind, f".{kind}")
                known = (path, key, kind, ending, size, checksum, series.format)
                yield Wanted(*known, *size_px, series.name)

    def _compare(self, wanted: Wanted, location: str, member: str, checked: Checked) -> None:
        """Compare a file, or a sample of a shard, with its row."""
        try:
            data = self._reader.read(wanted.path, wanted.key, wanted.kind, wanted.series)
        except (*_GONE, KeyError):
            checked.missing(location, member=member)
        except _UNREADABLE as error:
            checked.altered(location, _unreadable(error), member)
        else:
            checked.bytes += len(data)
            if fault := wanted.fault_of(data):
                checked.altered(location, fault, member)

    def _check_shard(self, task: ShardTask, checked: Checked) -> None:
        files = {file.path: file for file in task.files}
        own = files.get(task.path)
        checked.files += 1
        wanted = list(self._wanted(task.first, task.last, task.path))
        checked.pictures = sum(one.kind == PICTURE for one in wanted)
        if not (self._setting.out / task.path).exists():
            pictures = f"with {checked.pictures} pictures" if checked.pictures else ""
            checked.missing(task.path, pictures)
        else:
            try:
                if self._setting.pack == "tar":
                    check_tar(self._setting.out, task.path, own, wanted, checked)
                else:
                    self._check_samples(task.path, own, wanted, checked)
            except OSError as error:
                checked.altered(task.path, _unreadable(error))
        beside = [file for path, file in files.items() if path != task.path]
        check_indexes(self._setting.out, beside, wanted, checked)

    def _check_samples(
        self, path: str, file: ShardFile | None, wanted: Sequence[Wanted], checked: Checked
    ) -> None:
        """Compare a shard with its row, and each sample through its reader."""
        whole = self._setting.out / path
        fault = ""
        if file is not None:
            size, checksum = whole.stat().st_size, file_checksum(str(whole))
            fault = difference(size, checksum, file.bytes, file.crc32)
        try:
            series = self._setting.spec.of(next((one.series for one in wanted), CLEAN))
            PACKINGS[self._setting.pack].open_shard(whole, series.endings).close()
        except _UNREADABLE as error:
            checked.altered(path, "; ".join(filter(None, [fault, _unreadable(error)])))
            return
        before = len(checked.problems)
        for sample in wanted:
            self._compare(sample, path, sample.name, checked)
        if fault:
            inside = len(checked.problems) > before
            checked.altered(path, fault if inside else f"{fault}: outside its samples")


def _unreadable(error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) else None
    return f"it cannot be read: {reason or ' '.join(str(error).split())}"
