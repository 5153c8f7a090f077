"""What a person wrote in an email, without what their mail program quoted below it."""

import html
import re

import nh3
from mailparser_reply import EmailReplyParser
from mailparser_reply.constants import MAIL_LANGUAGES, QUOTED_MATCH_INCLUDE

# The library's patterns take the longer the longer a line is: it sees this much of each, and the cut is made in the whole.
SEEN_OF_A_LINE = 200
MOST_LINES = 1000
_RULE = re.compile(r"^[ >]*[_-]{5,}\s*$")
# What mail programs that speak Indonesian write above a quote; the library knows other languages.
MAIL_LANGUAGES["id"] = {
    "wrote_header": rf"^({QUOTED_MATCH_INCLUDE}(?:Pada|Tanggal)\s(?:.+?\s?.+?)\s?(?:menulis|tulis):)\s*$",
    "from_header": (
        rf"((?:(?:^|\n|\n{QUOTED_MATCH_INCLUDE})[* ]*(?:Dari|Dikirim|Kepada|Untuk|Perihal|Subjek|Tanggal|Cc):"
        r"[ *]*(?:\s{,2}).*){2,}(?:\n.*){,1})"
    ),
    "disclaimers": ["Perhatian:"],
    "signatures": ["Salam,"],
    "sent_from": "Dikirim dari",
}
# What ends a line in HTML.
_BREAKS = re.compile(r"<br\s*/?>|</(?:p|div|li|tr|h[1-6])\s*>", re.IGNORECASE)
_NOT_READ = {"script", "style", "head", "title", "blockquote"}


def newest_part(text: str) -> str:
    """The text above the first quote; all of it where nothing stands above, as with answers below or between the quotes."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first, *quoted = EmailReplyParser(languages=["id", "en"]).read(_seen(lines)).replies
    if first.headers:
        # The quote comes first: what was written stands below it.
        return text.strip()
    kept = lines[: first.content.rstrip("\n").count("\n") + 1] if quoted else lines
    return _without_tail(kept) or text.strip()


def _seen(lines: list[str]) -> str:
    """As many lines as there are, each cut short. A rule would make the library join lines, so it is hidden."""
    return "\n".join("" if _RULE.match(line) else line[:SEEN_OF_A_LINE] for line in lines[:MOST_LINES])


def _without_tail(lines: list[str]) -> str:
    """Without the quoted, empty and ruled lines at the end."""
    end = len(lines)
    while end and (
        not lines[end - 1].strip() or lines[end - 1].lstrip().startswith(">") or _RULE.match(lines[end - 1])
    ):
        end -= 1
    return "\n".join(lines[:end]).strip()


def text_of_html(source: str) -> str:
    """What a reader sees of an email that has no plain text, without what it quotes."""
    broken = _BREAKS.sub(lambda end: end.group() + ("\n\n" if end.group().lower().startswith("</p") else "\n"), source)
    plain = html.unescape(nh3.clean(broken, tags=set(), attributes={}, clean_content_tags=_NOT_READ))
    lines = [" ".join(line.split()) for line in plain.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
