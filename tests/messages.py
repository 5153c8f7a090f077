"""The texts of the project read from its sources and from its message files, without gettext's own programs."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
CODE = ("accounts", "billing", "cart", "catalog", "config", "onboarding", "tickets")
# How many of a function's first arguments are texts: context, singular, plural.
FUNCTIONS = {
    "_": "s", "gettext": "s", "gettext_lazy": "s", "gettext_noop": "s",
    "ngettext": "sp", "ngettext_lazy": "sp",
    "pgettext": "cs", "pgettext_lazy": "cs",
    "npgettext": "csp", "npgettext_lazy": "csp",
}  # fmt: skip
_CALL = re.compile(r"\b(n?p?gettext|_)\((.*?)\) ", re.DOTALL)
_LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)


@dataclass(frozen=True)
class Message:
    text: str
    plural: str = ""
    context: str = ""


@dataclass(frozen=True)
class Entry:
    """One message of a .po file with its translations, one for each plural form."""

    message: Message
    translations: tuple[str, ...]
    fuzzy: bool


def in_the_sources() -> set[Message]:
    found: set[Message] = set()
    for folder in CODE:
        for path in (ROOT / folder).rglob("*.py"):
            found.update(_of_python(path.read_text(encoding="utf-8")))
    for kind in ("*.html", "*.txt"):
        for path in (ROOT / "templates").rglob(kind):
            found.update(_of_template(path.read_text(encoding="utf-8")))
    return found


def of_po(path: Path) -> list[Entry]:
    return [_entry(block) for block in _blocks(path) if 'msgid ""\nmsgstr' not in block]


def catalogue_of(entries: list[Entry]) -> dict[object, str]:
    """What a .mo file compiled from the entries holds, as ``gettext.GNUTranslations`` keeps it."""
    found: dict[object, str] = {}
    for entry in entries:
        message = entry.message
        key = f"{message.context}\x04{message.text}" if message.context else message.text
        if message.plural:
            found.update({(key, form): text for form, text in enumerate(entry.translations)})
        else:
            found[key] = entry.translations[0]
    return found


def _message(kinds: str, texts: list[str]) -> Message:
    parts = dict(zip(kinds, texts, strict=False))
    return Message(parts["s"], parts.get("p", ""), parts.get("c", ""))


def _of_python(source: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        kinds = FUNCTIONS.get(getattr(node.func, "id", getattr(node.func, "attr", "")))
        texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if kinds and len(texts) >= len(kinds):
            yield _message(kinds, texts)


def _of_template(source: str) -> Iterator[Message]:
    for name, arguments in _CALL.findall(templatize(source) + " "):
        texts = [ast.literal_eval(literal) for literal in _LITERAL.findall(arguments)]
        if texts:
            yield _message(FUNCTIONS[name], texts)


def _blocks(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").strip()
    return [block for block in re.split(r"\n\s*\n", lines) if re.search(r"^msgid", block, re.MULTILINE)]


def _entry(block: str) -> Entry:
    values: dict[str, str] = {}
    current = ""
    for line in block.splitlines():
        if line.startswith("#"):
            continue
        keyword, _space, rest = line.partition(" ")
        if not line.startswith('"'):
            current = keyword
        values[current] = values.get(current, "") + ast.literal_eval(line if line.startswith('"') else rest)
    return Entry(
        Message(values["msgid"], values.get("msgid_plural", ""), values.get("msgctxt", "")),
        tuple(value for key, value in values.items() if key.startswith("msgstr")),
        fuzzy=bool(re.search(r"^#,.*\bfuzzy\b", block, re.MULTILINE)),
    )
