"""job.json: the job that began an OUT, and how the present job differs from it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from ecgmpi.atomic import replacing
from ecgmpi.errors import JobError
from ecgmpi.labels.table_digest import digest_of
from ecgmpi.names import typed_path, written
from ecgmpi.options.labels import FLAGS, HEADER, Labelling
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.spelling import NOT_GIVEN, as_text

from .lease_holders import holders
from .paths import JobPaths

FORMAT = 8
"""Raised when the same options would draw or wear other bytes, or the format of journals changes.

``tests/drawing/test_recorded.py`` and ``tests/wear/test_same_bytes.py`` fail if that was forgotten.
"""

DECISIVE = ("matplotlib",)
"""Packages that affect every picture: the shapes of letters. Its options may add others."""


@dataclass(frozen=True, slots=True)
class JobFile:
    """The contents of job.json: the job that began OUT.

    Attributes
    ----------
    options
        As a user would type them, but for tables of labels, which are known by what they hold.
    versions
        Of the packages that affect what is drawn.
    overwriting
        ``--overwrite`` began it and it is not complete: the same command resumes it, and does
        not start afresh again.
    removing
        The files of an earlier job are being removed; until that is done nothing in OUT counts.
    labelling
        ``ecgmpi label`` has begun to give OUT the labels of these options and has not ended: the
        number of its first run. What journals of earlier runs hold has other labels. None where
        OUT is not half labelled.
    undivided
        Its splits come from ``ecgmpi label``: shards were made without them, and hold several.
    tables
        SHA-256 of each table of labels -> what its file was called, without folders; for messages.
    """

    options: dict[str, str]
    versions: dict[str, str]
    overwriting: bool = False
    removing: bool = False
    labelling: int | None = None
    undivided: bool = False
    tables: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The text of job.json."""
        document = {"format": FORMAT, **asdict(self)}
        if self.labelling is None:
            del document["labelling"]
        if not self.undivided:
            del document["undivided"]
        if not self.tables:
            del document["tables"]
        return json.dumps(document, indent=2) + "\n"

    def write(self, paths: JobPaths) -> None:
        """Write job.json."""
        with replacing(paths.job_json) as temporary:
            temporary.write_text(self.text, encoding="utf-8")

    @classmethod
    def by(
        cls, rendering: Rendering, *, overwriting: bool = False, removing: bool = False
    ) -> JobFile:
        """The job file of a job that draws `rendering`."""
        return cls(
            _options(rendering),
            _versions(rendering),
            overwriting,
            removing,
            tables=_names(rendering),
        )

    @classmethod
    def read(cls, paths: JobPaths, overwrite: bool = False) -> JobFile | None:
        """The job that began OUT; None if there is none.

        Parameters
        ----------
        paths
            Of OUT.
        overwrite
            OUT is about to be removed, so an unreadable job.json counts as a job without
            options, which differs from any other.

        Raises
        ------
        JobError
            job.json is damaged, or of a version that drew differently.
        """
        try:
            document = json.loads(paths.job_json.read_text(encoding="utf-8"))
            if document.pop("format") != FORMAT:
                if overwrite:
                    return cls({}, {})
                raise JobError(
                    f"OUT {paths.out} was begun by another version of ecgmpi, whose files have "
                    "other bytes; give another OUT with -o, or start afresh there: ecgmpi render "
                    "--overwrite"
                )
            job_file = cls(**document)
            # Differences can only be listed between dictionaries.
            for said in (job_file.options, job_file.versions, job_file.tables):
                if not isinstance(said, dict):
                    raise TypeError
            return job_file
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if overwrite:
                return cls({}, {})
            raise JobError(
                f"OUT {paths.out}: .ecgmpi/{paths.job_json.name} is damaged; give another OUT "
                "with -o, or start afresh there: ecgmpi render --overwrite"
            ) from error

    def labelled(self, labelling: Labelling, undivided: bool, run: int | None = None) -> JobFile:
        """The same job with other labels; the rest is as the attributes have it."""
        return replace(
            self,
            options=self.options | _label_options(labelling),
            labelling=run,
            undivided=undivided and labelling.split is not None,
            tables=_names(labelling),
        )

    @property
    def has_labels(self) -> bool:
        """Whether its options are to give labels, or splits."""
        return any(self.options.get(flag, NOT_GIVEN) != NOT_GIVEN for flag in FLAGS)

    @property
    def label_options(self) -> str:
        """The options of its labels as a user would type them, with the tables by name."""
        said = {flag: self.options.get(flag, NOT_GIVEN) for flag in sorted(FLAGS)}
        for digest, name in self.tables.items():
            said["--metadata"] = said["--metadata"].replace(f"SHA-256 {digest}", name)
        given = [f"{flag} {value}" for flag, value in said.items() if value != NOT_GIVEN]
        return ", ".join(given) or "none"

    def refuse_half_labelled(self, paths: JobPaths, held: bool = False) -> None:
        """Refuse an OUT in which some samples have other labels than others.

        Parameters
        ----------
        paths
            Of OUT.
        held
            This process holds OUT, so no other labels it.

        Raises
        ------
        JobError
            It is one.
        """
        if self.labelling is not None:
            at_work = [] if held else [one for one in holders(paths.hidden) if not one.gone]
            if at_work:
                raise JobError(
                    f"OUT {written(str(paths.out))} is being labelled: ecgmpi label, {at_work[0]}, "
                    f"holds it (its labels: {self.label_options}); wait until that has ended"
                )
            raise JobError(
                f"OUT {written(str(paths.out))} is half labelled, as ecgmpi label was stopped "
                f"there (its labels: {self.label_options}); run it again with these labels to "
                "resume, or with others to start over"
            )

    def differences(self, rendering: Rendering) -> list[str]:
        """How a job of `rendering` differs from this one, one line a difference."""
        names = self.tables | _names(rendering)
        options = _differing(
            _with_names(self.options, names), _with_names(_options(rendering), names), NOT_GIVEN
        )
        return [*options, *_differing(self.versions, _versions(rendering), "not there")]

    def refuse_other(self, paths: JobPaths, rendering: Rendering) -> None:
        """Refuse to resume if the present job is another than this.

        Raises
        ------
        JobError
            `rendering` differs, or a package that draws has another version.
        """
        if differences := self.differences(rendering):
            same_packages = self.versions == _versions(rendering)
            what = "options" if same_packages else "versions of what draws"
            mend = "" if same_packages else "install those versions, "
            if paths.manifest_h5.is_file() and self._differs_in_labels(paths, rendering):
                label = f"ecgmpi label {typed_path(str(paths.out))}"
                given = "these labels" if rendering.labelled else "no labels (--no-labels)"
                mend = f"{label} gives it {given} and draws nothing; or "
            raise JobError(
                f"OUT {paths.out} was begun with other {what}: {'; '.join(differences)}; "
                f"give another OUT, {mend}or start afresh with --overwrite"
            )

    def _differs_in_labels(self, paths: JobPaths, rendering: Rendering) -> bool:
        """Whether `rendering` differs in labels alone, as ``ecgmpi label`` can give."""
        now = _options(rendering)
        flags = {
            flag
            for flag in self.options.keys() | now.keys()
            if self.options.get(flag, NOT_GIVEN) != now.get(flag, NOT_GIVEN)
        }
        # Shards that were divided by split stay so.
        divided = paths.shards.is_dir() and not self.undivided
        divided = divided and self.options.get("--split", NOT_GIVEN) != NOT_GIVEN
        fixed = {"--split", "--split-by"} if divided else set()
        return flags <= FLAGS - fixed and self.versions == _versions(rendering)


