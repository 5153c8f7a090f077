"""Texts that people write in Markdown, as HTML that cannot harm: no raw HTML, no scripts, no foreign images."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_TAGS = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "hr", "a"}
_TAGS |= {"h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td"}
_OPTIONS = {"html": False, "linkify": False}
_parser = MarkdownIt("commonmark", _OPTIONS).enable("table").enable("strikethrough")
# Of people who do not know Markdown: a line that they end is ended.
_parser_of_messages = MarkdownIt("commonmark", {**_OPTIONS, "breaks": True}).enable("table").enable("strikethrough")


def _lower_headings(tokens: list) -> None:
    """A page has one h1, and it is not the text's: headings begin at h2."""
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, 4)}"


def render(text: str, *, is_message: bool = False) -> SafeString:
    """HTML for a page, cleaned a second time after Markdown made it; links get ``rel="noopener noreferrer"``.

    The lines of a message end where its writer ended them.
    """
    parser = _parser_of_messages if is_message else _parser
    tokens = parser.parse(text)
    _lower_headings(tokens)
    html = parser.renderer.render(tokens, parser.options, {})
    return mark_safe(nh3.clean(html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}))
