"""All benchmarks in one run, each beside what it is compared with.

    python -m tests.bench --quick                 in some minutes, as .ci/run does
    python -m tests.bench --readme                and write the README's table
    python -m tests.bench --only strip,page --busy

The table of all figures goes to standard output, what happens meanwhile to standard error. Real
recordings are drawn where ECGMPI_TEST_DATA points to some, otherwise synthetic ones.

Exit status: 0; 1 where a figure missed its gate or a case broke; 2 usage.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from ecgmpi.outdir.provenance import now
from tests.bench import document, table
from tests.bench.cases import CASES, Case, Outcome, in_tries, measured
from tests.bench.document import Document
from tests.bench.machine import all_versions, busy_neighbour, machine
from tests.bench.passes import real_corpus

FOR_README = "its figures are those of a full run without a neighbour"


def main() -> int:
    """``python -m tests.bench --help``."""
    parser = _parser()
    arguments = parser.parse_args()
    status = 0
    if arguments.read:
        run = document.read(arguments.read)
    else:
        if arguments.readme and (arguments.quick or arguments.busy):
            parser.error(f"--readme: {FOR_README}")
        cases = _chosen(parser, arguments)
        with busy_neighbour() if arguments.busy else nullcontext():
            run, broke = _measure(cases, arguments)
        status = int(broke or bool(run["missed"]))
    every = table.all_figures(run)
    print(every, end="")
    if arguments.json:
        document.write(run, arguments.json)
    if arguments.markdown:
        arguments.markdown.write_text(every, encoding="utf-8")
    return _write_readme(run) or status if arguments.readme else status


def _write_readme(run: Document) -> int:
    """Write the README's table and the run that it is of, or say why not."""
    why = ""
    if run["quick"] or run["busy"]:
        why = FOR_README
    elif lacking := table.lacking(run):
        why = f"not measured: {', '.join(lacking)}"
    if why:
        print(f"README.md is left as it was: {why}", file=sys.stderr)
        return 1
    text = table.README.read_text(encoding="utf-8")
    table.README.write_text(table.in_text(text, table.for_readme(run)), encoding="utf-8")
    document.write(run, table.COMMITTED)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="fewer rounds, smaller jobs, without memory and scale")
    add("--only", metavar="CASES", help=f"some of {','.join(case.name for case in CASES)}")
    add("--busy", action="store_true", help="a process computes on another core all the while")
    add("--tries", type=int, default=1, metavar="N", help="measure what misses up to N times")
    add("--json", type=Path, metavar="FILE", help="write figures, machine, versions and spread")
    add("--markdown", type=Path, metavar="FILE", help="write the table")
    add("--readme", action="store_true", help="write README.md's table, and the run it is from")
    add("--read", type=Path, metavar="FILE", help="measure nothing: take the run of this JSON")
    return parser


def _chosen(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> list[Case]:
    """The cases to measure."""
    by_name = {case.name: case for case in CASES}
    if arguments.only:
        names = arguments.only.split(",")
        if unknown := [name for name in names if name not in by_name]:
            parser.error(f"--only {','.join(unknown)}: not among {','.join(by_name)}")
        chosen = [by_name[name] for name in names]
    else:
        chosen = [case for case in CASES if case.quick or not arguments.quick]
    if not arguments.busy:
        return chosen
    for case in chosen:
        if case.alone:
            print(f"{case.name}: left out, it needs all cores to itself", file=sys.stderr)
    return [case for case in chosen if not case.alone]


def _measure(cases: list[Case], arguments: argparse.Namespace) -> tuple[Document, bool]:
    """One run, and whether a case of it broke."""

    def told(case: Case) -> Outcome:
        print(f"== {case.name}", file=sys.stderr, flush=True)
        outcome = measured(case, arguments.quick)
        print(f"   {outcome.seconds:.0f} s", file=sys.stderr, flush=True)
        return outcome

    setting: dict[str, Any] = {
        "date": now(),
        "quick": arguments.quick,
        "busy": arguments.busy,
        "recordings": "synthetic" if real_corpus() is None else "real",
        "machine": machine(),
        "versions": all_versions(),
    }
    outcomes = in_tries(cases, told, arguments.tries)
    figures = [one for outcome in outcomes for one in outcome.figures]
    setting["seconds"] = {outcome.case.name: round(outcome.seconds, 1) for outcome in outcomes}
    setting["broke"] = {outcome.case.name: outcome.broke for outcome in outcomes if outcome.broke}
    run = document.document_of(figures, setting)
    for name, how in setting["broke"].items():
        print(f"{name} broke: {how}", file=sys.stderr)
    for name in run["missed"]:
        print(f"{name} missed its gate: {run[name]:g}", file=sys.stderr)
    return run, bool(setting["broke"])


if __name__ == "__main__":
    sys.exit(main())
