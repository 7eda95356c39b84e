"""What an OUT was begun with: job.json, and what of it differs from the job at hand."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from importlib.metadata import version

from ecgmpi.atomic import replacing
from ecgmpi.errors import JobError
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.spelling import as_text

from .paths import JobPaths

FORMAT = 4
"""Goes up when the same options would draw other bytes, or journals are written anew.

``tests/drawing/test_recorded.py`` fails where that has been forgotten.
"""

DECISIVE = ("matplotlib", "isal")
"""Packages that have a say in the bytes of a picture: the shapes of letters, and deflate."""


@dataclass(frozen=True, slots=True)
class JobFile:
    """What job.json says: the job that OUT was begun with.

    Attributes
    ----------
    options
        As a user would type them.
    versions
        Of the packages that have a say in what is drawn.
    overwriting
        It was begun by ``--overwrite`` and has not been completed: the same command again
        goes on with it, rather than starting afresh for ever.
    removing
        What was there before is being removed; until that is done nothing in OUT counts.
    """

    options: dict[str, str]
    versions: dict[str, str]
    overwriting: bool = False
    removing: bool = False

    @property
    def text(self) -> str:
        """As it stands in job.json."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2) + "\n"

    def write(self, paths: JobPaths) -> None:
        """Put it in place."""
        with replacing(paths.job_json) as temporary:
            temporary.write_text(self.text, encoding="utf-8")

    @classmethod
    def by(
        cls, rendering: Rendering, *, overwriting: bool = False, removing: bool = False
    ) -> JobFile:
        """What a job of `rendering` says of itself."""
        return cls(as_text(rendering), _versions(), overwriting, removing)

    @classmethod
    def read(cls, paths: JobPaths, overwrite: bool = False) -> JobFile | None:
        """What OUT was begun with; None where no job began it.

        Parameters
        ----------
        paths
            Of OUT.
        overwrite
            It may be anything, for it is to be removed: what cannot be understood is a job
            of no options, which differs from any.

        Raises
        ------
        JobError
            What is there is damaged, or of a version that drew differently.
        """
        try:
            document = json.loads(paths.job_json.read_text(encoding="utf-8"))
            if document.pop("format") != FORMAT:
                if overwrite:
                    return cls({}, {})
                raise JobError(
                    f"OUT {paths.out} was begun by another version of ecgmpi, which drew "
                    "differently; give another OUT with -o, or start afresh there: ecgmpi render "
                    "--overwrite"
                )
            begun = cls(**document)
            # What is told of differences needs them to be what they seem.
            if not (isinstance(begun.options, dict) and isinstance(begun.versions, dict)):
                raise TypeError
            return begun
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if overwrite:
                return cls({}, {})
            raise JobError(
                f"OUT {paths.out}: .ecgmpi/{paths.job_json.name} is damaged; give another OUT "
                "with -o, or start afresh there: ecgmpi render --overwrite"
            ) from error

    def differences(self, rendering: Rendering) -> list[str]:
        """What a job of `rendering` would do otherwise, a line each."""
        options = _differing(self.options, as_text(rendering), "not given")
        return [*options, *_differing(self.versions, _versions(), "not there")]

    def refuse_other(self, paths: JobPaths, rendering: Rendering) -> None:
        """Refuse to go on with another job than this.

        Raises
        ------
        JobError
            `rendering`, or a package that draws, is another.
        """
        if differences := self.differences(rendering):
            same_packages = self.versions == _versions()
            what = "options" if same_packages else "versions of what draws"
            mend = "" if same_packages else "install those versions, "
            raise JobError(
                f"OUT {paths.out} was begun with other {what}: {'; '.join(differences)}; "
                f"give another OUT, {mend}or start afresh with --overwrite"
            )


def _versions() -> dict[str, str]:
    return {package: version(package) for package in DECISIVE}


def _differing(before: dict[str, str], now: dict[str, str], none: str) -> list[str]:
    return [
        f"{name} was {before.get(name, none)}, now {now.get(name, none)}"
        for name in sorted(before.keys() | now.keys())
        if before.get(name, none) != now.get(name, none)
    ]
