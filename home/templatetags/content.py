"""A page's body with headings that can be linked to."""

from dataclasses import dataclass

from django import template
from django.template import Context
from django.template.base import NodeList, Parser, Token
from django.utils.text import slugify
from wagtail.blocks.stream_block import StreamValue

register = template.Library()

_DANISH = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "Æ": "ae", "Ø": "oe", "Å": "aa"})


@dataclass(frozen=True)
class BodyPart:
    """A block of the body; ``anchor`` and ``heading`` are those of a heading, else empty."""

    block: StreamValue.StreamChild
    anchor: str = ""
    heading: str = ""


@register.filter
def anchor(text: object) -> str:
    """A heading as the id of its element: Økonomi og aftaler → oekonomi-og-aftaler."""
    return slugify(str(text).translate(_DANISH)) or "afsnit"


@register.simple_tag
def body_parts(body: StreamValue) -> list[BodyPart]:
    """The blocks in order; headings have anchors, each its own."""
    used: set[str] = set()
    parts = []
    for block in body or ():
        if block.block_type != "heading":
            parts.append(BodyPart(block))
            continue
        name = base = anchor(block.value)
        number = 1
        while name in used:
            number += 1
            name = f"{base}-{number}"
        used.add(name)
        parts.append(BodyPart(block, name, str(block.value)))
    return parts


@register.filter
def headings(parts: list[BodyPart]) -> list[tuple[str, str]]:
    """(anchor, heading) of the parts that are headings, for a list of contents."""
    return [(part.anchor, part.heading) for part in parts if part.anchor]


class CaptureNode(template.Node):
    def __init__(self, nodelist: NodeList, name: str) -> None:
        self.nodelist = nodelist
        self.name = name

    def render(self, context: Context) -> str:
        context[self.name] = self.nodelist.render(context)
        return ""


@register.tag
def capture(parser: Parser, token: Token) -> CaptureNode:
    """``{% capture heading %}…{% endcapture %}``: said once, for title, trail and h1."""
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endcapture",))
    parser.delete_first_token()
    return CaptureNode(nodelist, name)
