"""A page as blocks, which become Markdown or HTML. Markdown has no pictures: it says where they are."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Heading:
    """A section's title."""

    text: str


@dataclass(frozen=True)
class Text:
    """A paragraph; ``*so*`` is emphasis and ```so``` is code."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list, each item written as a paragraph is."""

    items: Sequence[str]


@dataclass(frozen=True)
class Table:
    """Columns after the first are aligned right where ``numbers`` says so."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: bool = True


@dataclass(frozen=True)
class Picture:
    """An SVG element with a caption."""

    svg: str
    caption: str


@dataclass(frozen=True)
class Raw:
    """HTML that Markdown does without."""

    html: str = field(repr=False)


Block = Heading | Text | Items | Table | Picture | Raw


def markdown(title: str, blocks: Sequence[Block], pictures: str) -> str:
    """The page in Markdown.

    Args:
        title: of the page.
        blocks: its parts.
        pictures: name of the page that has the pictures.
    """
    parts = [f"# {title}"]
    for block in blocks:
        if isinstance(block, Heading):
            parts.append(f"## {block.text}")
        elif isinstance(block, Text):
            parts.append(block.text)
        elif isinstance(block, Items):
            parts.append("\n".join(f"- {item}" for item in block.items))
        elif isinstance(block, Table):
            rule = ["---", *(["---:" if block.numbers else "---"] * (len(block.head) - 1))]
            parts.append("\n".join(f"| {' | '.join(row)} |" for row in (block.head, rule, *block.rows)))
        elif isinstance(block, Picture):
            parts.append(f"*Picture in [{pictures}]({pictures}): {block.caption}*")
    return "\n\n".join(parts) + "\n"


def hypertext(blocks: Sequence[Block]) -> str:
    """The page's body in HTML."""
    parts = []
    for block in blocks:
        if isinstance(block, Heading):
            parts.append(f"<h2>{html.escape(block.text)}</h2>")
        elif isinstance(block, Text):
            parts.append(f"<p>{_inline(block.text)}</p>")
        elif isinstance(block, Items):
            parts.append(f"<ul>{''.join(f'<li>{_inline(item)}</li>' for item in block.items)}</ul>")
        elif isinstance(block, Table):
            kind = ' class="n"' if block.numbers else ""
            head = "".join(f"<th{kind if k else ''}>{_inline(cell)}</th>" for k, cell in enumerate(block.head))
            body = "".join(
                "<tr>" + "".join(f"<td{kind if k else ''}>{_inline(cell)}</td>" for k, cell in enumerate(row)) + "</tr>"
                for row in block.rows
            )
            parts.append(f'<div style="overflow-x:auto"><table><tr>{head}</tr>{body}</table></div>')
        elif isinstance(block, Picture):
            parts.append(f"<figure>{block.svg}<figcaption>{_inline(block.caption)}</figcaption></figure>")
        else:
            parts.append(block.html)
    return "\n".join(parts)


def _inline(text: str) -> str:
    found = html.escape(text, quote=False).replace("\\*", "&#42;")  # an escaped mark is a star
    for mark, tag in (("**", "strong"), ("`", "code"), ("*", "em")):
        pieces = found.split(mark)
        if len(pieces) % 2:  # marks come in pairs, or are none
            found = "".join(p if k % 2 == 0 else f"<{tag}>{p}</{tag}>" for k, p in enumerate(pieces))
    return found