def half_labelled(paths: JobPaths) -> JobFile | None:
    """The job of an OUT that is half labelled; None where it is not, or that is not known."""
    try:
        found = JobFile.read(paths)
    except (JobError, OSError):
        return None
    return found if found is not None and found.labelling is not None else None


def _options(rendering: Rendering) -> dict[str, str]:
    return as_text(rendering) | _label_options(rendering)


def _label_options(labelling: Labelling) -> dict[str, str]:
    # Headers belong to the inputs, which are compared by themselves.
    tables = [
        path if path == HEADER else f"SHA-256 {digest_of(path)}"
        for path in labelling.metadata or ()
    ]
    said = {flag: text for flag, text in as_text(labelling).items() if flag in FLAGS}
    return said | ({"--metadata": ", ".join(tables)} if tables else {})


def _names(labelling: Labelling) -> dict[str, str]:
    return {digest_of(path): written(Path(path).name) for path in labelling.tables}


def _versions(rendering: Rendering) -> dict[str, str]:
    packages = (*DECISIVE, *rendering.compressed_by, *rendering.packed_by)
    return {package: version(package) for package in packages} | rendering.worn_by


def _with_names(options: dict[str, str], names: dict[str, str]) -> dict[str, str]:
    """Options with the names of tables beside what identifies them."""
    tables = options.get("--metadata", NOT_GIVEN)
    for digest, name in names.items():
        tables = tables.replace(f"SHA-256 {digest}", f"{name} (SHA-256 {digest})")
    return options | {"--metadata": tables}


def _differing(before: dict[str, str], now: dict[str, str], none: str) -> list[str]:
    return [
        f"{name} was {before.get(name, none)}, now {now.get(name, none)}"
        for name in sorted(before.keys() | now.keys())
        if before.get(name, none) != now.get(name, none)
    ]
