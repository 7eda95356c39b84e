"""How far a job is, in words: a line for a log, a line for a terminal of any width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ecgmpi.amounts import count

from .pace import LATELY

DIFFERS = 0.25
"""By how much of the overall rate the recent one must differ to be named beside it."""

BLOCKS = "█░"
PLAIN = "#."
"""What a bar is made of: what is done, and what is left."""

LEAST_BAR, MOST_BAR = 10, 40
"""Columns of a bar: with less room there is none."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a job is.

    Attributes
    ----------
    total, done, failed
        Recordings of the job; those that are done, by earlier runs too; those that failed.
    done_now
        Recordings that this run has done.
    overall, lately
        Recordings a second, over this run and recently.
    elapsed
        Seconds of this run.
    workers
        Workers of each rank; empty until all have started.
    ranks_left
        Ranks that still work.
    looking
        What earlier runs drew is looked through, and nothing is drawn yet.
    drawing_for
        Seconds since there was something to draw.
    """

    total: int
    done: int
    failed: int
    done_now: int = 0
    overall: float = 0.0
    lately: float = 0.0
    elapsed: float = 0.0
    workers: Sequence[int] = ()
    ranks_left: int = 0
    looking: bool = False
    drawing_for: float = 0.0

    @property
    def left(self) -> int:
        """Recordings that are left."""
        return self.total - self.done

    @property
    def seconds_left(self) -> float | None:
        """Seconds until all is done, at the recent rate; None where there is no rate."""
        if not self.left:
            return 0.0
        return self.left / self.lately if self.lately else None


def log_line(now: Standing) -> str:
    """The line of a log."""
    words = [f"{now.done:,} of {count(now.total, 'recording')}, {now.failed:,} failed"]
    if now.left and not now.workers:
        words.append(f"; workers are starting, {interval(now.elapsed)} so far")
    elif now.left and not now.done_now and not now.looking:
        words.append(f"; none done in {interval(now.drawing_for)} by {spread(now.workers)}")
    elif now.done_now:
        words.append(f", {rate(now.overall)}")
        differs = abs(now.lately - now.overall) > DIFFERS * now.overall
        if now.elapsed > LATELY and differs:
            words.append(f" ({rate(now.lately)} in the last {LATELY:.0f} s)")
        if now.left:
            seconds = now.seconds_left
            words.append(
                ", " + ("time left unknown" if seconds is None else f"{interval(seconds)} left")
            )
    else:
        words.append("; looking through what was drawn before")
    if 0 < now.ranks_left < len(now.workers):
        words.append(f"; {now.ranks_left} of {len(now.workers)} ranks still at work")
    return "".join(words)


def bar_line(now: Standing, columns: int, blocks: str = BLOCKS) -> str:
    """The line of a terminal: as much as fits, the most useful first.

    Parameters
    ----------
    now
        How far the job is.
    columns
        The most that the line may have; every character has one.
    blocks
        `BLOCKS` or `PLAIN`.
    """
    share = now.done / now.total if now.total else 1.0
    # Rounded down: 100% is the end.
    percent = f"{100 * now.done // now.total if now.total else 100}%"
    if now.done_now:
        seconds = now.seconds_left
        clock = "?" if seconds is None else interval(seconds)
        pace = f"{rate(now.lately, brief=True)}, {clock} left"
        tight = f"{rate(now.lately, brief=True)} {clock}"
    else:
        pace = f"{interval(now.elapsed)} so far"
        tight = interval(now.elapsed)
    words = f"{now.done:,}/{now.total:,}, {now.failed:,} failed, {pace}"
    room = min(columns - len(percent) - len(words) - 2, MOST_BAR)
    if room >= LEAST_BAR:
        full = int(room * share)
        return f"{percent} {blocks[0] * full}{blocks[1] * (room - full)} {words}"
    few = f"{short(now.done)}/{short(now.total)}"
    tight = f"{short(now.failed)}F {tight}"
    shorter = (
        f"{percent} {words}",
        words,
        f"{now.done}/{now.total} {now.failed} failed {tight.partition(' ')[2]}",
        f"{now.done}/{now.total} {tight}",
        f"{few} {tight}",
        f"{few} {tight.replace(' 0', ' ')}",
        f"{percent} {tight}",
    )
    return next((line for line in shorter if len(line) <= columns), percent[:columns])


def first_line(total: int, left: int, workers: Sequence[int]) -> str:
    """What is drawn, and with how many workers."""
    what = count(total, "recording")
    if left < total:
        what = f"{left:,} of {what}" if left else f"{what}, all drawn before, looked through"
    return f"{what} on {spread(workers)}"


def spread(workers: Sequence[int]) -> str:
    """``4 ranks x 16 workers``; ``2 ranks with 1 to 3 workers``; ``16 workers``."""
    fewest, most = min(workers), max(workers)
    each = f"{most} worker{'' if most == 1 else 's'}"
    if len(workers) == 1:
        return each
    if fewest == most:
        return f"{len(workers)} ranks x {each}"
    return f"{len(workers)} ranks with {fewest} to {each}"


def rate(a_second: float, brief: bool = False) -> str:
    """``12.3 a second``, or briefly ``12/s``; ``4.5 a minute`` where it is slow."""
    slow = 0 < a_second < 1
    number = 60 * a_second if slow else a_second
    whole = not number or number >= (10 if brief else 100)
    digits = f"{number:,.0f}" if whole else f"{number:.1f}"
    if brief:
        return digits + ("/min" if slow else "/s")
    return digits + (" a minute" if slow else " a second")


def interval(seconds: float) -> str:
    """``00:47``, ``1:02:03``, ``2 d 03:04`` (days, hours, minutes)."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    if not hours:
        return f"{minute:02d}:{second:02d}"
    days, hour = divmod(hours, 24)
    if not days:
        return f"{hour}:{minute:02d}:{second:02d}"
    return f"{days:,} d {hour:02d}:{minute:02d}"


def short(n: int) -> str:
    """``999``, ``1.2k``, ``12k``, ``1M``: at most four characters, rounded down."""
    if n < 1000:
        return str(n)
    for unit in "kMG":
        if n < 10_000:
            whole, tenth = divmod(n // 100, 10)
            return f"{whole}.{tenth}{unit}" if tenth else f"{whole}{unit}"
        n //= 1000
        if n < 1000:
            return f"{n}{unit}"
    return f"{n}G"
