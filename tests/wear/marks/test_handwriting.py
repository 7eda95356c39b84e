"""Letters: every one that is used can be written, and what is written is where it should be."""

from __future__ import annotations

import string

import numpy as np
import pytest

from ecgmpi.wear.marks.glyphs import glyphs
from ecgmpi.wear.marks.handwriting import Hand, width_of, written
from ecgmpi.wear.marks.notes import FINDINGS, Notes
from ecgmpi.wear.marks.stamps import MONTHS, WORDS
from ecgmpi.wear.marks.strokes import Nib, Stroke, ink, polyline, smooth

from .usual import drawn, facts, marked

CALM = Hand(slant=0.0, narrow=1.0, unsteady=0.0, uneven=0.0, joins=0.0, rise=0.0)


def points_of(strokes: list[Stroke]) -> np.ndarray:
    return np.concatenate([stroke.points for stroke in strokes])


@pytest.mark.parametrize("text", [*FINDINGS, *WORDS, *MONTHS, string.digits, string.ascii_letters])
def test_every_character_that_is_written_has_a_shape(text: str) -> None:
    assert set(text) - {" "} <= set(glyphs())


def test_characters_differ() -> None:
    drawings = {}
    for character in glyphs():
        strokes = written(character, CALM, 7.0, (10.0, 20.0), np.random.default_rng(1))
        drawings[character] = ink(strokes, Nib(0.6), 4.0, (160, 120)).coverage
    page = {}
    for character, coverage in drawings.items():
        assert coverage.max() > 100, character
        page[character] = (coverage.shape, coverage.tobytes())
    assert len(set(page.values())) == len(page)


@pytest.mark.parametrize("character", string.ascii_uppercase + string.digits)
def test_capitals_stand_on_the_line_and_are_as_high_as_asked(character: str) -> None:
    points = points_of(written(character, CALM, 5.0, (10.0, 20.0), np.random.default_rng(1)))
    assert points[:, 1].max() == pytest.approx(20.0, abs=0.4)
    assert points[:, 1].min() == pytest.approx(15.0, abs=0.35)
    assert points[:, 0].min() > 9.6
    assert points[:, 0].max() < 10.3 + width_of(character, 5.0)


def test_a_line_of_writing_is_about_as_long_as_said_and_turns() -> None:
    text = "sinus rhythm"
    flat = points_of(written(text, CALM, 5.0, (0.0, 0.0), np.random.default_rng(1)))
    assert np.ptp(flat[:, 0]) == pytest.approx(width_of(text, 5.0), rel=0.1)
    turned = points_of(written(text, CALM, 5.0, (0.0, 0.0), np.random.default_rng(1), 90.0))
    assert np.ptp(turned[:, 1]) == pytest.approx(np.ptp(flat[:, 0]))


def test_small_letters_are_joined_by_a_hand_that_joins() -> None:
    joining = Hand(slant=0.0, narrow=1.0, unsteady=0.0, uneven=0.0, joins=1.0, rise=0.0)
    apart = written("nun", CALM, 5.0, (0.0, 0.0), np.random.default_rng(1))
    joined = written("nun", joining, 5.0, (0.0, 0.0), np.random.default_rng(1))
    assert (len(apart), len(joined)) == (3, 1)


def test_two_hands_write_differently_and_one_writes_alike_for_the_same_chance() -> None:
    chance = np.random.default_rng(3)
    one, two = Hand.drawn(chance), Hand.drawn(chance)
    first, again, other = (
        points_of(written("AF?", hand, 5.0, (0.0, 0.0), np.random.default_rng(7)))
        for hand in (one, one, two)
    )
    assert (first == again).all()
    assert not np.allclose(first, other)


def test_nothing_is_written_for_spaces() -> None:
    assert written("  ", CALM, 5.0, (0.0, 0.0), np.random.default_rng(1)) == []


def test_notes_say_which_words_they_are_and_there_are_as_many_as_asked() -> None:
    amounts = {"count": 4, "height_mm": 4.0, "pen_mm": 0.4}
    notes = Notes().draw(amounts, np.random.default_rng(2), facts())["notes"]
    assert len(notes) == 4
    assert all(note["text"] for note in notes)
    page = facts()
    words = drawn("notes", 3, page)
    words["notes"] = words["notes"][:1]
    changed = {**words["notes"][0], "text": "RBBB"}
    one = marked("notes", words, page).pixels
    assert not np.array_equal(one, marked("notes", {"notes": [changed]}, page).pixels)


def test_a_spline_passes_its_points_and_stops_at_corners() -> None:
    points = np.array([[0.0, 0.0], [1.0, 2.0], [1.0, 2.0], [4.0, 1.0]])
    curve = smooth(points, 4)
    for point in points:
        assert (np.abs(curve - point).sum(axis=1) < 1e-12).any()
    assert curve[:, 1].max() == pytest.approx(2.0, abs=0.2)


def test_ink_covers_as_much_as_the_line_is_long_and_wide() -> None:
    patch = ink([polyline([(5, 10), (35, 10)], 1.0)], Nib(1.0, 1.0, 1.0, 0.0), 8.0, (200, 400))
    area = patch.coverage.sum() / 255 / 64
    assert area == pytest.approx(30 * 1.0 + np.pi / 4, rel=0.06)
    rows, columns = np.nonzero(patch.coverage)
    assert (patch.left + columns.min()) / 8 == pytest.approx(4.5, abs=0.15)
    assert (patch.top + (rows.min() + rows.max() + 1) / 2) / 8 == pytest.approx(10.0, abs=0.07)


def test_what_lies_off_the_page_is_not_drawn() -> None:
    patch = ink([polyline([(-50, -40), (-20, -40)])], Nib(0.5), 8.0, (100, 100))
    assert patch.coverage.size == 0
