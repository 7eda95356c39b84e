"""What INPUT's files do not say themselves, and which of them are refused."""

from __future__ import annotations

from dataclasses import dataclass

from ecgmpi.ecg.lead_names import canonical
from ecgmpi.errors import UsageError

from .option import INPUT, option
from .truth import Truth

UNITS = ("mV", "uV", "V", "nV")


@dataclass(frozen=True, slots=True)
class Files(Truth):
    """How files are read; a part of what decides every byte in OUT."""

    rate: float | None = option(
        None,
        "set the sampling rate of files that do not state one",
        group=INPUT,
        common=True,
        unit="Hz, default: 500",
        positive=True,
    )
    units: str | None = option(
        None,
        "set the unit of files that do not state one (default: mV)",
        group=INPUT,
        common=True,
        choices=UNITS,
    )
    adc_gain: float | None = option(
        None,
        "set the converter counts per mV of files that do not state a unit; replaces --units",
        group=INPUT,
        unit="counts per mV, default: not counts",
        positive=True,
    )
    key: str | None = option(
        None,
        "name the variable, dataset or array that holds the samples, or a member of a struct "
        "such as ECG.data (default: data, val or ECG.data, else the only one that can be a "
        "recording)",
        group=INPUT,
        metavar="NAME",
    )
    lead_names: tuple[str, ...] | None = option(
        None,
        "name the leads of files that do not, first row or column first",
        group=INPUT,
        metavar="I,II,V1,...",
        unit="default: the usual order for 1, 2, 3, 8 or 12 leads",
    )
    assume: bool = option(
        True,
        "refuse a file for which neither it nor an option states rate, unit and lead order; "
        "otherwise the defaults are taken",
        group=INPUT,
    )
    max_samples: int | None = option(
        None,
        "refuse a recording of more samples, all leads together",
        group=INPUT,
        metavar="N",
        unit="default: 1 GiB when decoded",
        at_least=1,
    )

    def check_files(self) -> None:
        """Refuse options of files that do not fit each other; spell leads as they are called.

        Raises
        ------
        UsageError
            They do not.
        """
        if self.units is not None and self.adc_gain is not None:
            raise UsageError("--adc-gain is counts per mV and --units a unit: give one of them")
        if self.lead_names is not None:
            object.__setattr__(self, "lead_names", tuple(map(canonical, self.lead_names)))
            if len(set(self.lead_names)) < len(self.lead_names):
                raise UsageError(f"--lead-names {','.join(self.lead_names)}: name each lead once")
