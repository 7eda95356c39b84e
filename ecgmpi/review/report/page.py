"""A report as one self-contained page of HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from ecgmpi.amounts import duration, percent, size, utc
from ecgmpi.ecg.record import Assumption
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.spelling import as_text
from ecgmpi.review.job_state import State
from ecgmpi.review.ranks import RankState

from .charts import distributions_of, figures_of, lanes_shown
from .choice import AMONG_FIRST, AT_RANDOM
from .document import Document, told_time
from .figures import stylesheet
from .findings import Assumed, Tally
from .gallery import Card
from .plain import plain

MOST_MATTERS = 40
"""Things that need attention that are shown; the numbers beside the page have all."""


def page(document: Document, to: Path) -> str:
    """Write the report of one OUT, which is to be the file `to`."""
    template = environment().get_template("report.html.j2")
    return template.render(
        document=document,
        job=document.job,
        status=document.status,
        total=document.status.total,
        tally=document.tally,
        tone=_tone(document),
        matters=document.matters[:MOST_MATTERS],
        more_matters=max(0, len(document.matters) - MOST_MATTERS),
        ranks=lanes_shown(document.status.ranks),
        n_ranks=len(document.status.ranks),
        slowest=_slowest(document.status.ranks),
        figures=figures_of(document),
        distributions=distributions_of(document.tally) if document.tally else [],
        cards=_sorted_cards(document.cards),
        assumed_kinds=_by_kind(document.tally) if document.tally else [],
        options=_given(document.options),
        states=State,
        numbers_in=to.with_suffix(".json").name,
        newer=document.commands.report(None if to == document.job.paths.report_html else str(to)),
    )


def environment() -> Environment:
    """Give what fills templates in; all that is filled in is readable, and escaped."""
    made = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        finalize=plain,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., str]] = {
        "count": lambda n: f"{n:,}",
        "duration": duration,
        "percent": percent,
        "time": lambda seconds: utc(told_time(seconds)),
        "utc": utc,
        "size": size,
    }
    made.filters |= filters
    style = stylesheet() + _template("report.css")
    made.globals["style"] = Markup(style)
    return made


def _template(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")


def _tone(document: Document) -> str:
    """How good it is, for the colour of the headline: good, doubtful, or bad."""
    match document.job.state:
        case State.KILLED | State.STOPPED:
            return "bad"
        case _ if document.matters:
            return "doubtful"
    return "good"


def _slowest(ranks: Sequence[RankState]) -> list[tuple[float, str]]:
    return sorted((one for rank in ranks for one in rank.activity.slowest), reverse=True)[:5]


def _by_kind(tally: Tally) -> list[tuple[str, int, str, str]]:
    """What was assumed: rate, unit or leads, in how many recordings, which values, which option.

    Of each kind, a recording has one value.
    """
    kinds: dict[str, list[Assumed]] = {}
    for one in tally.assumed:
        kinds.setdefault(one.fact.partition(" ")[0], []).append(one)
    found = []
    for kind, facts in kinds.items():
        # There may be very many rates, and of nothing else more than one value.
        others = tally.assumed_otherwise if kind == Assumption.RATE else 0
        values = [one.fact.partition(" ")[2] for one in facts]
        counts = [f"{value} {one.count:,}" for value, one in zip(values, facts, strict=True)]
        said = ", ".join(counts[:3]) if len(counts) > 1 else values[0]
        more = len(counts) > 3 or others
        total = sum(one.count for one in facts) + others
        found.append((kind, total, f"{said}, ..." if more else said, facts[0].option))
    return found


def _sorted_cards(cards: Sequence[Card]) -> list[tuple[str, list[Card]]]:
    """Those that stand out, and those that stand for the rest, each under a title."""
    usual = [card for card in cards if {AMONG_FIRST, AT_RANDOM}.issuperset(card.reasons)]
    return [
        ("The most extreme, and one of each kind in doubt", [c for c in cards if c not in usual]),
        ("The first, and some at random", usual),
    ]


def _given(options: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """Each option, its value, and whether it is the default."""
    usual = as_text(Rendering())
    return [(flag, value, usual.get(flag) == value) for flag, value in options.items()]
