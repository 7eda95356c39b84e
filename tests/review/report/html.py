"""HTML taken apart, strictly: a browser would mend what is wrong, and hide it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


@dataclass
class Element:
    """An element: its tag, its attributes, and what is in it, elements and text."""

    tag: str
    attributes: dict[str, str]
    content: list[Element | str] = field(default_factory=list)

    @property
    def children(self) -> list[Element]:
        """The elements right in it."""
        return [one for one in self.content if isinstance(one, Element)]

    def all(self, *tags: str) -> Iterator[Element]:
        """Every element in it that has one of these tags; all of them without any."""
        for child in self.children:
            if not tags or child.tag in tags:
                yield child
            yield from child.all(*tags)

    def by_id(self, name: str) -> Element:
        """The one element with an id."""
        (found,) = (one for one in self.all() if one.attributes.get("id") == name)
        return found

    @property
    def text(self) -> str:
        """All the text in it."""
        return "".join(one if isinstance(one, str) else one.text for one in self.content)


class _Strict(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].content.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert tag not in VOID, f"</{tag}>"
        opened = self.open.pop().tag
        assert opened == tag, f"</{tag}> where <{opened}> is open, line {self.getpos()[0]}"

    def handle_data(self, data: str) -> None:
        self.open[-1].content.append(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)


def parsed(html: str) -> Element:
    """The page as a tree; fails where a tag is not closed, or closed in the wrong place."""
    parser = _Strict()
    parser.feed(html)
    parser.close()
    (root,) = parser.open
    return root
