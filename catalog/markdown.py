"""Texts that staff write in Markdown, as HTML that cannot harm: no raw HTML, no scripts, no foreign images."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_TAGS = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "hr", "a"}
_TAGS |= {"h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td"}
_parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table").enable("strikethrough")


def _lower_headings(tokens: list) -> None:
    """A page has one h1, and it is not the text's: headings begin at h2."""
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, 4)}"


def render(text: str) -> SafeString:
    """HTML for a page, cleaned a second time after Markdown made it; links get ``rel="noopener noreferrer"``."""
    tokens = _parser.parse(text)
    _lower_headings(tokens)
    html = _parser.renderer.render(tokens, _parser.options, {})
    return mark_safe(nh3.clean(html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}))
