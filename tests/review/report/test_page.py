"""The page: sound HTML that needs nothing else, and shows what a reader looks for."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from ecgmpi.review.report.document import gather
from ecgmpi.review.report.page import MOST_MATTERS
from ecgmpi.review.report.page import page as page_of
from tests.outputs import failures

from .conftest import BAD_NAME, HARD_NAME
from .html import Element, parsed


@pytest.fixture(scope="module")
def html(odd_out: Path) -> str:
    return (odd_out / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html: str) -> Element:
    return parsed(html)


def test_it_is_html_with_a_language_a_title_and_its_encoding(
    html: str, page: Element, odd_out: Path
) -> None:
    assert html.startswith("<!DOCTYPE html>\n")
    (root,) = page.children
    assert root.attributes["lang"] == "en"
    assert [child.tag for child in root.children] == ["head", "body"]
    (title,) = (one for one in root.children[0].children if one.tag == "title")
    assert title.text == f"ecgmpi report: {odd_out}"
    assert any(meta.attributes.get("charset") == "utf-8" for meta in page.all("meta"))
    assert any(meta.attributes.get("name") == "viewport" for meta in page.all("meta"))
    assert len(list(page.all("h1"))) == 1


def test_it_runs_no_script_and_fetches_nothing(html: str, page: Element) -> None:
    tags = {element.tag for element in page.all()}
    assert tags.isdisjoint({"script", "link", "iframe", "object", "embed", "base", "form"})
    for element in page.all():
        for name, value in element.attributes.items():
            assert not name.startswith("on"), (element.tag, name)
            if name in ("src", "href"):
                assert not re.match(r"[a-z]+:|//", value) or value.startswith("data:image/"), value
            elif not name.startswith("xmlns"):
                assert "://" not in value, (element.tag, name, value)
    for style in page.all("style"):
        assert not re.search(r"url\(|@import|://", style.text)


def test_every_id_is_one_of_its_kind_and_every_reference_has_its_aim(page: Element) -> None:
    ids = [one.attributes["id"] for one in page.all() if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    for element in page.all():
        for name in ("href", "aria-labelledby", "aria-describedby"):
            value = element.attributes.get(name, "")
            wanted = [value[1:]] if value.startswith("#") else value.split()
            if name != "href" or value.startswith("#"):
                assert set(wanted) <= set(ids), (element.tag, name, value)


def test_whoever_does_not_see_pictures_and_figures_reads_what_they_show(page: Element) -> None:
    images = list(page.all("img"))
    assert len(images) >= 7
    for image in images:
        assert re.search(r"lead \S+ of .+ mV|a page of", image.attributes["alt"])
        assert int(image.attributes["width"]) > 0
        assert int(image.attributes["height"]) > 0
    figures = list(page.all("svg"))
    assert figures
    for figure in figures:
        named = [child.text for child in figure.children if child.tag in ("title", "desc")]
        labelled = figure.attributes.get("aria-label") or "".join(named)
        hidden = figure.attributes.get("aria-hidden") == "true"
        assert hidden or (figure.attributes.get("role") == "img" and labelled)


def test_every_picture_that_it_links_to_is_there(page: Element, odd_out: Path) -> None:
    links = [link.attributes["href"] for link in page.all("a")]
    pictures = [link for link in links if not link.startswith("#")]
    assert any(HARD_NAME in unquote(link) for link in pictures)
    for link in pictures:
        assert (odd_out / unquote(link)).is_file(), link


def test_names_stand_there_as_they_are(page: Element, odd_out: Path) -> None:
    """Nothing of a name becomes a tag, and nothing of it is lost."""
    assert HARD_NAME in page.by_id("pictures").text
    assert BAD_NAME in page.by_id("attention").text
    assert str(odd_out) in next(page.all("h1")).text
    assert {"u", "i"}.isdisjoint({element.tag for element in page.all()})


def test_what_needs_attention_is_told_with_count_example_and_command(
    page: Element, odd_out: Path, odd_corpus: Path
) -> None:
    section = page.by_id("attention")
    (failed,) = (one for one in section.all("li") if one.attributes.get("class") == "failed")
    (row,) = failures(odd_out)
    assert "1 × not-recognised" in failed.text
    for told in (row["source"], row["message"], row["remedy"], row["name"]):
        assert told in failed.text
    (command,) = failed.all("pre")
    assert command.text == shlex.join(["ecgmpi", "inspect", str(odd_corpus / row["source"])])
    titles = " ".join(section.text.split())
    assert "1 × aVR inverted" in titles
    assert "1 × gaps (NaN)" in titles
    again = [pre.text for pre in section.all("pre") if "--retry-failed" in pre.text]
    assert len(again) == 1
    words = shlex.split(again[0])
    assert words[:2] == ["ecgmpi", "render"]
    assert str(odd_out) in words


def test_what_was_assumed_is_told_with_the_option_that_states_it(page: Element) -> None:
    rows = [[cell.text for cell in row.children] for row in page.by_id("assumed").all("tr")]
    told = {row[0]: row[1:4] for row in rows[1:]}
    assert told["rate 500 Hz"] == ["2", "28.6 %", "--rate"]
    assert told["unit mV"] == ["7", "100 %", "--units or --adc-gain"]
    (rate,) = (row for row in rows if row[0] == "rate 500 Hz")
    assert HARD_NAME in rate[4]
    assert "gaps" in rate[4]


def test_the_verdict_and_the_first_numbers_come_first(page: Element) -> None:
    (header,) = page.all("header")
    text = " ".join(header.text.split())
    for told in ("The job is complete. ", "recordings done 8 of 8", "failed 1", "pictures 84"):
        assert told in text


def test_what_is_left_out_is_in_the_numbers_beside_the_page(odd_out: Path, tmp_path: Path) -> None:
    document = gather(odd_out, tmp_path, contact_sheet=False)
    many = replace(document, matters=document.matters[:1] * (MOST_MATTERS + 3))
    said = parsed(page_of(many, tmp_path / "mine.html")).by_id("attention").text
    assert "3 more are in mine.json." in said


def test_commands_that_it_names_can_be_typed(page: Element) -> None:
    """Each is one line for a shell, and the files that it names are there."""
    lines = [pre.text for pre in page.all("pre")]
    assert len(lines) >= 4
    for line in lines:
        assert "\n" not in line
        words = shlex.split(line)
        assert words[0] in ("ecgmpi", "grep")
        if words[1] == "inspect":
            assert Path(words[2]).is_file()
