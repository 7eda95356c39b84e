"""Every path that a job writes, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ecgmpi.errors import UsageError
from ecgmpi.names import written
from ecgmpi.options.quantities import Part

IMAGES, SHARDS = "images", "shards"
"""The folders below OUT that stores write to, and nothing else does."""


UNMATCHED = "unmatched.csv"
"""Name of the list of recordings that have no row in a table of labels."""

NAME_OUT = "name the folder that ecgmpi render writes to"
"""What to do where a command was given something else as OUT."""


@dataclass(frozen=True, slots=True)
class JobPaths:
    """The tree of an OUT."""

    out: Path

    @classmethod
    def of_folder(cls, out: Path) -> JobPaths:
        """The tree of a folder that is there.

        Raises
        ------
        UsageError
            It does not exist, or is no folder.
        """
        if not out.is_dir():
            what = "is not a folder" if out.exists() else "does not exist"
            raise UsageError(f"{written(str(out))} {what}: {NAME_OUT}")
        return cls(out)

    @property
    def images(self) -> Path:
        """Pictures that are files of their own."""
        return self.out / IMAGES

    @property
    def shards(self) -> Path:
        """Pictures that are packed."""
        return self.out / SHARDS

    @property
    def pictures_h5(self) -> Path:
        """All HDF5 shards as one."""
        return self.out / "pictures.h5"

    @property
    def manifest_h5(self) -> Path:
        """A row a recording and a row a picture."""
        return self.out / "manifest.h5"

    @property
    def manifest_csv(self) -> Path:
        """The rows of recordings, for eyes and spreadsheets."""
        return self.out / "manifest.csv"

    @property
    def failures_csv(self) -> Path:
        """Only the recordings that failed."""
        return self.out / "failures.csv"

    @property
    def unmatched_csv(self) -> Path:
        """Only the recordings that have no row in a table of labels."""
        return self.out / UNMATCHED

    @property
    def run_json(self) -> Path:
        """The provenance of the run."""
        return self.out / "run.json"

    @property
    def report_html(self) -> Path:
        """What the run did, for people."""
        return self.out / "report.html"

    @property
    def report_json(self) -> Path:
        """The numbers of the report, for programs."""
        return self.out / "report.json"

    @property
    def hidden(self) -> Path:
        """The files that the job keeps for itself."""
        return self.out / ".ecgmpi"

    @property
    def catalogue(self) -> Path:
        """The catalogue of the recordings."""
        return self.hidden / "catalogue.sqlite"

    @property
    def job_json(self) -> Path:
        """The options of the job that began this OUT."""
        return self.hidden / "job.json"

    @property
    def parts(self) -> Path:
        """The notes of the parts of a divided job."""
        return self.hidden / "parts"

    def part(self, part: Part) -> Path:
        """The run.json of one part."""
        return self.parts / f"{part.number}-of-{part.of}.json"

    def attempts(self, part: Part | None) -> Path:
        """What each supervisor has in flight; parts may run side by side, so each has a folder."""
        folder = self.hidden / "attempts"
        return folder / f"{part.number}-of-{part.of}" if part else folder

    def fragments(self, part: Part | None) -> Path:
        """What is drawn and not packed yet, where no folder of the node holds it."""
        folder = self.hidden / "fragments"
        return folder / f"{part.number}-of-{part.of}" if part else folder

    @property
    def journals(self) -> Path:
        """What is done: one append-only file per rank and run."""
        return self.hidden / "journal"

    @property
    def progress(self) -> Path:
        """What each rank does: a file per rank and run that it renews."""
        return self.hidden / "progress"

    @property
    def log(self) -> Path:
        """A log a rank."""
        return self.hidden / "log"

    @property
    def seal(self) -> Path:
        """The journals from which the manifest was written, and its checksums."""
        return self.hidden / "manifest.json"

    @property
    def removable(self) -> tuple[Path, ...]:
        """Everything that a job puts below OUT, and so all that ``--overwrite`` may remove."""
        return (
            self.images,
            self.shards,
            self.pictures_h5,
            self.manifest_h5,
            self.manifest_csv,
            self.failures_csv,
            self.unmatched_csv,
            self.run_json,
            self.report_html,
            self.report_json,
            self.hidden,
        )
